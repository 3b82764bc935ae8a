"""How fast programs run on a machine, from a few that were timed there."""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from actscope.study._cost import Cost

NEAR = math.log(1.25)  # programs whose steps differ by so little in FLOPs are as fast
_DRIFT = 0.1  # by which a machine's speed may change from a second now to hours later


@dataclass(frozen=True)
class Pace:
    """How fast a program runs on one device, while the others are as busy. All above 0.

    Attributes:
        lanes: members side by side.
        step: FLOPs a second of training steps, of all lanes together, as are the next two.
        epoch: FLOPs a second of what follows an epoch's steps.
        finish: FLOPs a second of what follows the last epoch.
        start: seconds a member before its first step.
        compilation: seconds until all is compiled that a member needs.
    """

    lanes: float
    step: float
    epoch: float
    finish: float
    start: float
    compilation: float

    def seconds(self, cost: Cost, epochs: int) -> float:
        """What a member of so many epochs takes of a device's time, without the compilation."""
        an_epoch = cost.steps * cost.step / self.step + cost.after / self.epoch
        return self.start + epochs * an_epoch + cost.finish / self.finish


@dataclass(frozen=True)
class Timed:
    """A program that was timed.

    Attributes:
        flops: of one step of one member.
        pace: the mean over all of the timing.
        change: of the logarithm of the speed from its first half to its second.
    """

    flops: float
    pace: Pace
    change: float


@dataclass(frozen=True)
class Calibration:
    """What was timed on this machine; one program at least.

    Attributes:
        timed: the timings; a program may have several.
    """

    timed: tuple[Timed, ...]

    def pace(self, flops: float) -> Pace:
        """The pace of a program whose step takes so many FLOPs.

        Each of its numbers follows from those that were timed: in doubly logarithmic coordinates,
        straight from one program to the next and constant beyond the last. Small steps are slower
        by the FLOP, for some of the work is the same in each.
        """
        return _between(self.timed, flops)

    def knows(self, flops: float) -> bool:
        """Whether a program was timed whose steps are within a factor of 1.25 of so many FLOPs."""
        return any(abs(math.log(flops / found.flops)) <= NEAR for found in self.timed)

    def error(self, untimed: float) -> float:
        """By which factor, less 1, the time of training may be wrong.

        exp(2 √(noise² + untimed · scatter²)) - 1, at least 0.1: two standard deviations of the
        logarithm of the speed. `noise` is the root mean square of half of what changed from the
        first half of each timing to the second, the standard error of their mean; `scatter` that
        of what `pace` says of each timed program from the others alone, against what was timed.
        None of it knows what else the machine will have to do.

        Args:
            untimed: the share of the time in programs that are far from all that were timed.
        """
        noise = _rms([found.change / 2 for found in self.timed])
        scatter = _rms([self._missed(found.flops) for found in self.timed])
        return _factor(math.sqrt(noise**2 + untimed * scatter**2))

    @property
    def compilation_error(self) -> float:
        """By which factor, less 1, the time of all compilations may be wrong, at least 0.1.

        Two standard deviations of the logarithm of those that were timed.
        """
        times = np.log([found.pace.compilation for found in self.timed])
        return _factor(float(np.std(times, ddof=1)) if len(times) > 1 else 0.0)

    def _missed(self, flops: float) -> float:
        """How far the logarithm of a program's speed is from what the others say."""
        others = [found for found in self.timed if found.flops != flops]
        if not others:
            return 0.0
        return math.log(_between(others, flops).step / self.pace(flops).step)


def _between(timed: Sequence[Timed], flops: float) -> Pace:
    known = sorted({found.flops for found in timed})
    # Several timings of one program count as their geometric mean.
    logs = [
        np.mean([np.log(astuple(found.pace)) for found in timed if found.flops == each], axis=0)
        for each in known
    ]
    columns = np.array(logs).T
    values = [np.interp(math.log(flops), np.log(known), column) for column in columns]
    return Pace(*np.exp(values).tolist())


def _factor(deviation: float) -> float:
    return max(_DRIFT, math.expm1(2 * deviation))


def _rms(values: Sequence[float]) -> float:
    return math.sqrt(sum(value**2 for value in values) / len(values))
