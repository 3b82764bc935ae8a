"""`load`: the real FashionMNIST where it is here, small made files, and what is refused."""

import dataclasses
import gzip
import hashlib
import re
import subprocess
import sys

import numpy as np
import pytest

from actscope import data
from actscope._errors import ActscopeError
from actscope.data._catalogue import KNOWN
from actscope.data._split import torch_permutation


@pytest.fixture(scope="module")
def raw(data_folder):
    """The real files, read by other means."""

    def array(name, offset, *shape):
        content = gzip.decompress((data_folder / "fashion_mnist" / name).read_bytes())
        return np.frombuffer(content, np.uint8, offset=offset).reshape(shape)

    return {
        f"{part}_{kind}": array(f"{part}-{kind}-ubyte.gz", offset, -1, *shape)
        for part in ("train", "t10k")
        for kind, offset, shape in (("images-idx3", 16, (28, 28)), ("labels-idx1", 8, ()))
    }


@pytest.fixture(scope="module")
def fashion(data_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACTSCOPE_DATA", str(data_folder))
        return data.load("fashion_mnist")


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("part", "rows"), [("train", slice(50_000)), ("validation", slice(50_000, None))]
)
def test_the_tutorials_split_of_fashion_mnist(fashion, raw, part, rows):
    rows = torch_permutation(60_000, 42)[rows]
    split = fashion.split(part)
    np.testing.assert_array_equal(split.images, raw["train_images-idx3"][rows])
    np.testing.assert_array_equal(split.labels, raw["train_labels-idx1"][rows])


def test_the_test_set_of_fashion_mnist_is_as_published(fashion, raw):
    np.testing.assert_array_equal(fashion.test.images, raw["t10k_images-idx3"])
    np.testing.assert_array_equal(fashion.test.labels, raw["t10k_labels-idx1"])
    assert fashion.test.labels[:6].tolist() == [9, 2, 1, 1, 6, 1]


def test_what_is_known_of_fashion_mnist(fashion):
    assert (fashion.name, fashion.num_classes, fashion.image_shape) == (
        "fashion_mnist",
        10,
        (28, 28),
    )
    assert fashion.class_names[9] == "Ankle boot"
    assert fashion.checksums == KNOWN["fashion_mnist"].source.files
    assert len(fashion.split("first256")) == 256


@pytest.fixture
def small(tmp_path, monkeypatch, four_idx):
    """A data set of 60 and 20 images under the name of a known one, and the folder of its files."""

    def install(name):
        folder = tmp_path / name
        four_idx(folder)
        sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
        source = dataclasses.replace(KNOWN[name].source, files=sums)
        monkeypatch.setitem(KNOWN, name, dataclasses.replace(KNOWN[name], source=source))
        monkeypatch.setenv("ACTSCOPE_DATA", str(tmp_path))
        return folder

    return install


@pytest.mark.parametrize("name", ["mnist", "kmnist"])
def test_the_others_are_split_by_class(small, name):
    small(name)
    found = data.load(name)
    assert np.bincount(found.train.labels).tolist() == [5] * 10
    assert np.bincount(found.validation.labels).tolist() == [1] * 10
    assert len(found.test) == 20
    assert found.normalization(np.array([[0, 255]], np.uint8)).tolist() == [[-1.0, 1.0]]


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_fraction_and_seed_are_the_callers(small, name):
    small(name)
    found, other = (data.load(name, validation_fraction=0.5, seed=seed) for seed in (1, 2))
    assert (len(found.train), len(found.validation)) == (30, 30)
    assert found.train.images.tolist() != other.train.images.tolist()
    np.testing.assert_array_equal(found.test.images, other.test.images)


