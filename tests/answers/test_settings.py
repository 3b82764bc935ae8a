"""Each setting over its seeds, against the rows of the record and scipy."""

from statistics import fmean

import numpy as np
import pytest
import scipy.stats

from actscope import answers, study
from actscope.answers._settings import best

DOCUMENT = {
    "study": {"seeds": 6, "dataset": "digits"},
    "axes": {"activation": ["relu", "tanh"], "learning_rate": [0.01, 0.1]},
}


def fate(member, noise):
    settings = (member.settings["activation"], member.settings["learning_rate"], member.seed)
    if settings in {("relu", 0.1, 1), ("relu", 0.1, 4)}:
        return None
    return ... if settings == ("tanh", 0.01, 5) else 0.8 + noise(member)


@pytest.fixture
def folder(make_study, noise):
    return make_study(DOCUMENT, lambda member: fate(member, noise))


@pytest.fixture
def rows(folder):
    """Members by activation, rate and seed; `area` is the mean of the four epochs, or chance."""
    record = study.Record.open(folder)
    curves, found = record.curves(), {}
    for row in record.members.to_pylist():
        failed = row["diverged_at"] is not None
        row |= {"failed": failed, "curve": curves[row["id"]].tolist()}
        row["score"] = row["chance"] if failed else row["test_score"]
        row["area"] = row["chance"] if failed else fmean(row["curve"])
        found[row["activation"], row["learning_rate"], row["seed"]] = row
    return found


def t_interval(values):
    values = list(values)
    return scipy.stats.t.interval(0.95, len(values) - 1, np.mean(values), scipy.stats.sem(values))


def test_a_setting_says_what_its_seeds_do(folder, rows):
    (answer,) = answers.answers(folder)
    assert len(answer.settings) == 4
    for setting in answer.settings:
        key = tuple(setting.axes.values())
        mine = {seed: row for (*place, seed), row in rows.items() if tuple(place) == key}
        assert setting.seeds == tuple(sorted(mine))
        assert setting.summary.n == len(mine) == (5 if key == ("tanh", 0.01) else 6)
        scores = [mine[seed]["score"] for seed in setting.seeds]
        assert setting.scores == tuple(scores)
        assert setting.summary.mean == pytest.approx(fmean(scores))
        interval = setting.summary.interval
        assert (interval.low, interval.high) == pytest.approx(t_interval(scores))
        areas = [mine[seed]["area"] for seed in setting.seeds]
        assert setting.area == pytest.approx(fmean(areas))
        assert (setting.speed.low, setting.speed.high) == pytest.approx(t_interval(areas))
        failed = sum(row["failed"] for row in mine.values())
        assert (setting.failures.k, setting.failures.n) == (failed, len(mine))
        assert setting.failures.share.low == (0 if not failed else pytest.approx(0.0433, abs=1e-4))


def test_the_epoch_at_which_a_seed_reached_the_target(folder, rows):
    (answer,) = answers.answers(folder, target=0.62)
    for setting in answer.settings:
        expected = []
        for seed in setting.seeds:
            curve = rows[(*setting.axes.values(), seed)]["curve"]
            expected.append(next((n for n, s in enumerate(curve, 1) if s >= 0.62), None))
        assert setting.reached.epochs == tuple(expected)
        assert setting.reached.target == 0.62
    assert {epoch for s in answer.settings for epoch in s.reached.epochs} == {2, 3, None}


def test_a_curve_is_the_best_so_far_and_chance_once_a_seed_has_diverged(folder, rows):
    (answer,) = answers.answers(folder)
    setting = next(
        s for s in answer.settings if s.axes == {"activation": "relu", "learning_rate": 0.1}
    )
    curves = [rows["relu", 0.1, seed] for seed in range(6)]
    third = [0.1 if row["failed"] else max(row["curve"][:3]) for row in curves]
    second = [max(row["curve"][:2]) for row in curves]
    assert [interval.n for interval in setting.curve] == [6] * 4
    assert setting.curve[1].mean == pytest.approx(fmean(second))
    assert setting.curve[2].mean == pytest.approx(fmean(third))
    assert (setting.curve[2].low, setting.curve[2].high) == pytest.approx(t_interval(third))


def test_averaged_cells_give_one_score_a_seed(folder, rows):
    (answer,) = answers.answers(folder, by=["activation"])
    relu, tanh = answer.settings
    assert (relu.summary.n, tanh.summary.n, tanh.seeds) == (6, 5, (0, 1, 2, 3, 4))
    expected = [
        fmean(rows["relu", rate, seed]["score"] for rate in (0.01, 0.1)) for seed in range(6)
    ]
    assert relu.scores == pytest.approx(expected)
    areas = [fmean(rows["relu", rate, seed]["area"] for rate in (0.01, 0.1)) for seed in range(6)]
    assert (relu.speed.n, relu.area) == (6, pytest.approx(fmean(areas)))
    # Two members of one seed are no two seeds.
    assert (relu.failures.k, relu.failures.n, relu.failures.share) == (2, 12, None)
    assert (relu.reached, relu.curve) == (None, ())


def test_the_chance_is_that_of_the_settings_own_data_set(make_study):
    document = {"study": {"seeds": 2, "dataset": ["digits", "cifar10"]}}
    (answer,) = answers.answers(make_study(document, lambda m: None if m.seed else 0.6))
    digits, cifar10 = answer.settings
    assert (digits.scores, cifar10.scores) == ((0.6, 0.1), (0.6, 0.01))
    assert (digits.chance, cifar10.chance) == (0.1, 0.01)
    assert digits.curve[-1].mean == pytest.approx((0.62 + 0.1) / 2)
    assert cifar10.curve[-1].mean == pytest.approx((0.62 + 0.01) / 2)
    rising = fmean([0.3, 0.4, 0.5, 0.62])
    assert digits.area == pytest.approx((rising + 0.1) / 2)
    assert cifar10.area == pytest.approx((rising + 0.01) / 2)
    assert digits.reached.target > cifar10.reached.target
    (both,) = answers.answers(make_study(document, lambda m: None if m.seed else 0.6), by=[])
    assert both.settings[0].scores == pytest.approx((0.6, 0.055))
    assert both.settings[0].chance == pytest.approx(0.055)


def test_the_best_is_so_by_validation_over_the_seeds_that_all_have(folder):
    (answer,) = answers.answers(folder)
    tables = [dict(zip(s.seeds, s.validation, strict=True)) for s in answer.settings]
    means = [fmean(table[seed] for seed in range(5)) for table in tables]
    assert best(answer.settings) is answer.settings[int(np.argmax(means))]
