"""Networks and checkpoints from anywhere: safetensors, the JSON in them, the tutorial's config."""

import json
from dataclasses import replace

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actscope import _archive, activations, networks, study, tutorial
from actscope.networks import FeedForward, Saved
from actscope.training import Epoch, History
from actscope.training import _checkpoint as checkpoint
from actscope.training._snapshot import begin
from fuzz.mutations import mutants
from fuzz.trials import INPUTS, SEED, settings

SCHEMA = "actscope.network/1"
EPOCH = {"number": 1, "train_loss": 1.0, "train_score": 0.5, "validation_loss": 1.0}
EPOCH |= {"validation_score": 0.5, "seconds": 0.1}
NOTES = {
    "identity": {"dataset": {"name": "digits", "checksums": {}}, "recipe": {}, "seed": 0},
    "history": {"epochs": [EPOCH], "diverged_at": None},
    "test": {"loss": 1.0, "score": 0.5},
    "dead": [0],
    "provenance": {"numpy": "2"},
}
# Whatever JSON can hold, and Python's reader gives.
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    # Large numbers, half a character, and names of code.
    | st.sampled_from([2**31, 2**64, 10**400, "relu", "swish", "dense", "\ud800", "os:system"])
    | st.sampled_from(["code:interact", "builtins:breakpoint", "no_such_module:f", "../x:f"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
PLACES = st.lists(st.integers(0, 40), min_size=1, max_size=2)


@pytest.fixture(scope="module")
def saved():
    network = FeedForward(activations.get("elu", alpha=0.5), (3,), 2)
    return Saved(network, *network.init(jax.random.key(0), np.ones((1, 2), np.float32)), NOTES)


@pytest.fixture(scope="module")
def whole(saved, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / networks.FILE_NAME
    networks.save(path, saved)
    return path


def places(value, place=()):
    """The key path of every value in a document."""
    yield place
    inside = value.items() if isinstance(value, dict) else ()
    inside = enumerate(value) if isinstance(value, list) else inside
    for key, each in inside:
        yield from places(each, (*place, key))


def changed(document, which, value):
    """The document with another value at one of its places."""
    found = json.loads(json.dumps(document))
    *way, last = [*places(found)][1:][which % (len([*places(found)]) - 1)]
    at = found
    for key in way:
        at = at[key]
    at[last] = value
    return found


def require_same(found, saved):
    jax.tree.map(np.testing.assert_array_equal, found.params, saved.params)
    assert found.network == saved.network


def test_network(trial, put, saved, whole):
    for content in mutants(whole.read_bytes(), INPUTS, SEED):
        path = put(content)
        found = trial.of(lambda: networks.load(path))  # noqa: B023 (called at once)
        if found is not None:  # its checksum was compared
            require_same(found, saved)


@pytest.mark.heavy
@given(PLACES, JSON)
@settings
def test_header_of_a_network(trial, tmp_path, saved, whole, which, value):
    """With a checksum that fits: whoever wrote it meant it so."""
    arrays, header = _archive.read(whole, SCHEMA)
    for place in which:
        header = changed(header, place, value)
    path = tmp_path / networks.FILE_NAME
    _archive.write(path, arrays, header)
    found = trial.of(lambda: networks.load(path))
    if found is not None:
        assert found.network.hidden_sizes == saved.network.hidden_sizes
        jax.tree.map(np.testing.assert_array_equal, found.params, saved.params)


@pytest.mark.heavy
@given(PLACES, JSON)
@settings
def test_notes_of_a_run(trial, tmp_path, saved, which, value):
    notes = NOTES
    for place in which:
        notes = changed(notes, place, value)
    networks.save(tmp_path / networks.FILE_NAME, replace(saved, notes=notes))
    found = trial.of(lambda: study.Run.open(tmp_path))
    if found is not None:
        json.dumps(found.to_json()).encode()
        assert found.seconds == sum(each["seconds"] for each in notes["history"]["epochs"])


@pytest.mark.heavy
def test_checkpoint(trial, put, make_job, tmp_path):
    job = make_job(hidden=(2,))
    snapshot = replace(begin(job), history=History((Epoch(**EPOCH),)))
    path = put(b"")
    checkpoint.save(path, job.identity(), snapshot)
    for content in mutants(path.read_bytes(), INPUTS, SEED):
        path = put(content)
        found = trial.of(lambda: checkpoint.load(path, job.identity(), snapshot))  # noqa: B023
        if found is not None:
            assert found.history == snapshot.history
            jax.tree.map(np.testing.assert_array_equal, found.carry, snapshot.carry)


CONFIG = {
    "act_fn": {"name": "leakyrelu", "alpha": 0.1},
    "num_classes": 2,
    "hidden_sizes": [3],
}


@pytest.fixture
def pair(tmp_path):
    network = FeedForward(activations.get("leaky_relu"), (3,), 2)
    params = tutorial.initial_params(network, seed=1, features=2)
    tutorial.save(tmp_path / "a", Saved(network, params, {}))
    return tmp_path / "a.config"


def test_config(trial, pair):
    for content in mutants(json.dumps(CONFIG).encode(), INPUTS, SEED):
        pair.write_bytes(content)
        found = trial.of(lambda: tutorial.load(pair))
        if found is not None:
            told = json.loads(content)
            assert found.network.activation.parameters.get("negative_slope") == told["act_fn"].get(
                "alpha", found.network.activation.parameters.get("negative_slope")
            )
            assert [*found.network.hidden_sizes] == told["hidden_sizes"]


@given(PLACES, JSON)
@settings
def test_config_of_any_json(trial, pair, which, value):
    config = CONFIG
    for place in which:
        config = changed(config, place, value)
    pair.write_text(json.dumps(config))
    found = trial.of(lambda: tutorial.load(pair))
    if found is not None:
        assert [*found.network.hidden_sizes] == config["hidden_sizes"]


DEEP = "[" * 100_000
HEADER = '{"schema": "actscope.network/1", "notes": {}, "hyperparameters": %s}'


@pytest.mark.parametrize(
    "text", ["", "[]", "1", "null", DEEP, HEADER % DEEP, HEADER % ("[" * 900 + "]" * 900), "NaN"]
)
def test_no_header(trial, tmp_path, whole, text, monkeypatch):
    arrays, _ = _archive.read(whole, SCHEMA)
    monkeypatch.setattr(_archive.json, "dumps", lambda *_, **__: text)
    _archive.write(tmp_path / "a", arrays, {})
    monkeypatch.undo()
    trial.of(lambda: networks.load(tmp_path / "a"))
    assert trial.errors


@pytest.mark.heavy
@pytest.mark.parametrize("layers", [10**5])
def test_more_layers_than_arrays(trial, tmp_path, whole, layers):
    arrays, header = _archive.read(whole, SCHEMA)
    header["hyperparameters"]["hidden_sizes"] = [3] * layers
    _archive.write(tmp_path / "a", arrays, header)
    trial.of(lambda: networks.load(tmp_path / "a"))
    assert trial.slowest < 5
    assert trial.errors == 1
