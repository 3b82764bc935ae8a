"""All members of a study: which, in which order, and what extends them."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope.study._plan import combinations, extends, plan
from actscope.study._specfile import spec

POOL = {
    "activation": ["relu", "tanh", "elu"],
    "optimizer": ["sgd", "adam"],
    "depth": [1, 2],
    "width": [4, 8],
}


@st.composite
def documents(draw):
    axes = {
        name: draw(st.lists(st.sampled_from(values), unique=True, min_size=1))
        for name, values in POOL.items()
    }
    if draw(st.booleans()):
        depths, widths = axes.pop("depth"), axes.pop("width")
        axes["hidden_sizes"] = [[width] * depth for depth in depths for width in widths]
    seeds = draw(st.lists(st.integers(0, 4), unique=True, min_size=1))
    study = {"seeds": seeds, "epochs": draw(st.integers(1, 2))}
    design = draw(st.sampled_from([{}, {"tune": {"momentum": [0.1, 0.9], "seeds": 1}}]))
    if len(axes["activation"]) > 1 and draw(st.booleans()):
        design = {**design, "exclude": [{"activation": axes["activation"][0]}]}
    return {"study": study, "axes": axes, "design": design}


def ids(document):
    found = plan(spec(document))
    return {member.id for member in (*found.members, *found.tuning)}


def test_members_are_every_combination_with_every_seed():
    axes = {"activation": ["tanh", "relu"], "batch_size": [8, 4], "optimizer": ["sgd", "adam"]}
    found = plan(spec({"study": {"seeds": [9, 2]}, "axes": axes}))
    names = ("activation", "optimizer", "batch_size")
    members = [(*(m.settings[name] for name in names), m.seed) for m in found.members]
    expected = product(axes["activation"], axes["optimizer"], axes["batch_size"], [9, 2])
    assert members == list(expected)
    assert {member.phase for member in found.members} == {"compare"}
    assert found.tuning == ()


def test_seeds_of_one_combination_share_it():
    members = plan(spec({"study": {"seeds": 3}})).members
    assert len({id(member.combination) for member in members}) == 1


def test_axes_that_walk_together():
    axes = {"optimizer": ["sgd", "adam", "lion"], "learning_rate": [0.1, 0.01, 0.01]}
    found = spec({"axes": axes, "design": {"pair": [["optimizer", "learning_rate"]]}})
    walking = [(c.settings["optimizer"], c.settings["learning_rate"]) for c in combinations(found)]
    assert walking == [("sgd", 0.1), ("adam", 0.01), ("lion", 0.01)]


def test_a_depth_that_walks_with_another_axis_still_has_its_width():
    axes = {"depth": [1, 2], "batch_size": [8, 4], "width": [5, 6]}
    found = spec({"axes": axes, "design": {"pair": [["depth", "batch_size"]]}})
    cells = [(c.settings["hidden_sizes"], c.settings["batch_size"]) for c in combinations(found)]
    assert cells == [([5], 8), ([6], 8), ([5, 5], 4), ([6, 6], 4)]


@pytest.mark.heavy
@settings(max_examples=60)
@given(documents(), documents())
def test_a_study_extends_another_where_it_has_all_its_members(new, old):
    old_spec, new_spec = spec(old), spec(new)
    same_tune = new["design"].get("tune") == old["design"].get("tune")
    # With tuning the compared members are not known yet: they follow from seeds and combinations.
    seeds = set(old["study"]["seeds"]) <= set(new["study"]["seeds"])
    assert extends(new_spec, old_spec) == (ids(old) <= ids(new) and same_tune and seeds)


@settings(max_examples=30)
@given(documents(), st.integers(5, 9))
def test_seeds_and_values_extend_and_epochs_do_not(document, seed):
    old = spec(document)
    study, axes = document["study"], document["axes"]
    more_seeds = spec({**document, "study": {**study, "seeds": [seed, *study["seeds"]]}})
    values = {**axes, "activation": [*axes["activation"], "sigmoid"]}
    more_values = spec({**document, "axes": values})
    more_epochs = spec({**document, "study": {**study, "epochs": 3}})
    assert extends(old, old)
    assert extends(more_seeds, old)
    assert not extends(old, more_seeds)
    assert extends(more_values, old)
    assert not extends(old, more_values)
    assert not extends(more_epochs, old)


def test_another_tuning_does_not_extend():
    def tuned(**table):
        return spec({"design": {"tune": {"learning_rate": [0.1, 0.2], "seeds": 2, **table}}})

    assert extends(tuned(), tuned(on="validation"))
    assert not extends(tuned(seeds=3), tuned())
    assert not extends(tuned(learning_rate=[0.1, 0.2, 0.3]), tuned())
    assert not extends(tuned(), spec({"axes": {"learning_rate": 0.1}}))
    assert not extends(spec({"axes": {"learning_rate": [0.1, 0.2]}}), tuned())


def test_tuning_comes_first_on_seeds_of_its_own():
    document = {
        "study": {"seeds": 4},
        "axes": {"activation": ["relu", "tanh"]},
        "design": {"tune": {"learning_rate": [0.1, 0.2, 0.3], "seeds": 2}},
    }
    found = plan(spec(document))
    assert found.members == ()
    assert len(found.tuning) == 2 * 3 * 2
    assert {member.seed for member in found.tuning} == {2**31, 2**31 + 1}
    assert {member.phase for member in found.tuning} == {"tune"}
    scores = {member.id: member.settings["learning_rate"] for member in found.tuning}
    choices = found.choose(scores, lambda _: 0.1)
    compared = found.compare(choices)
    assert [(m.settings["activation"], m.seed) for m in compared] == list(
        product(["relu", "tanh"], range(4))
    )
    assert {(m.settings["learning_rate"], m.phase) for m in compared} == {(0.3, "compare")}


def test_nothing_is_chosen_where_nothing_is_tuned():
    found = plan(spec({"study": {"seeds": 1}}))
    assert found.choose({}, lambda _: 0.1) == ()


def test_a_large_plan_shares_its_combinations_and_has_the_members_of_a_small_one():
    document = {"study": {"seeds": 5000, "epochs": 1}, "axes": {"activation": ["relu", "tanh"]}}
    large = plan(spec(document)).members
    assert len(large) == 10_000
    assert len({id(member.combination) for member in large}) == 2
    small = plan(spec({**document, "study": {"seeds": [0, 4999], "epochs": 1}})).members
    assert [large[place].id for place in (0, 4999, 5000, 9999)] == [each.id for each in small]
