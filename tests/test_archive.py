import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from actscope import _archive
from actscope._errors import ActscopeError

SCHEMA = "actscope.test/1"
HEADER = {"schema": SCHEMA, "notes": {"größe": [1, 2.5, None, True]}}
ARRAYS = {
    "layers.0.kernel": np.arange(12, dtype=np.float32).reshape(3, 4),
    "layers.0.bias": np.array([np.nan, np.inf, -0.0], np.float64),
    "step": np.int32(7),
    "empty": np.zeros((0, 3), np.float32),
}


@pytest.fixture
def path(tmp_path):
    """A file with `ARRAYS` in it."""
    path = tmp_path / "file.safetensors"
    _archive.write(path, ARRAYS, HEADER)
    return path


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, array in ((name, np.asarray(value)) for name, value in expected.items()):
        assert (found[name].shape, found[name].dtype) == (array.shape, array.dtype)
        assert found[name].tobytes() == array.tobytes()


def test_what_was_written_is_read(path):
    arrays, header = _archive.read(path, SCHEMA)
    assert_same(arrays, ARRAYS)
    assert header == HEADER


@settings(max_examples=40)
@given(
    array=arrays_of.arrays(
        st.sampled_from([np.float16, np.float32, np.float64, np.int8, np.uint32, np.int64, bool]),
        arrays_of.array_shapes(min_dims=0, min_side=0, max_side=4),
    )
)
def test_any_array_comes_back_bit_by_bit(array, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "file.safetensors"
    for layout in (array, array.T, array[..., ::-1] if array.ndim else array):
        _archive.write(path, {"x": layout}, HEADER)
        assert_same(_archive.read(path, SCHEMA)[0], {"x": layout})


@settings(max_examples=200)
@given(data=st.data())
def test_no_flipped_bit_goes_unseen(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("flipped") / "file.safetensors"
    _archive.write(path, ARRAYS, HEADER)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    with pytest.raises(ActscopeError, match=r"file\.safetensors"):
        _archive.read(path, SCHEMA)


@pytest.mark.parametrize("keep", [0, 7, 8, 100, -1])
def test_a_truncated_file_is_damaged(path, keep):
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ActscopeError, match=r"file\.safetensors is damaged .*; remove it, or put"):
        _archive.read(path, SCHEMA)


def test_a_file_that_goes_on_is_damaged(path):
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(ActscopeError, match="is damaged"):
        _archive.read(path, SCHEMA)


def test_a_changed_header_is_damaged(path):
    content = path.read_bytes()
    assert content.count(b"2.5") == 1
    path.write_bytes(content.replace(b"2.5", b"3.5"))
    with pytest.raises(ActscopeError, match="the checksum does not fit the content"):
        _archive.read(path, SCHEMA)


def test_another_programs_file_is_refused(tmp_path):
    from safetensors.numpy import save_file

    path = tmp_path / "other.safetensors"
    save_file({"x": np.ones(3)}, path)
    with pytest.raises(ActscopeError, match=r"no entry 'actscope'; expected a safetensors file"):
        _archive.read(path, SCHEMA)


def test_a_pickle_is_refused_unopened(tmp_path):
    path = tmp_path / "evil.safetensors"
    path.write_bytes(b"cos\nsystem\n(S'touch opened'\ntR.")
    with pytest.raises(ActscopeError, match="is damaged"):
        _archive.read(path, SCHEMA)


def test_another_schema_is_refused(path):
    with pytest.raises(ActscopeError, match=r"holds 'actscope.test/1'; expected actscope.test/2"):
        _archive.read(path, "actscope.test/2")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ActscopeError, match=r"absent: no such file; expected a safetensors file"):
        _archive.read(tmp_path / "absent", SCHEMA)


# Writes for ever, one of two contents after the other.
WRITER = """
import sys
import numpy as np
from actscope import _archive

print("ready", flush=True)
number = 0
while True:
    number = 1 - number
    arrays = {"x": np.full(500_000, number, np.float32)}
    _archive.write(sys.argv[1], arrays, {"schema": "actscope.test/1", "number": number})
"""


@pytest.mark.heavy
def test_whenever_a_writer_is_killed_the_file_is_whole(tmp_path):
    path = tmp_path / "file.safetensors"
    _archive.write(path, {"x": np.zeros(3, np.float32)}, {"schema": SCHEMA, "number": 0})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for wait in (0, 0.003, 0.01, 0.02, 0.05):
        command = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                writer.wait(wait)
            writer.kill()
        assert writer.returncode == -signal.SIGKILL
        arrays, header = _archive.read(path, SCHEMA)
        assert (arrays["x"] == header["number"]).all()


TREE = {"layers": [{"kernel": np.ones((2, 3)), "bias": np.zeros(3)}], "count": (np.int32(4),)}


def test_leaves_are_named_by_their_path():
    assert list(_archive.flatten(TREE)) == ["count.0", "layers.0.bias", "layers.0.kernel"]
    assert list(_archive.flatten({"layers": [0] * 12}))[9:] == [
        "layers.9", "layers.10", "layers.11"
    ]  # fmt: skip


def test_a_tree_is_built_again_from_its_leaves():
    import jax

    found = _archive.unflatten(_archive.flatten(TREE), TREE)
    assert jax.tree.structure(found) == jax.tree.structure(TREE)
    jax.tree.map(np.testing.assert_array_equal, found, TREE)


def test_two_leaves_of_one_name_are_refused():
    with pytest.raises(ActscopeError, match="same dotted path; expected keys without dots"):
        _archive.flatten({"a": {"b": 1}, "a.b": 2})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extra": np.ones(2)}, "the arrays extra are in only one of file and network"),
        (
            {"count.0": np.array(4)},
            r"count.0 has shape \(\) and dtype int64; expected \(\) and int",
        ),
        ({"layers.0.bias": np.zeros(4)}, r"layers.0.bias has shape \(4,\).*; expected \(3,\)"),
    ],
)
def test_leaves_that_do_not_fit_are_refused(change, message):
    with pytest.raises(ActscopeError, match=message):
        _archive.unflatten(_archive.flatten(TREE) | change, TREE)


def test_a_missing_leaf_is_named():
    arrays = _archive.flatten(TREE)
    del arrays["layers.0.bias"]
    with pytest.raises(ActscopeError, match=r"the arrays layers\.0\.bias are in only one"):
        _archive.unflatten(arrays, TREE)


def test_the_header_is_json_that_others_can_read(path):
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        assert json.loads(file.metadata()["actscope"]) == HEADER


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"schema": 1}', '{"schema": "\\ud800"}', "[" * 100_000]
)
def test_a_header_that_is_none_is_refused(tmp_path, monkeypatch, text):
    monkeypatch.setattr(_archive.json, "dumps", lambda _: text)
    _archive.write(tmp_path / "a", {"x": np.zeros(1)}, {})
    monkeypatch.undo()
    with pytest.raises(ActscopeError, match="its header"):
        _archive.read(tmp_path / "a", "actscope.test/1")
