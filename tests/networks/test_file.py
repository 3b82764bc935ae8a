import json
import os
import signal
import subprocess
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import _archive, activations
from actscope._errors import ActscopeError
from actscope.networks import FILE_NAME, FeedForward, Saved, load, save

SCHEMA = "actscope.network/1"
X = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)


def made(seed=0, activation="relu", hidden=(4, 3), classes=2):
    network = FeedForward(activations.get(activation), hidden, classes)
    return Saved(network, *network.init(jax.random.key(seed), X), {"dataset": "digits"})


def grown(layer, normalization, x):
    """Of every kind of array that there is, each with numbers of its own."""
    elu = activations.get("elu", trainable=["alpha"])
    network = FeedForward(elu, (4, 3), 2, layer, normalization, 0.25, "lsuv")
    params, state = network.init(jax.random.key(0), x)
    return Saved(network, *jax.tree.map(lambda leaf: leaf + 0.5, (params, state)), {"x": x.shape})


@pytest.fixture
def path(tmp_path):
    """The file of `made()`."""
    save(tmp_path / FILE_NAME, made())
    return tmp_path / FILE_NAME


def assert_same(found, expected):
    assert found.network == expected.network
    assert jax.tree.structure(found.params) == jax.tree.structure(expected.params)
    jax.tree.map(np.testing.assert_array_equal, found.params, expected.params)
    assert jax.tree.structure(found.state) == jax.tree.structure(expected.state)
    jax.tree.map(np.testing.assert_array_equal, found.state, expected.state)


def settled():
    """Initialised in another way than the usual one, with a setting of its own."""
    leaky = activations.get("leaky_relu", negative_slope=0.3)
    network = FeedForward(leaky, (2,), 3, initialisation="he_normal")
    return Saved(network, *network.init(jax.random.key(0), X))


@pytest.mark.heavy
@pytest.mark.parametrize(
    "make",
    [
        made,
        partial(made, 1, "tanh", (), 7),
        settled,
        partial(grown, "convolution", "batch", X.reshape(6, 1, 5, 1)),
        partial(grown, "residual", "layer", X),
    ],
)
def test_a_network_is_built_from_its_file_alone(tmp_path, make):
    saved = make()
    save(tmp_path / "a" / "network.safetensors", saved)
    found = load(tmp_path / "a" / "network.safetensors")
    assert_same(found, saved)
    assert found.notes == json.loads(json.dumps(saved.notes))
    x = X.reshape(saved.notes["x"]) if "x" in saved.notes else X
    np.testing.assert_array_equal(
        found.network.apply(found.params, found.state, x)[0],
        saved.network.apply(saved.params, saved.state, x)[0],
    )


def test_the_folder_will_do(path):
    assert_same(load(path.parent), made())


def test_weights_go_into_a_network_that_is_there(path):
    here = made(9, "tanh")
    found = load(path, into=(here.network, here.params, here.state))
    assert found.network == here.network
    jax.tree.map(np.testing.assert_array_equal, found.params, made().params)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("hidden", "classes", "message"),
    [
        ((4, 3), 9, r"layers\.2\.bias has shape \(2,\) .*; expected \(9,\) and float32"),
        ((4,), 2, r"the arrays params\.layers\.2\.bias, .* are in only one of file and network"),
    ],
)
def test_weights_that_do_not_fit_are_refused(path, hidden, classes, message):
    here = made(0, "relu", hidden, classes)
    with pytest.raises(ActscopeError, match=rf"{FILE_NAME}: .*{message}"):
        load(path, into=(here.network, here.params, here.state))


def rewritten(path, arrays=None, **header):
    """The same file with other arrays or another header, and a checksum that fits."""
    old_arrays, old_header = _archive.read(path, SCHEMA)
    _archive.write(path, old_arrays if arrays is None else arrays, old_header | header)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"activation": "rleu"}, "unknown activation 'rleu'.*did you mean 'relu'"),
        ({"activation": "no_such_module:f"}, "importing 'no_such_module' raised ModuleNotFound"),
        ({"hidden_sizes": [4, 4]}, r"layers\.1\.bias has shape \(3,\) .*; expected \(4,\)"),
        ({"hidden_sizes": [4, 3, 3]}, r"params\.layers\.3\.bias.* are in only one"),
        ({"num_outputs": 0}, "expected whole numbers from 1"),
        ({"num_outputs": None}, "num_outputs None; expected a whole number"),
        ({"colour": "red"}, "expected exactly"),
    ],
)
def test_tampered_hyperparameters_are_refused(path, change, message):
    rewritten(path, hyperparameters=made().network.hyperparameters() | change)
    with pytest.raises(ActscopeError, match=rf"{FILE_NAME}: .*{message}"):
        load(path)


