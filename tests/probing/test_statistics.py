"""Statistics of one batch: names of sites, the sample of a covariance, loops row by row."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.probing import Place, probe
from actscope.probing._response import Response
from actscope.probing._statistics import by_name, names, sample
from actscope.probing._together import ENOUGH, MOST_UNITS

W = jax.random.normal(jax.random.key(0), (2, 4, 4)) / 2
HEAD = jax.random.normal(jax.random.key(1), (4, 3))
X = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)


def place(shape, rows=()):
    return Place(
        name="a",
        activation="tanh",
        function=None,
        response=Response((), 0.05),
        source="",
        shape=(*rows, *shape),
        dtype=np.float32,
        units=shape[-1],
        rows=rows,
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [((), ["a"]), ((2,), ["a[0]", "a[1]"]), ((1, 2), ["a[0,0]", "a[0,1]"]), ((0,), [])],
)
def test_within_loops_every_step_has_a_name(rows, expected):
    assert names(place((5, 4), rows)) == expected


def test_what_is_known_is_taken_apart_by_step():
    found = {"x": jnp.arange(6).reshape(2, 3), "y": jnp.arange(2)}
    assert [(name, int(each["y"])) for name, each in by_name(place((5, 4), (2,)), found)] == [
        ("a[0]", 0),
        ("a[1]", 1),
    ]
    ((name, whole),) = by_name(place((5, 4)), found)
    assert (name, whole is found) == ("a", True)


def test_the_covariance_needs_so_many_examples():
    assert sample(place((5, 4))) == ENOUGH * 4
    assert sample(place((5, 7, 4))) == int(np.ceil(ENOUGH * 4 / 7))  # seven positions each
    assert sample(place((5, 10**5))) == ENOUGH * MOST_UNITS
    assert sample(place((5, 4), (9,))) == ENOUGH * 4
    assert sample(place((5, MOST_UNITS), (2**10,))) == 0  # too many covariances


def loss(outputs, targets):
    return jnp.square(outputs - targets).sum(-1).mean()


def looped(p, x):
    h = jax.lax.scan(lambda h, w: (jax.nn.relu(h @ w), None), x, p["w"])[0]
    return h @ p["head"]


def unrolled(p, x):
    for w in p["w"]:
        x = jax.nn.relu(x @ w)
    return x @ p["head"]


@pytest.mark.heavy
def test_a_loop_says_what_its_steps_say_one_by_one():
    params = {"w": W, "head": HEAD}
    loop, steps = (probe(each, params, (X, X[:, :3]), loss) for each in (looped, unrolled))
    assert [site.name for site in loop.sites] == ["w[0]", "w[1]"]
    assert len(steps.sites) == 2
    for one, other in zip(loop.sites, steps.sites, strict=True):
        for which in ("pre", "post", "gradient"):
            a, b = getattr(one, which), getattr(other, which)
            assert (a.count, a.fraction_zero) == (b.count, b.fraction_zero)
            for measure in ("mean", "std", "min", "max", "l2"):
                assert getattr(a, measure) == pytest.approx(getattr(b, measure), rel=1e-5, abs=1e-6)
            # A value on the border of two bins may fall to either side.
            assert np.abs(np.cumsum(a.histogram.counts - b.histogram.counts)).max() <= 1
        np.testing.assert_array_equal(one.dead, other.dead)
        for measure in ("saturated_fraction", "correlation", "effective_rank", "copies"):
            assert getattr(one, measure) == pytest.approx(
                getattr(other, measure), rel=1e-5, nan_ok=True
            )


@pytest.mark.heavy
def test_examples_are_found_where_the_program_puts_them():
    # Time comes first here: the cosine is one of whole examples all the same.
    def network(p, x):
        return jnp.tanh(x.swapaxes(0, 1) @ p)

    x = np.random.default_rng(1).normal(size=(6, 2, 4)).astype(np.float32)
    (site,) = probe(network, W[0], x).sites
    flat = (x @ np.asarray(W[0])).reshape(6, 8)
    flat = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    cosine = (flat @ flat.T)[np.triu_indices(6, 1)].mean()
    assert site.correlation == pytest.approx(cosine, abs=1e-5)
