"""Downloads from a server on this machine that behaves, misbehaves, and is cut off."""

import hashlib
import subprocess
import sys
import threading

import pytest

from actscope._errors import ActscopeError
from actscope.data import Source, UnavailableError, _download, download

CONTENT = bytes(range(256)) * 1000
NAME = "weights.tar"


def source(*addresses, names=(NAME,)):
    """Files of the same content at `addresses`."""
    checksum = hashlib.sha256(CONTENT).hexdigest()
    return Source("toy", dict.fromkeys(names, checksum), addresses, len(CONTENT), "MIT")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where downloads go."""
    monkeypatch.setenv("ACTSCOPE_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "toy"


@pytest.fixture
def good(server, sends):
    """An address that serves the file as it should be."""
    server.answers[f"/good/{NAME}"] = sends(CONTENT)
    return f"{server.address}/good"


def held(folder):
    """What lies in a folder, the empty lock aside."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_file_comes_whole_and_is_told_of(folder, good):
    told = []
    found = download(source(good), progress=lambda *what: told.append(what))
    assert found == {NAME: folder / NAME}
    assert (folder / NAME).read_bytes() == CONTENT
    assert held(folder) == [NAME]
    assert {(name, total) for name, _, total in told} == {(NAME, len(CONTENT))}
    steps = [received for _, received, _ in told]
    assert steps == sorted(steps)
    assert steps[-1] == len(CONTENT)
    assert len(steps) > 1


def test_without_a_variable_it_goes_to_the_cache(cache, good):
    assert download(source(good)) == {NAME: cache / "toy" / NAME}


def test_nothing_is_said_where_nobody_looks(folder, good, capsys):
    download(source(good))
    assert capsys.readouterr() == ("", "")


def test_a_server_is_asked_not_to_pack_what_is_packed(folder, good, server):
    download(source(good))
    assert [headers["Accept-Encoding"] for _, headers in server.asked] == ["identity"]


def test_what_is_here_is_not_downloaded_again(folder, good, server):
    for _ in range(2):
        download(source(good))
    assert len(server.asked) == 1


def test_what_lies_in_the_cache_is_not_downloaded_into_the_users_own_folder(
    folder, cache, good, server
):
    (cache / "toy").mkdir(parents=True)
    (cache / "toy" / NAME).write_bytes(CONTENT)
    assert download(source(good)) == {NAME: cache / "toy" / NAME}
    assert not server.asked
    assert not folder.exists()


def test_only_the_files_asked_for_come(folder, server, sends):
    server.answers["/b"] = sends(CONTENT)
    found = download(source(server.address, names=("a", "b", "c")), ["b"])
    assert found == {"b": folder / "b"}
    assert server.paths == ["/b"]


def test_a_file_that_others_published_otherwise_is_reported_and_left(folder, good, server, refuses):
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(b"mine")
    refuses(lambda: download(source(good)), folder / NAME, "SHA-256", "move it away")
    assert not server.asked


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(CONTENT)


def garbled(handler):
    handler.wfile.write(b"HTTP/1.1 what?\r\n\r\n")


BAD = {
    "404": (None, "404 Client Error"),
    "500": (lambda handler: handler.send_error(500), "500 Server Error"),
    "another file": ((b"other", -1), "SHA-256 sum is"),
    "nothing": ((b"", -1), "SHA-256 sum is"),
    "a truncated body": ((CONTENT[:1000], len(CONTENT)), "1000 bytes read"),
    "truncated without a length": ((CONTENT[:1000], None), "SHA-256 sum is"),
    "too large": ((CONTENT + b"x", -1), f"more than {len(CONTENT)} bytes"),
    "too large and denied": ((CONTENT + b"x", None), f"more than {len(CONTENT)} bytes"),
    "a length that is none": ((CONTENT, "many"), "many"),
    "endless": (endless, f"more than {len(CONTENT)} bytes"),
    "no HTTP": (garbled, "what?"),
}


@pytest.mark.parametrize(("answer", "words"), BAD.values(), ids=BAD)
def test_one_address_after_the_other(folder, good, server, sends, answer, words):
    bad = f"{server.address}/bad"
    if answer is not None:
        server.answers[f"/bad/{NAME}"] = answer if callable(answer) else sends(*answer)
    with pytest.raises(UnavailableError) as caught:
        download(source(bad))
    assert f"{NAME} could not be downloaded from {bad}/{NAME}" in str(caught.value)
    assert words in str(caught.value)
    assert str(folder) in str(caught.value)
    assert held(folder) == []
    download(source(bad, good))
    assert (folder / NAME).read_bytes() == CONTENT
    assert held(folder) == [NAME]


def test_a_refused_connection_is_passed_over(folder, good, nobody_listens):
    with pytest.raises(UnavailableError, match="Connection refused"):
        download(source(nobody_listens))
    download(source(nobody_listens, good))
    assert (folder / NAME).read_bytes() == CONTENT


