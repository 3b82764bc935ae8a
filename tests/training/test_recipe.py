import json

import pytest

from actscope._errors import ActscopeError
from actscope.training import Recipe


def test_the_defaults_are_the_tutorials():
    assert Recipe().to_json() == {
        "epochs": 50,
        "patience": 7,
        "batch_size": 256,
        "optimizer": "sgd",
        "learning_rate": 0.01,
        "momentum": 0.9,
        "weight_decay": 0.0,
        "schedule": "constant",
        "gradient_clip": None,
    }


def test_json_and_back():
    recipe = Recipe(
        epochs=3,
        patience=2,
        batch_size=10,
        optimizer="lion",
        learning_rate=0.1 + 0.2,
        momentum=0.0,
        weight_decay=0.1,
        schedule="cosine",
        gradient_clip=2.5,
    )
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_what_is_left_out_is_the_default():
    assert Recipe.from_json({"epochs": 3}) == Recipe(epochs=3)


def test_a_whole_number_is_a_rate():
    given = {"learning_rate": 1, "momentum": 0, "weight_decay": 1, "gradient_clip": 5}
    expected = Recipe(learning_rate=1.0, momentum=0.0, weight_decay=1.0, gradient_clip=5.0)
    made = Recipe.from_json(given)
    assert made == expected
    assert {type(getattr(made, name)) for name in given} == {float}


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.0),
        ("epochs", True),
        ("patience", 0),
        ("batch_size", -1),
        ("batch_size", "256"),
        ("learning_rate", 0.0),
        ("learning_rate", -0.1),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("learning_rate", True),
        ("momentum", 1.0),
        ("momentum", -0.1),
        ("momentum", float("nan")),
        ("momentum", None),
        ("weight_decay", -1e-9),
        ("weight_decay", float("inf")),
        ("gradient_clip", 0.0),
        ("gradient_clip", float("inf")),
        ("gradient_clip", "none"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name, value):
    with pytest.raises(ActscopeError, match=f"{name} = {value!r}; expected a"):
        Recipe.from_json({name: value})


def test_an_unknown_setting_is_met_with_the_nearest():
    with pytest.raises(ActscopeError, match="did you mean 'momentum'"):
        Recipe.from_json({"momentun": 0.5})


@pytest.mark.parametrize(
    ("name", "got", "nearest"), [("optimizer", "adm", "adam"), ("schedule", "cosin", "cosine")]
)
def test_an_unknown_name_is_met_with_the_nearest(name, got, nearest):
    with pytest.raises(ActscopeError, match=f"unknown {name} '{got}'.*'{nearest}'"):
        Recipe(**{name: got})
