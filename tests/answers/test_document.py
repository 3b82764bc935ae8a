"""An answer as JSON and as a table."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from actscope import answers

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "study.schema.json"
STUDIES = {
    "one": {"study": {"seeds": 1, "dataset": "digits"}},
    "two seeds": {
        "study": {"seeds": 2, "dataset": "digits"},
        "axes": {"activation": ["relu", "tanh"], "depth": [2, 4], "width": 8},
    },
    "many seeds": {
        "study": {"seeds": 21, "dataset": "digits"},
        "axes": {"activation": ["relu", "tanh"]},
    },
    "data sets": {
        "study": {"seeds": 6, "dataset": ["digits", "kmnist", "fashion_mnist", "cifar10"]},
        "axes": {"activation": ["relu", "swish", "tanh"], "learning_rate": [0.1, 0.2]},
    },
    "tuned": {
        "study": {"seeds": 3, "dataset": "digits"},
        "axes": {
            "activation": ["relu", "tanh"],
            "optimizer": ["sgd", "adam"],
            "momentum": [0.9, 0.0],
            "task": ["classification", "regression"],
        },
        "design": {"pair": [["optimizer", "momentum"]], "tune": {"learning_rate": [0.1, 0.2]}},
    },
}
BASE = {"relu": 0.5, "swish": 0.6, "tanh": 0.4}


def score(member, noise):
    """Some diverge, and the ranking changes with the rate."""
    settings = member.settings
    if settings["activation"] == "tanh" and settings["dataset"] == "digits" and member.seed == 2:
        return None
    turned = 0.3 * (settings["activation"] == "tanh") * (settings["learning_rate"] == 0.2)
    return BASE[settings["activation"]] + turned + noise(member) / 10


@pytest.fixture(params=STUDIES)
def found(request, make_study, noise):
    return answers.answers(make_study(STUDIES[request.param], lambda m: score(m, noise)))


def walk(value):
    yield value
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from walk(inner)


@pytest.mark.heavy
def test_the_document_is_by_the_schema_and_plain(found):
    document = answers.document("name", found)
    text = json.dumps(document, allow_nan=False)
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(json.loads(text))
    assert {type(value) for value in walk(document)} <= {
        dict,
        list,
        str,
        int,
        float,
        bool,
        type(None),
    }
    assert json.loads(text) == document


def test_the_numbers_are_those_of_the_answer(make_study, noise):
    found = answers.answers(make_study(STUDIES["data sets"], lambda m: score(m, noise)))
    (answer,), (written,) = found, answers.document("name", found)["answers"]
    for setting, row in zip(answer.settings, written["settings"], strict=True):
        assert (row["mean"], row["low"]) == (setting.summary.mean, setting.summary.interval.low)
        assert (row["area"], row["failed"]) == (setting.area, setting.failures.k)
        assert row["axes"] == dict(setting.axes)
        assert row["levels"]["learning_rate"] == str(row["axes"]["learning_rate"])
    for (stratum, name, one), row in zip(
        answer.comparisons.rows, written["comparisons"]["rows"], strict=True
    ):
        assert (row["stratum"], row["treatment"], row["p"]) == (stratum, name, one.p)
        assert row["seeds_needed"]["estimate"] == one.seeds_needed.estimate
    evidence = {r["factor"]: r["evidence"] for r in written["matter"]["rankings"]}["learning_rate"]
    assert {(each["better"], each["at"]) for each in evidence} <= {
        ("relu", "0.1"),
        ("relu", "0.2"),
        ("swish", "0.1"),
        ("swish", "0.2"),
        ("tanh", "0.2"),
    }
    assert evidence
    assert written["ranks"]["ranks"] == answer.ranks.ranks


def test_a_row_has_the_axes_the_tuned_values_and_the_numbers(make_study, noise):
    found = answers.answers(make_study(STUDIES["tuned"], lambda m: score(m, noise)))
    lines = list(answers.rows(found))
    assert len(lines) == 2 * 4
    assert {(line["task"], line["optimizer"], line["momentum"]) for line in lines} == {
        (task, *pair)
        for task in ("classification", "regression")
        for pair in (("sgd", 0.9), ("adam", 0.0))
    }
    rates = {line["activation"]: line["learning_rate"] for line in lines}
    assert rates["tanh"] == 0.2
    first, setting = lines[0], found[0].settings[0]
    assert (first["mean"], first["n"]) == (setting.summary.mean, 3)
    assert not any(isinstance(value, dict | list) for line in lines for value in line.values())
