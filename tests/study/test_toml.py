"""What is written is what TOML's own reader finds."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actscope import study
from actscope.study._toml import toml

words = st.text()
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
keys = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)  # of a specification, and so bare
documents = st.dictionaries(keys, st.dictionaries(keys, values, min_size=1), max_size=3)


def without_none(value):
    if isinstance(value, dict):
        return {key: without_none(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_none(each) for each in value]
    return "none" if value is None else value


@pytest.mark.heavy
@given(documents)
def test_any_document_comes_back(document):
    # repr: 1 is not 1.0, nor True 1
    assert repr(tomllib.loads(toml(document))) == repr(without_none(document))


def test_characters_that_toml_wants_escaped():
    word = 'a"\\\n\x00\x1f\x7f\u2028é𝛼'
    assert tomllib.loads(toml({"axes": {"dataset": [word, {word: 1}]}})) == {
        "axes": {"dataset": [word, {word: 1}]}
    }


def test_what_is_no_number_is_no_word_either():
    with pytest.raises(ValueError, match="Out of range"):
        toml({"axes": {"learning_rate": [float("nan")]}})


LEAKY = {"name": "leaky_relu", "negative_slope": 0.25, "trainable": ["negative_slope"]}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"study": {"name": "a.b-c", "seeds": [4, 2], "epochs": 3}, "axes": {"activation": [LEAKY]}},
        {"axes": {"gradient_clip": ["none", 1e-7], "learning_rate": 1e16, "depth": 2, "width": 8}},
        {
            "axes": {"optimizer": ["sgd", "adam"], "momentum": [0.9, 0.0], "activation": "tanh"},
            "design": {
                "pair": [["optimizer", "momentum"]],
                "tune": {"learning_rate": [0.1, 1], "seeds": 2},
            },
        },
        {
            "axes": {"gradient_clip": ["none", 1], "activation": ["relu", LEAKY]},
            "design": {"exclude": [{"gradient_clip": "none", "activation": LEAKY}]},
        },
    ],
)
def test_a_specification_comes_back(document):
    found = study.spec(document)
    again = study.spec(tomllib.loads(toml(found.document())))
    assert again == found
    assert again.hash == found.hash
