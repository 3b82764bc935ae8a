"""Reader of CIFAR-10's binary version: a gzipped tar archive of six files of fixed records."""

import gzip
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

import numpy as np
from jaxtyping import UInt8

from actscope._errors import ActscopeError
from actscope.data._dataset import Split
from actscope.data._reading import reading

_KIND = "CIFAR-10's binary version (cifar-10-binary.tar.gz)"
_TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
_TEST = "test_batch.bin"
_CLASSES = 10
_IMAGE = (3, 32, 32)  # channel (red, green, blue), row, column
_RECORD = 1 + 3 * 32 * 32  # a label, then the image
_MOST_RECORDS = 10_000
# Six full files, and as much again as any of them for headers and notes. Nothing beyond is read.
_LARGEST = 7 * _MOST_RECORDS * _RECORD


@dataclass
class _Bounded:
    """A stream that ends in an error where more than `left` bytes come out of it."""

    stream: gzip.GzipFile
    left: int

    def read(self, size: int) -> bytes:
        content = self.stream.read(size)
        self.left -= len(content)
        if self.left < 0:
            raise tarfile.ReadError(f"it unpacks to more than {_LARGEST} bytes")
        return content


def read_cifar10(path: Path) -> tuple[Split, Split]:
    """The 50,000 training and 10,000 test images of the archive, in its order.

    Nothing is unpacked to the disk, and the archive is read to its end, so that its checksum is
    compared.

    Returns:
        Training set and test set; images of shape (n, 32, 32, 3): row, column, channel.

    Raises:
        ActscopeError: the archive is not whole, or does not hold what CIFAR-10 does.
    """
    with reading(path, _KIND) as file, gzip.open(file) as unzipped:
        stream = _Bounded(unzipped, _LARGEST)
        batches = _batches(path, stream)
        while stream.read(2**20):
            pass
    if missing := [name for name in (*_TRAIN, _TEST) if name not in batches]:
        raise ActscopeError(f"{path} has no {', '.join(missing)}", expected=_KIND)
    train = np.concatenate([batches[name] for name in _TRAIN])
    return _split(path, train), _split(path, batches[_TEST])


def _batches(path: Path, stream: _Bounded) -> dict[str, UInt8[np.ndarray, "_ 3073"]]:
    found: dict[str, np.ndarray] = {}
    # "r|": forward only, without a seek, and no member's own path is ever used as one.
    with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as archive:
        for member in archive:
            name = PurePosixPath(member.name).name
            if name not in (*_TRAIN, _TEST):
                continue
            records, rest = divmod(member.size, _RECORD)
            content = archive.extractfile(member) if member.isreg() else None
            if content is None or rest or not 0 < records <= _MOST_RECORDS or name in found:
                raise ActscopeError(
                    f"{path}: its member {name} is not a file, stands there twice, or has a wrong "
                    f"size ({member.size} bytes)",
                    expected=f"1 to {_MOST_RECORDS} records of {_RECORD} bytes",
                )
            found[name] = np.frombuffer(content.read(), np.uint8).reshape(records, _RECORD)
    return found


def _split(path: Path, records: UInt8[np.ndarray, "n 3073"]) -> Split:
    labels = records[:, 0].astype(np.int32)
    if labels.max() >= _CLASSES:
        raise ActscopeError(f"{path}: label {labels.max()}", expected=f"0 to {_CLASSES - 1}")
    images = records[:, 1:].reshape(-1, *_IMAGE).transpose(0, 2, 3, 1)
    return Split(np.ascontiguousarray(images), labels)
