from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from actscope import activations
from actscope._errors import ActscopeError
from actscope.networks import FeedForward, initialiser
from actscope.tutorial import initial_params


class Notebook(nn.Module):
    """The tutorial's network as Linen itself names and draws it."""

    widths: tuple[int, ...]
    initialisation: str = "pytorch"

    @nn.compact
    def __call__(self, x):
        draw = initialiser(self.initialisation)
        for width in self.widths:
            x = nn.Dense(width, kernel_init=draw.kernel, bias_init=draw.bias(x.shape[1]))(x)
        return x


def linen(widths, seed, features, initialisation="pytorch"):
    with jax.threefry_partitionable(False):
        module = Notebook(widths, initialisation)
        variables = module.init(jax.random.PRNGKey(seed), jnp.zeros((2, features)))
    return [variables["params"][f"Dense_{index}"] for index in range(len(widths))]


def ours(widths, seed, features, initialisation="pytorch"):
    network = FeedForward(
        activations.get("tanh"), widths[:-1], widths[-1], initialisation=initialisation
    )
    return initial_params(network, seed=seed, features=features)["layers"]


def assert_equal(found, expected):
    assert len(found) == len(expected)
    for layer, like in zip(found, expected, strict=True):
        assert layer.keys() == like.keys() == {"kernel", "bias"}
        for name, array in layer.items():
            assert array.dtype == np.float32
            np.testing.assert_array_equal(np.asarray(array), np.asarray(like[name]), strict=True)


@pytest.mark.parametrize(
    ("widths", "seed", "features"),
    [
        ((512, 256, 256, 128, 10), 42, 784),
        ((64, 300, 17, 10), 3, 784),
        ((10,), 0, 784),  # no hidden layer
        ((5,) * 12, 7, 5),  # two digits in a layer's name
        ((31, 100), 2**31, 12),
        ((31, 3), 2**32 - 1, 12),
        ((8, 2), 2**40 + 5, 3),
        ((8, 2), -1, 3),
    ],
)
def test_linen_draws_the_same(widths, seed, features):
    assert_equal(ours(widths, seed, features), linen(widths, seed, features))


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["lecun_normal", "he_uniform", "orthogonal"])
def test_another_initialiser_in_the_same_stream(name):
    assert_equal(ours((9, 4, 3), 5, 20, name), linen((9, 4, 3), 5, 20, name))


def test_uniform_as_the_notebook_writes_it():
    with jax.threefry_partitionable(False):
        bound = 1 / np.sqrt(np.float64(784))
        plain = Bounded(float(bound)).init(jax.random.PRNGKey(42), jnp.zeros((1, 784)))
    assert_equal(ours((6,), 42, 784), [plain["params"]["Dense_0"]])


class Bounded(nn.Module):
    """One layer with the notebook's own call of `random.uniform`."""

    bound: float

    @nn.compact
    def __call__(self, x):
        def draw(key, shape, dtype):
            return jax.random.uniform(
                key, shape=shape, minval=-self.bound, maxval=self.bound, dtype=dtype
            )

        return nn.Dense(6, kernel_init=draw, bias_init=draw)(x)


def test_the_older_stream_stays_within_its_scope():
    before = np.asarray(jax.random.uniform(jax.random.PRNGKey(1), (3,)))
    assert jax.config.jax_threefry_partitionable
    first = ours((16, 2), 1, 4)
    assert jax.config.jax_threefry_partitionable
    np.testing.assert_array_equal(before, jax.random.uniform(jax.random.PRNGKey(1), (3,)))
    with jax.threefry_partitionable(True):
        assert_equal(ours((16, 2), 1, 4), first)


def test_threads_do_not_disturb_each_other():
    expected = {seed: linen((16, 2), seed, 4) for seed in range(8)}
    default = np.asarray(jax.random.normal(jax.random.key(0), (5,)))

    def other(_):
        return np.asarray(jax.random.normal(jax.random.key(0), (5,)))

    with ThreadPoolExecutor(4) as pool:
        tutorial = [pool.submit(ours, (16, 2), seed, 4) for seed in expected]
        others = list(pool.map(other, range(20)))
    for seed, future in enumerate(tutorial):
        assert_equal(future.result(), expected[seed])
    for found in others:
        np.testing.assert_array_equal(found, default)


@pytest.mark.parametrize("implementation", ["rbg", "unsafe_rbg"])
def test_another_default_generator_changes_nothing(implementation):
    expected = ours((16, 2), 1, 4)
    with jax.default_prng_impl(implementation):
        assert_equal(ours((16, 2), 1, 4), expected)


@pytest.mark.parametrize("seed", [2**63, -(2**63) - 1])
def test_a_seed_that_the_notebook_cannot_take(seed):
    with pytest.raises(ActscopeError, match=r"expected -9223372036854775808 to"):
        ours((2,), seed, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"initialisation": "lsuv"}, "initialisation 'lsuv' with the tutorial's random numbers"),
        ({"initialisation": "critical"}, "initialisation 'critical' with the tutorial's random"),
        ({"layer": "residual"}, "a network of layer 'residual'.*; expected dense layers"),
        ({"normalization": "batch"}, "normalization 'batch'.*; expected dense layers"),
        ({"dropout": 0.5}, r"dropout 0\.5.*; expected dense layers"),
    ],
)
def test_what_the_tutorial_never_had_is_refused(settings, message):
    network = FeedForward(activations.get("relu"), (4,), 2, **settings)
    with pytest.raises(ActscopeError, match=message):
        initial_params(network, seed=0, features=3)
