"""A network before the instruments of `probing`."""

import jax
import numpy as np
import pytest

from actscope import activations
from actscope.networks import FeedForward
from actscope.study._tapped import Stated, Tapped, has_sites


class Bare(FeedForward):
    """A network that shows nothing."""

    def apply(self, params, state, x, *, key=None, train=False):
        return super().apply(params, state, x, key=key, train=train)


@pytest.mark.parametrize(("kind", "shown"), [(FeedForward, True), (Bare, False)])
def test_a_network_shows_its_sites_by_taking_activate(kind, shown):
    assert has_sites(kind(activations.get("relu"))) is shown


@pytest.mark.heavy
def test_the_outputs_are_those_of_the_network_as_it_is_used(digits):
    network = FeedForward(activations.get("relu"), (4,), normalization="batch", dropout=0.5)
    images = digits.normalization(digits.train.first(8).images)
    params, state = network.init(jax.random.key(0), images)
    state = jax.tree.map(lambda x: x + 1, state)  # another than that of the batch
    sites = []

    def activate(name, activation, pre, learned):
        sites.append(name)
        return activation(pre, **learned)

    outputs = Tapped(network)(params, (images, state), activate)
    np.testing.assert_array_equal(outputs, network.apply(params, state, images)[0])
    assert sites == ["layers.0"]


def test_two_of_equal_networks_are_equal():
    one, other = (Tapped(FeedForward(activations.get("relu"), (4,))) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != Tapped(FeedForward(activations.get("tanh"), (4,)))


def test_a_part_comes_normalised_with_the_state_behind_it_as_often_as_asked(digits):
    stated = Stated("state", digits, digits.train)
    for _ in range(2):
        batches = list(stated)
        assert {state for (_, state), _ in batches} == {"state"}
        images = np.concatenate([images for (images, _), _ in batches])
        np.testing.assert_array_equal(images, digits.normalization(digits.train.images))
        labels = np.concatenate([labels for _, labels in batches])
        np.testing.assert_array_equal(labels, digits.train.labels)
