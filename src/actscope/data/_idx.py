"""Reader of IDX files, the format of MNIST and of all that replaces it.

Two zero bytes, one for the element type (8: unsigned byte), one for the number of dimensions; the
size of each dimension as a big-endian 32-bit number; then the elements, and nothing after them.
"""

import math
import struct
from contextlib import nullcontext
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from actscope._errors import ActscopeError
from actscope.data._dataset import Split
from actscope.data._reading import reading

_Stream = GzipFile | BufferedReader

_GZIP = b"\x1f\x8b"
_UNSIGNED_BYTE = 8
_CHUNK = 2**20
# MNIST and its like hold 47 MB. A header that asks for more than this is damaged or a trap.
_LARGEST = 2**31


def read_idx_split(images: Path, labels: Path, classes: int) -> Split:
    """The images and labels of two IDX files.

    Args:
        images: file of three dimensions (image, row, column), gzipped or plain.
        labels: file of one dimension, gzipped or plain.
        classes: labels lie in 0 … classes-1.

    Raises:
        ActscopeError: a file is not whole, not of that kind, or the two do not belong together.
    """
    pixels = read_idx(images, dimensions=3)
    marks = read_idx(labels, dimensions=1)
    if len(pixels) != len(marks):
        raise ActscopeError(
            f"{images} holds {len(pixels)} images and {labels} {len(marks)} labels",
            expected="one label an image",
            do="take both files from the same source",
        )
    if marks.max() >= classes:
        raise ActscopeError(
            f"{labels}: label {marks.max()} at row {marks.argmax()}",
            expected=f"0 to {classes - 1}",
            do="take the file from its source again",
        )
    return Split(pixels, marks.astype(np.int32))


def read_idx(path: Path, *, dimensions: int) -> UInt8[np.ndarray, "..."]:
    """The unsigned bytes of one IDX file.

    Never more memory than the file really holds, and never more than 2 GiB, whatever its header
    or its compression promises.

    Args:
        path: the file, gzipped or plain.
        dimensions: how many the array must have.

    Raises:
        ActscopeError: the file is not whole, or does not hold such an array.
    """
    with reading(path, f"an IDX file of {dimensions} dimension(s)") as file:
        gzipped = file.read(2) == _GZIP
        file.seek(0)
        with GzipFile(fileobj=file) if gzipped else nullcontext(file) as stream:
            shape = _shape(path, stream, dimensions)
            content = _content(path, stream, math.prod(shape))
    return np.frombuffer(content, np.uint8).reshape(shape)


def _shape(path: Path, stream: _Stream, dimensions: int) -> tuple[int, ...]:
    magic = stream.read(4)
    expected = f"an IDX file of unsigned bytes in {dimensions} dimension(s)"
    if not magic:
        raise ActscopeError(f"{path} is empty", expected=expected)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise ActscopeError(f"{path} begins with the bytes {magic.hex(' ')}", expected=expected)
    if magic[2] != _UNSIGNED_BYTE:
        raise ActscopeError(f"{path} has elements of type 0x{magic[2]:02x}", expected=expected)
    if magic[3] != dimensions:
        raise ActscopeError(
            f"{path} has {magic[3]} dimension(s)",
            expected=expected,
            do="images have 3, labels 1: are the two files exchanged?",
        )
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise ActscopeError(f"{path} ends within its header", expected=expected)
    shape = struct.unpack(f">{dimensions}I", sizes)
    if not 0 < math.prod(shape) <= _LARGEST:
        raise ActscopeError(
            f"{path}: the header announces an array of shape {shape}",
            expected=f"at least one element, at most {_LARGEST}",
        )
    return shape


def _content(path: Path, stream: _Stream, size: int) -> bytearray:
    content = bytearray()
    while len(content) < size and (chunk := stream.read(min(_CHUNK, size - len(content)))):
        content += chunk
    if len(content) < size:
        raise ActscopeError(
            f"{path} ends after {len(content)} elements",
            expected=f"{size}, as its header says",
            do="put a whole copy in its place",
        )
    if stream.read(1):  # this read also makes gzip compare its checksum
        raise ActscopeError(
            f"{path} goes on after the {size} elements that its header announces",
            expected="the end of the file",
            do="put an undamaged copy in its place",
        )
    return content
