"""How fast this machine is: a few of a study's programs, compiled and run for about a second."""

import math
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from itertools import cycle, islice

import jax
import numpy as np

from actscope.data import Split
from actscope.study._cost import CHUNK, SEEN, Cost
from actscope.study._finish import finish
from actscope.study._member import Member
from actscope.study._monitor import monitor
from actscope.study._width import fastest
from actscope.training import Device, Job, Progress, Trained, fit_all

_MOST = 6  # programs
_NEAR = 1.25  # programs whose steps' FLOPs are within this factor run alike: a few are enough
_SECONDS = 1.0  # of training, in each
_STEPS = 16  # that training takes between two looks, and so an epoch has here at most
_CALL = 5e10  # FLOPs of an epoch here at most, some seconds of a slow core
_FOR_EVER = 10**6  # epochs
_STILL = 1e-12  # a learning rate with which nothing diverges


@dataclass(frozen=True)
class Case:
    """One program of a study.

    Attributes:
        member: one of it.
        job: of that member.
        cost: of each.
        together: members that a device takes on at a time, at most.
        share: of the study's FLOPs.
    """

    member: Member
    job: Job
    cost: Cost
    together: int
    share: float


@dataclass(frozen=True)
class Pace:
    """How fast a program runs on one device, while the others are as busy.

    Attributes:
        lanes: members side by side.
        rate: FLOPs a second of training steps, of all lanes together.
        epoch: seconds at the end of an epoch that its FLOPs do not explain, all lanes together.
        member: seconds at the start and the end of a member that its FLOPs do not explain.
        compilation: seconds until everything is compiled that a member needs.
    """

    lanes: float
    rate: float
    epoch: float
    member: float
    compilation: float

    def seconds(self, cost: Cost, epochs: int) -> float:
        """Device time of a member, without the compilation."""
        return cost.flops(epochs) / self.rate + epochs * self.epoch / self.lanes + self.member


@dataclass(frozen=True)
class Calibration:
    """What was timed.

    Attributes:
        steps: FLOPs of one step of each timed program, ascending.
        paces: of each of them.
        noise: root mean square of the differences between the logarithms of a rate's halves.
    """

    steps: tuple[float, ...]
    paces: tuple[Pace, ...]
    noise: float

    def pace(self, step: float) -> Pace:
        """The pace of a program whose steps take so many FLOPs.

        Between those of the next two that were timed, in a straight line over the logarithm of the
        FLOPs, and that of the nearest beyond them; of rates the logarithm. Small steps are slower
        by the FLOP, for something is the same in each.
        """
        x, at = np.log(step), np.log(self.steps)

        def between(name: str) -> float:
            return float(np.interp(x, at, [getattr(pace, name) for pace in self.paces]))

        rate = np.exp(np.interp(x, at, [np.log(pace.rate) for pace in self.paces]))
        others = {f.name: between(f.name) for f in fields(Pace) if f.name != "rate"}
        return Pace(rate=float(rate), **others)

    def error(self, untimed: float) -> float:
        """By which share a time may be wrong: it lies between t / (1 + e) and t · (1 + e).

        e = exp(2 √(noise² + untimed · scatter²)) - 1, at least 0.1, as a machine's speed changes
        from hour to hour: two standard deviations of the logarithm of the rate. `scatter` is
        the root mean square of what `pace` says of each timed program from the others alone,
        against its own rate, again in logarithms; 0 with a single one.

        Args:
            untimed: the share of the FLOPs that is in programs which were not timed.
        """
        scatter = _rms([self._missed(index) for index in range(len(self.steps))])
        return max(0.1, math.expm1(2 * math.sqrt(self.noise**2 + untimed * scatter**2)))

    def _missed(self, index: int) -> float:
        steps, paces = list(self.steps), list(self.paces)
        step, own = steps.pop(index), paces.pop(index)
        if not steps:
            return 0.0
        guess = Calibration(tuple(steps), tuple(paces), 0.0).pace(step)
        return math.log(guess.rate / own.rate)
