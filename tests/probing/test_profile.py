import json
import math

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.probing import summarise
from profiles import finding, profile, site

SIGNAL = {"mean", "std", "min", "max", "l2", "fraction_zero", "nonfinite", "histogram"}


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


@pytest.mark.parametrize("what", ["depth", "distributions"])
def test_a_figure_says_what_was_seen_and_what_is_wrong(what):
    found = profile(findings=(finding(), finding("not_learning", "error", site="")))
    figure = found.plot(what)
    assert figure.get_suptitle() == "2 sites over 9 examples, loss 1.5, accuracy 50 %"
    assert figure.get_supxlabel().startswith(
        "Found: dead_units (warning, at layers.0), not_learning (error). From the first site"
    )
    assert figure.get_supxlabel().endswith("6 of 8 units are dead.")


def test_a_figure_that_is_not_there():
    with pytest.raises(ActscopeError, match=r"unknown figure 'dept'.*did you mean 'depth'"):
        profile().plot("dept")
    with pytest.raises(ActscopeError, match="no site to draw"):
        profile(sites=()).plot()


def test_its_words_are_few_however_many_sites_there_are():
    found = profile(sites=tuple(site(f"layers.{i}") for i in range(150)), findings=(finding(),) * 9)
    assert repr(found) == (
        "<Profile: 150 sites over 9 examples, loss 1.5, accuracy 50 %, 9 findings>"
    )
    assert repr(found.sites[3]) == "Site('layers.3': tanh, hidden, 4 units, 2 dead)"
    assert len(str(found)) < 3000
    assert len(repr(found.outputs)) < 300
