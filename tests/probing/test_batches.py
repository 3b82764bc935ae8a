"""Whatever a user has for batches."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.probing._batches import Pairs

X, Y = np.ones((3, 2)), np.arange(3)


class Tensor:
    """Of another framework."""

    shape = (3, 2)

    def __array__(self, dtype=None, copy=None):
        return X


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        ((X, Y), [(X, Y)]),
        ([(X, Y), [X, Y]], [(X, Y)] * 2),
        (X, [(X, X)]),
        ([X], [(X, X)]),
        ({"x": X, "y": Y}, [({"x": X, "y": Y},) * 2]),
        ([{"x": X}], [({"x": X},) * 2]),
        ((X, None), [(X, None)]),
        ([X, X], [(X, X)] * 2),
        ([X, X[:2]], [(X, X), (X[:2], X[:2])]),
        (((X, X), Y), [((X, X), Y)]),
        ((X, Y, X), [((X, Y, X),) * 2]),
        ((Tensor(), Y), [(X, Y)]),
    ],
)
def test_pairs_of_inputs_and_targets(batches, expected):
    pairs = Pairs(batches)
    for _ in range(2):
        found = list(pairs)
        assert jax.tree.structure(found) == jax.tree.structure(expected)
        jax.tree.map(np.testing.assert_array_equal, found, expected)


def test_what_starts_anew_is_read_anew():
    class Loader:
        def __iter__(self):
            return iter([(X, Y)] * 2)

    pairs = Pairs(Loader())
    assert [len(list(pairs)) for _ in range(3)] == [2, 2, 2]


def test_what_jax_takes_stays_what_it_is():
    key, array = jax.random.key(0), jnp.ones((3, 2))
    ((inputs, targets),) = Pairs(((array, key), X))
    assert (inputs[0] is array, inputs[1] is key, targets is X) == (True, True, True)


@pytest.mark.parametrize(
    ("batches", "told"),
    [
        (3, "batches is a int; expected a pair"),
        (None, "batches is a NoneType"),
        (iter([(X, Y)]), "gives them once; expected a list"),
        ((pair for pair in [(X, Y)]), "gives them once"),
        ([X, Y], r"float64\[3, 2\] and int64\[3\], is two batches.*give a tuple"),
        ([X, X > 0], "is two batches of inputs"),
        ([jnp.ones((3, 2)), jnp.ones((3, 1))], "is two batches of inputs"),
    ],
)
def test_anything_else_is_refused(batches, told):
    with pytest.raises(ActscopeError, match=told):
        Pairs(batches)


def test_a_batch_without_examples_is_named():
    with pytest.raises(ActscopeError, match="batch 1 holds no example"):
        list(Pairs([(X, Y), (X[:0], Y[:0])]))