@pytest.mark.parametrize("hyperparameters", [None, [], "mlp", 7])
def test_hyperparameters_that_are_none_are_refused(path, hyperparameters):
    rewritten(path, hyperparameters=hyperparameters)
    with pytest.raises(ActscopeError, match=rf"{FILE_NAME}: unknown architecture 'None'"):
        load(path)


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (None, "no weights of a first layer"),
        (np.float32(1), "no weights of a first layer"),
        (np.ones(5, np.float32), "no weights of a first layer"),
        (np.ones((5, 4, 1), np.float32), r"has shape \(5, 4, 1\) .*; expected \(4, 4\)"),
        (np.ones((0, 4), np.float32), "expected one number each at least"),
        (np.ones((5, 4), np.float64), r"dtype float64; expected \(5, 4\) and float32"),
        (np.ones((5, 9), np.float32), r"has shape \(5, 9\) .*; expected \(5, 4\)"),
    ],
)
def test_tampered_weights_are_refused(path, kernel, message):
    arrays, _ = _archive.read(path, SCHEMA)
    del arrays["params.layers.0.kernel"]
    rewritten(path, arrays if kernel is None else arrays | {"params.layers.0.kernel": kernel})
    with pytest.raises(ActscopeError, match=rf"{FILE_NAME}: .*{message}"):
        load(path)


def test_a_flipped_bit_in_a_weight_is_seen(path):
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(ActscopeError, match=r"is damaged .the checksum does not fit"):
        load(path)


def test_a_truncated_file_is_seen(path):
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ActscopeError, match="is damaged"):
        load(path)


def test_another_kind_of_file_is_refused(path):
    rewritten(path, schema="actscope.checkpoint/1")
    with pytest.raises(ActscopeError, match=f"holds 'actscope.checkpoint/1'; expected {SCHEMA}"):
        load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ActscopeError, match=f"{FILE_NAME}: no such file"):
        load(tmp_path)


def test_hyperparameters_are_json_and_weights_safetensors(path):
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        header = json.loads(file.metadata()["actscope"])
        kernel = file.get_tensor("params.layers.0.kernel")
    assert header["hyperparameters"] == made().network.hyperparameters()
    np.testing.assert_array_equal(kernel, made().params["layers"][0]["kernel"])


# Saves another network over the one that is there, and kills itself just before the new name.
KILLED = """
import os, signal, sys
from pathlib import Path
from actscope import activations, networks
import jax, jax.numpy as jnp

network = networks.FeedForward(activations.get("tanh"), (4, 3), 2)
saved = networks.Saved(network, *network.init(jax.random.key(1), jnp.ones((1, 5))))
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
networks.save(sys.argv[1], saved)
"""


@pytest.mark.heavy
def test_a_killed_writer_leaves_the_old_network(path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", KILLED, str(path)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert_same(load(path), made())


@pytest.mark.heavy
def test_loaded_weights_can_be_trained(path):
    found = load(path)

    def value(params):
        return found.network.apply(params, {}, X)[0].sum()

    gradient = jax.grad(value)(found.params)
    np.testing.assert_array_equal(gradient["layers"][2]["bias"], jnp.full(2, len(X)))


@pytest.mark.heavy
def test_running_statistics_that_are_missing_are_seen(tmp_path):
    save(tmp_path / FILE_NAME, grown("convolution", "batch", X.reshape(6, 1, 5, 1)))
    arrays, _ = _archive.read(tmp_path / FILE_NAME, SCHEMA)
    del arrays["state.layers.1.mean"]
    rewritten(tmp_path / FILE_NAME, arrays)
    with pytest.raises(ActscopeError, match=r"the arrays state\.layers\.1\.mean are in only one"):
        load(tmp_path)


@pytest.mark.heavy
def test_more_layers_than_the_file_can_hold_are_not_built(path):
    rewritten(
        path, hyperparameters=made().network.hyperparameters() | {"hidden_sizes": [3] * 10**6}
    )
    with pytest.raises(ActscopeError, match="6 arrays for 1000000 hidden layers"):
        load(path)


@pytest.mark.parametrize("notes", [None, [], "a"])
def test_notes_that_are_none_are_refused(path, notes):
    rewritten(path, notes=notes)
    with pytest.raises(
        ActscopeError, match=rf"{FILE_NAME}: its header\.notes is .*; expected a table"
    ):
        load(path)
