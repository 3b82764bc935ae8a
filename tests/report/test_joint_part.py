"""Two studies in one table."""

import numpy as np
import pytest

from actscope.report import joint
from report.test_study_page import SPEC


def made(answered, more, levels='"relu", "tanh"'):
    text = SPEC.replace('"relu", "tanh", "swish"', levels)

    def score(columns, seed):
        scatter = np.random.default_rng([seed, columns["depth"]]).normal(0, 0.01)
        return 0.5 + 0.1 * columns["depth"] + scatter * (1 + more) + more

    return answered(text, score)


@pytest.fixture
def both(answered, tmp_path):
    one = made(answered, 0.0)
    (tmp_path / "study").rename(tmp_path / "first")
    return one, made(answered, 0.02, '"tanh", "elu"')


def test_the_settings_that_both_have_are_told_with_their_difference(both):
    one, other = both
    (part,) = joint(one, other)
    (table,) = part.blocks
    assert part.finding == "2 settings in both studies."
    assert {row[:2] for row in table.rows} == {("tanh", "2"), ("tanh", "4")}
    sides = [{s.label: s.by_seed for s in answer[0].settings} for answer in both]
    for row in table.rows:
        before, after = (side[" · ".join(row[:2])] for side in sides)
        difference = np.mean([100 * (after[seed] - before[seed]) for seed in before])
        assert row[-2].startswith(f"{difference:+.2f} [")
        assert row[-1] == "5"


def test_nothing_in_common_is_said(answered, tmp_path):
    one = made(answered, 0.0)
    (tmp_path / "study").rename(tmp_path / "first")
    (part,) = joint(one, made(answered, 0.0, '"elu", "swish"'))
    assert (part.finding, part.blocks) == ("No setting is in both studies.", ())
