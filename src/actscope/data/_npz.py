"""Reader of a user's own data set: one `.npz` file with `x_train`, `y_train`, `x_test`, `y_test`.

`x_validation` and `y_validation` may be there too; otherwise a sixth of the training set validates.
"""

import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int32

from actscope._errors import ActscopeError
from actscope.data._dataset import PIXELS, Dataset, Normalization, Split
from actscope.data._reading import reading, sha256
from actscope.data._split import stratified_split

_KIND = "an .npz file with arrays x_train, y_train, x_test and y_test"
_SAVE = "write it by numpy.savez(FILE, x_train=…, y_train=…, x_test=…, y_test=…)"
# A megabyte can unpack to a thousand. What is larger than this must be as large on the disk.
_LARGEST = 2**31
_MANY = 20  # names
# A user's own floats are taken as they are.
_AS_THEY_ARE = Normalization(1.0, 0.0, 1.0)


def read_npz(path: Path, *, validation_fraction: float, seed: int) -> Dataset:
    """The data set in an `.npz` file.

    Images are uint8 or floats (which become float32) of any shape (n, ...), alike in all parts;
    labels are integers 0 … k-1, each of which occurs in `y_train`.

    Args:
        path: the file; nothing in it is unpickled.
        validation_fraction: of the training set, where the file brings no validation set.
        seed: of that split, which is stratified.

    Raises:
        ActscopeError: the file is not such a file, or its arrays do not fit together.
    """
    arrays = _arrays(path)
    splits = {part: _split(path, arrays, part) for part in ("train", "test")}
    if "x_validation" in arrays:
        splits["validation"] = _split(path, arrays, "validation")
    classes = _classes(path, splits)
    if "validation" not in splits:
        whole = splits["train"]
        try:
            rows = stratified_split(whole.labels, validation_fraction, seed)
        except ActscopeError as error:
            raise ActscopeError(f"{path}: {error}") from error
        train, validation = (whole.rows(part) for part in rows)
        splits |= {"train": train, "validation": validation}
    return Dataset(
        name=path.stem,
        **splits,
        class_names=tuple(str(label) for label in range(classes)),
        normalization=PIXELS if splits["train"].images.dtype == np.uint8 else _AS_THEY_ARE,
        checksums={path.name: sha256(path)},
    )


def _arrays(path: Path) -> dict[str, np.ndarray]:
    with reading(path, _KIND) as file, zipfile.ZipFile(file) as archive:
        held = [name.removesuffix(".npy") for name in archive.namelist()]
        validates = {"x_validation", "y_validation"} & set(held)
        parts = ("train", "test", "validation") if validates else ("train", "test")
        wanted = [f"{letter}_{part}" for part in parts for letter in "xy"]
        if missing := [key for key in wanted if key not in held]:
            raise ActscopeError(
                f"{path} has no {', '.join(missing)}; it holds {_some(held)}",
                expected=_KIND,
                do=_SAVE,
            )
        size = sum(archive.getinfo(f"{key}.npy").file_size for key in wanted)
        if size > max(_LARGEST, path.stat().st_size):
            raise ActscopeError(
                f"{path} unpacks to {size:,} bytes",
                expected=f"at most {_LARGEST:,}, or no more than the file has",
                do="write it by numpy.savez, which does not compress",
            )
        return {key: _array(path, archive, key) for key in wanted}


def _some(held: Sequence[str]) -> str:
    """The names in an archive, or the first of them where they are many."""
    return ", ".join([*held[:_MANY], *(["…"] if len(held) > _MANY else [])]) or "nothing"


def _array(path: Path, archive: zipfile.ZipFile, key: str) -> np.ndarray:
    # np.load would allocate what the header announces before it looks whether it is there.
    header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    info = archive.getinfo(f"{key}.npy")
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        shape, _, dtype = header[version](member)
        if dtype.hasobject:
            raise ActscopeError(
                f"{path}: {key} is an array of Python objects",
                expected="numbers",
                do="make it rectangular and give it a number's dtype before saving it; objects "
                "are never unpickled",
            )
        if math.prod(shape) * dtype.itemsize != info.file_size - member.tell():
            raise ValueError(f"{key} is not as long as its shape {shape} says")
        member.seek(0)
        # To the member's end, where its checksum is compared.
        return np.lib.format.read_array(member, allow_pickle=False)


def _split(path: Path, arrays: Mapping[str, np.ndarray], part: str) -> Split:
    images, labels = _images(path, arrays, part), _labels(path, f"y_{part}", arrays[f"y_{part}"])
    if len(images) != len(labels):
        raise ActscopeError(
            f"{path}: x_{part} has {len(images)} rows and y_{part} {len(labels)}",
            expected="one label an image",
        )
    return Split(images, labels)


def _images(path: Path, arrays: Mapping[str, np.ndarray], part: str) -> Any:
    key, images = f"x_{part}", arrays[f"x_{part}"]
    if images.ndim < 2 or not images.size:
        raise ActscopeError(
            f"{path}: {key} has shape {images.shape}", expected="(examples, ...), none of them 0"
        )
    like = arrays["x_train"]
    if (images.shape[1:], images.dtype.kind) != (like.shape[1:], like.dtype.kind):
        raise ActscopeError(
            f"{path}: {key} holds {images.dtype} images of shape {images.shape[1:]}",
            expected=f"{like.dtype} of shape {like.shape[1:]}, as in x_train",
        )
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind != "f":
        raise ActscopeError(
            f"{path}: {key} has dtype {images.dtype}",
            expected="uint8 (pixels, 0 to 255) or a float",
            do=f"convert it before saving, such as {key}.astype('float32')",
        )
    with np.errstate(over="ignore"):  # what overflows float32 is counted below
        images = images.astype(np.float32)
    if bad := images.size - int(np.isfinite(images).sum()):
        raise ActscopeError(
            f"{path}: {key} holds {bad} numbers that are NaN, infinite or too large for float32",
            expected="finite numbers",
        )
    return images


def _labels(path: Path, key: str, labels: np.ndarray) -> Int32[np.ndarray, " n"]:
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise ActscopeError(
            f"{path}: {key} has dtype {labels.dtype} and shape {labels.shape}",
            expected="one integer a row",
            do="number the classes 0, 1, 2, … and save those, such as y.astype('int32')",
        )
    # Among n labels without a gap none exceeds n - 1; gaps are looked for over all parts.
    if labels.size and not 0 <= int(labels.min()) <= int(labels.max()) < 2**31:
        raise ActscopeError(
            f"{path}: {key} has labels from {labels.min()} to {labels.max()}",
            expected="0 to k-1 for k classes",
        )
    return labels.astype(np.int32)


def _classes(path: Path, splits: Mapping[str, Split]) -> int:
    known = np.unique(splits["train"].labels)
    classes = len(known)
    if known[-1] != classes - 1:
        raise ActscopeError(
            f"{path}: y_train holds {classes} different labels, the largest of them {known[-1]}",
            expected=f"0 to {classes - 1}, without a gap",
            do="number the classes that occur from 0",
        )
    for part, split in splits.items():
        if split.labels.max() >= classes:
            raise ActscopeError(
                f"{path}: y_{part} has label {split.labels.max()}, which y_train has not",
                expected=f"0 to {classes - 1}",
            )
    return classes
