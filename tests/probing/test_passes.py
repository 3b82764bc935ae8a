"""Two passes: what is kept of the first for the second, and sums over many batches."""

import jax
import numpy as np
import pytest

from actscope.probing import _passes, probe

W = jax.random.normal(jax.random.key(0), (6, 5)) / 2
RNG = np.random.default_rng(2)
X, Y = RNG.normal(size=(44, 6)).astype(np.float32), RNG.normal(size=(44, 5)).astype(np.float32)
CUTS = [slice(0, 16), slice(16, 32), slice(32, 44)]


def network(params, x):
    return jax.nn.relu(x @ params)


def loss(outputs, targets):
    return ((outputs - targets) ** 2).sum(-1).mean()


@pytest.mark.heavy
@pytest.mark.parametrize("room", [0, 16 * 4 * 5 * 5], ids=["nothing", "the first of three"])
def test_what_is_not_kept_is_calculated_again(monkeypatch, room):
    batches = [(X[cut], Y[cut]) for cut in CUTS]
    again = []
    plain = _passes.look_again
    monkeypatch.setattr(_passes, "look_again", lambda *a: again.append(1) or plain(*a))
    (kept,) = probe(network, W, batches, loss).sites
    assert not again
    monkeypatch.setattr(_passes, "_KEPT", room)
    (anew,) = probe(network, W, batches, loss).sites
    assert len(again) == (3 if room == 0 else 2)
    for which in ("pre", "post", "gradient"):
        one, other = (getattr(site, which).histogram for site in (kept, anew))
        np.testing.assert_array_equal(one.counts, other.counts)
        np.testing.assert_array_equal(one.edges, other.edges)


def test_gradients_of_many_batches_are_added_up_without_loss():
    values = RNG.uniform(0, 1, 3000).astype(np.float32)
    running, plain = _passes._nothing({"w": values[0]}), np.float32(0)
    for value in values:
        running, plain = _passes._added(running, {"w": value}, 3), plain + value * np.float32(3)
    exact = 3 * values.astype(np.float64).sum()
    assert _passes._sum(running)["w"] == pytest.approx(exact, rel=1e-8)
    assert plain != pytest.approx(exact, rel=1e-8)
