import dataclasses
import hashlib

import pytest

from actscope import data
from actscope._errors import ActscopeError
from actscope.data._catalogue import KNOWN

CONTENT = {name: name.encode() for name in KNOWN["mnist"].source.files}


@pytest.fixture
def folder(tmp_path, monkeypatch, server, sends):
    """MNIST's folder, empty; its files are small ones, which the test's server has."""
    source = dataclasses.replace(
        KNOWN["mnist"].source,
        files={name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()},
        addresses=(server.address,),
    )
    monkeypatch.setitem(KNOWN, "mnist", dataclasses.replace(KNOWN["mnist"], source=source))
    monkeypatch.setenv("ACTSCOPE_DATA", str(tmp_path))
    server.answers = {f"/{name}": sends(content) for name, content in CONTENT.items()}
    (tmp_path / "mnist").mkdir()
    return tmp_path / "mnist"


def status(name):
    return next(found for found in data.status() if found.name == name)


def test_the_names_are_the_issues():
    assert data.names() == ("fashion_mnist", "mnist", "kmnist", "cifar10", "digits")
    assert tuple(found.name for found in data.status()) == data.names()


def test_nothing_is_here_at_first(folder):
    found = status("mnist")
    assert (found.present, found.whole, found.files) == (False, None, {})
    assert found.missing == tuple(CONTENT)
    assert data.verify("mnist").whole is False


def test_fetch_brings_what_is_missing(folder, server):
    paths = data.fetch("mnist")
    assert paths == [folder / name for name in CONTENT]
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())
    assert status("mnist").present
    assert status("mnist").whole is None
    assert data.verify("mnist").whole is True
    data.fetch("mnist")
    assert len(server.asked) == 4  # the second time nothing


def test_a_damaged_file_is_found_by_verify_and_refused_by_fetch(folder, refuses):
    damaged = "t10k-labels-idx1-ubyte.gz"
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content if name != damaged else b"other")
    found = data.verify("mnist")
    assert (found.present, found.whole, found.damaged) == (True, False, (damaged,))
    refuses(lambda: data.fetch("mnist"), folder / damaged, "as published")


def test_digits_need_no_file():
    assert data.fetch("digits") == []
    found = data.verify("digits")
    assert (found.present, found.whole, found.missing) == (True, True, ())


@pytest.mark.parametrize("call", [data.fetch, data.verify])
def test_an_unknown_name_is_met_with_the_nearest(call):
    with pytest.raises(ActscopeError, match=r"'minst'.*did you mean 'mnist'"):
        call("minst")


def test_the_real_fashion_mnist_is_whole(data_folder, monkeypatch):
    monkeypatch.setenv("ACTSCOPE_DATA", str(data_folder))
    assert data.verify("fashion_mnist").whole is True
