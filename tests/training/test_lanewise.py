import jax
import jax.numpy as jnp
import numpy as np

from actscope.training._lanewise import lanewise


def product(x, y):
    return {"out": x["a"] @ y, "sum": y.sum()}


def test_several_lanes_are_each_the_function_itself():
    generator = np.random.default_rng(0)
    a, y = generator.normal(size=(3, 4, 5)), generator.normal(size=(3, 5, 2))
    found = jax.jit(lanewise(product))({"a": a}, y)
    np.testing.assert_allclose(found["out"], a @ y, rtol=1e-5)
    np.testing.assert_allclose(found["sum"], y.sum(axis=(1, 2)), rtol=1e-5)


def test_a_lane_alone_is_computed_without_the_axis():
    x, y = {"a": jnp.ones((1, 4, 5))}, jnp.ones((1, 5, 2))
    alone = jax.make_jaxpr(product)({"a": x["a"][0]}, y[0])
    within = jax.make_jaxpr(lanewise(product))(x, y)
    (ours,) = [e for e in within.eqns if e.primitive.name == "dot_general"]
    (plain,) = [e for e in alone.eqns if e.primitive.name == "dot_general"]
    assert ours.params["dimension_numbers"] == plain.params["dimension_numbers"]
    assert lanewise(product)(x, y)["out"].shape == (1, 4, 2)
