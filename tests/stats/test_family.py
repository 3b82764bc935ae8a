import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import benjamini_hochberg, compare, holm, mean_interval, paired, seeds_range

SCATTER = np.array([0.001, 0.004, -0.003, 0.006, 0.002, 0.0, 0.003, 0.001, -0.001, 0.002])


def members(n, *means):
    """Differences of n seeds about each of the means, the same numbers in each family."""
    noise = np.random.default_rng(7).normal(0, 0.01, (len(means), n))
    return {f"{k}": row + mean for k, (row, mean) in enumerate(zip(noise, means, strict=True))}


@pytest.mark.parametrize(("m", "needed"), [(1, 6), (5, 8), (15, 10)])
def test_the_exact_test_leads_from_the_n_at_which_it_can_reject(m, needed):
    # Six seeds for one comparison, eight for five, ten for fifteen.
    assert 2 / 2**needed <= 0.05 / m < 2 / 2 ** (needed - 1)
    enough = compare(members(needed, *[1.0] * m))
    assert (enough.m, enough.seeds_for_exact, enough.exact_can_reject) == (m, needed, True)
    assert {each.leads for each in enough.comparisons} == {"exact"}
    assert {each.verdict for each in enough.comparisons} == {"better"}
    assert {each.p for each in enough.comparisons} == {m * 2 / 2**needed}
    assert not any(each.notes for each in enough.comparisons)


@pytest.mark.parametrize(("m", "needed"), [(1, 6), (5, 8), (15, 10)])
def test_below_that_t_leads_and_the_reader_is_told(m, needed):
    few = compare(members(needed - 1, *[1.0] * m))
    assert (few.seeds_for_exact, few.exact_can_reject) == (needed, False)
    for each in few.comparisons:
        assert each.p_flip > 0.05
        assert (each.leads, each.p, each.verdict) == ("t", each.p_t, "better")
        assert each.notes == (
            f"the exact test cannot reject at this n; needs {needed}",
            "led by the Holm-adjusted paired t test, which assumes normality",
        )


def test_numbers_are_those_of_each_comparison_adjusted_for_all():
    pairs = members(10, 0.0, 0.01, -0.02, 0.004)
    family = compare(pairs, level=0.9, relevant=0.02)
    alone = [paired(values, level=0.9) for values in pairs.values()]
    assert [each.label for each in family.comparisons] == list(pairs)
    assert [each.paired for each in family.comparisons] == alone
    assert [each.p_flip for each in family.comparisons] == list(holm([a.p_flip for a in alone]))
    assert [each.p_t for each in family.comparisons] == list(holm([a.p_t for a in alone]))
    for each, values in zip(family.comparisons, pairs.values(), strict=True):
        ends = mean_interval(values, 1 - 0.1 / 4)
        assert (each.interval.low, each.interval.high) == pytest.approx((ends.low, ends.high))
        assert each.seeds_needed == seeds_range(values, 0.02, alpha=0.1 / 4)


def test_verdicts_have_a_direction():
    family = compare(
        {"up": SCATTER + 0.02, "down": SCATTER - 0.02, "same": SCATTER - SCATTER.mean()}
    )
    verdicts = [each.verdict for each in family.comparisons]
    assert verdicts == ["better", "worse", "not distinguishable"]


def test_each_comparison_has_its_own_n_where_members_are_missing():
    family = compare({"whole": SCATTER + 0.02, "missing": SCATTER[:5] + 0.02, "lost": SCATTER[:1]})
    whole, missing, lost = family.comparisons
    assert (family.m, family.seeds_for_exact, family.exact_can_reject) == (3, 7, False)
    assert [each.leads for each in family.comparisons] == ["exact", "t", "t"]
    # What leads is one family: the smallest p times three, the other times two.
    expected = holm([whole.paired.p_flip, missing.paired.p_t, 1.0])
    assert (whole.p, missing.p) == tuple(expected[:2])
    assert (lost.p, lost.p_flip, lost.p_t, lost.seeds_needed) == (None,) * 4
    assert lost.interval.low is None
    assert lost.verdict == "not distinguishable"
    assert lost.notes == (
        "one seed: no interval and no test",
        "the exact test cannot reject at this n; needs 7",
    )


def test_equal_differences_are_no_discovery_of_t_but_one_of_the_exact_test():
    few, many = (compare({"a": np.full(n, 0.01)}).comparisons[0] for n in (5, 6))
    assert (few.leads, few.p, few.verdict) == ("t", 1, "not distinguishable")
    assert few.notes[0].startswith("all differences are equal")
    assert (many.leads, many.p, many.verdict) == ("exact", 2 / 64, "better")
    assert many.interval.low is None
    assert many.seeds_needed is None


def test_benjamini_hochberg_on_request():
    pairs = members(7, 0.01, 0.01, 0.02, 0.03, 0.0)
    family = compare(pairs, correction="benjamini_hochberg")
    alone = [paired(values) for values in pairs.values()]
    adjusted = benjamini_hochberg([a.p_t for a in alone])
    assert [each.p_t for each in family.comparisons] == list(adjusted)
    assert family.comparisons[0].notes == (
        "the exact test cannot reject on its own at this n; needs 8",
        "led by the Benjamini–Hochberg-adjusted paired t test, which assumes normality",
    )


@pytest.mark.parametrize("n", [5, 8])
def test_a_family_holds_its_size_and_its_intervals_hold_together(n):
    # Six settings alike: five comparisons with the first, which share its noise. Of families with
    # any verdict, or any interval beside 0, there are at most 5 %; the bound is passed once in a
    # million then.
    scores = np.random.default_rng(n).normal(0.88, 0.003, (200, 6, n))
    families = [compare(dict(zip("abcde", s[1:] - s[0], strict=True))) for s in scores]
    most = scipy_stats.binom.isf(1e-6, len(families), 0.05)
    each = [family.comparisons for family in families]
    wrong = sum(any(c.verdict != "not distinguishable" for c in family) for family in each)
    missed = sum(any(c.interval.low > 0 or c.interval.high < 0 for c in family) for family in each)
    assert 1 <= wrong <= most
    assert 1 <= missed <= most


def test_enough_random_flips_are_drawn_to_reject():
    # α/m is below 1/100,001, the smallest p of the usual number.
    family = compare({"a": np.linspace(1, 2, 25)}, level=1 - 5e-6)
    assert family.comparisons[0].p == pytest.approx(1 / 2_000_001)
    assert family.comparisons[0].verdict == "better"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pairs": {}}, "no comparison; expected at least one label"),
        ({"pairs": {"a": SCATTER}, "correction": "hom"}, r"unknown correction 'hom'.*'holm'\?"),
        ({"pairs": {"a": SCATTER}, "level": 1}, "level 1; expected a share between 0 and 1"),
        ({"pairs": {"a": SCATTER}, "relevant": 0}, "difference 0; expected a positive number"),
        ({"pairs": {"a": [0.1], "b": []}}, r"comparison 'b': values of shape \(0,\)"),
        ({"pairs": {"a": [math.nan]}}, "comparison 'a': value 0 of 1 is nan"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments, message):
    with pytest.raises(ActscopeError, match=message):
        compare(**arguments)
