"""The factors of a specification, and which of their combinations it has."""

from itertools import product

import numpy as np
import pytest

from actscope import study
from actscope._errors import ActscopeError
from actscope.answers._factors import chosen, factors, label, of_task, planned, values

SEVERAL = {
    "axes": {
        "activation": [
            "relu",
            {"name": "leaky_relu", "negative_slope": 0.25, "trainable": ["negative_slope"]},
        ],
        "depth": [2, 4],
        "width": 8,
        "optimizer": ["sgd", "adam", "adam"],
        "learning_rate": [0.1, 0.01, 0.001],
        "momentum": [0.9],
    },
    "design": {"pair": [["optimizer", "learning_rate"]]},
}


def made(document):
    return factors(study.spec(document))


def test_axes_with_several_values_are_factors_and_pairs_walk_as_one():
    activation, depth, pair = made(SEVERAL)
    assert activation.labels == ("relu", "leaky_relu(negative_slope=0.25 learned)")
    assert (depth.name, depth.levels) == ("depth", ((2,), (4,)))
    assert pair.name == "optimizer & learning_rate"
    assert pair.labels == ("sgd, 0.1", "adam, 0.01", "adam, 0.001")


def test_what_is_tuned_is_no_factor():
    tune = {"learning_rate": [0.1, 0.01]}
    found = made({"axes": {"activation": ["relu", "tanh"]}, "design": {"tune": tune}})
    assert [factor.name for factor in found] == ["activation"]


def test_a_study_of_one_setting_has_no_factor():
    assert made({}) == ()


def test_a_network_of_ones_own_is_a_level_and_what_does_not_apply_is_none(make_study):
    target = "collections:OrderedDict"  # anything that can be imported
    document = {"axes": {"activation": ["relu", "tanh"], "network": ["none", target]}}
    _, network = made(document)
    assert network.labels == ("none", target)
    folder = make_study({**document, "study": {"dataset": "digits", "seeds": 1}}, lambda _: 0.5)
    members = study.Record.open(folder).members.to_pylist()
    shapes = {member["network"]: member["hidden_sizes"] for member in members}
    assert shapes == {"none": "512,256,256,128", target: None}
    assert label((None, 0.1)) == "–, 0.1"


def test_a_factor_is_chosen_by_any_of_its_axes():
    known = made(SEVERAL)
    names = ["learning_rate", "depth", "optimizer"]
    assert [factor.name for factor in chosen(known, names)] == [
        "optimizer & learning_rate",
        "depth",
    ]


@pytest.mark.parametrize(
    ("name", "words"), [("dpeth", "did you mean 'depth'"), ("momentum", "optimizer")]
)
def test_what_is_no_factor_is_refused_with_those_there_are(name, words):
    with pytest.raises(ActscopeError, match="unknown axis with several values") as refused:
        chosen(made(SEVERAL), ["activation", name])
    assert words in str(refused.value)


def test_what_walks_with_the_task_has_its_own_levels_in_each():
    known = made(
        {
            "axes": {
                "activation": ["relu", "tanh"],
                "task": ["classification", "classification", "regression"],
                "optimizer": ["sgd", "adam", "sgd"],
            },
            "design": {"pair": [["task", "optimizer"]]},
        }
    )
    activation, both = known
    assert both.name == "task & optimizer"
    first, second = of_task(known, "classification")
    assert (first, second.name, second.labels) == (activation, "optimizer", ("sgd", "adam"))
    assert of_task(known, "regression") == (activation,)


def test_values_are_by_axis():
    _, depth, pair = made(SEVERAL)
    found = values((depth, pair), ((4,), ("adam", 0.01)))
    assert found == {"depth": 4, "optimizer": "adam", "learning_rate": 0.01}


def test_planned_are_the_combinations_of_the_plan():
    document = {
        **SEVERAL,
        "study": {"seeds": 1, "dataset": "digits"},
        "design": {
            **SEVERAL["design"],
            "exclude": [
                {"activation": "relu", "depth": 4},
                {"depth": 2, "learning_rate": 0.01, "momentum": 0.9},
            ],
        },
    }
    spec = study.spec(document)
    known = factors(spec)
    there = {
        tuple(tuple(member.columns()[axis] for axis in factor.axes) for factor in known)
        for member in study.plan(spec).members
    }
    every = product(*(factor.levels for factor in known))
    expected = np.array([levels in there for levels in every]).reshape(2, 2, 3)
    assert 0 < expected.sum() < expected.size
    np.testing.assert_array_equal(planned(spec, known, "classification"), expected)


def test_an_exclusion_may_be_of_one_task():
    axes = {"activation": ["relu", "tanh"], "task": ["classification", "regression"]}
    exclude = [{"task": "regression", "activation": "tanh"}]
    spec = study.spec({"axes": axes, "design": {"exclude": exclude}})
    known = of_task(factors(spec), "regression")
    assert planned(spec, known, "regression").tolist() == [True, False]
    assert planned(spec, known, "classification").tolist() == [True, True]