def test_an_address_that_does_not_answer_is_passed_over(folder, good, server, monkeypatch):
    monkeypatch.setattr(_download, "_TIMEOUT", (0.2, 0.2))
    done, answered = threading.Event(), threading.Event()
    server.answers[f"/silent/{NAME}"] = lambda _: (done.wait(10), answered.set())
    download(source(f"{server.address}/silent", good))
    assert not answered.is_set()
    done.set()
    assert (folder / NAME).read_bytes() == CONTENT


def test_when_no_address_helps_each_is_named(folder, server, nobody_listens):
    with pytest.raises(UnavailableError) as caught:
        download(source(f"{server.address}/a", nobody_listens))
    for words in (f"/a/{NAME} (404", f"nor from {nobody_listens}/{NAME} (", "try again"):
        assert words in str(caught.value)


def test_files_that_came_before_a_failure_stay(folder, server, sends):
    server.answers["/a"] = sends(CONTENT)
    with pytest.raises(UnavailableError, match=r"^b could not"):
        download(source(server.address, names=("a", "b")))
    assert held(folder) == ["a"]


def test_an_interruption_leaves_nothing_behind_and_cuts_the_line(folder, server):
    cut = threading.Event()

    def endless_until_cut(handler):
        try:
            endless(handler)
        finally:
            cut.set()

    def interrupt(*_):
        raise KeyboardInterrupt

    server.answers[f"/{NAME}"] = endless_until_cut
    with pytest.raises(KeyboardInterrupt) as caught:
        download(source(server.address), progress=interrupt)
    assert held(folder) == []
    assert cut.wait(10), caught  # while the error, and so every frame, is still held


def test_offline_nothing_is_downloaded(folder, good, server, monkeypatch):
    monkeypatch.setenv("ACTSCOPE_OFFLINE", "1")
    with pytest.raises(UnavailableError) as caught:
        download(source(good))
    for words in (NAME, str(folder), "ACTSCOPE_OFFLINE", good):
        assert words in str(caught.value)
    assert not server.asked
    assert not folder.exists()


@pytest.mark.parametrize("obstacle", ["", "toy", f"toy/.{NAME}.part", "toy/.lock"])
def test_a_folder_that_cannot_be_written_to_is_named(tmp_path, good, monkeypatch, obstacle):
    # Root may write everywhere: what stops root as well is a file where a folder should be, or a
    # folder where a file should be.
    monkeypatch.setenv("ACTSCOPE_DATA", str(tmp_path / "data"))
    path = tmp_path / "data" / obstacle
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir() if path.name.startswith(".") else path.touch()
    with pytest.raises(ActscopeError) as caught:
        download(source(good))
    assert f"{tmp_path / 'data' / 'toy'} cannot be written to (" in str(caught.value)
    assert "set ACTSCOPE_DATA" in str(caught.value)


PROGRAM = f"""
import resource, sys
from actscope._errors import ActscopeError
from actscope.data import Source, download

address, checksum, largest = sys.argv[1:]
if int(largest):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
source = Source("toy", {{"{NAME}": checksum}}, (address,), {len(CONTENT)}, "MIT")
print("ready", flush=True)
try:
    print(download(source)["{NAME}"].name)
except ActscopeError as error:
    print(error)
"""


def start(address, largest=0):
    """Another process that downloads the file, and can write no file beyond `largest` bytes."""
    arguments = [address, hashlib.sha256(CONTENT).hexdigest(), str(largest)]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True
    )


def test_a_full_disk_is_named_and_no_other_address_tried(folder, good, server):
    with start(good, largest=100_000) as process:
        said = process.stdout.read()
    assert f"{folder} cannot be written to (File too large)" in said
    assert len(server.asked) == 1
    assert held(folder) == []


def test_two_processes_download_once(folder, server, sends):
    both_wait = threading.Event()

    def slowly(handler):
        both_wait.wait(30)
        sends(CONTENT)(handler)

    server.answers[f"/{NAME}"] = slowly
    with start(server.address) as first, start(server.address) as second:
        for process in (first, second):
            assert process.stdout.readline() == "ready\n"
        # Time for the second to ask as well, if it did not wait for the first. Were it too short,
        # the test would pass for want of a collision, not fail.
        threading.Timer(1.0, both_wait.set).start()
        assert [process.stdout.read() for process in (first, second)] == [f"{NAME}\n"] * 2
    assert server.paths == [f"/{NAME}"]
    assert (folder / NAME).read_bytes() == CONTENT


def test_a_killed_download_leaves_no_half_file_and_is_begun_anew(folder, good, server):
    halfway, over = threading.Event(), threading.Event()

    def half(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[:200_000])
        halfway.set()
        over.wait(30)

    server.answers[f"/half/{NAME}"] = half
    with start(f"{server.address}/half") as process:
        assert halfway.wait(60)  # the part is opened before the server is asked
        process.kill()
    over.set()
    assert held(folder) == [f".{NAME}.part"]
    assert download(source(good)) == {NAME: folder / NAME}
    assert (folder / NAME).read_bytes() == CONTENT
    assert held(folder) == [NAME]
