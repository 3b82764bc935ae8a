"""The record of a run: what is kept is what was."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from actscope import networks, study
from actscope._errors import ActscopeError
from actscope.study import _run

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "train.schema.json"


@pytest.fixture(scope="module")
def run(make_job, tmp_path_factory):
    return study.train(make_job(), tmp_path_factory.mktemp("run"))


@pytest.mark.heavy
def test_a_run_comes_back_as_it_was(run, tmp_path):
    _run.save(tmp_path, run)
    found = study.Run.open(tmp_path)
    assert found.to_json() == run.to_json()
    assert found.history == run.history
    for one, other in zip(found.saved.params["layers"], run.saved.params["layers"], strict=True):
        np.testing.assert_array_equal(one["kernel"], other["kernel"])


def test_its_json_is_by_the_schema(run):
    document = json.loads(json.dumps(run.to_json(), allow_nan=False))
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert document["validation_accuracy"] == max(
        e["validation_accuracy"] for e in document["epochs"]
    )
    assert document["provenance"]["device"].startswith("cpu")


def test_a_network_alone_is_no_run(run, tmp_path):
    networks.save(
        tmp_path / networks.FILE_NAME, networks.Saved(run.saved.network, run.saved.params, {})
    )
    with pytest.raises(ActscopeError, match="without a training run"):
        study.Run.open(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"identity": {}}, "its notes.identity has no dataset"),
        ({"test": None}, "its notes.test is None"),
        ({"dead": ["x"]}, r"its notes.dead\[0\] is 'x'"),
        ({"provenance": {"numpy": 2}}, r"its provenance\[0\] is 2"),
        ({"history": {"epochs": 3}}, "its history.epochs is 3"),
    ],
)
def test_notes_of_another_form_are_refused(run, tmp_path, change, message):
    _run.save(tmp_path, run)
    saved = networks.load(tmp_path)
    notes = {**saved.notes, **change}
    networks.save(tmp_path / networks.FILE_NAME, replace(saved, notes=notes))
    with pytest.raises(ActscopeError, match=message):
        study.Run.open(tmp_path)
