"""Which factor matters, on a balanced part of a study."""

from itertools import combinations

import numpy as np
import pytest

from actscope.answers._matter import Matter, matter

DOCUMENT = {
    "study": {"seeds": 4, "dataset": "digits"},
    "axes": {
        "activation": ["relu", "swish", "tanh"],
        "depth": [2, 4],
        "width": 8,
        "learning_rate": [0.01, 0.1],
    },
}


def crossing(member, noise):
    """Relu is better than tanh at depth 2 and worse at 4; the rate matters most."""
    settings = member.settings
    deep = len(settings["hidden_sizes"]) == 4
    sign = {"relu": -1 if deep else 1, "swish": 0, "tanh": 1 if deep else -1}
    return 0.6 + 0.04 * sign[settings["activation"]] + settings["learning_rate"] + noise(member) / 5


def anova(values):
    """ω² of the main effects by the textbook: each effect's own error is that with seeds."""
    n, *sizes = values.shape
    grand = values.mean()
    cells = int(np.prod(sizes))
    seed_square = cells * ((values.mean(axis=(1, 2, 3)) - grand) ** 2).sum() / (n - 1)
    bottom = ((values - grand) ** 2).sum() + seed_square
    shares = []
    for axis in (1, 2, 3):
        others = tuple(a for a in (1, 2, 3) if a != axis)
        by_seed = values.mean(axis=others)
        effect = by_seed.mean(axis=0) - grand
        each = n * cells / values.shape[axis]
        square = each * (effect**2).sum()
        left = by_seed - by_seed.mean(axis=1, keepdims=True) - effect
        df = values.shape[axis] - 1
        error = cells / values.shape[axis] * (left**2).sum() / ((n - 1) * df)
        shares.append((square - df * error) / bottom)
    return shares


def test_shares_are_those_of_an_analysis_of_variance(table, noise):
    scores = table(DOCUMENT, lambda member: crossing(member, noise))
    found = matter(scores, scores.factors[0])
    names = [factor.name for factor in scores.factors]
    mains = {e.factors[0]: e.share for e in found.importance.effects if len(e.factors) == 1}
    assert list(mains) == names
    assert list(mains.values()) == pytest.approx(anova(scores.test))
    assert (found.importance.n, found.part) == (4, "all 48 cells")


def test_a_ranking_that_changes_is_told_from_one_that_does_not(table, noise):
    scores = table(DOCUMENT, lambda member: crossing(member, noise))
    found = matter(scores, scores.factors[0])
    assert {name: change.verdict for name, change in found.rankings.items()} == {
        "depth": "changes",
        "learning_rate": found.rankings["learning_rate"].verdict,
    }
    assert not found.rankings["learning_rate"].changes
    pairs = {(each.better, each.worse) for each in found.rankings["depth"].evidence}
    assert pairs == set(combinations(("relu", "swish", "tanh"), 2))
    means = scores.test.mean(axis=(0, 3))
    order = np.argsort(-means[:, 1])
    ranked = tuple(scores.factors[0].labels[place] for place in order)
    assert found.rankings["depth"].ranks["4"] == ranked


def test_any_factor_can_be_ranked(table, noise):
    scores = table(DOCUMENT, lambda member: crossing(member, noise))
    rate = scores.factors[2]
    found = matter(scores, rate)
    assert found.treatment == "learning_rate"
    assert {name: change.verdict for name, change in found.rankings.items()} == {
        "activation": "stays",
        "depth": "stays",
    }
    means = scores.test.mean(axis=(0, 2))  # activation, rate
    first = {
        label: rate.labels[int(row.argmax())]
        for label, row in zip(scores.factors[0].labels, means, strict=True)
    }
    assert {level: order[0] for level, order in found.rankings["activation"].ranks.items()} == first


def test_a_study_with_gaps_rests_on_a_part_that_is_named(table, noise):
    def score(member):
        settings = member.settings
        late = settings["activation"] == "tanh" and settings["learning_rate"] == 0.1
        return ... if late and member.seed else crossing(member, noise)

    exclude = [{"activation": "swish", "depth": 4}]
    scores = table({**DOCUMENT, "design": {"exclude": exclude}}, score)
    found = matter(scores, scores.factors[0])
    assert isinstance(found, Matter)
    kept = scores.test[:, ::2, :, :1]  # relu and tanh at the low rate, or less
    assert np.isfinite(kept).all()
    assert "activation swish" in found.part
    assert found.part.startswith(f"{kept.size} of {int(scores.there.sum())} cells, without ")
    assert [effect.factors for effect in found.importance.effects] == [
        ("activation",),
        ("depth",),
        ("activation", "depth"),
    ]


def test_what_cannot_be_told_is_said(table, noise):
    one = table({"study": {"seeds": 3, "dataset": "digits"}}, noise)
    assert matter(one, None) == "nothing differs between the settings"
    seed = table({**DOCUMENT, "study": {"seeds": 1, "dataset": "digits"}}, noise)
    assert "expected at least 2 seeds" in matter(seed, seed.factors[0])
    same = table(DOCUMENT, lambda _: 0.5)
    assert "all equal" in matter(same, same.factors[0])
