"""A user's own file: what fits is taken as it is, what does not is refused in the user's words."""

import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.data._npz import read_npz
from actscope.data._reading import sha256

GENERATOR = np.random.default_rng(0)
GOOD = {
    "x_train": GENERATOR.integers(0, 256, (60, 4, 3), np.uint8),
    "y_train": np.arange(60) % 3,
    "x_test": GENERATOR.integers(0, 256, (9, 4, 3), np.uint8),
    "y_test": np.arange(9) % 3,
}


@pytest.fixture
def save(tmp_path):
    """Save the good arrays, some of them changed; one that is None is left out."""

    def write(**changes):
        arrays = {key: array for key, array in (GOOD | changes).items() if array is not None}
        np.savez(tmp_path / "mine.npz", **arrays)
        return tmp_path / "mine.npz"

    return write


def read(path, fraction=1 / 6, seed=42):
    return read_npz(path, validation_fraction=fraction, seed=seed)


def ordered(images, labels):
    """Rows as a sorted list, to compare parts whatever their order."""
    rows = zip(images.reshape(len(images), -1).tolist(), labels.tolist(), strict=True)
    return sorted(map(repr, rows))


def validating(path, seed):
    found = read(path, seed=seed).validation
    return ordered(found.images, found.labels)


def test_a_sixth_of_the_training_set_validates_and_the_test_set_is_as_it_was(save):
    path = save()
    found = read(path)
    assert (len(found.train), len(found.validation)) == (50, 10)
    parts = found.train, found.validation
    both = (np.concatenate([getattr(part, key) for part in parts]) for key in ("images", "labels"))
    assert ordered(*both) == ordered(GOOD["x_train"], GOOD["y_train"])
    np.testing.assert_array_equal(found.test.images, GOOD["x_test"])
    np.testing.assert_array_equal(found.test.labels, GOOD["y_test"])
    assert (found.name, found.class_names) == ("mine", ("0", "1", "2"))
    assert found.checksums == {"mine.npz": sha256(path)}


def test_the_seed_decides_which_rows_validate(save):
    path = save()
    assert validating(path, seed=1) == validating(path, seed=1)
    assert validating(path, seed=1) != validating(path, seed=2)


def test_a_validation_set_of_the_users_own_is_taken(save):
    found = read(save(x_validation=GOOD["x_test"][:2], y_validation=np.array([2, 0])))
    np.testing.assert_array_equal(found.train.images, GOOD["x_train"])
    np.testing.assert_array_equal(found.validation.images, GOOD["x_test"][:2])
    assert found.validation.labels.tolist() == [2, 0]


def test_pixels_are_normalised_and_other_numbers_taken_as_they_are(save):
    assert read(save()).normalization(np.array([[0, 255]], np.uint8)).tolist() == [[-1.0, 1.0]]
    floats = {key: GOOD[key].astype(np.float64) * 7 for key in ("x_train", "x_test")}
    found = read(save(**floats))
    assert found.train.images.dtype == np.float32
    np.testing.assert_array_equal(found.normalization(found.test.images), floats["x_test"])


@pytest.mark.parametrize("dtype", ["<i8", ">i2", "u1", "<u8"])
def test_labels_may_be_any_integers(save, dtype):
    found = read(save(y_train=GOOD["y_train"].astype(dtype)))
    assert found.train.labels.dtype == np.int32
    marks = np.r_[found.train.labels, found.validation.labels]
    assert np.bincount(marks).tolist() == [20, 20, 20]


REFUSED = {
    "no test set": ({"x_test": None, "y_test": None}, "has no x_test, y_test; it holds x_train"),
    "half a validation set": ({"x_validation": GOOD["x_test"]}, "has no y_validation"),
    "its other half": ({"y_validation": GOOD["y_test"]}, "has no x_validation"),
    "too few labels": ({"y_train": np.arange(59) % 3}, "x_train has 60 rows and y_train 59"),
    "labels in columns": ({"y_train": np.eye(3)[GOOD["y_train"]]}, "one integer a row"),
    "labels that are numbers": ({"y_train": GOOD["y_train"] / 2}, "y_train has dtype float64"),
    "labels that are words": ({"y_test": np.array(list("abcabcabc"))}, "number the classes"),
    "a negative label": ({"y_train": GOOD["y_train"] - 1}, "labels from -1 to 1"),
    "labels past 32 bits": ({"y_train": GOOD["y_train"] + 2**40}, "0 to k-1 for k classes"),
    "a class left out": ({"y_train": GOOD["y_train"] * 2}, "without a gap"),
    "a class in the test alone": ({"y_test": np.full(9, 3)}, "y_test has label 3"),
    "images of one number": ({"x_train": np.zeros(60, np.uint8)}, "x_train has shape (60,)"),
    "empty images": ({"x_train": np.zeros((60, 0), np.uint8)}, "none of them 0"),
    "no example": (
        {"x_test": GOOD["x_test"][:0], "y_test": GOOD["y_test"][:0]},
        "x_test has shape (0, 4, 3)",
    ),
    "another shape": ({"x_test": GOOD["x_test"][:, :3]}, "as in x_train"),
    "another dtype": ({"x_test": GOOD["x_test"] / 255}, "uint8 of shape (4, 3), as in x_train"),
    "wide integers": (
        {key: GOOD[key].astype(np.int64) for key in ("x_train", "x_test")},
        "x_train.astype('float32')",
    ),
    "not a number": (
        {"x_train": np.full((60, 2), np.nan), "x_test": np.zeros((9, 2))},
        "120 numbers that are NaN",
    ),
    "beyond float32": (
        {"x_train": np.full((60, 2), 1e39), "x_test": np.zeros((9, 2))},
        "too large for float32",
    ),
}


