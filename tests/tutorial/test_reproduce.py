import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from actscope import training
from actscope.networks import Saved
from actscope.tutorial import (
    Dead,
    Measured,
    exit_status,
    load,
    pretrained,
    reproduce,
    retrained,
    save,
    to_json,
)
from actscope.tutorial._measure import HIDDEN_SIZES, dead_neurons
from actscope.tutorial._published import numbers
from actscope.tutorial._reproduce import CLAIMS, brief

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs/schemas/reproduce.schema.json").read_text("utf-8")
)


def as_printed():
    """Measurements that agree with every printed figure."""
    values = {number.id: number.value for number in numbers()}
    return Measured(
        accuracy={
            name.removeprefix("test_accuracy."): value
            for name, value in values.items()
            if name.startswith("test_accuracy")
        },
        dead={
            f"relu.{name}": Dead(tuple(values[f"dead_neurons.{name}"]), HIDDEN_SIZES[name])
            for name in HIDDEN_SIZES
        },
    )


def by_id(measured):
    return {figure.id: figure for figure in reproduce(measured)}


def test_every_figure_and_every_claim_once():
    ids = [figure.id for figure in reproduce(Measured())]
    assert len(ids) == len(set(ids)) == 12 + len(CLAIMS)
    assert {claim.id for claim in CLAIMS} == {name for name in ids if name.startswith("claim.")}


def test_all_printed_figures_reproduced():
    figures = reproduce(as_printed())
    assert {figure.status for figure in figures if not figure.is_claim} == {"match"}
    assert exit_status(figures) == 0


def test_nothing_measured():
    figures = reproduce(Measured(missing={"relu": "no relu here"}))
    assert {figure.status for figure in figures} >= {"unavailable"}
    assert not [f for f in figures if f.status == "mismatch"]
    assert exit_status(figures) == 3
    found = {figure.id: figure.note for figure in figures}
    assert found["test_accuracy.relu"] == found["dead_neurons.trained"] == "no relu here"
    assert found["dead_neurons.untrained"] == ""


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({"accuracy": {"relu": 0.8864}}, {"test_accuracy.relu"}),
        (
            {"dead": {"relu.trained": Dead((0, 0, 3, 4), HIDDEN_SIZES["trained"])}},
            {"dead_neurons.trained", "dead_percentage.trained"},
        ),
        (
            {"dead": {"relu.trained": Dead((0, 0, 3), (512, 256, 256))}},
            {"dead_neurons.trained", "dead_percentage.trained"},
        ),
        (
            {"dead": {"relu.trained": Dead((0, 0, 3, 3), (512, 256, 256, 129))}},
            {"dead_percentage.trained"},
        ),
    ],
)
def test_a_mismatch_outranks_what_is_unavailable(change, ids):
    printed = as_printed()
    changed = replace(printed, **{key: {**getattr(printed, key), **v} for key, v in change.items()})
    figures = reproduce(changed)
    assert {f.id for f in figures if f.status == "mismatch" and not f.is_claim} == ids
    assert exit_status(figures) == 1
    without = replace(changed, accuracy={k: v for k, v in changed.accuracy.items() if k != "elu"})
    assert by_id(without)["test_accuracy.elu"].status == "unavailable"
    assert exit_status(reproduce(without)) == 1


def test_claims_never_change_the_status():
    figures = reproduce(as_printed())
    claims = [figure for figure in figures if figure.is_claim]
    assert {claim.status for claim in claims} == {"match", "mismatch", "unavailable"}
    assert exit_status(claims) == 0
    names = {True: "match", False: "mismatch", None: "unavailable"}
    assert all(claim.status == names[claim.holds] for claim in claims)


def test_words_that_the_printed_numbers_contradict():
    for measured in (as_printed(), Measured()):
        found = by_id(measured)
        disagreeing = {name for name, figure in found.items() if "printed numbers" in figure.note}
        assert disagreeing == {"claim.deep_last_layers", "claim.deep_pre_last_layer"}
        assert "0.445 0.5 0.539" in found["claim.deep_last_layers"].note


def test_a_network_that_is_not_the_tutorials_is_said_to_be_another():
    found = by_id(replace(as_printed(), altered=("relu",)))
    notes = {name for name, figure in found.items() if "not the tutorial's own" in figure.note}
    assert notes == {"test_accuracy.relu", "dead_neurons.trained", "dead_percentage.trained"}


@pytest.mark.heavy
@pytest.mark.parametrize("measured", ["begun", "printed", "nothing"])
def test_json_is_the_contracts(measured, begun):
    found = {"begun": begun, "printed": as_printed(), "nothing": Measured()}[measured]
    rows = retrained({"relu": [0.88, 0.89], "elu": [0.88]})
    for document in (to_json(reproduce(found)), to_json(reproduce(found), rows)):
        plain = json.loads(json.dumps(document, allow_nan=False))
        assert plain == document
        jsonschema.validate(plain, SCHEMA)
    assert len(document["retrained"]) == 2


def test_evidence_in_a_line():
    evidence = {"a": 0.12345, "b": [1, 2.5], "c": {"x": 1e-5, "y": [3.0]}}
    assert brief(evidence) == "a 0.123; b 1 2.5; c x 1e-05, y 3"


def test_two_of_six_networks(fashion, checkpoints, tmp_path):
    networks = pretrained(checkpoints)
    measured = Measured(
        accuracy={name: accuracy(n.saved, fashion) for name, n in networks.items() if n.saved},
        missing={name: n.reason for name, n in networks.items() if not n.saved},
        dead={"relu.trained": dead_neurons(networks["relu"].saved, fashion)},
    )
    found = by_id(measured)
    for name in ("relu", "leaky_relu"):
        assert found[f"test_accuracy.{name}"].status == "match"
    assert found["dead_neurons.trained"].status == "match"
    assert exit_status(found.values()) == 3


def test_one_changed_weight_is_a_mismatch(fashion, checkpoints, tmp_path):
    saved = load(checkpoints / "FashionMNIST_relu.tar")
    layers = [dict(layer) for layer in saved.params["layers"]]
    layers[-1]["kernel"] = layers[-1]["kernel"].at[3, 5].add(1)
    save(tmp_path / "FashionMNIST_relu", Saved(saved.network, {"layers": layers}, {}))
    network = pretrained(tmp_path)["relu"]
    assert not network.published
    measured = replace(as_printed(), accuracy={"relu": accuracy(network.saved, fashion)})
    found = by_id(measured)
    assert found["test_accuracy.relu"].status == "mismatch"
    assert exit_status(found.values()) == 1


def accuracy(saved, dataset):
    network, params = saved.network, saved.params
    return training.evaluate(network, params, {}, dataset).score
