"""A cache folder of the test's own, a web server on this machine, and files made for a test."""

import gzip
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from actscope._errors import ActscopeError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The user's cache folder: an empty one. The developer's own variables reach no test."""
    for variable in ("ACTSCOPE_DATA", "ACTSCOPE_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache" / "actscope"


@pytest.fixture
def refuses():
    """Check that a call refuses a file, says so with `words` and its name, and leaves it alone."""

    def check(call, path, *words):
        before = path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())
        with pytest.raises(ActscopeError) as caught:
            call()
        message = str(caught.value)
        assert not [word for word in (str(path), *words) if word not in message], message
        assert "\n" not in message
        assert before == (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir()))

    return check


@pytest.fixture
def idx():
    """Bytes of an IDX file, written from its specification and not with what is tested."""

    def pack(array):
        header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        return header + array.astype(np.uint8).tobytes()

    return pack


@pytest.fixture
def four_idx(idx):
    """Write a small data set in four files, as MNIST comes: 60 training and 20 test images."""

    def write(folder):
        folder.mkdir(parents=True, exist_ok=True)
        generator = np.random.default_rng(1)
        for part, rows in (("train", 60), ("t10k", 20)):
            images = generator.integers(0, 256, (rows, 28, 28))
            labels = np.arange(rows) % 10
            for name, array in (("images-idx3", images), ("labels-idx1", labels)):
                content = gzip.compress(idx(array), mtime=0)
                (folder / f"{part}-{name}-ubyte.gz").write_bytes(content)

    return write


class Server(ThreadingHTTPServer):
    """A web server on this machine.

    `answers` says how a path is answered; `asked` holds the path and the headers of each request.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Callable] = {}
        self.asked: list[tuple[str, dict]] = []
        self.address = f"http://127.0.0.1:{self.server_port}"

    @property
    def paths(self):
        return [path for path, _ in self.asked]

    def handle_error(self, request, client_address):
        """Nothing: that a client cuts the line is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        answer = self.server.answers.get(self.path)
        if answer is None:
            self.send_error(404)
        else:
            answer(self)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def sends():
    """The answer that sends `content`, and announces `length` bytes (None: no number)."""

    def make(content, length=-1):
        def answer(handler):
            handler.send_response(200)
            if length is not None:
                announced = len(content) if length == -1 else length
                handler.send_header("Content-Length", str(announced))
            handler.end_headers()
            handler.wfile.write(content)

        return answer

    return make


@pytest.fixture
def nobody_listens():
    """An address whose port is taken, and refuses every connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
