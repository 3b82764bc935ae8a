"""The section `[design]`: what walks together, is left out, or is tuned."""

import pytest

from actscope.study._problems import SpecError
from actscope.study._specfile import spec

AXES = {
    "activation": ["relu", "tanh"],
    "optimizer": ["sgd", "adam"],
    "batch_size": [32, 64, 128],
}


def problems(design, axes=None):
    with pytest.raises(SpecError) as caught:
        spec({"axes": AXES if axes is None else axes, "design": design})
    return caught.value.problems


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        ({"excludes": []}, "design.excludes: unknown key 'excludes'"),
        ({"exclude": {"optimizer": "sgd"}}, "design.exclude: got {'optimizer': 'sgd'}"),
        ({"exclude": ["sgd"]}, "design.exclude[0]: got 'sgd'"),
        ({"exclude": [{}]}, "design.exclude[0]: got {}"),
        ({"exclude": [{"layr": "dense"}]}, "design.exclude[0].layr: unknown axis 'layr'"),
        ({"exclude": [{"optimizer": "adm"}]}, "design.exclude[0].optimizer: unknown optimizer"),
        ({"exclude": [{"depth": 2}]}, "design.exclude[0].depth: depth is no axis of this study"),
        (
            {"exclude": [{"optimizer": "sgd", "batch_size": 16}]},
            "design.exclude[0].batch_size: 16 is no value of batch_size here; expected one of 32",
        ),
        (
            {"exclude": [{"optimizer": "sgd"}, {"optimizer": "sgd"}]},
            "design.exclude[1]: the same as design.exclude[0]",
        ),
        ({"pair": "optimizer"}, "design.pair: got 'optimizer'"),
        ({"pair": [["optimizer"]]}, "design.pair[0]: got ['optimizer']"),
        ({"pair": [["optimizer", "layr"]]}, "design.pair[0][1]: unknown axis 'layr'"),
        ({"pair": [["optimizer", 3]]}, "design.pair[0][1]: got 3"),
        (
            {"pair": [["optimizer", "batch_size"]]},
            "design.pair[0]: optimizer has 2, batch_size has 3 values",
        ),
        (
            {"pair": [["optimizer", "activation"], ["activation", "layer"]]},
            "design.pair[1]: activation is in design.pair[0]",
        ),
        ({"pair": [["optimizer", "optimizer"]]}, "design.pair[0]: optimizer is in it twice"),
        ({"tune": ["learning_rate"]}, "design.tune: got ['learning_rate']"),
        ({"tune": {}}, "design.tune: no axis"),
        ({"tune": {"learning_rat": [1]}}, "design.tune.learning_rat: unknown key"),
        ({"tune": {"learning_rate": []}}, "design.tune.learning_rate: no values"),
        ({"tune": {"learning_rate": 0.1}}, "design.tune.learning_rate: got 0.1"),
        ({"tune": {"learning_rate": [0.1, -1]}}, "design.tune.learning_rate[1]: got -1"),
        ({"tune": {"learning_rate": [0.1, 0.1]}}, "design.tune.learning_rate[1]: the same as"),
        (
            {"tune": {"optimizer": ["sgd", "adam"]}},
            "design.tune.optimizer: optimizer is at axes.optimizer[0] too",
        ),
        (
            {"tune": {"learning_rate": [0.1, 0.2], "on": "test"}},
            "design.tune.on: unknown part of the data 'test'; expected one of validation",
        ),
        ({"tune": {"learning_rate": [0.1, 0.2], "seeds": 0}}, "design.tune.seeds: got 0"),
        ({"tune": {"dataset": ["mnist"], "momentum": [0.1]}}, "design.tune.dataset: unknown key"),
        (
            {"tune": {"momentum": [0.1, 0.9]}, "exclude": [{"momentum": 0.9}]},
            "design.exclude[0].momentum: momentum is no axis of this study: it is tuned",
        ),
        (
            {"tune": {"momentum": [0.1, 0.9]}, "pair": [["momentum", "optimizer"]]},
            "design.pair[0][0]: momentum is no axis of this study",
        ),
    ],
)
def test_a_problem_of_the_design_has_its_key_path(design, expected):
    found = problems(design)
    assert found[0].startswith(expected)
    assert len(found) == (2 if "learning_rat:" in expected else 1)


def test_nothing_is_said_of_a_value_that_could_not_be_read():
    axes = {"optimizer": ["sgd", "adm"], "activation": ["relu", "tanh"]}
    design = {
        "exclude": [{"optimizer": "adam", "activation": "relu"}],
        "pair": [["optimizer", "activation"]],
    }
    (found,) = problems(design, axes)
    assert found.startswith("axes.optimizer[1]: unknown optimizer 'adm'")


def test_sizes_cannot_be_tuned_beside_a_depth():
    found = problems({"tune": {"hidden_sizes": [[8], [9]]}}, {"depth": 2, "width": 8})
    assert [text.partition(":")[0] for text in found] == ["design.tune.hidden_sizes"]


def test_tuning_has_its_defaults():
    found = spec({"design": {"tune": {"momentum": [0.1, 0.9], "hidden_sizes": [[8], [9, 9]]}}})
    assert found.document()["design"]["tune"] == {
        "hidden_sizes": [[8], [9, 9]],
        "momentum": [0.1, 0.9],
        "on": "validation",
        "seeds": 3,
    }
    assert not {"hidden_sizes", "momentum"} & found.axes.keys()


def test_exclusions_and_pairs_have_one_form():
    design = {
        "pair": [["optimizer", "activation"]],
        "exclude": [{"optimizer": "sgd", "batch_size": 64}, {"batch_size": 32}],
    }
    other = {
        "pair": [["activation", "optimizer"]],
        "exclude": [{"batch_size": 32}, {"batch_size": 64, "optimizer": "sgd"}],
    }
    assert spec({"axes": AXES, "design": design}) == spec({"axes": AXES, "design": other})
