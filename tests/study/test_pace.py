"""From a few timings to the speed of any program."""

import math
from dataclasses import replace

import numpy as np
import pytest

from actscope.study._cost import Cost
from actscope.study._pace import Calibration, Pace, Timed

PACE = Pace(lanes=2.0, step=100.0, epoch=50.0, finish=25.0, start=3.0, compilation=7.0)
COST = Cost(
    parameters={},
    units={},
    examples=(1000, 200, 300),
    batch=100,
    step=400.0,
    example=2.0,
    data=0,
    weights=0,
    signals=0,
)


def timed(flops, rate, change=0.0):
    return Timed(flops, replace(PACE, step=rate), change)


def test_seconds_by_hand():
    after = 200 * 2 + 2.56 * 400  # the validation set, and the monitor's 256 examples
    epoch = 10 * 400 / 100 + after / 50
    assert PACE.seconds(COST, 4) == pytest.approx(3 + 4 * epoch + 1300 * 2 / 25)


def test_a_power_law_is_followed_between_timings_and_not_beyond():
    found = Calibration(tuple(timed(flops, 5 * flops**0.4) for flops in (1e9, 1e3, 1e5)))
    for flops in np.geomspace(1e3, 1e9, 7).tolist():
        assert found.pace(flops).step == pytest.approx(5 * flops**0.4)
    assert found.pace(1.0).step == pytest.approx(found.pace(1e3).step)
    assert found.pace(1e12).step == pytest.approx(found.pace(1e9).step)
    assert found.pace(1e4).compilation == pytest.approx(7)


def test_two_timings_of_one_program_meet_in_the_middle():
    found = Calibration((timed(10.0, 2.0), timed(10.0, 8.0)))
    assert found.pace(10.0).step == pytest.approx(4)


def test_an_error_is_never_below_a_tenth():
    assert Calibration((timed(10.0, 2.0),)).error(1.0) == 0.1


def test_the_error_of_what_was_timed_is_that_of_its_halves():
    found = Calibration((timed(10.0, 2.0, 0.3), timed(1e6, 70.0, -0.4)))
    noise = math.sqrt((0.15**2 + 0.2**2) / 2)
    assert found.error(0.0) == pytest.approx(math.exp(2 * noise) - 1)


def test_the_error_of_what_was_not_timed_is_what_each_timing_says_of_the_others():
    found = Calibration((timed(1e2, 1.0), timed(1e4, 1.5), timed(1e6, 1.0)))
    # The ends would be taken for their neighbour, the middle for what is between its neighbours.
    assert found.error(0.5) == pytest.approx(math.exp(2 * math.sqrt(0.5) * math.log(1.5)) - 1)


def test_near_programs_count_as_timed():
    found = Calibration((timed(100.0, 1.0), timed(1000.0, 1.0)))
    assert [found.knows(flops) for flops in (79.0, 81.0, 124.0, 126.0, 1200.0)] == [
        False,
        True,
        True,
        False,
        True,
    ]


def test_the_error_of_compilations_is_their_spread():
    times = (4.0, 5.0, 8.0)
    paces = [replace(PACE, compilation=time) for time in times]
    found = Calibration(tuple(Timed(1.0 + i, pace, 0.0) for i, pace in enumerate(paces)))
    expected = math.exp(2 * np.std(np.log(times), ddof=1)) - 1
    assert found.compilation_error == pytest.approx(expected)
    assert Calibration(found.timed[:1]).compilation_error == 0.1


def test_two_standard_deviations_hold_the_speed_in_nineteen_of_twenty_machines():
    """A machine whose speed differs by 20 % from half to half, 1000 times over."""
    rng, deviation = np.random.default_rng(0), 0.2
    held = 0
    for _ in range(1000):
        halves = deviation * rng.standard_normal((8, 2))
        found = Calibration(
            tuple(timed(10.0, math.exp(x.mean()), x[0] - x[1]) for x in halves[:, :])
        )
        # One timing's own error, of which the mean of eight has less.
        held += abs(halves[0].mean()) <= math.log1p(found.error(0.0))
    assert 0.90 <= held / 1000 <= 0.99
