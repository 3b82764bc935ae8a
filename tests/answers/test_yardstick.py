"""What the scores on a data set are held against."""

import pytest

from actscope.answers._yardstick import Yardstick, yardsticks

DOCUMENT = {
    "study": {"seeds": 2, "dataset": ["digits", "cifar10"]},
    "axes": {"activation": ["relu", "tanh"]},
}


def score(member):
    """Validation scores are 0.02 more."""
    if member.settings["dataset"] == "digits":
        return 0.88 if member.settings["activation"] == "relu" else 0.9 + 0.04 * member.seed
    return 0.4 if member.settings["activation"] == "relu" else None


def test_each_data_set_has_its_chance_and_its_target(table):
    found = yardsticks(table(DOCUMENT, score))
    digits = int(100 * (0.1 + 0.9 * (0.94 - 0.1))) / 100  # mean of 0.92 and 0.96
    cifar10 = int(100 * (0.01 + 0.9 * (0.42 - 0.01))) / 100
    assert found == {"digits": Yardstick(0.1, digits), "cifar10": Yardstick(0.01, cifar10)}


def test_the_target_may_be_given(table):
    found = yardsticks(table(DOCUMENT, score), 0.5)
    assert found == {"digits": Yardstick(0.1, 0.5), "cifar10": Yardstick(0.01, 0.5)}


@pytest.mark.parametrize("reached", [None, -0.3, 0.085])
def test_where_nothing_is_learned_there_is_no_target(table, reached):
    found = yardsticks(table({"study": {"dataset": "digits", "seeds": 2}}, lambda _: reached))
    assert found == {"digits": Yardstick(0.1, None)}


def test_test_scores_do_not_enter(make_study, table):
    scores = table(DOCUMENT, score)
    before = yardsticks(scores)
    scores.test[:] += 0.5
    assert yardsticks(scores) == before
