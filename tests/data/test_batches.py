import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.data import Normalization, Split, batches, epoch_order

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 4, 3), np.uint8)
SPLIT = Split(IMAGES, np.arange(10, dtype=np.int32))
NORMALIZATION = Normalization(255.0, 0.5, 0.5)


@pytest.mark.parametrize(
    ("size", "sizes"), [(4, [4, 4, 2]), (5, [5, 5]), (10, [10]), (99, [10]), (1, [1] * 10)]
)
def test_every_row_comes_once_in_order(size, sizes):
    found = batches(SPLIT, NORMALIZATION, size)
    assert [len(y) for _, y in found] == sizes
    assert len(found) == len(sizes)
    images = np.concatenate([x for x, _ in found])  # the second time over the same object
    assert (images.dtype, images.shape) == (np.float32, IMAGES.shape)
    np.testing.assert_array_equal(images, NORMALIZATION(IMAGES))
    labels = np.concatenate([y for _, y in found])
    assert labels.dtype == np.int32
    assert labels.tolist() == list(range(10))


@pytest.mark.parametrize("size", [0, -3])
def test_a_batch_has_an_example(size):
    with pytest.raises(ActscopeError, match=f"batches of {size}"):
        batches(SPLIT, NORMALIZATION, size)


def test_an_epoch_sees_every_row_at_most_once():
    order = epoch_order(1000, 64, seed=3, epoch=5)
    assert (order.shape, order.dtype) == ((15, 64), np.int32)
    assert len(set(order.ravel().tolist())) == 960
    assert set(order.ravel().tolist()) <= set(range(1000))


def test_an_epoch_without_a_rest_sees_every_row():
    assert sorted(epoch_order(96, 8, seed=0, epoch=0).ravel().tolist()) == list(range(96))


def test_the_order_follows_from_seed_and_epoch_alone():
    assert epoch_order(500, 50, seed=1, epoch=7).tolist() == (
        epoch_order(500, 50, seed=1, epoch=7).tolist()
    )


def test_the_rows_do_not_depend_on_the_batch_size():
    small, large = (epoch_order(120, size, seed=1, epoch=2) for size in (6, 40))
    assert small.ravel().tolist() == large.ravel().tolist()


def test_no_two_seeds_or_epochs_share_an_order():
    # Also those whose 32-bit words are the same when written one after the other.
    pairs = [(s, e) for s in (0, 1, 5, 2**32, 2**32 + 5) for e in (0, 1, 5)]
    orders = {tuple(epoch_order(50, 50, seed=s, epoch=e).ravel().tolist()) for s, e in pairs}
    assert len(orders) == len(pairs)


def test_rows_are_left_out_at_random():
    # Each row should be left out in 200 · 30/130 = 46 of 200 epochs, with standard deviation 6.
    left_out = np.zeros(130)
    for epoch in range(200):
        left_out += 1 - np.bincount(epoch_order(130, 100, seed=0, epoch=epoch)[0], minlength=130)
    assert left_out.sum() == 200 * 30
    assert np.abs(left_out - 200 * 30 / 130).max() < 5 * 6


@pytest.mark.parametrize(
    ("examples", "size", "seed", "epoch"),
    [(10, 11, 0, 0), (10, 0, 0, 0), (0, 1, 0, 0), (10, 2, -1, 0), (10, 2, 0, -1)],
)
def test_what_is_no_epoch_is_refused(examples, size, seed, epoch):
    with pytest.raises(ActscopeError, match="expected"):
        epoch_order(examples, size, seed=seed, epoch=epoch)
