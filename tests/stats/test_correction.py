from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import benjamini_hochberg, holm

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=7)


@given(p_values)
def test_holm_is_the_closed_test_of_bonferroni(p):
    # A hypothesis falls where Bonferroni rejects every intersection that it takes part in.
    groups = [g for size in range(1, len(p) + 1) for g in combinations(range(len(p)), size)]
    expected = [
        min(1, max(len(g) * min(p[i] for i in g) for g in groups if each in g))
        for each in range(len(p))
    ]
    np.testing.assert_allclose(holm(p), expected, rtol=1e-12)


@given(p_values)
def test_benjamini_hochberg_agrees_with_scipy(p):
    expected = scipy_stats.false_discovery_control(p, method="bh")
    np.testing.assert_allclose(benjamini_hochberg(p), expected, rtol=1e-12)


def test_by_hand():
    p = [0.01, 0.04, 0.03, 0.005]
    assert holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg(p) == pytest.approx([0.02, 0.04, 0.04, 0.02])


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_no_tests_need_no_adjustment(adjust):
    assert adjust([]).shape == (0,)
    assert adjust([0.2]) == [0.2]


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@pytest.mark.parametrize("bad", [-0.1, 1.5, float("nan")])
def test_what_is_no_p_is_refused(adjust, bad):
    with pytest.raises(ActscopeError, match=r"p-value 1 is .*; expected one between 0 and 1"):
        adjust([0.5, bad])
