"""Which rows train and which validate: fixed by a seed, the same on every machine."""

import numpy as np
from jaxtyping import Int, Int64

from actscope._errors import ActscopeError

# From here on torch (2.7 and later) draws 64 bits a position instead of 32, and older ones do not:
# `randperm_cpu` in ATen/native/TensorFactories.cpp, `max() / 20` of uint32.
_TORCH_LIMIT = (2**32 - 1) // 20


def torch_permutation(n: int, seed: int) -> Int64[np.ndarray, " n"]:
    """The permutation that `torch.randperm(n, generator=Generator().manual_seed(seed))` gives.

    A forward Fisher-Yates shuffle: position i = 0 … n-2 is swapped with i + z mod (n - i), where z
    is the next 32-bit word of a Mersenne Twister seeded the classic way.

    Args:
        n: number of things to permute, below 214,748,364.
        seed: below 2³².

    Raises:
        ActscopeError: `n` or `seed` is outside the range in which this is torch's algorithm.

    Reference:
        Matsumoto and Nishimura, "Mersenne Twister", 1998; `init_genrand` of their 2002 version.
    """
    if not 0 <= n < _TORCH_LIMIT:
        raise ActscopeError(f"a permutation of {n}", expected=f"0 to {_TORCH_LIMIT - 1}")
    if not 0 <= seed < 2**32:
        raise ActscopeError(f"seed {seed}", expected="0 to 4294967295")
    positions = np.arange(max(n - 1, 0), dtype=np.uint32)
    # Over the full range of uint32, RandomState hands out the generator's words as they are.
    # NumPy has frozen it, so that the words stay the same in every version.
    words = np.random.RandomState(seed).randint(0, 2**32, size=len(positions), dtype=np.uint32)
    partners = (positions + words % (n - positions)).tolist()
    permuted = list(range(n))  # swapping in a list is ten times as fast as in an array
    for i, j in enumerate(partners):
        permuted[i], permuted[j] = permuted[j], permuted[i]
    return np.array(permuted, dtype=np.int64)


def random_split(
    labels: Int[np.ndarray, " n"], validation_fraction: float, seed: int
) -> tuple[Int64[np.ndarray, " train"], Int64[np.ndarray, " validation"]]:
    """The rows to train on and to validate on, whatever their classes, in random order.

    Of n rows v = n · `validation_fraction`, rounded, validate: the two parts of
    `torch.utils.data.random_split(range(n), [n - v, v], Generator().manual_seed(seed))`.

    Args:
        labels: any integers; only their number matters.
        validation_fraction: of the rows, between 0 and 1.
        seed: of `torch_permutation`.

    Raises:
        ActscopeError: the fraction is not between 0 and 1, or leaves a part empty.
    """
    _between_0_and_1(validation_fraction)
    train = len(labels) - round(len(labels) * validation_fraction)
    if not 0 < train < len(labels):
        raise ActscopeError(
            f"{len(labels)} rows, of which {train} train", expected="some to train and to validate"
        )
    order = torch_permutation(len(labels), seed)
    return order[:train], order[train:]


def stratified_split(
    labels: Int[np.ndarray, " n"], validation_fraction: float, seed: int
) -> tuple[Int64[np.ndarray, " train"], Int64[np.ndarray, " validation"]]:
    """The rows to train on and the rows to validate on, each class in both in the same share.

    Of a class with c examples, c · `validation_fraction` validate, to within one, and at least one
    trains. Rows come in random order.

    Args:
        labels: any integers.
        validation_fraction: of each class, between 0 and 1.
        seed: of `torch_permutation`.

    Raises:
        ActscopeError: the fraction is not between 0 and 1, or so few rows leave none to validate.
    """
    _between_0_and_1(validation_fraction)
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    quotas = _quotas(counts, validation_fraction)
    if not quotas.sum():
        raise ActscopeError(
            f"{len(labels)} labelled rows in {len(counts)} classes leave none for validation",
            expected="more rows than classes, and enough for a share of "
            f"{validation_fraction:.3g} to be one",
        )
    order = torch_permutation(len(labels), seed)
    shuffled = classes[order]
    by_class = np.argsort(shuffled, kind="stable")
    rank = np.empty(len(labels), dtype=np.int64)  # how many of its class stand before a row
    rank[by_class] = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    validates = rank < quotas[shuffled]
    return order[~validates], order[validates]


def _quotas(counts: Int[np.ndarray, " classes"], share: float) -> Int64[np.ndarray, " classes"]:
    # Largest remainders: each class its share rounded down, and what is still wanting to those
    # that lost most by it. No class gives its last example away.
    exact = counts * share
    quotas = np.floor(exact).astype(np.int64)
    wanting = round(float(exact.sum())) - int(quotas.sum())
    quotas[np.argsort(quotas - exact, kind="stable")[:wanting]] += 1
    return np.minimum(quotas, counts - 1)


def _between_0_and_1(fraction: float) -> None:
    if not 0 < fraction < 1:
        raise ActscopeError(f"a validation fraction of {fraction}", expected="between 0 and 1")
