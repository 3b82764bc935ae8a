"""Specifications from anywhere: TOML of the right words with wrong values, and damaged files."""

import math
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actscope.study import plan, read, spec
from actscope.study._axes import KEYS
from actscope.study._toml import toml
from fuzz.mutations import mutants
from fuzz.trials import INPUTS, SEED, settings

GOOD = """
[study]
name = "depth"
dataset = "digits"
seeds = [0, 1, 5]
epochs = 20
[axes]
activation = ["relu", "silu", { name = "leaky_relu", negative_slope = 0.1 }, { name = "prelu", per_unit = true }]
depth = [2, 6]
width = 256
layer = ["dense", "residual"]
optimizer = ["sgd", "adam"]
learning_rate = [0.01, 1e-1]
momentum = 0.9
gradient_clip = ["none", 1]
[design]
exclude = [{ layer = "residual", depth = 2 }]
pair = [["optimizer", "learning_rate"]]
tune = { weight_decay = [0.0, 0.001], on = "validation", seeds = 3 }
"""  # noqa: E501

NAMES = ["relu", "silu", "swish", "dense", "residual", "batch", "layer", "none", "sgd", "adam"]
NAMES += ["digits", "fashion_mnist", "pytorch", "critical", "validation", "cosine", "autoencoder"]
NAMES += ["classification", "no_such_module:f", "a:b:c", "../x:f", ":", "", "nowhere.npz"]
NAMES += ["~nobody/a.npz", "a\0.npz", f"{'a' * 300}.npz", "os:getcwd"]
NAMES = st.sampled_from(NAMES)
NUMBERS = st.one_of(
    st.integers(-1, 12),
    st.sampled_from([2**31 - 1, 2**31, 2**32, 2**64, 10**400, -(10**400), 10**6]),
    st.floats(),
    st.floats(0, 1),
)
DATES = st.dates() | st.times() | st.datetimes()
KEY = st.sampled_from([*KEYS, "name", "seeds", "epochs", "on", "alpha", "negative_slope", "beta"])
KEY |= st.sampled_from(["trainable", "per_unit", "patience", "study", "axes", "design"])
LEAVES = st.one_of(NAMES, NUMBERS, st.booleans(), DATES, st.text(max_size=5))
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEY | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
# Mostly of the right kind, so that what reads the rest is reached.
AXES = {
    "activation": st.one_of(
        st.sampled_from(["relu", "silu", "GELU"]),
        st.fixed_dictionaries(
            {"name": st.sampled_from(["elu", "leaky_relu", "prelu", "swish", "pade"])},
            optional={
                "alpha": NUMBERS,
                "negative_slope": NUMBERS,
                "trainable": st.lists(KEY, max_size=2),
                "per_unit": st.booleans(),
            },
        ),
    ),
    "hidden_sizes": st.lists(st.integers(0, 9), max_size=4),
    "depth": st.integers(0, 10_001),
    "width": st.integers(0, 1_000_001),
}
TABLE = st.fixed_dictionaries(
    {},
    optional={
        name: (made := AXES.get(name, LEAVES)) | st.lists(made, max_size=4) | VALUES
        for name in KEYS
    },
)
FEW = st.dictionaries(KEY, LEAVES, max_size=3)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "study": VALUES
        | st.fixed_dictionaries(
            {},
            optional={
                "name": LEAVES,
                "seeds": NUMBERS | st.lists(NUMBERS, max_size=5),
                "epochs": NUMBERS,
                "dataset": NAMES,
                "batch_size": NUMBERS,
            },
        ),
        "axes": TABLE | VALUES,
        "design": VALUES
        | st.fixed_dictionaries(
            {},
            optional={
                "exclude": VALUES | st.lists(FEW, max_size=4),
                "pair": VALUES | st.lists(st.lists(KEY, max_size=3), max_size=3),
                "tune": VALUES | TABLE,
            },
        ),
    },
)


def written(value):
    """A value as TOML has it, written after its specification."""
    match value:
        case bool():
            text = str(value).lower()
        case float():
            text = "nan" if math.isnan(value) else repr(value).replace("e+", "e")
        case str():
            text = quoted(value)
        case list():
            text = f"[{', '.join(map(written, value))}]"
        case dict():
            text = "{" + ", ".join(f"{quoted(k)} = {written(v)}" for k, v in value.items()) + "}"
        case _:
            text = str(value) if isinstance(value, int) else value.isoformat()
    return text


def quoted(text):
    return '"' + "".join(f"\\U{ord(sign):08x}" for sign in text) + '"'


def require_right(found):
    """What was read means the same as what is written of it, here and in the study's folder."""
    assert spec(found.document()) == found
    assert spec(tomllib.loads(toml(found.document()))) == found
    assert found.hash == spec(found.document()).hash
    assert found.seeds
    made = plan(found)
    assert len({member.id for member in made.members}) == len(made.members)
    assert made.members or made.tuning


@pytest.mark.heavy
@given(DOCUMENTS)
@settings
def test_of_the_right_words(trial, put, document):
    path = put("\n".join(f"{k} = {written(v)}" for k, v in document.items()).encode())
    found = trial.of(lambda: read(path, max_members=200))
    if found is not None:
        require_right(found)


def test_damaged(trial, put):
    for content in mutants(GOOD.encode(), INPUTS, SEED):
        path = put(content)
        found = trial.of(lambda: read(path, max_members=2000))  # noqa: B023 (called at once)
        if found is not None:
            require_right(found)


@pytest.mark.heavy
@given(VALUES)
@settings
def test_in_python(trial, document):
    """A program may hand over anything: dates, keys that are no text, tables within tables."""
    document = document if isinstance(document, dict) else {"axes": {"activation": document}}
    found = trial.of(lambda: spec(document, max_members=200))
    if found is not None:
        require_right(found)


HEADS = ("[study]\nname = ", "[axes]\nactivation = ", "[axes]\ndropout = ", "[design]\ntune = ")
MANY = 20_000


@pytest.mark.heavy
@pytest.mark.parametrize(
    "value",
    [
        "[" * MANY,
        "[" * 500 + "]" * 500,
        "{a=" * 300 + "1" + "}" * 300,
        "{" + "a." * MANY + "a = 1}",
        "{" + "a." * 300 + "a = 1}",
        "0x" + "f" * MANY,
        "9" * MANY,
        "1e" + "9" * MANY,
        '"' + "a" * MANY + '"',
        "[" + "1," * MANY + "]",
        "[" + '"x",' * MANY + "]",
        "{" + ",".join(f"a{n} = 1" for n in range(MANY)) + "}",
        "1\n" + "\n".join(f"a{n} = 1" for n in range(MANY)),
    ],
    ids=lambda value: value[:6],
)
@pytest.mark.parametrize("head", HEADS)
def test_of_great_size(trial, put, head, value):
    path = put(f"{head}{value}\n".encode())
    trial.of(lambda: read(path))
    assert trial.errors
