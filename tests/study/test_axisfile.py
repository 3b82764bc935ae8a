"""The section `[axes]`: what each axis has, and what cannot stand together."""

import sys
from types import ModuleType

import pytest

from actscope.study._problems import SpecError
from actscope.study._specfile import spec


@pytest.fixture(autouse=True)
def own(monkeypatch):
    """A module with a network of the user's own."""
    module = ModuleType("own")
    module.net = module.other = print  # never called here
    monkeypatch.setitem(sys.modules, "own", module)


def problems(axes, study=None, design=None):
    with pytest.raises(SpecError) as caught:
        spec({"study": study or {}, "axes": axes, "design": design or {}})
    return caught.value.problems


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ({"optimiser": "sgd"}, "axes.optimiser: unknown key 'optimiser'"),
        ({"optimizer": "adm"}, "axes.optimizer: unknown optimizer 'adm'"),
        ({"optimizer": ["sgd", "adm"]}, "axes.optimizer[1]: unknown optimizer 'adm'"),
        ({"optimizer": []}, "axes.optimizer: no values"),
        ({"optimizer": {"name": "sgd"}}, "axes.optimizer: got {'name': 'sgd'}"),
        ({"hidden_sizes": []}, "axes.hidden_sizes: no values"),
        ({"hidden_sizes": [[256], []]}, "axes.hidden_sizes[1]: got []"),
        ({"hidden_sizes": [256, 0]}, "axes.hidden_sizes: got 0"),
        ({"hidden_sizes": [[256], 3]}, "axes.hidden_sizes[1]: got 3"),
        ({"activation": ["relu", "sillu"]}, "axes.activation[1]: unknown activation 'sillu'"),
        ({"activation": {"slope": 1}}, "axes.activation: activation {'slope': 1}"),
        (
            {"activation": ["silu", "relu", "swish"]},
            "axes.activation[2]: the same as axes.activation[0]",
        ),
        ({"learning_rate": [0.1, 1e-1]}, "axes.learning_rate[1]: the same as"),
        (
            {"activation": [{"name": "elu", "alpha": a} for a in (1.0000001, 1.0000002)]},
            "axes.activation[1]: shown as 'elu(alpha=1)', like axes.activation[0]",
        ),
        ({"depth": 2}, "axes.depth: depth alone"),
        ({"width": [2, 3]}, "axes.width: width alone"),
        (
            {"depth": 2, "width": 64, "hidden_sizes": [64]},
            "axes.hidden_sizes: given with depth and width",
        ),
        ({"network": "own:net", "layer": "dense"}, "axes.layer: given with a network of your own"),
        ({"network": ["none", "own:net"], "dropout": 0.1}, "axes.dropout: given with a network"),
    ],
)
def test_a_problem_of_an_axis_has_its_key_path(axes, expected):
    (found,) = problems(axes)
    assert found.startswith(expected)


def test_an_axis_stands_in_one_section():
    (found,) = problems({"batch_size": [32, 64]}, study={"batch_size": 32})
    assert found.startswith("study.batch_size: given twice; expected either here or in axes.batch")
    assert spec({"study": {"batch_size": [32, 64]}}) == spec({"axes": {"batch_size": [32, 64]}})


def test_what_is_wrong_twice_is_said_twice():
    found = problems({"optimizer": ["adm", "sgd", "sgd", 3]})
    assert [text.partition(":")[0] for text in found] == [
        "axes.optimizer[0]",
        "axes.optimizer[3]",
        "axes.optimizer[2]",
    ]


def test_a_network_of_your_own_leaves_no_axis_that_it_says_nothing_of():
    axes = spec({"axes": {"network": ["own:net", "own:other"]}}).document()["axes"]
    assert axes["network"] == ["own:net", "own:other"]
    gone = {"hidden_sizes", "layer", "normalization", "dropout", "initialization"}
    assert not gone & axes.keys()


def test_a_depth_takes_the_place_of_the_sizes():
    axes = spec({"axes": {"depth": [2, 3], "width": 8}}).document()["axes"]
    assert (axes["depth"], axes["width"]) == ([2, 3], [8])
    assert "hidden_sizes" not in axes


def test_axes_that_walk_together_may_repeat_a_value_but_not_a_row():
    axes = {"optimizer": ["sgd", "adam", "lion"], "learning_rate": [0.1, 0.01, 0.01]}
    design = {"pair": [["learning_rate", "optimizer"]]}
    assert spec({"axes": axes, "design": design}).pair == (("optimizer", "learning_rate"),)
    (found,) = problems({**axes, "optimizer": ["sgd", "adam", "adam"]}, design=design)
    assert found.startswith("axes.optimizer[2], axes.learning_rate[2]: the same as axes.optimizer")
