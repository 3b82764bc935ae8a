"""A function with its sites open beside the function as it is."""

import jax
import jax.numpy as jnp
import numpy as np

from actscope.sites import trace

KEYS = jax.random.split(jax.random.key(6), 4)
W, V = (jax.random.normal(key, (5, 5)) / 2 for key in KEYS[:2])
X = jax.random.normal(KEYS[2], (3, 5))
LAYERS = {"first": {"w": W, "b": jnp.linspace(-1, 1, 5)}, "second": {"w": V}}
STACK = {"blocks": jax.random.normal(KEYS[3], (4, 5, 5)) / 2}


def weights(x):
    """How much each number of an output counts in `value`."""
    return jnp.linspace(-1, 2, x.size).reshape(x.shape)


def value(outputs):
    """A number that depends on every output, each in another way."""
    return sum((x * weights(x)).sum() for x in jax.tree.leaves(outputs))


def opened(function, params=LAYERS, inputs=X):
    """Outputs, what happened at the sites, and gradients at parameters and sites."""
    found = trace(function, params, inputs)
    witnesses = {spot.name: jnp.zeros(spot.shape, spot.run.pre.dtype) for spot in found.spots}

    def measured(params, witnesses):
        outputs, acted = found.run(params, inputs, witnesses)
        return value(outputs), (outputs, acted)

    differentiated = jax.jit(jax.value_and_grad(measured, argnums=(0, 1), has_aux=True))
    (_, (outputs, acted)), (gradient, at) = differentiated(params, witnesses)
    return outputs, acted, gradient, at


def plain(function, params=LAYERS, inputs=X):
    def measured(params):
        outputs = function(params, inputs)
        return value(outputs), outputs

    (_, outputs), gradient = jax.jit(jax.value_and_grad(measured, has_aux=True))(params)
    return outputs, gradient


def shifted(function, shift, params=LAYERS, inputs=X):
    """Gradient at what an activation is given, from a number that is added there."""
    return jax.jit(jax.grad(lambda shift: value(function(params, inputs, shift))))(shift)


def same(one, other):
    jax.tree.map(np.testing.assert_array_equal, one, other)


def close(one, other, rtol=1e-5):
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-6), one, other)


def first(p, x):
    return x @ p["first"]["w"] + p["first"]["b"]


def second(p, x):
    return x @ p["second"]["w"]


def dense(p, x, shift=0.0):
    return second(p, jax.nn.gelu(first(p, x) + shift))


def scanned(p, x):
    return jax.lax.scan(lambda h, w: (jax.nn.silu(h @ w), h.sum()), x, p["blocks"])


def chosen(p, x):
    return jax.lax.cond(
        x[0, 0] > 0,
        lambda p, x: jnp.tanh(first(p, x)),
        lambda p, x: jax.nn.softplus(second(p, x)),
        p,
        x,
    )
