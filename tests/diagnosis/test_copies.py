"""Copies by their weights: found from few examples, and never where the units differ."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.diagnosis import examined
from actscope.diagnosis._copies import by_weights, confirmed, share
from actscope.probing import Model
from diagnosis.conftest import cross_entropy, forward


@pytest.fixture(scope="module")
def few(batch):
    """Too few examples to know the units by what they say."""
    return batch[0][:32], batch[1][:32]


def found_in(params, batch, function=forward):
    found = examined(Model.of(function, params, batch, cross_entropy)).findings
    return {each.site: each.evidence for each in found if each.rule == "identical_units"}


def with_kernel(params, index, kernel):
    layers = list(params["layers"])
    layers[index] = layers[index] | {"kernel": jnp.asarray(kernel, jnp.float32)}
    return params | {"layers": layers}


@pytest.mark.heavy
def test_half_of_the_units_copied(weights, few):
    params = weights()
    kernel = np.array(params["layers"][1]["kernel"])
    kernel[:, [3, 5, 7, 9, 11, 13, 15]] = kernel[:, [1]]
    found = found_in(with_kernel(params, 1, kernel), few)
    assert found == {
        "layers.1": {"share": 0.5, "units": 16, "known_by": "weights", "threshold": 0.1}
    }


@pytest.mark.heavy
@pytest.mark.parametrize("constant", [0.0, 1.0])
def test_a_constant_kernel(weights, few, constant):
    params = weights()
    found = found_in(with_kernel(params, 1, np.full((16, 16), constant)), few)
    assert found["layers.1"]["share"] == 1.0


def test_another_bias_makes_another_unit(weights, few):
    params = with_kernel(weights(), 1, np.ones((16, 16)))
    params["layers"][1]["bias"] = jnp.arange(16.0)
    assert found_in(params, few) == {}


@pytest.mark.heavy
def test_a_branch_that_begins_at_0_makes_no_copies(weights, few):
    """As Fixup and SkipInit begin: the activation behind the sum has the name of the branch."""

    def skipping(p, x):
        x = jax.nn.relu(x @ p["layers"][0]["kernel"])
        for layer in p["layers"][1:]:
            x = jax.nn.relu(x + x @ layer["kernel"])
        return x @ p["out"]["kernel"]

    assert found_in(with_kernel(weights(), 1, np.zeros((16, 16))), few, skipping) == {}


@pytest.mark.heavy
def test_a_square_matrix_with_its_outputs_first(weights, few):
    def transposed(p, x):
        for layer in p["layers"]:
            x = jax.nn.relu(x @ layer["kernel"].T)
        return x @ p["out"]["kernel"]

    params = weights()
    params = with_kernel(params, 0, params["layers"][0]["kernel"].T)
    rows = np.array(params["layers"][1]["kernel"])
    rows[4:] = rows[3]
    assert found_in(with_kernel(params, 1, rows), few, transposed)["layers.1"]["share"] == 13 / 16
    # The same numbers as columns are inputs that weigh the same: no copies.
    assert found_in(with_kernel(params, 1, rows.T), few, transposed) == {}


@pytest.mark.heavy
def test_layers_in_a_loop_are_told_apart(few):
    rng = np.random.default_rng(0)
    kernels = rng.normal(size=(4, 6, 6))
    kernels[2, :, 1:] = kernels[2, :, :1]
    params = {"layers": jnp.asarray(kernels, jnp.float32), "out": {"kernel": jnp.ones((6, 3))}}

    def looped(p, x):
        def layer(h, kernel):
            return jnp.tanh(h @ kernel), None

        return jax.lax.scan(layer, x, p["layers"])[0] @ p["out"]["kernel"]

    found = found_in(params, few, looped)
    assert list(found) == ["layers[2]"]
    assert found["layers[2]"]["share"] == 1.0


def test_equal_up_to_rounding_and_no_further():
    kernel = np.random.default_rng(0).normal(size=(8, 4))
    kernel[:, 2] = kernel[:, 0] * (1 + 2e-7)
    kernel[:, 3] = kernel[:, 1] * (1 + 1e-4)
    (groups,) = by_weights(kernel, 4, np.dtype(np.float32))
    assert share(groups) == 0.5
    assert groups[0] == groups[2] != groups[3]
    assert list(by_weights(kernel, 4, np.dtype(np.float64))) == []
    met = np.asarray([[1, 2, 1.5, 2]], np.float32)
    assert share(confirmed(groups, met)) == 0.0


def test_a_weight_that_is_nan_is_like_none():
    kernel = np.full((4, 4), np.nan)
    assert list(by_weights(kernel, 4, np.dtype(np.float32))) == []