def test_digits_come_without_a_file(monkeypatch):
    monkeypatch.setenv("ACTSCOPE_OFFLINE", "1")
    found = data.load("digits")
    assert [len(found.split(part)) for part in ("train", "validation", "test")] == [1248, 249, 300]
    normal = found.normalization(found.train.images)
    assert (normal.min(), normal.max()) == (-1.0, 1.0)
    assert data.load("digits", seed=7).checksums == found.checksums


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["text", "path"])
def test_a_users_own_file_is_welcome_wherever_a_name_is(tmp_path, kind):
    images, labels = np.zeros((12, 2), np.float32), np.arange(12) % 2
    np.savez(tmp_path / "mine.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    found = data.load(kind(tmp_path / "mine.npz"), validation_fraction=0.5)
    assert (found.name, len(found.train), len(found.validation)) == ("mine", 6, 6)


def test_home_may_be_written_short(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ActscopeError, match=re.escape(f"{tmp_path / 'mine.npz'} cannot be opened")):
        data.load("~/mine.npz")


def test_an_unknown_name_is_met_with_the_nearest_and_with_a_users_own():
    message = r"'fashionmnist'; expected one of FILE\.npz, cifar10.*did you mean 'fashion_mnist'"
    with pytest.raises(ActscopeError, match=message):
        data.load("fashionmnist")


def test_what_is_missing_offline_is_said_and_where_to_put_it(monkeypatch, tmp_path, cache):
    monkeypatch.setenv("ACTSCOPE_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("ACTSCOPE_OFFLINE", "1")
    with pytest.raises(data.UnavailableError) as caught:
        data.load("cifar10")
    for words in (
        "cifar-10-binary.tar.gz not found",
        str(tmp_path / "own" / "cifar10"),
        str(cache / "cifar10"),
        "ACTSCOPE_OFFLINE",
        "https://www.cs.toronto.edu/~kriz",
    ):
        assert words in str(caught.value)
    assert not (tmp_path / "own").exists()


IMAGES = "train-images-idx3-ubyte.gz"
LABELS = "t10k-labels-idx1-ubyte.gz"
DAMAGES = {
    "truncated": (IMAGES, lambda content: content[:-20], "incomplete"),
    "a web page": (IMAGES, lambda content: b"<html>" + content, "begins with the bytes 3c 68"),
    "one byte too many": (
        IMAGES,
        lambda content: gzip.compress(gzip.decompress(content) + b"x"),
        "goes on after the 47040 elements",
    ),
    "a label of 10": (
        LABELS,
        lambda content: gzip.compress(gzip.decompress(content)[:-1] + b"\x0a"),
        "label 10 at row 19",
    ),
    "other labels": (
        LABELS,
        lambda content: gzip.compress(gzip.decompress(content)[:-1] + b"\x03"),
        "SHA-256",
    ),
}


@pytest.mark.parametrize(("name", "damage", "words"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused_in_the_readers_words(small, refuses, name, damage, words):
    path = small("mnist") / name
    path.write_bytes(damage(path.read_bytes()))
    refuses(lambda: data.load("mnist"), path, words)


def test_a_missing_file_is_downloaded(small, server, sends, monkeypatch):
    path = small("kmnist") / LABELS
    source = dataclasses.replace(KNOWN["kmnist"].source, addresses=(server.address,))
    monkeypatch.setitem(KNOWN, "kmnist", dataclasses.replace(KNOWN["kmnist"], source=source))
    server.answers[f"/{LABELS}"] = sends(path.read_bytes())
    path.unlink()
    assert data.load("kmnist").test.labels.tolist() == [*range(10), *range(10)]
    assert server.paths == [f"/{LABELS}"]


def test_importing_the_room_is_light():
    heavy = {"jax", "sklearn", "pooch", "requests", "rich", "torch", "scipy", "matplotlib"}
    code = f"import sys, actscope.data; print(*({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == ""


def test_a_folder_of_nobody_is_no_path():
    with pytest.raises(ActscopeError, match=r"~nobody_here/a\.npz: .*home directory"):
        data.load("~nobody_here/a.npz")


def test_a_path_that_cannot_be_one_is_refused():
    with pytest.raises(ActscopeError, match="null byte; expected the path of"):
        data.load("a\0.npz")
