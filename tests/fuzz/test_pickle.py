"""The tutorial's pickles from anywhere: damaged ones, and what instructions can be made of."""

import io
import os
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actscope.tutorial._pickle_reader import read_layers
from actscope.tutorial._pickle_writer import write_layers
from fuzz.mutations import mutants
from fuzz.trials import INPUTS, SEED, settings

RNG = np.random.default_rng(0)
LAYERS = {
    name: {key: RNG.normal(size=shape).astype(np.float32) for key, shape in shapes.items()}
    for name, shapes in {
        "Dense_0": {"kernel": (3, 4), "bias": (4,)},
        "Dense_1": {"kernel": (4, 2), "bias": (2,)},
    }.items()
}
NOTEBOOK = write_layers(LAYERS)
PLAIN = pickle.dumps({"params": LAYERS}, protocol=4)


class Python(pickle.Unpickler):
    """Python's own machine, which may name NumPy's arrays and nothing else."""

    def find_class(self, module, name):
        if name == "FrozenDict":
            return dict
        assert (module.split(".")[0], name) in {
            *(("numpy", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")),
        }
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def require_right(found, content):
    """What our machine built, Python's builds too."""
    assert all(each.tobytes("A") in content for layer in found.values() for each in layer.values())
    try:
        true = Python(io.BytesIO(content)).load()["params"]
    # The length of a frame lies, or the number of the protocol, which matter to Python alone.
    except (pickle.UnpicklingError, ValueError):
        return
    assert {*found} == {*true}
    for name, layer in found.items():
        assert {*layer} == {*true[name]}
        for key, array in layer.items():
            assert array.dtype.newbyteorder("=") == np.float32
            np.testing.assert_array_equal(array, true[name][key])


@pytest.mark.parametrize("whole", [NOTEBOOK, PLAIN], ids=["notebook", "protocol 4"])
def test_damaged(trial, whole):
    for content in mutants(whole, INPUTS, SEED):
        found = trial.of(lambda: read_layers(content))  # noqa: B023 (called at once)
        if found is not None:
            require_right(found, content)


def short(text):
    return pickle.SHORT_BINUNICODE + bytes([len(text)]) + text.encode()


def named(module, name):
    return pickle.GLOBAL + f"{module}\n{name}\n".encode()


ARRAY = NOTEBOOK[NOTEBOOK.index(b"cnumpy") : NOTEBOOK.index(b"Dense_1")]
PIECES = [
    *(getattr(pickle, name) for name in dir(pickle) if name.isupper()),
    *map(short, ["params", "Dense_0", "kernel", "f4", "<", "id > stolen", "os", "system"]),
    *(named(*each) for each in [("os", "system"), ("builtins", "eval"), ("numpy", "dtype")]),
    *(named(*each) for each in [("numpy", "ndarray"), ("flax.core.frozen_dict", "FrozenDict")]),
    *(pickle.BININT1 + bytes([n]) for n in (0, 1, 3, 255)),
    *(pickle.BINGET + bytes([n]) for n in (0, 1, 2)),
    *(pickle.BINPUT + bytes([n]) for n in (0, 1, 2)),
    *(pickle.TUPLE2 + pickle.MEMOIZE, pickle.EMPTY_DICT + pickle.MARK, ARRAY),
    *(pickle.SHORT_BINBYTES + b"\x04abcd", pickle.LONG1 + b"\x02\xff\x7f"),
    *(pickle.BINUNICODE8 + b"\xff" * 8, pickle.BINBYTES8 + b"\x00" * 7 + b"\x7f"),
    pickle.EXT1 + b"\x01",
]
PIECES = [piece for piece in PIECES if isinstance(piece, bytes)]


@given(
    head=st.sampled_from([b"", b"\x80\x03", b"\x80\x04", NOTEBOOK[:60], PLAIN[:60]]),
    pieces=st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=25),
    tail=st.sampled_from([b"", b".", b"s.", b"u.", NOTEBOOK[-20:]]),
)
@settings
def test_of_instructions(trial, head, pieces, tail):
    content = head + b"".join(pieces) + tail
    found = trial.of(lambda: read_layers(content))
    if found is not None:
        require_right(found, content)


class Canary:
    """Unpickled by Python, it leaves a file."""

    def __init__(self, path, call):
        self.path, self.call = path, call

    def __reduce__(self):
        return self.call, (str(self.path),)


CALLS = [os.mkdir, os.system, os.remove, eval, exec, io.open, __import__, pickle.loads, print]


@given(
    call=st.sampled_from(CALLS),
    protocol=st.integers(0, 5),
    place=st.sampled_from(["outermost", "params", "layer", "array", "key"]),
    cut=st.integers(0, 40),
)
@settings
def test_canaries_are_never_run(trial, tmp_path, call, protocol, place, cut):
    canary = Canary(tmp_path / "canary", call)
    document = {
        "outermost": canary,
        "params": {"params": canary},
        "layer": {"params": {"Dense_0": canary}},
        "array": {"params": LAYERS | {"Dense_2": {"kernel": canary}}},
        "key": {"params": LAYERS, canary: 1},
    }[place]
    content = pickle.dumps(document, protocol)
    content = content[: len(content) - cut] if cut > 35 else content
    assert trial.of(lambda: read_layers(content)) is None
    assert not [*tmp_path.iterdir()]


@pytest.mark.heavy
def test_tuples_within_tuples_end(trial):
    """Each of 4,000 holds the one before it twice: shown in full, it would never end."""
    content = b"\x80\x04)" + (pickle.MEMOIZE + b"h\0" + pickle.TUPLE2 + b"q\0") * 4_000
    for end in (b".", b"R.", b"b.", b"\x93.", b"}\x94" + b"s."):
        trial.of(lambda: read_layers(content + end))  # noqa: B023 (called at once)
    assert trial.errors == 5
