"""Operations on the host beside the same operations in jax."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.sites import _jax
from actscope.sites._flatten import flatten
from actscope.sites._numeric import _PLAIN, _WITH_PARAMS, acts_elementwise, evaluate

X = np.concatenate([np.linspace(-3, 3, 25) + 0.01, [0.5, 1.5, 2.5, -0.5, -1.5]])
lax = jax.lax
ONE = [
    jnp.abs, lambda x: lax.acos(x / 4), lambda x: lax.acosh(1 + x * x), lambda x: lax.asin(x / 4),
    lax.asinh, lax.atan, lambda x: lax.atanh(x / 4), lax.cbrt, lax.ceil, lax.cos, lax.cosh, lax.exp,
    lax.exp2, lax.expm1, lax.floor, lax.is_finite, lambda x: lax.log(x * x), lax.neg,
    lambda x: lax.log1p(x * x), lax.logistic, lambda x: ~(x > 0), lambda x: lax.rsqrt(x * x),
    lax.sign, lax.sin, lax.sinh, lambda x: lax.sqrt(x * x), lax.square, lax.tan, lax.tanh, lax.erf,
    lax.erfc, lambda x: lax.erf_inv(x / 4), lambda x: lax.digamma(x * x), jax.nn.relu,
    lambda x: lax.lgamma(x * x), jnp.round, lax.round, lambda x: lax.integer_pow(x, -3),
    lambda x: lax.clamp(-1.0, x, 2.0), lambda x: lax.reduce_precision(x, 11, 52),
    lambda x: jnp.where(x > 0, x, -x), lambda x: x.astype("int32"), lambda x: (x > 1) * x,
    lambda x: lax.select_n((x > 0).astype("int32") + (x > 1), x, 2 * x, 3 * x),
    lambda x: jnp.where((x > 0) & (x < 1) | (x != 2) ^ (x >= -1), x, 1.0), lambda x: x <= 0.51,
    lambda x: x == 0.5, lambda x: x - 2 / x, lambda x: lax.max(x, 0.1) + lax.min(x, 0.2),
    lambda x: lax.atan2(x, 2.0), lambda x: lax.rem(x, 0.7), lambda x: lax.pow(lax.abs(x), x),
    lambda x: lax.nextafter(x, x + 1),
]  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("function", ONE)
def test_each_is_what_jax_makes(function):
    with jax.enable_x64(True):
        graph = flatten(_jax.trace(function, jnp.zeros(()))[0])
        expected = np.asarray(function(jnp.asarray(X)))
    assert acts_elementwise(graph)
    made = evaluate(graph.nodes, {graph.inputs[0]: X}, graph.outputs[0])
    np.testing.assert_allclose(np.asarray(made, float), expected.astype(float), rtol=1e-11)


def test_all_of_the_table_are_tried():
    tried = set()
    for function in ONE:
        graph = flatten(_jax.trace(function, jnp.zeros(()))[0])
        tried |= {node.primitive for node in graph.nodes}
        inner = [body for node in graph.nodes for body in node.bodies]
        tried |= {node.primitive for body in inner for node in body.nodes}
    # Differentiation alone makes such sums.
    assert {*_PLAIN, *_WITH_PARAMS} - tried <= {"add_any"}


@pytest.mark.parametrize(
    "mixing", [jnp.cumsum, jnp.sort, lambda x: x - x.mean(), lambda x: x[::-1]]
)
def test_what_mixes_numbers_is_not_elementwise(mixing):
    assert not acts_elementwise(flatten(_jax.trace(mixing, jnp.zeros(3))[0]))
