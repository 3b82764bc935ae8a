import json
import math

import numpy as np
import pytest

from actscope.probing import Parameter, Profile, Site, summarise

RNG = np.random.default_rng(0)
SIGNAL = {"mean", "std", "min", "max", "l2", "fraction_zero", "nonfinite", "histogram"}


def site(name, **changes):
    fields = {
        "name": name,
        "activation": "tanh",
        "function": None,
        "role": "hidden",
        "source": "net.py:7",
        "units": 4,
        "shape": (4,),
        "pre": summarise(RNG.normal(size=(9, 4))),
        "post": summarise(RNG.normal(size=(9, 4))),
        "gradient": summarise(RNG.normal(size=(9, 4))),
        "dead": np.array([False, True, False, True]),
        "dead_structural": np.array([False, False, False, True]),
        "always_zero": np.zeros(4, bool),
        "saturated_fraction": 0.25,
        "correlation": 0.5,
        "effective_rank": 3.5,
        "copies": 0.0,
    }
    return Site(**fields | changes)


def profile(**changes):
    fields = {
        "examples": 9,
        "loss": 1.5,
        "accuracy": 0.5,
        "outputs": (summarise(RNG.normal(size=(9, 3))),),
        "sites": (site("layers.0"), site("layers.1", dead=np.ones(4, bool))),
        "parameters": (Parameter("layers.0.kernel", (4, 3), summarise(RNG.normal(size=(4, 3)))),),
    }
    return Profile(**fields | changes)


def test_json_has_the_fields_of_the_contract():
    found = json.loads(json.dumps(profile(excluded=(("norm", "a divisor"),)).to_json()))
    sites, parameters = found.pop("sites"), found.pop("parameters")
    (output,) = found.pop("outputs")
    assert output.keys() == SIGNAL
    assert found == {
        "schema": "actscope.probe/1",
        "examples": 9,
        "loss": 1.5,
        "accuracy": 0.5,
        "excluded": [{"name": "norm", "reason": "a divisor"}],
        "findings": [],
    }
    for name in ("pre", "post", "gradient"):
        assert sites[0].pop(name).keys() == SIGNAL
    assert sites[0] == {
        "name": "layers.0",
        "activation": "tanh",
        "role": "hidden",
        "source": "net.py:7",
        "units": 4,
        "dead": 2,
        "dead_structural": 1,
        "dead_units": [1, 3],
        "saturated_fraction": 0.25,
        "correlation": 0.5,
        "effective_rank": 3.5,
        "copies": 0.0,
    }
    assert parameters[0].pop("gradient").keys() == SIGNAL
    assert parameters == [{"name": "layers.0.kernel", "shape": [4, 3]}]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_a_number_is_null(bad):
    found = profile(
        loss=bad,
        sites=(site("a", saturated_fraction=bad, gradient=summarise(np.array([[bad]]))),),
    ).to_json()
    json.dumps(found, allow_nan=False)
    assert found["loss"] is None
    assert found["sites"][0]["saturated_fraction"] is None
    assert found["sites"][0]["gradient"]["std"] is None
    assert found["sites"][0]["gradient"]["nonfinite"] == 1


def test_without_a_loss_its_fields_are_null():
    found = profile(
        loss=None, accuracy=None, parameters=(), sites=(site("a", gradient=None),)
    ).to_json()
    assert (found["loss"], found["accuracy"], found["parameters"]) == (None, None, [])
    assert found["sites"][0]["gradient"] is None


def test_dead_units_are_counted_a_site():
    assert profile().dead == [2, 4]


def test_signals_stand_in_the_order_in_which_they_are_met():
    found = profile()
    one, two = found.sites
    assert list(found.signals().items()) == [
        ("layers.0 – pre-activation", one.pre),
        ("layers.0 – tanh", one.post),
        ("layers.1 – pre-activation", two.pre),
        ("layers.1 – tanh", two.post),
        ("output", found.outputs[0]),
    ]
    assert [*profile(outputs=found.outputs * 2).signals()][-2:] == ["output 0", "output 1"]
