import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import actscope
from actscope._errors import ActscopeError

X = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
PARAMS = {
    "first": jnp.asarray(np.random.default_rng(1).normal(size=(5, 7)), jnp.float32),
    "blocks": jnp.asarray(np.random.default_rng(2).normal(size=(2, 7, 7)), jnp.float32),
}


def network(params, x):
    x = jax.nn.relu(x @ params["first"])
    return jax.lax.scan(lambda h, w: (jnp.tanh(h @ w), None), x, params["blocks"])[0]


def loss(outputs, targets):
    return jnp.square(outputs - targets).mean()


@pytest.fixture(scope="module")
def seen():
    """Three looks in seven steps, and what the last one returned."""
    watching = actscope.watch(network, loss, every=3)
    told = [watching(step, PARAMS, (X, X @ np.ones((5, 7), np.float32))) for step in range(7)]
    return watching, told


@pytest.mark.heavy
def test_it_looks_every_so_many_steps(seen):
    watching, told = seen
    assert [step for step, _ in watching.history] == [0, 3, 6]
    assert [each is not None for each in told] == [True, False, False, True, False, False, True]
    assert told[6] == watching.history[-1][1]


@pytest.mark.heavy
def test_it_sees_what_numpy_sees(seen):
    _, told = seen
    first = X.astype(np.float64) @ np.asarray(PARAMS["first"])
    post = np.maximum(first, 0)
    found = told[0]["first"]
    assert found["pre_mean"] == pytest.approx(first.mean(), rel=1e-4)
    assert found["pre_variance"] == pytest.approx(first.var(), rel=1e-4)
    assert found["post_variance"] == pytest.approx(post.var(), rel=1e-4)
    assert found["zeros"] == pytest.approx((post == 0).mean(), rel=1e-6)
    assert found["dead"] == 0
    h = post
    for row, w in enumerate(np.asarray(PARAMS["blocks"], np.float64)):
        h = h @ w
        assert told[0][f"blocks[{row}]"]["pre_variance"] == pytest.approx(h.var(), rel=1e-4)
        h = np.tanh(h)
    assert told[0]["loss"] == pytest.approx(np.square(h - X @ np.ones((5, 7))).mean(), rel=1e-4)


def test_the_gradient_is_that_of_each_examples_own_loss(seen):
    _, told = seen
    targets = X @ np.ones((5, 7), np.float32)

    def shifted(shift, x, y):
        h = jax.nn.relu(x[None] @ PARAMS["first"] + shift[None])
        out = jax.lax.scan(lambda h, w: (jnp.tanh(h @ w), None), h, PARAMS["blocks"])[0]
        return loss(out, y[None])

    own = jax.jit(jax.vmap(jax.grad(shifted), (None, 0, 0)))(jnp.zeros(7), X, targets)
    assert told[0]["first"]["gradient"] == pytest.approx(np.sqrt(np.square(own).mean()), rel=1e-4)


def test_summaries_for_tensorboard(tmp_path):
    # tensorboardX's own reader needs tensorboard: the file's records are told by their tags.
    with actscope.watch(network, loss, every=1, tensorboard=tmp_path, include="first") as watching:
        watching(0, PARAMS, (X, X @ np.ones((5, 7), np.float32)))
    (file,) = tmp_path.iterdir()
    written = file.read_bytes()
    for tag in (b"loss", b"first/pre_mean", b"first/dead", b"first/gradient", b"first/pre"):
        assert tag in written
    assert b"blocks" not in written


def test_what_is_refused(monkeypatch):
    with pytest.raises(ActscopeError, match="every=0; expected 1 or more"):
        actscope.watch(network, loss, every=0)
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ActscopeError, match=r"pip install 'actscope\[tensorboard\]'"):
        actscope.watch(network, loss, tensorboard="runs")
