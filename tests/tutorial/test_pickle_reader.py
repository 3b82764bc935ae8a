import pickle
import struct

import flax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from flax.core.frozen_dict import FrozenDict
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope._errors import ActscopeError
from actscope.tutorial._pickle_reader import read_layers
from actscope.tutorial._pickle_writer import write_layers


def assert_equal(found, expected):
    assert {name: set(layer) for name, layer in found.items()} == {
        name: set(layer) for name, layer in expected.items()
    }
    for name, layer in expected.items():
        for key, array in layer.items():
            np.testing.assert_array_equal(found[name][key], array)
            assert found[name][key].dtype.newbyteorder("=") == np.float32


@pytest.mark.parametrize("protocol", [3, 4])
@pytest.mark.parametrize("wrap", [FrozenDict, dict])
def test_what_pythons_pickler_writes(layers, protocol, wrap):
    assert_equal(read_layers(pickle.dumps(wrap({"params": layers}), protocol)), layers)


def test_module_names_of_old_numpy(pickled, layers):
    old = pickled.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    assert old != pickled
    assert_equal(read_layers(old), layers)


def test_layouts_and_byte_orders(layers):
    layers["Dense_0"]["kernel"] = np.asfortranarray(layers["Dense_0"]["kernel"])
    layers["Dense_1"]["bias"] = layers["Dense_1"]["bias"].astype(">f4")
    layers["Dense_1"]["kernel"] = np.zeros((0, 2), np.float32)
    found = read_layers(pickle.dumps({"params": layers}, 3))
    assert_equal(found, layers)
    assert found["Dense_0"]["kernel"].flags.f_contiguous


def test_an_array_that_is_mentioned_twice(layers):
    shared = layers["Dense_0"]["bias"]
    content = pickle.dumps({"params": {"a": {"x": shared, "y": shared, "z": np.ones(4, "f4")}}})
    # Two mentions still take fewer bytes than the file with its names.
    assert_equal(read_layers(content), {"a": {"x": shared, "y": shared, "z": np.ones(4)}})


def test_an_array_that_is_mentioned_to_fill_the_memory():
    large = np.zeros(10_000, np.float32)
    content = pickle.dumps({"params": {"a": {f"x{n}": large for n in range(1000)}}})
    with pytest.raises(ActscopeError, match="arrays that share their bytes"):
        read_layers(content)


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (np.array([None, "x"], object), "type 'O8'"),
        (np.zeros(2, np.float64), "type 'f8'"),
        (np.zeros(2, np.float16), "type 'f2'"),
        (np.zeros(2, np.int32), "type 'i4'"),
        (np.zeros(2, "S5"), "type 'S5'"),
        (np.zeros(2, [("a", "f4")]), "type 'V4'"),
        (np.zeros(2, ml_dtypes.bfloat16), "the name"),
        (np.zeros((2, 2, 2), np.float32), "3 axes"),
        (np.array(1, np.float32), "0 axes"),
        (np.zeros(2, np.float32).view(np.matrix), "unusual call|the name"),
        (np.float32(1), "the name 'numpy._core.multiarray.scalar'"),
        (jnp.zeros(2), "the name 'jax._src.array._reconstruct_array'"),
        ([1.0, 2.0], "the pickle instruction"),
        ((), "a tuple for 'a.kernel'"),
        (1, "an int for"),
        (None, "None for"),
    ],
)
def test_other_values_than_float32_arrays(array, found):
    with pytest.raises(ActscopeError, match=found):
        read_layers(pickle.dumps({"params": {"a": {"kernel": array}}}, 3))


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        ({}, "the entries '' outermost"),
        ({"weights": {}}, "the entries 'weights'"),
        ({"params": {}, "batch_stats": {}}, "batch_stats"),
        ({"params": ()}, "a tuple for 'params'"),
        ({"params": {"a": None}}, "None for 'a'"),
        ({"params": {"a": {"b": {}}}}, "a dict for 'a.b'"),
        ((), "a tuple for 'value'"),
    ],
)
def test_other_trees(tree, found):
    with pytest.raises(ActscopeError, match=found):
        read_layers(pickle.dumps(tree, 3))


def test_a_dictionary_in_itself():
    tree = {}
    tree["params"] = tree
    with pytest.raises(ActscopeError, match=r"a dict for 'params\.params'"):
        read_layers(pickle.dumps(tree, 3))


EMPTY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR"
FLOAT32 = b"cnumpy\ndtype\n(X\x02\x00\x00\x00f4\x89\x88tR"
ORDER = b"(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"


def whole(array):
    """A pickle of a network whose one array is given by its instructions."""
    start = b"\x80\x03}(X\x06\x00\x00\x00params}(X\x01\x00\x00\x00a}(X\x01\x00\x00\x00x"
    return start + array + b"uuu."


def stated(shape, content=b"B\x08\x00\x00\x00" + b"\0" * 8, dtype=FLOAT32 + ORDER):
    return whole(EMPTY + b"(K\x01" + shape + dtype + b"\x89" + content + b"tb")


