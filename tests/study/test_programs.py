"""The programs of a plan: which stand for others, and how their members are counted."""

from collections import Counter
from dataclasses import replace

import pytest

from actscope.study import _programs
from actscope.study._cost import cost
from actscope.study._member import groups
from actscope.study._plan import plan
from actscope.study._programs import Programs, alike
from actscope.study._specfile import spec

DIGITS = {"dataset": "digits", "batch_size": 128, "seeds": 5, "epochs": 2, "patience": 2}
SIZES = [[8], [64]]


def planned(axes, design=None, **study):
    document = {"study": {**DIGITS, **study}, "axes": axes, "design": design or {}}
    return plan(spec(document))


def firsts(axes):
    found = groups(planned(axes, seeds=1).members)
    return {program: members[0] for program, members in found.items()}


def test_few_programs_stand_for_themselves():
    members = firsts({"activation": ["relu", "tanh"], "hidden_sizes": SIZES})
    assert alike(members) == {program: program for program in members}


def test_a_sample_of_many_stands_for_what_differs_in_the_activation_alone():
    slopes = [{"name": "leaky_relu", "negative_slope": i / 10} for i in range(10)]
    members = firsts({"activation": slopes, "depth": list(range(1, 11)), "width": 4})
    found = alike(members)
    assert len(members) == 100
    assert len(set(found.values())) == 64
    assert all(found[stand] == stand for stand in found.values())
    sizes = {program: member.settings["hidden_sizes"] for program, member in members.items()}
    assert all(sizes[program] == sizes[stand] for program, stand in found.items())
    assert found == alike(members)


def test_members_are_counted_once_where_they_are_trained(digits):
    found = Programs.of(planned({"hidden_sizes": SIZES}), {"digits": digits})
    assert list(found.members.values()) == [5, 5]
    each = [cost.flops(2) for cost in found.costs.values()]
    assert found.flops == pytest.approx(5 * sum(each))


def test_of_what_is_tuned_the_most_expensive_choice_is_assumed(digits):
    design = {"tune": {"hidden_sizes": SIZES, "learning_rate": [0.1, 0.2], "seeds": 3}}
    found = Programs.of(planned({}, design), {"digits": digits})
    tuning, comparison = found.phases
    assert sum(map(len, tuning.values())) == 2 * 2 * 3
    (members,) = comparison.values()
    assert [member.settings["hidden_sizes"] for member in members] == [[64]] * 5
    assert Counter(found.members.values()) == {6: 1, 6 + 5: 1}


def test_wall_time_is_that_of_the_longest_chunk_or_of_all_devices_together(digits, monkeypatch):
    found = Programs.of(planned({"hidden_sizes": SIZES}), {"digits": digits})
    small, large = found.costs
    alone = found.training({small: 1.0, large: 100.0})
    assert alone == pytest.approx(5 * 101)
    monkeypatch.setattr(_programs.jax, "devices", lambda: [None] * 4)
    spread = replace(found)
    assert max(chunk.members for chunk in spread.chunks) == 1
    assert spread.training({small: 1.0, large: 100.0}) == pytest.approx(5 * 101 / 4)
    one = replace(found, phases=({large: found.phases[0][large][:1]},))
    assert one.training({small: 1.0, large: 100.0}) == pytest.approx(100)


def test_members_that_take_long_have_shards_of_their_own(digits):
    found = Programs.of(planned({"hidden_sizes": [[8]]}), {"digits": digits})
    (program,) = found.costs
    weight = found.weights[program]
    (chunk,) = found.chunks  # one device takes on all five
    assert chunk.members == 5
    assert found.disk(None) == pytest.approx(weight.of(1, 5))
    assert found.disk({program: 25.0}) == pytest.approx(weight.of(1 + 2, 5))  # two minutes
    assert found.disk({program: 1000.0}) == pytest.approx(weight.of(5, 5))


def test_cases_know_their_share_and_how_many_go_together(digits):
    found = Programs.of(planned({"hidden_sizes": SIZES}), {"digits": digits})
    cases = found.cases({"digits": digits})
    assert sum(case.share for case in cases) == pytest.approx(1)
    assert [case.together for case in cases] == [5, 5]
    assert [case.cost for case in cases] == [cost(case.job) for case in cases]
