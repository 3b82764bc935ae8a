"""Which programs are timed, and what is made of it; that it is done at all is in test_estimate."""

import math
from dataclasses import replace

import numpy as np
import pytest

from actscope.study import _calibrate
from actscope.study._calibrate import Case, _Clock, _EnoughError, calibrate, choose
from actscope.study._cost import cost
from actscope.study._plan import plan
from actscope.study._specfile import spec
from actscope.training import Epoch, History, Progress, Trained


@pytest.fixture(scope="module")
def make_case(make_job):
    job = make_job()
    found = cost(job)
    (member,) = plan(spec({"study": {"dataset": "digits", "seeds": 1}})).members

    def make(step, share=0.1):
        return Case(member, job, replace(found, step=step), together=1, share=share)

    return make


def steps(cases):
    return [case.cost.step for case in cases]


def test_the_largest_share_comes_first_and_then_what_is_far_from_all(make_case):
    cases = [make_case(step) for step in (1e3, 1e4, 1e5, 1e6, 1e9)]
    cases.append(make_case(1.1e4, share=0.5))
    assert steps(choose(cases)) == [1.1e4, 1e9, 1e6, 1e3, 1e5]


def test_of_equally_far_programs_the_larger_share_is_timed(make_case):
    cases = [make_case(1e3, 0.1), make_case(1e9, 0.2), make_case(1e6, 0.7)]
    assert steps(choose(cases)) == [1e6, 1e9, 1e3]


def test_programs_that_are_alike_are_not_all_timed(make_case):
    cases = [make_case(1e6 * 1.01**i) for i in range(10)]
    assert len(choose(cases)) == 2
    assert len(choose(cases[:1])) == 1


def test_six_are_enough(make_case):
    assert len(choose([make_case(10.0**i) for i in range(12)])) == 6


def test_rows_are_left_out_of_large_data_alone(make_case, digits):
    job = make_case(1.0).job
    small, large = (
        _calibrate._fewer(job, replace(cost(job), example=example)).dataset
        for example in (1.0, 5e10)
    )
    sizes = [len(part) for part in (small.train, small.validation, small.test)]
    assert sizes == [len(part) for part in (digits.train, digits.validation, digits.test)]
    # One chunk of 1000, and the 248 rows that need a program of their own.
    assert [len(part) for part in (large.train, large.validation, large.test)] == [1248, 249, 300]
    rows = np.arange(2 * 1248) % 1248
    twice = replace(digits, train=digits.train.rows(rows))
    few = _calibrate._fewer(replace(job, dataset=twice), replace(cost(job), example=5e10)).dataset
    assert len(few.train) == 1000 + 2 * 1248 % 1000


def moment(step, steps, seconds, epoch=1, finished=0):
    done = tuple(Epoch(i + 1, 1.0, 0.5, 1.0, 0.5, 0.1) for i in range(finished))
    return Progress(epoch, 9, step, steps, seconds, History(done))


def test_a_clock_tells_steps_from_what_follows_them():
    clock = _Clock()
    for epoch in (1, 2):
        clock(0, moment(16, 20, 1.0, epoch, epoch - 1))
        clock(1, moment(16, 20, 9.0, epoch, epoch - 1))  # another lane
        clock(0, moment(20, 20, 1.5, epoch, epoch - 1))
        clock(0, moment(20, 20, 1.5 + epoch, epoch, epoch))
    assert clock.epochs == [(1.5, 1.0), (1.5, 2.0)]


def test_a_clock_stops_after_two_epochs_at_least(monkeypatch):
    monkeypatch.setattr(_calibrate, "_SECONDS", 0.0)
    clock = _Clock()
    clock(0, moment(20, 20, 1.0, 1, 0))
    clock(0, moment(20, 20, 2.0, 1, 1))
    with pytest.raises(_EnoughError):
        clock(0, moment(20, 20, 2.0, 2, 2))


@pytest.fixture
def run(monkeypatch):
    """Instead of training: epochs of so many seconds for their steps and what follows them."""

    def plan_of(epochs):
        def fit_all(jobs, *, lanes, observe, watch=None, device=None):
            if watch is None:
                yield 0, Trained(jobs[0].network, {}, {}, History(), {})
            for number, (before, after) in enumerate(epochs if watch else (), start=1):
                watch(0, moment(9, 9, before, number, number - 1))
                watch(0, moment(9, 9, before + after, number, number))

        monkeypatch.setattr(_calibrate, "fit_all", fit_all)
        monkeypatch.setattr(_calibrate, "finish", lambda *_: None)

    return plan_of


def test_a_pace_is_flops_over_seconds(make_case, run):
    run([(2.0, 1.0), (2.0, 1.0), (4.0, 2.0), (4.0, 2.0)])
    case = make_case(1e6)
    (found,) = calibrate([case]).timed
    assert found.flops == 1e6
    assert found.pace.step == pytest.approx(9 * 1e6 / 3)
    assert found.pace.epoch == pytest.approx(case.cost.after / 1.5)
    assert found.change == pytest.approx(math.log(3 / 6))


def test_what_diverges_at_once_cannot_be_timed(make_case, run):
    run([])
    assert calibrate([make_case(1e6)]) is None
