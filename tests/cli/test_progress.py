import io
import re
import threading
from dataclasses import replace

import pytest
from rich.console import Console

from actscope.cli import _progress as progress
from actscope.training import Epoch, History, Progress

EPOCHS = tuple(Epoch(n, 2.0, 0.1 * n, 2.0, 0.2 * n, 1.26) for n in (1, 2, 3))
NOW = Progress(epoch=2, epochs=3, step=5, steps=10, seconds=0.5, history=History(EPOCHS[:1]))
SECOND = "epoch 2 of 3, training 20.00%, validation 40.00%, 1.3 s"


@pytest.fixture
def shown(monkeypatch):
    """What is shown of some calls, and whether on a terminal of 80 columns."""

    def show(calls, *, terminal, total=1):
        content = io.StringIO()
        made = Console(
            file=content, width=80, force_terminal=terminal, color_system=None, markup=False
        )
        monkeypatch.setattr(progress, "messages", lambda: made)
        with progress.shown(total) as observe:
            for name, moment in calls:
                observe(name, moment)
        return content.getvalue()

    return show


@pytest.mark.parametrize("terminal", [False, True])
def test_a_line_for_each_finished_epoch_and_one_for_going_on(shown, terminal):
    after = replace(NOW, step=10, history=History(EPOCHS[:2]))
    told = shown([("run", NOW), ("run", NOW), ("run", after), ("run", None)], terminal=terminal)
    assert re.findall(r"run: (.*?)\s*\n", told) == ["goes on after epoch 1", SECOND]


def test_nothing_of_an_epoch_under_way_in_a_file(shown):
    first = replace(NOW, epoch=1, history=History())
    assert shown([("run", first), ("run", first)], terminal=False) == ""


def test_a_terminal_shows_the_moment_in_80_columns(shown):
    told = shown([("leaky_relu-seed-0", NOW)], terminal=True)
    assert "leaky_relu-seed-0" in told
    assert "epoch 2/3, 10 batches/s, best 20.0%, 0:02 left" in told


def test_a_terminal_counts_the_runs_of_a_study(shown):
    told = shown([("a", NOW), ("b", NOW), ("a", None)], terminal=True, total=2)
    assert "0 of 2" in told
    assert "1 of 2" in told
    assert "epoch 1 of 3" not in told  # lines are for a single run


def test_a_name_is_no_markup(shown):
    assert "[/x]" in shown([("[/x]", NOW)], terminal=True)


def test_several_threads_may_tell(shown, monkeypatch):
    content = io.StringIO()
    monkeypatch.setattr(progress, "messages", lambda: Console(file=content, width=80))
    with progress.shown(8) as observe:
        after = replace(NOW, history=History(EPOCHS[:2]))
        threads = [threading.Thread(target=observe, args=(f"r{i}", after)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(re.findall(r"(r\d): epoch", content.getvalue())) == [f"r{i}" for i in range(8)]
