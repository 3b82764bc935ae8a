import numpy as np
import pytest
import scipy.stats

from actscope._errors import ActscopeError
from actscope.tutorial import retrained

NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")


def runs(centre, spread=0.002, n=5):
    return list(centre + spread * np.random.default_rng(1).normal(size=n))


def test_intervals_against_scipy():
    (row,) = [r for r in retrained({n: runs(0.88) for n in NAMES}) if r.activation == "tanh"]
    values = np.array(runs(0.88))
    s, mean = values.std(ddof=1), values.mean()
    assert (row.low, row.high) == pytest.approx(
        scipy.stats.t.interval(0.95, 4, loc=mean, scale=s / 5**0.5)
    )
    wide = s * (1 + 1 / 5) ** 0.5
    assert (row.run_low, row.run_high) == pytest.approx(
        scipy.stats.t.interval(0.95, 4, loc=mean, scale=wide)
    )
    assert (row.n, row.mean) == (5, pytest.approx(mean))
    assert row.family_level == pytest.approx(1 - 0.05 / 6)


def test_inside_outside_and_between():
    published = 0.8865  # relu's
    spread = 0.002 * np.random.default_rng(1).normal(size=5).std(ddof=1) * 1.2**0.5
    shift = 0.002 * np.random.default_rng(1).normal(size=5).mean()
    t95, t99 = (scipy.stats.t.ppf(1 - p / 2, 4) for p in (0.05, 0.05 / 6))
    others = {name: runs(0.5) for name in NAMES if name != "relu"}
    rows = {}
    for name, distance in {"in": 0.9 * t95, "between": 1.1 * t95, "out": 1.1 * t99}.items():
        centre = published - shift + distance * spread
        rows[name] = retrained({"relu": runs(centre)} | others)[0]
    assert [(row.inside, row.inside_family) for row in rows.values()] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert rows["in"].words == "not contradicted"
    assert rows["between"].words.endswith("; not contradicted")
    assert rows["out"].words.startswith("contradicted")
    assert rows["in"].to_json()["words"] == "not contradicted"


def test_one_run_contradicts_nothing():
    (row,) = retrained({"elu": [0.3]})
    assert (row.low, row.run_high, row.inside, row.inside_family) == (None,) * 4
    assert "at least two seeds" in row.words


def test_bad_input():
    with pytest.raises(ActscopeError, match="unknown activation of the tutorial 'gelu'"):
        retrained({"gelu": [0.1, 0.2]})
    with pytest.raises(ActscopeError, match="at least one"):
        retrained({"relu": []})
    with pytest.raises(ActscopeError, match="finite"):
        retrained({"relu": [0.1, float("nan")]})
    assert retrained({}) == ()
