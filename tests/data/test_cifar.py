"""The reader of CIFAR-10's archive, on archives made here after its specification."""

import gzip
import io
import tarfile

import numpy as np
import pytest

from actscope.data import _cifar
from actscope.data._cifar import read_cifar10

NAMES = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]


def records(seed, rows=4):
    """Label, then 1024 red, 1024 green and 1024 blue bytes, each in rows of the image."""
    found = np.random.default_rng(seed).integers(0, 256, (rows, 3073), np.uint8)
    found[:, 0] %= 10
    return found


GOOD = {f"cifar-10-batches-bin/{name}": records(i).tobytes() for i, name in enumerate(NAMES)}
EXTRA = {"cifar-10-batches-bin/readme.html": b"<p>", "cifar-10-batches-bin/batches.meta.txt": b"a"}


def member(name, content):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return info, io.BytesIO(content)


@pytest.fixture
def write(tmp_path):
    """Write the archive of some files; `more` are (TarInfo, stream) pairs put behind them."""

    def to_file(files, *more):
        path = tmp_path / "cifar-10-binary.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for entry in (*(member(*item) for item in files.items()), *more):
                archive.addfile(*entry)
        return path

    return to_file


def test_pixels_stand_where_the_specification_puts_them(write):
    train, test = read_cifar10(write(EXTRA | GOOD))
    assert train.images.shape == (20, 32, 32, 3)
    assert test.images.shape == (4, 32, 32, 3)
    for split, made in (
        (train, np.concatenate([records(i) for i in range(5)])),
        (test, records(5)),
    ):
        assert split.labels.tolist() == made[:, 0].tolist()
        for n, row, column, channel in [(0, 0, 0, 0), (1, 3, 31, 1), (3, 31, 0, 2), (2, 17, 5, 1)]:
            byte = made[n, 1 + 1024 * channel + 32 * row + column]
            assert split.images[n, row, column, channel] == byte


def test_batches_are_taken_by_their_names_and_not_by_their_place(write):
    train, test = read_cifar10(write(dict(reversed(GOOD.items()))))
    assert train.labels.tolist() == [int(x) for i in range(5) for x in records(i)[:, 0]]
    assert test.labels.tolist() == records(5)[:, 0].tolist()


def without(*left_out):
    return {name: content for name, content in GOOD.items() if not name.endswith(left_out)}


def link():
    info = tarfile.TarInfo("x/data_batch_3.bin")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return info, None


BAD_LABEL = records(0)
BAD_LABEL[2, 0] = 10
REFUSED = {
    "two missing": (without("_2.bin", "test_batch.bin"), (), "no data_batch_2.bin, test_batch.bin"),
    "a wrong size": (GOOD | {"x/data_batch_1.bin": b"abc"}, (), "data_batch_1.bin is not a file"),
    "half a record": (without("_4.bin"), [member("x/data_batch_4.bin", bytes(4000))], "4000 bytes"),
    "none": (without("_4.bin"), [member("x/data_batch_4.bin", b"")], "1 to 10000 records"),
    "too many": (
        without("_4.bin"),
        [member("x/data_batch_4.bin", bytes(3073 * 10_001))],
        "1 to 10000 records",
    ),
    "twice": (GOOD, [member("x/data_batch_4.bin", bytes(3073))], "stands there twice"),
    "a link": (without("_3.bin"), [link()], "data_batch_3.bin is not a file"),
    "a label": (without("_1.bin"), [member("x/data_batch_1.bin", BAD_LABEL.tobytes())], "label 10"),
}


@pytest.mark.parametrize(("files", "more", "words"), REFUSED.values(), ids=REFUSED)
def test_another_archive_is_refused(write, refuses, files, more, words):
    path = write(files, *more)
    refuses(lambda: read_cifar10(path), path, words)


def flipped(content):
    """The archive with a bit of an image flipped, and gzip's checksum left as it was."""
    plain = bytearray(gzip.decompress(content))
    plain[-20_000] ^= 1
    return gzip.compress(plain)[:-8] + content[-8:]


DAMAGES = {
    "empty": lambda content: content[:0],
    "cut off": lambda content: content[: len(content) // 2],
    "no gzip": gzip.decompress,
    "no tar": gzip.compress,
    "a flipped bit": flipped,
    "bytes behind": lambda content: content + b"more",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_archive_is_refused(write, refuses, damage):
    path = write(GOOD)
    path.write_bytes(damage(path.read_bytes()))
    refuses(lambda: read_cifar10(path), path, "damaged, incomplete or not of its kind")


def test_a_bomb_is_not_unpacked(write, refuses, monkeypatch):
    monkeypatch.setattr(_cifar, "_LARGEST", 100_000)
    path = write(GOOD, member("zeros", bytes(10**6)))
    refuses(lambda: read_cifar10(path), path, "unpacks to more than 100000 bytes")