def test_the_hand_written_pickle_is_a_good_one():
    assert_equal(read_layers(stated(b"(K\x02t")), {"a": {"x": np.zeros(2)}})
    assert_equal(pickle.loads(stated(b"(K\x02t"))["params"], {"a": {"x": np.zeros(2)}})


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (stated(b"(K\x03t"), "in 8 bytes"),
        (stated(b"(J\xff\xff\xff\xfft"), "sizes that are none"),
        (stated(b"(J\xff\xff\xff\xffJ\xfe\xff\xff\xfft"), "sizes that are none"),
        (stated(b"(\x88K\x02t"), "sizes that are none"),
        (stated(b"(X\x01\x00\x00\x002t"), "sizes that are none"),
        (stated(b"(\x8a\x09" + b"\xff" * 8 + b"\x7ft"), "in 8 bytes"),
        (stated(b"K\x02"), "unusual state"),
        (stated(b"(K\x02t", content=b"X\x08\x00\x00\x00aaaaaaaa"), "unusual state"),
        (stated(b"(K\x02t", content=b"N"), "unusual state"),
        (stated(b"(K\x02t", dtype=FLOAT32), "unusual state"),  # no byte order yet
        (stated(b"(K\x02t", dtype=b"cnumpy\ndtype\n"), "unusual state"),
        (stated(b"(K\x02t", dtype=FLOAT32 + ORDER + ORDER), "unusual state for a dtype"),
        (stated(b"(K\x02t", dtype=FLOAT32 + ORDER.replace(b"<", b"=")), "unusual state"),
        (stated(b"(K\x02t", dtype=FLOAT32 + ORDER.replace(b"K\x00t", b"K\x3ft")), "unusual state"),
        (stated(b"(K\x02t", dtype=FLOAT32 + ORDER.replace(b"K\x03", b"K\x04")), "unusual state"),
        (whole(EMPTY), "an array for 'a.x'"),
        (whole(EMPTY.replace(b"K\x00", b"K\x05")), "unusual call"),
        (whole(EMPTY.replace(b"C\x01b", b"C\x01O")), "unusual call"),
        (whole(EMPTY.replace(b"cnumpy\nndarray\n", b"cnumpy\ndtype\n")), "unusual call"),
        (whole(b"cnumpy\nndarray\n(K\x02tR"), "unusual call"),
        (whole(b"cnumpy\nndarray\n"), "a name for 'a.x'"),
        (whole(b"cnumpy\nndarray\n}b"), "unusual state for a name"),
        (whole(b"cnumpy.core.multiarray\n_reconstruct\n}b"), "unusual state for a name"),
        (whole(b"cflax.core.frozen_dict\nFrozenDict\n(Nd"), "instruction"),
        (whole(b"cflax.core.frozen_dict\nFrozenDict\n(NtR"), "unusual call"),
        (whole(b"cflax.core.frozen_dict\nFrozenDict\n)R"), "unusual call"),
        (whole(b"}X\x01\x00\x00\x00xb"), "unusual state for a dict"),
        (whole(b"(NtNR"), "None for arguments"),
        (whole(b"N)R"), "unusual call of None"),
        (whole(FLOAT32.replace(b"f4", b"O8")), "type 'O8'"),
        (whole(FLOAT32.replace(b"\x89\x88", b"\x88\x88")), "type 'f4'|unusual call"),
    ],
)
def test_arrays_that_numpy_does_not_pickle(content, found):
    with pytest.raises(ActscopeError, match=found):
        read_layers(content)


def test_the_allowed_names_are_never_resolved(pickled, monkeypatch):
    def broken(*_, **__):
        raise AssertionError("called")

    monkeypatch.setattr(np, "dtype", broken)
    monkeypatch.setattr(flax.core.frozen_dict, "FrozenDict", broken)
    monkeypatch.setattr(np._core.multiarray, "_reconstruct", broken)
    with pytest.raises(AssertionError):
        pickle.loads(pickled)
    assert set(read_layers(pickled)) == {"Dense_0", "Dense_1"}


@pytest.mark.heavy
def test_cut_off_anywhere_and_with_bytes_after_the_end(pickled):
    for end in range(len(pickled)):
        with pytest.raises(ActscopeError):
            read_layers(pickled[:end])
    with pytest.raises(ActscopeError, match="1 bytes after its end"):
        read_layers(pickled + b"\n")


CONTENT = write_layers({"a": {"x": np.arange(3, dtype=np.float32)}})


@pytest.mark.heavy
@given(st.integers(0, len(CONTENT) - 1), st.binary(min_size=1, max_size=4))
@settings(max_examples=500)
def test_damage_is_an_error_of_ours_or_other_numbers(position, damage):
    changed = CONTENT[:position] + damage + CONTENT[position + len(damage) :]
    try:
        found = read_layers(changed)
    except ActscopeError:
        return
    arrays = [array for layer in found.values() for array in layer.values()]
    assert all(array.dtype.kind == "f" and array.nbytes <= len(changed) for array in arrays)


def test_sizes_up_to_four_gigabytes_are_read_from_the_length_that_is_there():
    content = stated(b"(K\x02t", content=b"B" + struct.pack("<I", 2**32 - 1) + b"\0" * 8)
    with pytest.raises(ActscopeError, match="cut off"):
        read_layers(content)
