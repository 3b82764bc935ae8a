"""Sentences: what they say is what the numbers are."""

import pytest

from actscope import answers

TWO = {
    "study": {"seeds": 6, "dataset": "digits"},
    "axes": {"activation": ["relu", "swish", "tanh"], "depth": [2, 4], "width": 8},
}
BASE = {"relu": 0.8, "swish": 0.8, "tanh": 0.7}


def crossing(member, noise):
    """Tanh is far below at depth 2, and far above at 4."""
    settings = member.settings
    deep = settings["activation"] == "tanh" and len(settings["hidden_sizes"]) == 4
    return BASE[settings["activation"]] + 0.2 * deep + noise(member) / 10


def points(value):
    return f"{100 * value:+.2f}".replace("-", "−")


def ends(interval):
    return f"[{100 * interval.low:.2f}, {100 * interval.high:.2f}]".replace("-", "−")


@pytest.fixture
def answer(make_study, noise):
    (found,) = answers.answers(make_study(TWO, lambda m: crossing(m, noise)), compare="relu")
    return found


def test_the_best_comes_first_with_its_test_score(answer):
    best = next(s for s in answer.settings if s.axes == {"activation": "tanh", "depth": 4})
    mean, interval = best.summary.mean, best.summary.interval
    assert answer.findings[0] == (
        f"Best by validation: tanh at depth 4, {100 * mean:.2f} % {ends(interval)}, n = 6"
    )


def test_each_stratum_says_what_is_better_worse_or_neither(answer):
    rows = {(at, name): found for at, name, found in answer.comparisons.rows}
    worse, better = rows["2", "tanh"].paired.difference, rows["4", "tanh"].paired.difference
    assert f"Worse than relu at depth 2: tanh {points(worse.mean)} points {ends(worse)}; n = 6" in (
        answer.findings
    )
    assert (
        f"Better than relu at depth 4: tanh {points(better.mean)} points {ends(better)}; n = 6"
        in answer.findings
    )
    needed = rows["2", "swish"].seeds_needed
    assert (
        f"Not distinguishable from relu at depth 2: swish; n = 6; to tell 0.5 points takes "
        f"{needed.estimate} seeds ({needed.low} to {needed.high}) for swish" in answer.findings
    )


def test_a_ranking_that_changes_is_shown_by_the_pair_that_changes_most(answer):
    change = answer.matter.rankings["depth"]
    case = max(change.evidence, key=lambda e: e.interval_a.mean - e.interval_b.mean)
    assert {case.better, case.worse} <= {"swish", "relu", "tanh"}
    assert (
        f"The ranking of activation changes with depth: {case.better} is better than {case.worse} "
        f"at {case.level_a} ({points(case.interval_a.mean)} points {ends(case.interval_a)}) and "
        f"worse at {case.level_b} ({points(case.interval_b.mean)} points {ends(case.interval_b)}); "
        "1 more pair too; n = 6"
    ) in answer.findings


def test_shares_of_the_variance_stand_with_their_intervals(answer):
    whole = answer.matter.importance
    effects = sorted(whole.effects, key=lambda effect: -effect.share)
    first = effects[0]
    assert first.factors == ("activation", "depth")
    (said,) = [f for f in answer.findings if "of the variance" in f]
    low, share, high = (f"{100 * value:.0f}" for value in (first.low, first.share, first.high))
    assert said.startswith(
        f"activation × depth accounts for {share} % [{low}, {high}] of the variance, "
    )
    assert said.endswith("; n = 6, all 36 cells")


def test_an_effect_that_is_none_is_not_named(make_study, noise):
    (answer,) = answers.answers(make_study(TWO, lambda member: 0.8 + noise(member)))
    assert not any("accounts for" in finding for finding in answer.findings)
    assert any(f.startswith("No factor's share of the variance can be") for f in answer.findings)
    assert any(f.startswith("Whether the ranking of activation changes") for f in answer.findings)


def test_many_strata_are_counted(make_study, noise):
    axes = {**TWO["axes"], "learning_rate": [0.1, 0.2]}
    folder = make_study({**TWO, "axes": axes}, lambda m: crossing(m, noise))
    (asked,), (free,) = answers.answers(folder, compare="relu"), answers.answers(folder)
    assert (
        "8 comparisons of activation with relu, within 4 combinations of the other factors: "
        "2 better, 2 worse, 4 not distinguishable; n = 6"
    ) in asked.findings
    assert "comparisons of activation with the best on the validation set, within 4" in "".join(
        free.findings
    )


def test_each_data_set_has_its_best_and_all_have_their_ranks(make_study, noise):
    study = {"seeds": 3, "dataset": ["digits", "kmnist", "cifar10", "fashion_mnist"]}
    folder = make_study(
        {"study": study, "axes": {"activation": ["relu", "swish", "tanh"]}},
        lambda m: (
            BASE[m.settings["activation"]]
            + 0.01 * (m.settings["activation"] == "swish")
            - 0.2 * (m.settings["dataset"] == "kmnist")
            + noise(m) / 100
        ),
    )
    (answer,) = answers.answers(folder)
    best = [f.split(":")[0] for f in answer.findings if f.startswith("Best by")]
    assert best == [f"Best by validation on {name}" for name in study["dataset"]]
    ranks = "Best average rank over 4 data sets: swish, 1.00 of 3, told apart from tanh; "
    assert answer.findings[-1].startswith(f"{ranks}Friedman's p = ")


def test_a_failure_is_told_with_the_best(make_study):
    axes = {"activation": ["relu", "tanh"]}
    folder = make_study(
        {"study": {"seeds": 2, "dataset": "digits"}, "axes": axes},
        lambda m: 0.2 if m.settings["activation"] == "relu" else (0.9, None)[m.seed],
    )
    (answer,) = answers.answers(folder)
    assert answer.findings[0].startswith("Best by validation: tanh, 50.00 % [")
    assert answer.findings[0].endswith(", n = 2; 1 of 2 networks diverged")


def test_scores_that_are_no_accuracy_have_no_percent(make_study, noise):
    folder = make_study(
        {**TWO, "axes": {**TWO["axes"], "task": "autoencoding"}}, lambda m: crossing(m, noise)
    )
    (answer,) = answers.answers(folder)
    assert answer.score == "R²"
    assert not any("points" in finding for finding in answer.findings)
    assert any("to tell 0.005 takes" in finding for finding in answer.findings)


def test_one_setting_has_nothing_to_say_but_notes(make_study, noise):
    (answer,) = answers.answers(make_study({"study": {"seeds": 3, "dataset": "digits"}}, noise))
    assert answer.findings == ()
