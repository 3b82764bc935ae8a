"""How many seeds a paired comparison needs, asked of the difference that matters.

Never of the difference that was observed: the power at that one is the p-value in other words.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError
from actscope.stats._interval import _checked
from actscope.stats._paired import scatters

RELEVANT = 0.005  # half a percentage point of accuracy
MOST_SEEDS = 10_000  # beyond that nobody asks


class SeedsRange(NamedTuple):
    """Seeds that would do, had the differences the lowest, the measured or the highest likely sd.

    Each is None where it is more than 10,000.
    """

    low: int | None
    estimate: int | None
    high: int | None


def seeds_for(
    sd: float, difference: float = RELEVANT, power: float = 0.8, alpha: float = 0.05
) -> int | None:
    """The fewest seeds at which a two-sided paired t test finds a true difference; at least 2.

    Found means rejected with the right sign: P(T > t) ≥ `power`, where t is Student's quantile at
    1 - alpha/2 and T is noncentral t with n - 1 degrees of freedom and noncentrality
    difference/sd·√n. Holds for normal differences.

    Args:
        sd: standard deviation of the paired differences.
        difference: the smallest one that matters, in the unit of `sd`; 0.5 points by default.
            Not the observed one.
        power: share of such studies that shall find it.
        alpha: of the test; for one of m comparisons, alpha/m is on the safe side.

    Returns:
        None where it takes more than 10,000.

    Raises:
        ActscopeError: an sd or a difference that is not positive, a power or alpha that is not
            between 0 and 1.

    Reference:
        Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, chapter 2.
    """
    effect = _positive("difference", difference) / _positive("sd", sd)
    wanted, alpha = _share("power", power), _share("alpha", alpha)
    high = 2
    while _power(high, effect, alpha) < wanted:
        if high >= MOST_SEEDS:
            return None
        high = min(2 * high, MOST_SEEDS)
    low = max(2, high // 2)  # power grows with n: bisect
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _power(middle, effect, alpha) >= wanted else (middle + 1, high)
    return high


def seeds_range(
    differences: Sequence[float] | Float[np.ndarray, " n"],
    difference: float = RELEVANT,
    power: float = 0.8,
    alpha: float = 0.05,
) -> SeedsRange | None:
    """`seeds_for` at the differences' own sd, and at the ends of its 95 % chi-square interval.

    A few seeds know their sd poorly: at n = 5 the interval reaches from 0.6 to 2.9 of it, and the
    numbers of seeds from a third to eight times. Only the scatter of `differences` enters.

    Args:
        differences: of a pilot, one a seed.
        difference: as in `seeds_for`, and so are the others.
        power: likewise.
        alpha: likewise.

    Returns:
        None where the pilot has no scatter to plan with: a single difference, or equal ones.

    Raises:
        ActscopeError: no differences, one that is NaN or infinite, or as in `seeds_for`.
    """
    from scipy.special import chdtri

    values = _checked(differences)
    if not scatters(values):
        return None
    freedom = len(values) - 1
    sd = float(values.std(ddof=1))
    low, high = (sd * math.sqrt(freedom / float(chdtri(freedom, tail))) for tail in (0.025, 0.975))
    return SeedsRange(*(seeds_for(each, difference, power, alpha) for each in (low, sd, high)))


def seeds_for_exact(m: int, alpha: float = 0.05) -> int:
    """The fewest pairs from which the exact sign-flip test can reject, whatever else is tested.

    Its smallest p is 2/2ⁿ, which must reach alpha/m: n ≥ 1 + log₂(m/alpha). That is 6 pairs for
    one comparison, 8 for five and 10 for fifteen.

    Args:
        m: comparisons in the family.
        alpha: of the family.

    Raises:
        ActscopeError: no comparison, or an alpha that is not between 0 and 1.
    """
    if m < 1:
        raise ActscopeError(f"{m} comparisons", expected="at least 1")
    return 1 + math.ceil(math.log2(m / _share("alpha", alpha)))


def _power(n: int, effect: float, alpha: float) -> float:
    from scipy.special import nctdtr, stdtrit

    quantile = stdtrit(n - 1, 1 - alpha / 2)
    return 1 - float(nctdtr(n - 1, effect * math.sqrt(n), quantile))


def _positive(name: str, value: float) -> float:
    if not 0 < value < math.inf:
        raise ActscopeError(f"{name} {value}", expected="a positive number")
    return value


def _share(name: str, value: float) -> float:
    if not 0 < value < 1:
        raise ActscopeError(f"{name} {value}", expected="a share between 0 and 1")
    return value
