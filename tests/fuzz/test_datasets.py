"""Data files from anywhere: IDX, CIFAR-10's archive, `.npz`."""

import gzip
import io
import struct
import tarfile
import warnings
import zipfile
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from actscope.data._cifar import read_cifar10
from actscope.data._idx import read_idx, read_idx_split
from actscope.data._npz import read_npz
from fuzz.mutations import mutants
from fuzz.trials import INPUTS, SEED, settings

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (7, 5, 4), np.uint8)
IDX = struct.pack(">BBBBIII", 0, 0, 8, 3, *IMAGES.shape) + IMAGES.tobytes()
LABELS = struct.pack(">BBBBI", 0, 0, 8, 1, 7) + bytes(range(7))
NPZ = {
    "x_train": RNG.integers(0, 256, (24, 3, 2), np.uint8),
    "y_train": np.arange(24) % 3,
    "x_test": RNG.integers(0, 256, (6, 3, 2), np.uint8),
    "y_test": np.arange(6) % 3,
}


def idx(content):
    """What an IDX file of three dimensions holds, straight from the format; None: it is none."""
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, ValueError, gzip.zlib.error, struct.error):
            return None
    if content[:4] != b"\0\0\x08\x03" or len(content) < 16:
        return None
    shape = struct.unpack(">III", content[4:16])
    if prod(shape) != len(content) - 16 or not prod(shape):
        return None
    return np.frombuffer(content[16:], np.uint8).reshape(shape)


@pytest.mark.parametrize("form", ["plain", "gzipped", "gzipped after"])
def test_idx(trial, put, form):
    whole = gzip.compress(IDX, mtime=0) if form == "gzipped" else IDX
    for content in mutants(whole, INPUTS, SEED):
        given_ = gzip.compress(content, 1) if form == "gzipped after" else content
        path = put(given_)
        found = trial.of(lambda: read_idx(path, dimensions=3))  # noqa: B023 (called at once)
        true = idx(given_)
        assert (found is None) == (true is None)
        if found is not None:
            np.testing.assert_array_equal(found, true)


def test_idx_pair(trial, put, tmp_path):
    images = put(IDX)
    labels = images.with_name("labels")
    for content in mutants(LABELS, INPUTS, SEED):
        labels.write_bytes(content)
        found = trial.of(lambda: read_idx_split(images, labels, 10))
        if found is not None:
            np.testing.assert_array_equal(found.images, IMAGES)
            assert found.labels.tolist() == [*content[8:]]
            assert found.labels.max() < 10
    labels.unlink()


def archive():
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for number, name in enumerate([*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]):
            rows = np.random.default_rng(number).integers(0, 256, (2, 3073), np.uint8)
            rows[:, 0] %= 10
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.bin")
            info.size = rows.size
            tar.addfile(info, io.BytesIO(rows.tobytes()))
    return made.getvalue()


@pytest.mark.parametrize("form", ["gzipped", "gzipped after"])
def test_cifar(trial, put, form):
    tar = archive()
    train, test = read_cifar10(put(gzip.compress(tar, mtime=0)))
    whole = gzip.compress(tar, 1, mtime=0) if form == "gzipped" else tar
    for content in mutants(whole, INPUTS, SEED):
        path = put(content if form == "gzipped" else gzip.compress(content, 1))
        found = trial.of(lambda: read_cifar10(path))  # noqa: B023 (called at once)
        if found is None:
            continue
        if form == "gzipped":  # its checksum was compared, so nothing is another
            np.testing.assert_array_equal(found[0].images, train.images)
            np.testing.assert_array_equal(found[1].images, test.images)
        else:
            first = found[0].images[0].transpose(2, 0, 1).tobytes()
            assert bytes([found[0].labels[0]]) + first in content


def npz(held):
    made = io.BytesIO()
    with warnings.catch_warnings(action="ignore"):  # of names that older versions cannot read
        np.savez(made, **held)
    return made.getvalue()


def read(path):
    return read_npz(path, validation_fraction=1 / 6, seed=42)


def test_npz(trial, put):
    for content in mutants(npz(NPZ), INPUTS, SEED):
        path = put(content)
        found = trial.of(lambda: read(path))  # noqa: B023 (called at once)
        if found is not None:  # each array's checksum was compared
            np.testing.assert_array_equal(found.test.images, NPZ["x_test"])
            np.testing.assert_array_equal(found.test.labels, NPZ["y_test"])


def test_npz_with_fitting_checksums(trial, put):
    members = dict.fromkeys(NPZ, b"")
    for name, array in NPZ.items():
        one = io.BytesIO()
        np.save(one, array)
        members[name] = one.getvalue()
    for content in mutants(members["x_test"], INPUTS, SEED):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
            for name, whole in members.items():
                out.writestr(f"{name}.npy", content if name == "x_test" else whole)
        path = put(made.getvalue())
        found = trial.of(lambda: read(path))  # noqa: B023 (called at once)
        if found is not None:
            true = np.load(io.BytesIO(content), allow_pickle=False)
            np.testing.assert_array_equal(found.test.images, true)


SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
ANY = st.one_of(
    arrays.arrays(arrays.scalar_dtypes() | arrays.array_dtypes(max_size=2), SHAPES),
    arrays.arrays(st.sampled_from([np.int64, np.uint64, np.int8]), st.sampled_from([6, 24])),
    arrays.arrays(st.sampled_from([np.float32, np.float64]), st.sampled_from([(6, 3, 2), (24, 6)])),
)


@given(
    changed=st.dictionaries(
        st.sampled_from([*NPZ, "x_validation", "y_validation"]), ANY, max_size=2
    ),
    missing=st.sets(st.sampled_from([*NPZ]), max_size=1),
)
@settings
def test_npz_of_any_arrays(trial, put, changed, missing):
    held = {name: array for name, array in (NPZ | changed).items() if name not in missing}
    path = put(npz(held))
    found = trial.of(lambda: read(path))
    if found is not None:
        assert len(found.train) + ("x_validation" not in held) * len(found.validation) == len(
            held["x_train"]
        )
        np.testing.assert_array_equal(found.test.labels, held["y_test"])
        assert np.isfinite(found.test.images).all()
