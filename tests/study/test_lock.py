"""Two runs in one folder: real processes, one of them killed."""

import os
import platform
import subprocess
import sys

import pytest

from actscope._errors import ActscopeError
from actscope.study import _lock

HOLDER = """
import sys
from pathlib import Path
from actscope.study import _lock

with _lock.alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock until its input ends."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.stdin.close()


def enter(folder):
    with _lock.alone(folder):
        pass


@pytest.mark.heavy
def test_the_second_run_is_told_who_works_there_until_it_ends(holder, tmp_path):
    with pytest.raises(ActscopeError) as caught:
        enter(tmp_path)
    for words in (str(tmp_path), f"process {holder.pid} on {platform.node()}, since 20", "--out"):
        assert words in str(caught.value)
    holder.communicate("")
    enter(tmp_path)


@pytest.mark.heavy
def test_a_killed_run_holds_nothing(holder, tmp_path):
    holder.kill()
    holder.wait()
    assert str(holder.pid) in (tmp_path / _lock.NAME).read_text()  # it could not tidy up
    with _lock.alone(tmp_path):
        assert str(holder.pid) not in (tmp_path / _lock.NAME).read_text()
        with pytest.raises(ActscopeError, match=f"process {os.getpid()} "):
            enter(tmp_path)


def test_a_lock_that_is_not_signed_yet_is_one(tmp_path, monkeypatch):
    monkeypatch.setattr(_lock, "_sign", lambda _: None)
    with _lock.alone(tmp_path), pytest.raises(ActscopeError, match="in use by another run"):
        enter(tmp_path)


def test_an_error_within_frees_it(tmp_path):
    with pytest.raises(ZeroDivisionError), _lock.alone(tmp_path):
        _ = 1 / 0
    enter(tmp_path)
    assert not (tmp_path / _lock.NAME).read_text()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "x"}', "[" * 9999, "\0" * 99])
def test_a_lock_signed_by_nobody_is_that_of_another_run(tmp_path, text):
    with _lock.alone(tmp_path):
        (tmp_path / _lock.NAME).write_text(text)
        assert _lock.holder(tmp_path) == {}
        with pytest.raises(ActscopeError, match="in use by another run"), _lock.alone(tmp_path):
            pass
