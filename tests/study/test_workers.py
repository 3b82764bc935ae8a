"""Tasks one at a time on each device; tests see one device, test_runs.py two."""

import pytest

from actscope.study._workers import _Queue, work


def test_every_task_is_done_once():
    done = []
    work({f"task-{i}": i % 3 for i in range(20)}, lambda name, *_: done.append(name))
    assert sorted(done) == sorted(f"task-{i}" for i in range(20))


def test_nothing_to_do():
    work({}, lambda *_: pytest.fail("there was something"))


def test_a_failure_is_told_and_ends_the_work():
    begun = []

    def do(name, device, check):
        begun.append(name)
        if len(begun) == 2:
            raise ValueError("the second")

    with pytest.raises(ValueError, match="the second"):
        work({str(i): None for i in range(10)}, do)
    assert len(begun) == 2


def test_a_device_prefers_what_it_has_compiled():
    queue = _Queue({"a0": "a", "b0": "b", "a1": "a", "b1": "b", "b2": "b"})
    assert queue.take(None) == "b0"  # most tasks
    assert queue.take("a") == "a0"
    assert queue.take("a") == "a1"
    assert queue.take("a") == "b1"  # no a left
    assert queue.take("a") == "b2"
    assert queue.take("b") is None


def test_a_device_begins_a_program_before_it_helps_with_another():
    queue = _Queue({"a0": "a", "a1": "a", "a2": "a", "b0": "b"})
    assert queue.take(None) == "a0"
    assert queue.take(None) == "b0"
    assert queue.take("b") == "a1"
