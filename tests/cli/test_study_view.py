"""What is shown of a study while it runs, told by made-up events."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from actscope import study
from actscope.cli import _study_view
from actscope.cli._study_view import following
from actscope.study import Begun, Finished, Moment, Outcome
from actscope.training import Epoch, History, Progress


@pytest.fixture(scope="module")
def members():
    document = {
        "study": {"seeds": 2},
        "axes": {"activation": ["relu", "tanh"], "dataset": "digits"},
    }
    return study.plan(study.spec(document)).members


def outcome(member, score, *, diverged_at=None):
    epochs = (Epoch(1, 1.0, 0.5, 1.0, score / 2, 1.0), Epoch(2, 1.0, 0.5, 1.0, score, 1.0))
    return Outcome(
        id=member.id,
        phase=member.phase,
        seed=member.seed,
        settings=member.combination.key,
        columns=member.columns(),
        parameters=1,
        epochs=epochs,
        best_epoch=2,
        test_loss=1.0,
        test_score=score,
        chance=0.1,
        diverged_at=diverged_at,
        seconds=2.0,
        dead=(),
        units=(),
        sites={},
        layers={},
    )


def tell(members, watcher):
    watcher(Begun("compare", 4, 1))
    watcher(Moment(members[2], Progress(2, 3, 16, 48, 1.0, History())))
    watcher(Finished(members[0], outcome(members[0], 0.8)))
    watcher(Finished(members[1], outcome(members[1], 0.9, diverged_at=7)))


def test_what_is_no_terminal_gets_few_lines(members):
    said = io.StringIO()
    with following(Console(file=said)) as watcher:
        tell(members, watcher)
        watcher(Finished(members[2], outcome(members[2], 0.7)))
    lines = said.getvalue().splitlines()
    assert lines[0] == "comparison: 1 of 4 networks"
    assert len(lines) == 2
    assert lines[1].startswith("comparison: 4 of 4 networks, 1 diverged, ")
    assert lines[1].endswith(" network-epochs/s")


def test_a_line_now_and_then(members, monkeypatch):
    monkeypatch.setattr(_study_view, "_EVERY", 0.0)
    said = io.StringIO()
    with following(Console(file=said)) as watcher:
        tell(members, watcher)
    assert len(said.getvalue().splitlines()) == 4


def test_a_terminal_shows_what_is_under_way_and_the_best_so_far(members):
    seen = _study_view._Seen()
    tell(members, seen.tell)
    console = Console(file=io.StringIO(), width=100)
    console.print(seen.picture())
    text = console.file.getvalue()
    assert "comparison: 3 of 4 networks, 1 diverged" in text
    assert "tanh, seed 0: epoch 2 of 3" in text
    rows = [line.split() for line in text.splitlines()]
    assert ["relu", "0.8000", "1"] in rows  # the one that diverged is not among the best


def moment(member, epoch):
    return Moment(member, Progress(epoch, 3, 16, 48, 1.0, History()))


def test_a_network_under_way_has_a_line_until_it_is_finished(members):
    seen = _study_view._Seen()
    seen.tell(Begun("compare", 4, 0))
    for epoch in (1, 2):
        for member in members[:3]:
            seen.tell(moment(member, epoch))
    seen.tell(Finished(members[1], outcome(members[1], 0.5)))
    assert [(each.member, each.progress.epoch) for each in seen.now.values()] == [
        (members[0], 2),
        (members[2], 2),
    ]


def test_of_many_under_way_the_last_told_have_a_line(members):
    seen = _study_view._Seen()
    seen.tell(Begun("compare", 20, 0))
    for seed in (*range(20), 0):
        seen.tell(moment(replace(members[0], seed=seed), 1))
    lines = seen._under_way()
    assert len(lines) == 8
    assert {line.split()[2] for line in lines} == {f"{seed}:" for seed in (0, *range(13, 20))}


def test_before_anything_is_told():
    console = Console(file=io.StringIO(), width=100)
    console.print(_study_view._Seen().picture())
    assert console.file.getvalue() == "reading the data\n"


def test_a_terminal_is_left_clean(members):
    said = io.StringIO()
    with following(Console(file=said, force_terminal=True, width=100)) as watcher:
        tell(members, watcher)
    assert "\x1b[?25h" in said.getvalue()  # the cursor is back
