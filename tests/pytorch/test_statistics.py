"""PyTorch's statistics beside JAX's."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.activations import get
from actscope.probing import _moments, _response, _together
from actscope.probing._activity import Activity
from actscope.probing._moments import Moments
from actscope.probing._together import Together

torch = pytest.importorskip("torch")
theirs = pytest.importorskip("actscope.pytorch._statistics")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 3, 7)).astype(np.float32)
ODD = X.copy()
ODD[:4, 0, 1], ODD[5, 1, 2], ODD[:, :, 3], ODD[7] = np.nan, np.inf, 0, -np.inf


def equal(one, other, rtol=1e-5):
    for name, value in vars(one).items():
        scale = np.abs(value).max() if np.size(value) else 0
        np.testing.assert_allclose(vars(other)[name], value, rtol, rtol * scale, err_msg=name)


@pytest.mark.parametrize(
    "x",
    [X, ODD, X[:, 0, 0], X * np.float32(1e-25), X * np.float32(1e25), np.full_like(X, np.nan)],
    ids=["usual", "not finite", "one unit", "tiny", "huge", "nothing finite"],
)
def test_moments_and_histograms_are_those_of_jax(x):
    ours = Moments.of(jax.device_get(_moments.part(x)))
    equal(ours, theirs.moments(torch.tensor(x)))
    low, high = np.asarray(ours.range, np.float32)
    expected = np.asarray(_moments.bin_counts(x, low, high))
    found = theirs.bin_counts(torch.tensor(x), *ours.range)
    assert found.sum() == expected.sum() == np.isfinite(x).sum()
    # A value at an edge may stand in either bin.
    assert np.abs(np.cumsum(found - expected)).max() <= 2


def test_squares_of_what_float32_can_hardly_hold_are_exact():
    found = theirs.moments(torch.tensor(X * np.float32(1e-25)))
    expected = (X.astype(np.float64) * np.float64(np.float32(1e-25))).reshape(-1, 7)
    np.testing.assert_allclose(found.squares, expected.var(axis=0) * len(expected), rtol=1e-5)


@pytest.mark.parametrize("name", ["relu", "hard_tanh", "tanh", "glu"])
def test_activity_is_that_of_jax(name):
    to = _response.response(get(name))
    pre, slope = X * 4, np.where(X > 1, 0, np.abs(X)).astype(np.float32)
    pre[:, :, 2], slope[:, :, 4], pre[3, 1] = -5, 0, np.nan
    expected = Activity.of(jax.device_get(_response.respond(to, *map(jnp.asarray, (pre, slope)))))
    equal(expected, theirs.activity(to, torch.tensor(pre), torch.tensor(slope)))


@pytest.mark.parametrize("wanted", [500, 40, 0, -20])
def test_resemblance_is_that_of_jax(wanted):
    pre, post = X.copy(), RNG.normal(size=(90, 3, 600)).astype(np.float32)
    pre[5], pre[6, 0], post[3, 1] = 0, np.nan, np.inf
    examples = _together.alike(jnp.asarray(pre))
    units = _together.covariance(jnp.asarray(post), wanted) if wanted > 0 else None
    expected = Together.of(*jax.device_get((examples, units)))
    found = theirs.together(torch.tensor(pre), torch.tensor(post), wanted)
    equal(expected, found, rtol=1e-4)


def test_double_precision_is_kept():
    found = theirs.moments(torch.tensor(X.astype(np.float64) * 1e-60))
    assert found.low == float(X.min()) * 1e-60
    assert not found.zeros.any()
