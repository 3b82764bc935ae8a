import hashlib
import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.data import Source
from actscope.networks import FeedForward, Saved
from actscope.tutorial import SOURCE, pretrained, save
from actscope.tutorial._pair import ACTIVATIONS


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A cache of its own; nothing in ACTSCOPE_DATA, nothing from the network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("ACTSCOPE_DATA", raising=False)
    monkeypatch.setenv("ACTSCOPE_OFFLINE", "1")
    return tmp_path


@pytest.fixture
def shelf(tmp_path, small):
    """A folder with two of the six networks, and a source that publishes them."""
    folder = tmp_path / "shelf"
    for name, notebook in {"relu": "relu", "leaky_relu": "leakyrelu"}.items():
        network = FeedForward(activations.get(name), (4,), 2)
        save(folder / f"FashionMNIST_{notebook}", Saved(network, small.params, {}))
    files = dict.fromkeys(SOURCE.files, "0" * 64)
    files |= {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
    return folder, Source(SOURCE.folder, files, ("http://127.0.0.1:9",), 10_000, "")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def served(shelf):
    """The source, with the shelf behind its address."""
    folder, source = shelf
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    yield Source(source.folder, source.files, (address,), source.max_bytes, "")
    server.shutdown()
    server.server_close()
    thread.join()


def available(found):
    return [name for name, network in found.items() if network.saved]


def test_the_sources_files_and_sums():
    assert len(SOURCE.files) == 12
    assert len(set(SOURCE.files.values())) == 12
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in SOURCE.files.values())
    assert "FashionMNIST_leakyrelu.tar" in SOURCE.files


def test_a_given_folder(home, shelf):
    folder, source = shelf
    found = pretrained(folder, source=source)
    assert tuple(found) == ACTIVATIONS
    assert available(found) == ["relu", "leaky_relu"]
    assert found["leaky_relu"].saved.network.activation == activations.get("leaky_relu")
    assert found["relu"].published
    reason = f"FashionMNIST_elu.config and FashionMNIST_elu.tar not found in {folder}"
    assert found["elu"].reason == reason


def test_a_network_of_ones_own_in_a_given_folder(home, shelf, small):
    folder, source = shelf
    changed = small.params["layers"][1]["bias"].at[0].add(1)
    layers = [small.params["layers"][0], small.params["layers"][1] | {"bias": changed}]
    save(
        folder / "FashionMNIST_relu",
        Saved(FeedForward(activations.get("relu"), (4,), 2), {"layers": layers}, {}),
    )
    found = pretrained(folder, source=source)
    assert (found["relu"].published, found["leaky_relu"].published) == (False, True)
    np.testing.assert_array_equal(found["relu"].saved.params["layers"][1]["bias"], changed)


def test_half_a_pair_and_no_folder(home, shelf):
    folder, source = shelf
    (folder / "FashionMNIST_relu.config").unlink()
    found = pretrained(folder, source=source)
    assert found["relu"].reason == f"FashionMNIST_relu.config not found in {folder}"
    with pytest.raises(ActscopeError, match="is not a folder; expected one that holds"):
        pretrained(folder / "nowhere", source=source)


def test_a_damaged_file_in_a_given_folder_is_named(home, shelf):
    folder, source = shelf
    path = folder / "FashionMNIST_relu.tar"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ActscopeError, match=r"FashionMNIST_relu\.tar: its pickle has no end"):
        pretrained(folder, source=source)


def test_the_users_data_folder_comes_before_the_cache(home, shelf, monkeypatch):
    folder, source = shelf
    monkeypatch.setenv("ACTSCOPE_DATA", str(home / "data"))
    for place, names in {
        home / "data": ["FashionMNIST_relu.config", "FashionMNIST_leakyrelu.config"],
        home / "cache" / "actscope": ["FashionMNIST_relu.tar"],
    }.items():
        (place / SOURCE.folder).mkdir(parents=True)
        for name in names:
            shutil.copy(folder / name, place / SOURCE.folder)
    found = pretrained(source=source)
    assert available(found) == ["relu"]  # its two files lie in two places
    assert found["relu"].published
    assert "FashionMNIST_leakyrelu.tar not found in" in found["leaky_relu"].reason
    assert "ACTSCOPE_OFFLINE is set" in found["swish"].reason


def test_a_file_that_is_not_the_published_one_is_an_error(home, shelf):
    folder, source = shelf
    place = home / "cache" / "actscope" / SOURCE.folder
    shutil.copytree(folder, place)
    path = place / "FashionMNIST_leakyrelu.config"
    path.write_text(path.read_text().replace("0.1", "0.2"))
    with pytest.raises(ActscopeError, match=r"FashionMNIST_leakyrelu\.config has the SHA-256"):
        pretrained(source=source)


def test_downloaded_where_it_is_not_here(home, served, monkeypatch):
    monkeypatch.delenv("ACTSCOPE_OFFLINE")
    found = pretrained(source=served)
    assert available(found) == ["relu", "leaky_relu"]
    assert (home / "cache" / "actscope" / SOURCE.folder / "FashionMNIST_relu.tar").is_file()
    assert "FashionMNIST_tanh.config could not be downloaded" in found["tanh"].reason
    assert "404" in found["tanh"].reason
    monkeypatch.setenv("ACTSCOPE_OFFLINE", "1")
    assert available(pretrained(source=served)) == ["relu", "leaky_relu"]


def test_a_download_that_is_not_the_published_file(home, served, shelf, monkeypatch):
    monkeypatch.delenv("ACTSCOPE_OFFLINE")
    path = shelf[0] / "FashionMNIST_relu.tar"
    path.write_bytes(path.read_bytes() + b"\0")
    found = pretrained(source=served)
    assert available(found) == ["leaky_relu"]
    assert "its SHA-256 sum is" in found["relu"].reason


def test_the_tutorials_own_files_are_the_published_ones(checkpoints):
    found = pretrained(checkpoints)
    assert all(network.published for network in found.values() if network.saved)
    assert "relu" in available(found)
