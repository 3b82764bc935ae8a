"""What a function costs beside ReLU: who is timed, how often, and what counts. No clock is read."""

import jax
import pytest

from actscope import activations
from actscope.activations import Activation, _cost


@pytest.fixture
def clock(monkeypatch):
    """Passes take the time that the test says: the peer a second, the function what is listed."""
    listed, made = [], []

    def seconds(run):
        run()
        return listed.pop(0) if run is not made[0] else 1.0

    def passes(activation, real=_cost._pass):
        made.append(real(activation))
        return made[-1]

    monkeypatch.setattr(_cost, "_ROWS", 2)
    monkeypatch.setattr(_cost, "_seconds", seconds)
    monkeypatch.setattr(_cost, "_pass", passes)
    return listed


def test_the_median_of_the_rounds_after_the_first_counts(clock):
    clock += [100.0, *[9.0] * 7, 3.0, *[2.0] * 7]
    assert list(_cost.costs([activations.get("tanh")])) == [(activations.get("tanh"), 3.0)]
    assert not clock


def test_value_and_gradient_are_calculated():
    seen = []

    def watched(x):
        seen.append(x.shape)
        return jax.nn.tanh(x)

    value, gradient = _cost._pass(Activation("watched", watched))()
    assert seen == [value.shape] == [(1024, 1024)]
    x = jax.random.normal(jax.random.key(0), seen[0])
    assert float(abs(gradient - (1 - value**2)).max()) < 1e-5
    assert float(abs(value - jax.nn.tanh(x)).max()) < 1e-5


@pytest.mark.parametrize(
    ("reads", "makes", "function"),
    [(2, 1, jax.nn.glu), (1, 2, lambda x: jax.numpy.concatenate([x, -x], -1))],
)
def test_so_many_units_whatever_one_reads_and_makes(reads, makes, function):
    value, gradient = _cost._pass(Activation("f", function, reads=reads, makes=makes))()
    assert value.shape == (1024, 1024 * makes)
    assert gradient.shape == (1024, 1024 * reads)
