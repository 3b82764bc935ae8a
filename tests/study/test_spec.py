"""A specification: one form, one hash, and what differs from another."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope.study._spec import differences
from actscope.study._specfile import spec

BASE = {
    "study": {"name": "x", "seeds": 2, "epochs": 5},
    "axes": {"activation": ["relu", "tanh"], "optimizer": ["sgd", "adam"]},
}


def changed(**sections):
    keys = {*BASE, *sections}
    return {key: {**BASE.get(key, {}), **sections.get(key, {})} for key in keys}


def test_the_hash_is_that_of_the_canonical_json():
    found = spec(BASE)
    text = json.dumps(found.document(), sort_keys=True, separators=(",", ":"))
    assert found.hash == hashlib.sha256(text.encode()).hexdigest()


def test_the_order_of_keys_and_the_way_of_writing_change_no_hash():
    other = {
        "axes": {"optimizer": ["sgd", "adam"], "layer": "dense", "activation": ["ReLU", "tanh"]},
        "study": {"epochs": 5, "patience": 7, "seeds": [0, 1], "name": "x", "batch_size": [256]},
    }
    assert spec(other) == spec(BASE)
    assert spec(other).hash == spec(BASE).hash
    assert list(spec(other).axes) == list(spec(BASE).axes)


def test_levels_are_those_compared_or_tuned():
    found = spec(changed(design={"tune": {"momentum": [0.1, 0.9]}}))
    shown = {name: [v.shown for v in found.levels(name)] for name in ("momentum", "optimizer")}
    assert shown == {"momentum": [0.1, 0.9], "optimizer": ["sgd", "adam"]}
    assert found.levels("depth") == ()


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        (BASE, []),
        (changed(study={"seeds": [0, 1, 3, 4]}), ["study.seeds: adds 3, 4"]),
        (changed(study={"seeds": [3, 1]}), ["study.seeds: adds 3; drops 0"]),
        (changed(study={"seeds": [1, 0]}), ["study.seeds: [0, 1] → [1, 0]"]),
        (
            changed(study={"epochs": 9, "name": "y"}),
            ['study.name: "x" → "y"', "study.epochs: 5 → 9"],
        ),
        (
            changed(axes={"activation": ["relu", "elu"], "gradient_clip": 1}),
            [
                'axes.activation: adds "elu"; drops "tanh"',
                "axes.gradient_clip: adds 1.0; drops null",
            ],
        ),
        (
            changed(axes={"depth": 2, "width": 3}),
            [
                "axes.hidden_sizes: drops [512,256,256,128]",
                "axes.depth: adds 2",
                "axes.width: adds 3",
            ],
        ),
        (
            changed(design={"exclude": [{"optimizer": "sgd"}], "tune": {"momentum": [0.1]}}),
            [
                "axes.momentum: drops 0.9",
                'design.exclude: adds {"optimizer":"sgd"}',
                'design.tune: none → {"momentum":[0.1],"on":"validation","seeds":3}',
            ],
        ),
    ],
)
def test_what_differs_is_said_a_line_a_key(new, lines):
    assert differences(spec(BASE), spec(new)) == lines


seeds = st.lists(st.integers(0, 5), unique=True, min_size=1)
names = st.lists(st.sampled_from(["relu", "tanh", "elu"]), unique=True, min_size=1)


@pytest.mark.heavy
@settings(max_examples=50)
@given(st.tuples(seeds, names), st.tuples(seeds, names))
def test_nothing_differs_where_the_hash_is_the_same(one, other):
    old, new = (spec({"study": {"seeds": s}, "axes": {"activation": a}}) for s, a in (one, other))
    assert (differences(old, new) == []) == (old.hash == new.hash) == (one == other)
