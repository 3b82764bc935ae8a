"""Ranks over data sets against scipy."""

import numpy as np
import pytest
import scipy.stats

from actscope.answers._datasets import ranks

DATASETS = ["digits", "fashion_mnist", "kmnist", "cifar10"]
DOCUMENT = {
    "study": {"seeds": 3, "dataset": DATASETS},
    "axes": {"activation": ["relu", "swish", "tanh"], "learning_rate": [0.1, 0.01]},
}
BASE = {"relu": 0.5, "swish": 0.52, "tanh": 0.49}


def score(member, noise):
    return BASE[member.settings["activation"]] + noise(member)


def test_blocks_are_data_sets_and_seeds_are_averaged_first(table, noise):
    scores = table(DOCUMENT, lambda member: score(member, noise))
    activation, data, rate = scores.factors
    assert (data.name, rate.name) == ("dataset", "learning_rate")
    means = scores.test.mean(axis=(0, 3)).T  # data set, activation
    expected = scipy.stats.rankdata(-means, axis=1).mean(axis=0)
    found = ranks(scores, activation)
    assert found.ranks == dict(zip(activation.labels, expected, strict=True))
    statistic = scipy.stats.friedmanchisquare(*means.T).statistic
    assert found.friedman.statistic == pytest.approx(statistic)
    assert (found.friedman.n, found.datasets, found.left_out) == (4, tuple(DATASETS), ())
    assert set(found.p) == {("relu", "swish"), ("relu", "tanh"), ("swish", "tanh")}
    assert (found.critical_difference is None) == (found.friedman.p > 0.05)
    assert ranks(scores, rate).ranks.keys() == {"0.1", "0.01"}


def test_each_level_is_averaged_over_the_same_seeds(table, noise):
    def late(member):
        settings = member.settings
        hard = 0.3 if member.seed == 0 else 0.0  # a seed that is bad for all
        if settings["dataset"] == "kmnist" and settings["activation"] == "swish" and hard:
            return ...
        return score(member, noise) - hard

    scores = table(DOCUMENT, late)
    found = ranks(scores, scores.factors[0])
    means = scores.test.mean(axis=(0, 3)).T
    means[2] = scores.test[1:, :, 2].mean(axis=(0, 2))
    expected = scipy.stats.rankdata(-means, axis=1).mean(axis=0)
    np.testing.assert_allclose(list(found.ranks.values()), expected)


def test_a_data_set_without_all_levels_is_left_out_and_named(table, noise):
    def late(member):
        settings = member.settings
        gone = (settings["dataset"], settings["activation"]) == ("cifar10", "tanh")
        return ... if gone else score(member, noise)

    exclude = [{"dataset": "kmnist", "activation": "relu"}]
    scores = table({**DOCUMENT, "design": {"exclude": exclude}}, late)
    found = ranks(scores, scores.factors[0])
    assert found.datasets == ("digits", "fashion_mnist")
    assert found.left_out == ("kmnist", "cifar10")


def test_a_data_set_that_walks_twice_is_one_block(table, noise):
    document = {
        "study": {"seeds": 3, "dataset": ["digits", "digits", "kmnist", "cifar10"]},
        "axes": {"activation": ["relu", "tanh"], "optimizer": ["sgd", "adam", "sgd", "adam"]},
        "design": {"pair": [["dataset", "optimizer"]]},
    }
    scores = table(document, lambda member: score(member, noise))
    found = ranks(scores, scores.factors[0])
    assert found.datasets == ("digits", "kmnist", "cifar10")
    test = scores.test
    blocks = [test[:, :, :2].mean(axis=(0, 2)), *test[:, :, 2:].mean(axis=0).T]
    expected = scipy.stats.rankdata(-np.array(blocks), axis=1).mean(axis=0)
    np.testing.assert_allclose(list(found.ranks.values()), expected)


def test_one_data_set_or_data_sets_themselves_have_no_ranks(table, noise):
    scores = table(DOCUMENT, lambda member: score(member, noise))
    assert ranks(scores, scores.factors[1]) is None
    one = table({**DOCUMENT, "study": {"seeds": 3, "dataset": "digits"}}, noise)
    assert ranks(one, one.factors[0]) is None
    first = scores.only(scores.factors[1], [0])
    assert ranks(first, first.factors[0]) is None


def test_where_the_design_leaves_no_common_cell_there_is_no_block(table, noise):
    exclude = [
        {"dataset": "digits", "activation": "relu", "learning_rate": 0.1},
        {"dataset": "digits", "activation": "tanh", "learning_rate": 0.01},
    ]
    scores = table({**DOCUMENT, "design": {"exclude": exclude}}, noise)
    assert ranks(scores, scores.factors[0]).left_out == ("digits",)
