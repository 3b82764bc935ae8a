"""One network of a study: what it is called, what is compiled for it, how it is shown."""

import hashlib
import json
import pickle

import pytest

from actscope.study._axes import AXES
from actscope.study._member import Member, groups
from actscope.study._plan import combinations, plan
from actscope.study._specfile import spec

DOCUMENT = {
    "study": {"seeds": [5, 3], "epochs": 4, "patience": 2},
    "axes": {
        "activation": ["relu", "tanh"],
        "hidden_sizes": [[16, 8], [4]],
        "learning_rate": [0.1, 1],
        "initialization": ["pytorch", "he_normal"],
        "gradient_clip": ["none", 1, 2],
    },
}


@pytest.fixture(scope="module")
def members():
    return plan(spec(DOCUMENT)).members


def test_a_member_is_called_by_its_settings_and_seed(members):
    settings = {
        "activation": "relu",
        "batch_size": 256,
        "dataset": "fashion_mnist",
        "dropout": 0.0,
        "epochs": 4,
        "gradient_clip": None,
        "hidden_sizes": [16, 8],
        "initialization": "pytorch",
        "layer": "dense",
        "learning_rate": 0.1,
        "momentum": 0.9,
        "network": None,
        "normalization": "none",
        "optimizer": "sgd",
        "patience": 2,
        "schedule": "constant",
        "task": "classification",
        "weight_decay": 0.0,
    }
    key = json.dumps(settings, sort_keys=True, separators=(",", ":"))
    first = members[0]
    assert (first.settings, first.combination.key, first.seed) == (settings, key, 5)
    assert first.id == hashlib.sha256(f"{key}5".encode()).hexdigest()[:16]


def test_the_name_of_a_member_stays_what_it_is(members):
    # Records that are on disk know their members by it. By sha256sum of the text above.
    assert members[0].id == "aea03086fe0f9a33"


def test_no_two_members_have_one_name(members):
    assert len(members) == 2 * 2 * 2 * 2 * 3 * 2
    assert len({member.id for member in members}) == len(members)


def test_the_phase_does_not_change_the_name(members):
    first = members[0]
    assert Member(first.combination, first.seed, "tune").id == first.id


def test_members_of_one_group_differ_in_arrays_alone(members):
    found = groups(members)
    # Activations × sizes × (clips or not).
    assert len(found) == 2 * 2 * 2
    assert sum(map(len, found.values())) == len(members)
    arrays = {"learning_rate", "initialization", "gradient_clip", "epochs", "patience"}
    for program, group in found.items():
        fixed = {
            json.dumps({k: v for k, v in m.settings.items() if k not in arrays}, sort_keys=True)
            for m in group
        }
        assert len(fixed) == 1
        assert {m.settings["gradient_clip"] is None for m in group} == {
            not json.loads(program)["gradient_clip"]
        }
    assert [group[0] for group in found.values()] == sorted(
        (group[0] for group in found.values()), key=members.index
    )


def test_columns_are_the_axes_with_depth_and_width(members):
    columns = members[-1].columns()
    assert list(columns) == [*AXES, "depth", "width"]
    expected = {
        "activation": "tanh",
        "hidden_sizes": "4",
        "learning_rate": 1.0,
        "initialization": "he_normal",
        "gradient_clip": "2.0",
        "network": "none",
        "batch_size": 256,
        "depth": 1,
        "width": 4,
    }
    assert {name: columns[name] for name in expected} == expected


def test_columns_have_one_type_each(members):
    types = {name: {type(m.columns()[name]) for m in members} for name in members[0].columns()}
    assert {name for name, found in types.items() if len(found) > 1} == set()


def test_how_sizes_were_written_changes_no_member():
    by_depth = spec({"axes": {"depth": [1, 2], "width": [8]}})
    by_sizes = spec({"axes": {"hidden_sizes": [[8], [8, 8]]}})
    assert list(combinations(by_depth)) == list(combinations(by_sizes))


def test_what_says_nothing_of_a_network_of_your_own_is_null():
    found = list(combinations(spec({"axes": {"network": ["none", "math:sqrt"]}})))
    ours, own = (combination.columns() for combination in found)
    nothing = {"hidden_sizes", "layer", "normalization", "dropout", "initialization"}
    assert {name for name, shown in own.items() if shown is None} == nothing | {"depth", "width"}
    assert None not in ours.values()
    assert found[0] == next(combinations(spec({})))


def test_a_member_survives_the_way_to_another_process(members):
    again = pickle.loads(pickle.dumps(members[3]))
    assert (again, again.id) == (members[3], members[3].id)
