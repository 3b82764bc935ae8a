import pickle
import pickletools

import numpy as np
import pytest
from flax.core.frozen_dict import FrozenDict

from actscope._errors import ActscopeError
from actscope.tutorial._pickle_reader import read_layers
from actscope.tutorial._pickle_writer import write_layers


def test_python_and_flax_read_what_we_write(layers):
    found = pickle.loads(write_layers(layers))
    assert type(found) is FrozenDict
    assert set(found) == {"params"}
    for name, layer in layers.items():
        for key, array in layer.items():
            loaded = found["params"][name][key]
            assert type(loaded) is np.ndarray
            np.testing.assert_array_equal(loaded, array, strict=True)


def test_our_reader_undoes_it(layers):
    layers["Dense_0"]["kernel"] = np.asfortranarray(layers["Dense_0"]["kernel"])
    layers["Dense_0"]["bias"] = layers["Dense_0"]["bias"][::-1]
    found = read_layers(write_layers(layers))
    for name, layer in layers.items():
        for key, array in layer.items():
            np.testing.assert_array_equal(found[name][key], array, strict=True)


def test_only_the_module_names_that_every_numpy_knows(layers):
    content = write_layers(layers)
    opcodes = list(pickletools.genops(content))
    assert (opcodes[0][0].name, opcodes[0][1]) == ("PROTO", 3)
    assert max(opcode.proto for opcode, _, _ in opcodes) <= 3
    assert {argument for opcode, argument, _ in opcodes if opcode.name == "GLOBAL"} == {
        "flax.core.frozen_dict FrozenDict",
        "numpy.core.multiarray _reconstruct",
        "numpy ndarray",
        "numpy dtype",
    }


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32])
def test_other_dtypes_are_refused(dtype):
    with pytest.raises(ActscopeError, match=f"kernel has dtype {np.dtype(dtype)}"):
        write_layers({"a": {"kernel": np.zeros((2, 2), dtype)}})