@pytest.mark.parametrize(("changes", "words"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(save, refuses, changes, words):
    path = save(**changes)
    refuses(lambda: read(path), path, words)


def test_too_few_rows_to_validate_are_refused_by_the_files_name(save, refuses):
    path = save(x_train=GOOD["x_train"][:3], y_train=np.arange(3))
    refuses(lambda: read(path), path, "leave none for validation")


class Gadget:
    """Makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("key", GOOD)
def test_objects_are_never_unpickled(save, refuses, tmp_path, key):
    trap = str(tmp_path / "made")
    objects = np.empty(len(GOOD[key]), object)
    objects[:] = [Gadget(trap) for _ in objects]
    path = save(**{key: objects})
    refuses(lambda: read(path), path, f"{key} is an array of Python objects", "never unpickled")
    assert not (tmp_path / "made").exists()


def test_a_pickle_by_the_name_is_refused_without_running(tmp_path, refuses):
    path = tmp_path / "mine.npz"
    path.write_bytes(pickle.dumps(Gadget(str(tmp_path / "made"))))
    refuses(lambda: read(path), path, "damaged, incomplete or not of its kind")
    assert not (tmp_path / "made").exists()


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def npy(shape, content, descr="|u1"):
    """The bytes of an `.npy` file of version 1 after its specification, true or not."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content


BLANK = {f"{key}.npy": npy("(6, 1)", bytes(6)) for key in GOOD}
DAMAGED = {
    "empty": b"",
    "a single array": npy("(6, 1)", bytes(6)),
    "cut off": zipped(BLANK)[:-30],
    "shorter than it says": zipped(BLANK | {"x_train.npy": npy("(7, 1)", bytes(6))}),
    "longer than it says": zipped(BLANK | {"x_train.npy": npy("(5, 1)", bytes(6))}),
    "a terabyte by its header": zipped(BLANK | {"x_train.npy": npy("(2**40,)", bytes(6))}),
    "a terabyte": zipped(BLANK | {"x_train.npy": npy(f"({2**40}, 1)", bytes(6))}),
    "no array": zipped(BLANK | {"x_train.npy": b"abc"}),
    "no suffix": zipped({name.removesuffix(".npy"): array for name, array in BLANK.items()}),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused(tmp_path, refuses, content):
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    refuses(lambda: read(path), path, "damaged, incomplete or not of its kind")


@pytest.mark.parametrize("write", [np.savez, np.savez_compressed])
def test_a_wrong_checksum_is_seen(tmp_path, refuses, write):
    path = tmp_path / "mine.npz"
    write(path, **GOOD)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 16] ^= 1  # of the first member, in the directory at the end
    path.write_bytes(content)
    refuses(lambda: read(path), path, "BadZipFile: Bad CRC-32")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ActscopeError, match=r"none\.npz cannot be opened"):
        read(tmp_path / "none.npz")


def test_a_small_file_does_not_unpack_to_fill_the_memory(tmp_path, refuses):
    """The header of each array is there; what would follow it is announced and never read."""
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, **GOOD)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
    at = content.index(b"x_train.npy", start) - 46  # its entry in the directory: bytes uncompressed
    content[at + 24 : at + 28] = (2**32 - 2).to_bytes(4, "little")
    path.write_bytes(content)
    refuses(lambda: read(path), path, "unpacks to 4,29", "at most 2,147,483,648")


def test_of_many_arrays_some_are_named(tmp_path, refuses):
    path = tmp_path / "many.npz"
    np.savez(path, **{f"a{n}": np.zeros(1) for n in range(1000)})
    refuses(lambda: read(path), path, "it holds a0, a1, ", "a19, …;")
