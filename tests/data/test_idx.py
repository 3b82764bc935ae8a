"""The IDX reader: what was written comes back, and every damage is refused in the user's words."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from actscope._errors import ActscopeError
from actscope.data._idx import read_idx, read_idx_split

IMAGES = np.arange(5 * 4 * 3).reshape(5, 4, 3)
LABELS = np.array([3, 0, 9, 1, 1])


@pytest.fixture
def write(tmp_path, idx):
    """Write an array, or bytes as they are, and give the path."""

    def to_file(content, name="images.gz"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else gzip.compress(idx(content)))
        return path

    return to_file


@given(
    array=arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, max_side=9)), packed=st.booleans()
)
def test_what_was_written_comes_back(tmp_path_factory, array, packed):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    content = header + array.tobytes()
    path = tmp_path_factory.getbasetemp() / "round.idx"
    path.write_bytes(gzip.compress(content) if packed else content)
    found = read_idx(path, dimensions=array.ndim)
    assert (found.dtype, found.shape) == (np.uint8, array.shape)
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize("dimensions", [1, 3])
def test_no_other_bytes_are_read_as_an_array(tmp_path, dimensions):
    @given(content=st.binary(max_size=64))
    def refused(content):
        path = tmp_path / "random.gz"
        path.write_bytes(content)
        with pytest.raises(ActscopeError, match=r"random\.gz"):
            read_idx(path, dimensions=dimensions)

    refused()


def test_images_and_labels_become_a_split(write):
    found = read_idx_split(write(IMAGES), write(LABELS, "labels.gz"), classes=10)
    np.testing.assert_array_equal(found.images, IMAGES)
    assert found.labels.tolist() == LABELS.tolist()
    assert (found.images.dtype, found.labels.dtype) == (np.uint8, np.int32)


PACKED = gzip.compress(b"\0\0\x08\3" + struct.pack(">3I", *IMAGES.shape) + bytes(range(60)))
PLAIN = gzip.decompress(PACKED)
BROKEN_SUM = PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:]
DAMAGES = {
    "empty": (b"", "is empty"),
    "an empty archive": (gzip.compress(b""), "is empty"),
    "wrong magic": (gzip.compress(b"\1\2" + PLAIN[2:]), "begins with the bytes 01 02 08 03"),
    "a web page": (b"<!DOCTYPE html><html>not found</html>", "begins with the bytes 3c 21"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "begins with the bytes 89 50 4e 47"),
    "three bytes": (b"\0\0\x08", "begins with the bytes 00 00 08"),
    "elements of two bytes": (gzip.compress(b"\0\0\x0b" + PLAIN[3:]), "elements of type 0x0b"),
    "labels for images": (b"\0\0\x08\1" + struct.pack(">I", 3) + b"abc", "has 1 dimension(s)"),
    "a header cut off": (PLAIN[:9], "ends within its header"),
    "no element": (b"\0\0\x08\3" + struct.pack(">3I", 0, 4, 3), "shape (0, 4, 3)"),
    "a bomb's header": (b"\0\0\x08\3" + struct.pack(">3I", *[2**32 - 1] * 3), "at most"),
    "an element missing": (PLAIN[:-1], "ends after 59 elements"),
    "a byte too many": (PLAIN + b"\0", "goes on after the 60 elements"),
    "a byte too many, packed": (gzip.compress(PLAIN + b"\0"), "goes on after the 60 elements"),
    "truncated gzip": (PACKED[:-20], "damaged, incomplete or not of its kind"),
    "gzip without its end": (PACKED[:-4], "damaged, incomplete or not of its kind"),
    "a flipped bit in the sum": (BROKEN_SUM, "damaged, incomplete or not of its kind"),
    "bytes after gzip": (PACKED + b"more", "damaged, incomplete or not of its kind"),
    "gzip's first bytes alone": (b"\x1f\x8b", "damaged, incomplete or not of its kind"),
}


@pytest.mark.parametrize(("content", "words"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused(write, refuses, content, words):
    path = write(content)
    refuses(lambda: read_idx(path, dimensions=3), path, words)


def test_a_header_that_promises_much_costs_little_memory(write, refuses):
    path = write(b"\0\0\x08\3" + struct.pack(">3I", 2, 2**15, 2**15) + b"abc")  # of 2 GiB
    tracemalloc.start()
    refuses(lambda: read_idx(path, dimensions=3), path, "ends after 3 elements")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**24


def test_a_count_mismatch_names_both_files(write, refuses):
    images, labels = write(IMAGES), write(LABELS[:4], "labels.gz")
    words = "5 images", "4 labels", "same source"
    refuses(lambda: read_idx_split(images, labels, classes=10), images, *words)
    refuses(lambda: read_idx_split(images, labels, classes=10), labels)


def test_a_label_out_of_range_is_named_with_its_row(write, refuses):
    images, labels = write(IMAGES), write(np.array([3, 0, 9, 10, 1]), "labels.gz")
    refuses(lambda: read_idx_split(images, labels, classes=10), labels, "label 10 at row 3")


def test_exchanged_files_are_seen(write, refuses):
    images, labels = write(IMAGES), write(LABELS, "labels.gz")
    refuses(lambda: read_idx_split(labels, images, classes=10), labels, "exchanged?")
