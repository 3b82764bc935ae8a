"""What is said of a plan before it runs."""

import jax
import numpy as np
import pytest

from actscope import training
from actscope.study import _remarks
from actscope.study._plan import plan
from actscope.study._remarks import comparisons, remarks
from actscope.study._specfile import spec
from actscope.training import Numbers, Rule

PAIR = {"activation": ["relu", "tanh"]}


def said(document):
    return remarks(plan(spec(document)))


def test_nothing_is_said_of_ten_seeds_and_one_comparison():
    assert said({"study": {"seeds": 10}, "axes": PAIR}) == ()


def test_few_seeds():
    one, few = (said({"study": {"seeds": seeds}, "axes": PAIR}) for seeds in (1, 9))
    assert one[0] == "one seed gives no interval and no test: ten are for a conclusion"
    assert few == ("9 seeds are few: ten are for a conclusion",)


@pytest.mark.heavy
@pytest.mark.parametrize("activations", [["relu", "tanh"], ["relu", "tanh", "elu"]])
@pytest.mark.parametrize("depths", [1, 2, 10])
def test_the_exact_test_is_missed_where_its_smallest_p_is_too_large(activations, depths):
    axes = {"activation": activations, "depth": list(range(1, depths + 1)), "width": 8}
    family = (len(activations) - 1) * depths
    for seeds in range(2, 13):
        lines = said({"study": {"seeds": seeds}, "axes": axes})
        hopeless = 2 / 2**seeds > 0.05 / family
        assert any("the exact test needs" in line for line in lines) is hopeless


@pytest.mark.parametrize(
    ("axes", "design", "family"),
    [
        ({}, {}, 0),
        ({"activation": ["relu", "tanh", "elu"], "learning_rate": [0.1, 0.2]}, {}, 4),
        ({"learning_rate": [0.1, 0.2, 0.3]}, {}, 2),
        (PAIR, {"tune": {"learning_rate": [0.1, 0.2, 0.3]}}, 1),
        ({"optimizer": ["sgd", "adam"]}, {"tune": {"activation": ["relu", "tanh"]}}, 1),
        ({**PAIR, "batch_size": [8, 9]}, {"exclude": [{"activation": "relu", "batch_size": 8}]}, 1),
    ],
)
def test_a_family_is_every_comparison_of_an_answer(axes, design, family):
    assert comparisons(spec({"axes": axes, "design": design})) == family


def test_an_optimizer_without_momentum_repeats_itself():
    axes = {"optimizer": ["sgd", "adam", "lion"], "momentum": [0.0, 0.5, 0.9]}
    (line,) = said({"study": {"seeds": 10}, "axes": axes})
    assert line.startswith("4 combinations only repeat others, as adam, lion has no momentum")
    walking = {"study": {"seeds": 10}, "axes": axes, "design": {"pair": [[*axes]]}}
    assert said(walking) == ()
    alone = {"study": {"seeds": 10}, "axes": {**axes, "optimizer": ["sgd", "nesterov"]}}
    assert said(alone) == ()


def test_the_optimizers_with_momentum_are_those_that_use_it(make_job):
    def uses(name):
        job = make_job(optimizer=name)
        rule, numbers = Rule.of(job), Numbers.of(job)
        weights = {"w": np.ones(2, np.float32)}
        carry = training.first_carry(rule, weights, {})

        def update(momentum):
            settings = numbers.settings._replace(momentum=momentum)
            return training.update(rule, numbers._replace(settings=settings), carry, weights)

        jaxpr = jax.make_jaxpr(update)(0.5).jaxpr
        return any(jaxpr.invars[0] in line.invars for line in jaxpr.eqns)

    assert {name for name in training.optimizers() if uses(name)} == set(_remarks._WITH_MOMENTUM)


def test_a_single_value_is_no_choice():
    tune = {"learning_rate": [0.1], "momentum": [0.0, 0.9]}
    (line,) = said({"study": {"seeds": 10}, "axes": PAIR, "design": {"tune": tune}})
    assert line == "learning_rate is tuned over one value, 0.1: there is nothing to choose"
