"""A small network, and all that a probe measures in it once more by hand in NumPy's float64."""

from dataclasses import dataclass
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from actscope import activations

SIZES = (5, 7, 4, 3)
SLOPES = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.1 * z), lambda z: np.where(z > 0, 1, 0.1)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (
        lambda z: 1 / (1 + np.exp(-z)),
        lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    ),
}


@dataclass(frozen=True)
class Small:
    """5 inputs, hidden layers of 7 and 4 units called `first` and `second`, 3 classes."""

    name: str

    def __call__(self, params, x, activate):
        activation = activations.get(self.name)
        first = activate("first", activation, _dense(params[0], x), {})
        second = activate("second", activation, _dense(params[1], first), {})
        return _dense(params[2], second)

    def init(self, seed=0):
        rng = np.random.default_rng(seed)
        return [
            {
                "bias": jnp.asarray(rng.normal(size=b), jnp.float32),
                "kernel": jnp.asarray(rng.normal(size=(a, b)), jnp.float32),
            }
            for a, b in pairwise(SIZES)
        ]

    @staticmethod
    def loss(outputs, targets):
        return optax.softmax_cross_entropy_with_integer_labels(outputs, targets).mean()

    def by_hand(self, params, x, y):
        """Signals by name, each example's loss, and the gradients of the mean loss."""
        f, slope = SLOPES[self.name]
        layers = [{name: np.asarray(a, np.float64) for name, a in p.items()} for p in params]
        x = np.asarray(x, np.float64)
        z1 = x @ layers[0]["kernel"] + layers[0]["bias"]
        z2 = f(z1) @ layers[1]["kernel"] + layers[1]["bias"]
        out = f(z2) @ layers[2]["kernel"] + layers[2]["bias"]
        p = np.exp(out) / np.exp(out).sum(axis=1, keepdims=True)
        rows = np.arange(len(y))
        d3 = p - np.eye(SIZES[-1])[y]
        d2 = d3 @ layers[2]["kernel"].T * slope(z2)
        d1 = d2 @ layers[1]["kernel"].T * slope(z1)
        signals = {
            "first/pre": z1,
            "first/post": f(z1),
            "first/gradient": d1,
            "second/pre": z2,
            "second/post": f(z2),
            "second/gradient": d2,
            "outputs": out,
        }
        gradients = [
            {"bias": d.mean(axis=0), "kernel": a.T @ d / len(y)}
            for a, d in ((x, d1), (f(z1), d2), (f(z2), d3))
        ]
        return signals, -np.log(p[rows, y]), gradients


def _dense(layer, x):
    return x @ layer["kernel"] + layer["bias"][None]


@pytest.fixture
def small():
    """The network of a given activation, `small("tanh")`."""
    return Small


@pytest.fixture
def data():
    """48 examples of 5 numbers with a class each."""
    rng = np.random.default_rng(48)
    x = rng.normal(size=(48, SIZES[0])).astype(np.float32)
    return x, rng.integers(SIZES[-1], size=48).astype(np.int32)


@pytest.fixture(params=sorted(SLOPES))
def network(request):
    """The network with each activation in turn, with parameters."""
    found = Small(request.param)
    return found, found.init()


@pytest.fixture
def plain_gradient():
    """Loss, outputs and parameter gradients of a tapped function that nobody looks at."""

    def run(tapped, loss, params, x, y):
        def value(params):
            outputs = tapped(params, x, lambda _, activation, z, __: activation(z))
            return loss(outputs, y), outputs

        (value_, outputs), gradient = jax.value_and_grad(value, has_aux=True)(params)
        return value_, outputs, gradient

    return run
