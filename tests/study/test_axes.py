"""Every axis: one form of a value, how it is shown, what of it is compiled in."""

import json

import pytest

from actscope import networks, training
from actscope._errors import ActscopeError
from actscope.study._axes import AXES, KEYS, constant, not_applicable, of_shape, shape


def test_defaults_are_read_as_themselves():
    assert {name: axis.read(axis.default) for name, axis in AXES.items()} == {
        name: axis.default for name, axis in AXES.items()
    }


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("layer", networks.layers),
        ("normalization", networks.normalizations),
        ("initialization", networks.initialisations),
        ("optimizer", training.optimizers),
        ("schedule", training.schedules),
        ("task", training.tasks),
    ],
)
def test_names_are_those_of_their_room(name, names):
    assert [AXES[name].read(each) for each in names()] == list(names())
    with pytest.raises(ActscopeError, match=f"unknown {name} 'nothing like it'"):
        AXES[name].read("nothing like it")


@pytest.mark.parametrize(
    ("name", "written", "value", "program", "shown"),
    [
        ("activation", "silu", "swish", "swish", "swish"),
        (
            "activation",
            {"name": "elu", "alpha": 2},
            {"name": "elu", "alpha": 2.0},
            {"name": "elu", "alpha": 2.0},
            "elu(alpha=2)",
        ),
        ("hidden_sizes", (256, 64), [256, 64], [256, 64], "256,64"),
        ("layer", "residual", "residual", "residual", "residual"),
        ("dropout", 0, 0.0, 0.0, 0.0),
        ("network", "none", None, None, "none"),
        ("network", "math:sqrt", "math:sqrt", "math:sqrt", "math:sqrt"),
        ("initialization", "tutorial", "pytorch", None, "pytorch"),
        ("learning_rate", 1, 1.0, None, 1.0),
        ("momentum", 0.5, 0.5, None, 0.5),
        ("weight_decay", 0.5, 0.5, None, 0.5),
        ("gradient_clip", "none", None, False, "none"),
        ("gradient_clip", 1, 1.0, True, "1.0"),
        ("batch_size", 32, 32, 32, 32),
    ],
)
def test_a_level_says_all_of_a_value(name, written, value, program, shown):
    level = AXES[name].level(written)
    assert (level.axis, level.value, level.shown) == (name, value, shown)
    assert json.loads(f"{{{level.text}}}") == {name: value}
    assert json.loads(f"{{{level.program}}}") == {name: program}


def test_levels_are_equal_where_axis_and_value_are():
    same = {AXES["activation"].level("silu"), AXES["activation"].level("swish")}
    assert len({*same, AXES["optimizer"].level("sgd"), AXES["momentum"].level(0.0)}) == 3
    assert AXES["momentum"].level(0) != AXES["weight_decay"].level(0)


@pytest.mark.parametrize(
    ("name", "written", "several"),
    [
        ("hidden_sizes", [256, 256], False),
        ("hidden_sizes", [[256, 256]], True),
        ("hidden_sizes", [[256], 3], True),
        ("hidden_sizes", [], True),
        ("optimizer", ["sgd"], True),
        ("optimizer", "sgd", False),
        ("activation", {"name": "elu"}, False),
    ],
)
def test_a_value_is_fixed_and_a_list_is_an_axis(name, written, several):
    assert KEYS[name].several(written) is several


def test_a_depth_and_a_width_are_sizes():
    level = of_shape(KEYS["depth"].level(3), KEYS["width"].level(64))
    assert level == AXES["hidden_sizes"].level([64, 64, 64])
    assert shape({"hidden_sizes": [3, 64, 8]}) == {"depth": 3, "width": 64}


def test_what_does_not_apply_is_null():
    level = not_applicable(AXES["hidden_sizes"])
    assert (level.value, level.shown, level.text) == (None, None, '"hidden_sizes":null')
    assert shape({"hidden_sizes": None}) == {"depth": None, "width": None}


def test_what_is_the_same_in_all_members_is_in_no_program():
    level = constant("epochs", 20)
    assert (level.text, level.program) == ('"epochs":20', '"epochs":null')
