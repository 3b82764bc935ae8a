"""Each combination at its own best values."""

import math
from itertools import product

import pytest

from actscope._errors import ActscopeError
from actscope.study._plan import plan
from actscope.study._specfile import spec


def tuned(**axes):
    tune = {**axes, "seeds": 2}
    return plan(spec({"axes": {"activation": ["relu", "tanh"]}, "design": {"tune": tune}}))


def choose(found, score, chance=0.1):
    """Choices by `score(settings)`, a number for each seed."""
    scores = {member.id: score(member.settings)[member.seed - 2**31] for member in found.tuning}
    return found.choose(scores, lambda _: chance)


def test_each_combination_has_its_own_best_mean():
    rates = [0.1, 0.2, 0.3]
    table = {  # by activation and rate, of two seeds
        ("relu", 0.1): (0.9, 0.1),
        ("relu", 0.2): (0.6, 0.6),
        ("relu", 0.3): (0.2, 0.2),
        ("tanh", 0.1): (0.5, 0.4),
        ("tanh", 0.2): (0.3, 0.5),
        ("tanh", 0.3): (0.4, 0.6),
    }
    found = choose(tuned(learning_rate=rates), lambda s: table[s["activation"], s["learning_rate"]])
    summary = [
        (c.combination.settings["activation"], c.combination.settings["learning_rate"], c.at_edge)
        for c in found
    ]
    assert summary == [("relu", 0.2, ()), ("tanh", 0.3, ("learning_rate",))]
    assert [choice.score for choice in found] == [0.6, 0.5]


def test_of_equals_the_first():
    relu, tanh = choose(tuned(learning_rate=[0.2, 0.1, 0.3]), lambda _: (0.5, 0.5))
    assert relu.combination.settings["learning_rate"] == 0.2
    assert (relu.at_edge, tanh.at_edge) == ((), ())


@pytest.mark.parametrize("failed", [None, math.nan])
def test_what_failed_counts_at_chance_level(failed):
    def score(settings):
        return (0.5, 0.5) if settings["learning_rate"] == 0.1 else (0.8, failed)

    plan_ = tuned(learning_rate=[0.1, 0.2])
    kept, _ = choose(plan_, score, chance=0.1)
    assert (kept.combination.settings["learning_rate"], kept.score) == (0.1, 0.5)
    taken, _ = choose(plan_, score, chance=0.3)
    assert taken.combination.settings["learning_rate"] == 0.2
    assert taken.score == pytest.approx(0.55)


def test_several_axes_are_tuned_together_and_edges_are_those_of_numbers():
    axes = {"optimizer": ["sgd", "adam"], "momentum": [0.1, 0.5, 0.9], "batch_size": [64]}
    best = {"optimizer": "adam", "momentum": 0.9}
    relu, _ = choose(tuned(**axes), lambda s: (float(best.items() <= s.items()),) * 2)
    settings = relu.combination.settings
    assert (settings["optimizer"], settings["momentum"]) == ("adam", 0.9)
    assert relu.at_edge == ("momentum",)
    members = tuned(**axes).tuning
    tried = [(m.settings["optimizer"], m.settings["momentum"]) for m in members[: 2 * 3 * 2 : 2]]
    assert tried == list(product(axes["optimizer"], axes["momentum"]))


def test_a_clip_of_none_has_no_edge():
    relu, _ = choose(
        tuned(gradient_clip=["none", 1]), lambda s: (float(s["gradient_clip"] == 1),) * 2
    )
    assert (relu.combination.settings["gradient_clip"], relu.at_edge) == (1.0, ())


def test_the_tuning_must_be_finished():
    found = tuned(learning_rate=[0.1, 0.2])
    scores = {member.id: 0.5 for member in found.tuning[:-3]}
    with pytest.raises(ActscopeError, match="3 of 8 members of the tuning have no score"):
        found.choose(scores, lambda _: 0.1)
