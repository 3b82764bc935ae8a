"""Whole answers: a task each, what is asked, and what cannot be answered yet."""

from statistics import fmean

import pytest

from actscope import answers, study
from actscope._errors import ActscopeError

DOCUMENT = {
    "study": {"seeds": 3, "dataset": "digits"},
    "axes": {
        "activation": ["relu", "tanh"],
        "task": ["classification", "autoencoding"],
        "learning_rate": [0.1, 0.01],
    },
}


def test_each_task_has_its_own_answer(make_study, noise):
    folder = make_study(DOCUMENT, lambda m: None if place(m) == "autoencoding" else 0.7 + noise(m))
    first, second = answers.answers(folder)
    assert (first.task, first.score) == ("classification", "accuracy")
    assert (second.task, second.score) == ("autoencoding", "R²")
    assert first.by == second.by == ("activation", "learning_rate")
    assert {s.scores for s in second.settings} == {(0.0, 0.0, 0.0)}
    assert (first.yardsticks["digits"].chance, second.yardsticks["digits"].chance) == (0.1, 0.0)
    rows = study.Record.open(folder).members.to_pylist()
    for setting in first.settings:
        mine = [
            row["test_score"]
            for row in rows
            if row["task"] == first.task
            and all(row[axis] == value for axis, value in setting.axes.items())
        ]
        assert setting.summary.mean == pytest.approx(fmean(mine))


def place(member):
    return member.settings["task"]


def test_a_task_that_has_not_begun_has_none(make_study, noise):
    folder = make_study(DOCUMENT, lambda m: ... if place(m) == "autoencoding" else noise(m))
    assert [answer.task for answer in answers.answers(folder)] == ["classification"]


def test_the_task_may_be_named_and_is_always_apart(make_study, noise):
    folder = make_study(DOCUMENT, noise)
    for answer in answers.answers(folder, by=["learning_rate", "task"]):
        assert answer.by == ("learning_rate",)
        assert answer.comparisons.treatment == "learning_rate"
        assert answer.matter.treatment == "learning_rate"
        assert {found.treatment for found in answer.interactions} == {"learning_rate"}


def test_by_nothing_is_one_setting(make_study, noise):
    answer, _ = answers.answers(make_study(DOCUMENT, noise), by=[])
    (setting,) = answer.settings
    assert (setting.label, setting.summary.n, answer.comparisons) == ("all", 3, None)
    assert answer.matter.treatment == "activation"


def test_what_walks_with_the_task_is_no_factor_where_it_has_one_level(make_study, noise):
    axes = {
        "activation": ["relu", "tanh"],
        "task": ["classification", "regression"],
        "optimizer": ["sgd", "adam"],
    }
    pair = {"pair": [["task", "optimizer"]]}
    folder = make_study({"study": DOCUMENT["study"], "axes": axes, "design": pair}, noise)
    for answer in answers.answers(folder, by=["activation", "optimizer"]):
        assert answer.by == ("activation",)
        assert not any("not finished" in note for note in answer.notes)


def test_unknown_axes_are_refused(make_study, noise):
    folder = make_study(DOCUMENT, noise)
    with pytest.raises(ActscopeError, match="did you mean 'activation'"):
        answers.answers(folder, by=["activatoin"])
    with pytest.raises(ActscopeError, match="unknown axis with several values 'optimizer'"):
        answers.answers(folder, by=["optimizer"])
    with pytest.raises(ActscopeError, match="unknown correction"):
        answers.answers(folder, correction="bonferoni")


def test_what_is_not_there_yet_is_said(make_study, noise, tmp_path):
    with pytest.raises(ActscopeError, match="holds no study"):
        answers.answers(tmp_path / "nowhere")
    with pytest.raises(ActscopeError, match="no member is finished yet; expected one at least"):
        answers.answers(make_study(DOCUMENT, lambda _: ...))
    tune = {"design": {"tune": {"momentum": [0.5, 0.9]}}}
    with pytest.raises(ActscopeError, match="no member is finished yet"):
        answers.answers(make_study(DOCUMENT | tune, lambda m: 0.5 if m.phase == "tune" else ...))
    half = make_study(DOCUMENT, lambda m: ... if m.settings["learning_rate"] == 0.1 else noise(m))
    assert answers.answers(half)
    with pytest.raises(ActscopeError, match="no seed has all that is to be averaged yet"):
        answers.answers(half, by=["activation"])


def test_an_extension_under_way_gives_each_setting_its_own_n(make_study, noise):
    def score(member):
        old = member.seed < 2 and member.settings["learning_rate"] == 0.1
        return 0.5 + noise(member) if old or member.settings["activation"] == "relu" else ...

    answer, _ = answers.answers(make_study(DOCUMENT, score))
    found = {tuple(s.axes.values()): s.summary.n for s in answer.settings}
    assert found == {("relu", 0.1): 3, ("relu", 0.01): 3, ("tanh", 0.1): 2}
    assert {at: c.paired.n for at, _, c in answer.comparisons.rows} == {"0.1": 2}


def test_the_order_of_the_shards_does_not_matter(make_study, noise):
    folder = make_study(DOCUMENT, noise)
    before = answers.document("x", answers.answers(folder))
    shards = study.Folder(folder).shards()
    for name, path in zip("ba", shards, strict=True):
        path.rename(path.with_name(f"{name}.parquet"))
    assert answers.document("x", answers.answers(folder)) == before
