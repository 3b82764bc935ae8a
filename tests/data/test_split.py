"""Splits: torch's shuffle against torch, a plain Mersenne Twister and published numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actscope._errors import ActscopeError
from actscope.data._split import random_split, stratified_split, torch_permutation


def mersenne_twister(seed):
    """32-bit words of MT19937, in plain Python after Matsumoto and Nishimura's mt19937ar.c."""
    state = [seed]
    for i in range(1, 624):
        state.append((1812433253 * (state[-1] ^ (state[-1] >> 30)) + i) & 0xFFFFFFFF)
    while True:
        for i in range(624):
            y = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7FFFFFFF)
            state[i] = state[(i + 397) % 624] ^ (y >> 1) ^ (0x9908B0DF if y & 1 else 0)
        for word in state:
            y = word
            y ^= y >> 11
            y ^= (y << 7) & 0x9D2C5680
            y ^= (y << 15) & 0xEFC60000
            yield y ^ (y >> 18)


def shuffled(n, seed):
    """The forward Fisher-Yates shuffle over those words."""
    rows, words = list(range(n)), mersenne_twister(seed)
    for i in range(n - 1):
        j = i + next(words) % (n - i)
        rows[i], rows[j] = rows[j], rows[i]
    return rows


def test_the_twister_of_this_file_is_the_real_one():
    # First and 10,000th output for the standard's default seed: C++ standard, [rand.predef].
    words = mersenne_twister(5489)
    assert next(words) == 3499211612
    assert [next(words) for _ in range(9999)][-1] == 4123659995


def test_the_tutorials_permutation_begins_as_published():
    order = torch_permutation(60_000, 42)
    assert order[:5].tolist() == [37542, 43087, 2992, 25810, 39634]
    assert order.tolist() == shuffled(60_000, 42)


@given(n=st.integers(0, 700), seed=st.integers(0, 2**32 - 1))
def test_permutation_agrees_with_a_plain_twister(n, seed):
    assert torch_permutation(n, seed).tolist() == shuffled(n, seed)


@pytest.mark.parametrize("n", [1, 2, 1000, 60_000])
@pytest.mark.parametrize("seed", [0, 42, 2**32 - 1])
def test_permutation_is_that_of_torch(n, seed):
    torch = pytest.importorskip("torch")
    expected = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    np.testing.assert_array_equal(torch_permutation(n, seed), expected.numpy())


@pytest.mark.parametrize(("n", "parts"), [(60_000, [50_000, 10_000]), (97, [81, 16])])
def test_random_split_is_that_of_torch(n, parts):
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(42)
    expected = torch.utils.data.random_split(range(n), parts, generator)
    found = random_split(np.zeros(n, np.int32), 1 / 6, 42)
    assert [part.tolist() for part in found] == [list(part.indices) for part in expected]


def test_random_split_of_the_tutorial_is_the_head_and_the_rest_of_the_permutation():
    train, validation = random_split(np.zeros(60_000, np.int32), 1 / 6, 42)
    assert (len(train), len(validation)) == (50_000, 10_000)
    np.testing.assert_array_equal(np.r_[train, validation], torch_permutation(60_000, 42))


@pytest.mark.parametrize(
    ("n", "seed", "word"), [(-1, 0, "-1"), (2**32 // 20, 0, "214748364"), (5, 2**32, "4294967296")]
)
def test_where_torch_does_otherwise_nothing_is_permuted(n, seed, word):
    with pytest.raises(ActscopeError, match=word):
        torch_permutation(n, seed)


@pytest.mark.parametrize("split", [random_split, stratified_split])
@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_a_fraction_lies_between_0_and_1(split, fraction):
    with pytest.raises(ActscopeError, match="validation fraction"):
        split(np.arange(60) % 10, fraction, 0)


@pytest.mark.parametrize(("n", "fraction"), [(1, 0.4), (10, 0.01), (10, 0.99)])
def test_a_random_split_leaves_no_part_empty(n, fraction):
    with pytest.raises(ActscopeError, match="some to train and to validate"):
        random_split(np.zeros(n, np.int32), fraction, 0)


@given(
    labels=st.lists(st.integers(-3, 5), min_size=20, max_size=200),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 2**32 - 1),
)
def test_each_class_has_its_share_in_both_parts(labels, fraction, seed):
    labels = np.array(labels)
    train, validation = stratified_split(labels, fraction, seed)
    assert sorted([*train, *validation]) == list(range(len(labels)))
    counts = np.unique(labels, return_counts=True)[1]
    if np.all(counts * fraction <= counts - 1):  # no class has to be spared
        assert abs(len(validation) - len(labels) * fraction) <= 0.5 + 1e-9
    for c in set(labels):
        here, size = (labels[validation] == c).sum(), (labels == c).sum()
        assert abs(here - size * fraction) < 1 or (here, size - here) == (size - 1, 1)
        assert (labels[train] == c).sum() >= 1


def test_a_stratified_split_of_equal_classes_is_even_and_exact():
    labels = np.repeat(np.arange(10), 6000)
    train, validation = stratified_split(labels, 1 / 6, 42)
    assert np.bincount(labels[train]).tolist() == [5000] * 10
    assert np.bincount(labels[validation]).tolist() == [1000] * 10


def test_a_stratified_split_follows_from_its_seed_alone_and_is_in_random_order():
    labels = np.repeat(np.arange(4), 50)
    first, second, other = (stratified_split(labels, 0.25, seed) for seed in (1, 1, 2))
    assert [part.tolist() for part in first] == [part.tolist() for part in second]
    assert [part.tolist() for part in first] != [part.tolist() for part in other]
    # Sorted labels come out mixed: 150 rows in runs of one class would change class 3 times.
    assert np.count_nonzero(np.diff(labels[first[0]])) > 50


def test_too_few_rows_to_validate_are_refused():
    with pytest.raises(ActscopeError, match="leave none for validation"):
        stratified_split(np.arange(10), 0.5, 0)
