"""What a study will take, said before anything of it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jax

from actscope.data import Dataset
from actscope.study import _calibrate
from actscope.study._calibrate import Case
from actscope.study._pace import Calibration
from actscope.study._plan import Plan
from actscope.study._programs import Programs
from actscope.study._remarks import remarks

_SILENT = ("how long it takes is not known: the networks diverge in their first step",)


@dataclass(frozen=True)
class Duration:
    """Wall time in seconds, with every device of this machine at work and nothing else.

    Attributes:
        training: of all members, each with all of its epochs; early stopping makes it shorter.
        compilation: of all programs; what a persistent cache holds is compiled in no time.
        errors: by which factor, less 1, the two may be wrong: `Calibration.error` and
            `Calibration.compilation_error`.
    """

    training: float
    compilation: float
    errors: tuple[float, float]

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.training + self.compilation

    @property
    def low(self) -> float:
        """Lower end: each part divided by 1 + its error."""
        training, compilation = self.errors
        return self.training / (1 + training) + self.compilation / (1 + compilation)

    @property
    def high(self) -> float:
        """Upper end: each part multiplied by 1 + its error."""
        training, compilation = self.errors
        return self.training * (1 + training) + self.compilation * (1 + compilation)


@dataclass(frozen=True)
class Memory:
    """Bytes at the peak of the largest program.

    Attributes:
        device: on each device: the training set as it is stored, and for each member beside it
            parameters, the optimizer's arrays, a gradient, the best network so far and the
            signals of the examples that go through together.
        host: the data sets, and where the devices are cores of the host what is on them; Python
            and its libraries need about half a gigabyte more.
    """

    device: int
    host: int


@dataclass(frozen=True)
class Estimate:
    """What a study will take, at most.

    Attributes:
        compared: members that are compared.
        tuned: members that are trained before, to choose by.
        combinations: of settings that are compared.
        groups: programs that are compiled.
        counted: how many of them were looked at; all up to 64. Each of the others counts as one
            that was and agrees with it on most axes but the activation.
        parameters: numbers that a member learns: the fewest, and the most.
        flops: of all members with all of their epochs: steps, validation, monitors, test set and
            dead units. As `Cost` counts them. Early stopping saves some of it.
        duration: None where nothing was timed.
        devices: how many work at the same time.
        device: what they are.
        memory: at the peak.
        disk: bytes of the record, without the checkpoints of members under way.
        warnings: what the plan cannot answer, or does twice.
    """

    compared: int
    tuned: int
    combinations: int
    groups: int
    counted: int
    parameters: tuple[int, int]
    flops: float
    duration: Duration | None
    devices: int
    device: str
    memory: Memory
    disk: int
    warnings: tuple[str, ...]


def estimate(plan: Plan, datasets: Mapping[str, Dataset], *, calibrate: bool = True) -> Estimate:
    """What a study will take on this machine, if none of its members stops early.

    Of a comparison whose settings are still to be tuned, the most expensive choices are assumed.

    Args:
        plan: of the study, which `check` has passed.
        datasets: every data set of the plan, by name.
        calibrate: whether to time some programs, which takes some seconds each. Without it there
            is no duration, and members are thought to be quick, so that shards are few, and to be
            alone on a device, whatever it is.

    Raises:
        ActscopeError: a member cannot be trained.
    """
    programs = Programs.of(plan, datasets)
    cases = programs.cases(datasets)
    found = _calibrate.calibrate(_calibrate.choose(cases)) if calibrate else None
    compared = [member for group in programs.phases[-1].values() for member in group]
    sizes = [sum(cost.parameters.values()) for cost in programs.costs.values()]
    return Estimate(
        compared=len(compared),
        tuned=len(plan.tuning),
        combinations=len({member.combination.key for member in compared}),
        groups=len(programs.alike),
        counted=len(programs.costs),
        parameters=(min(sizes), max(sizes)),
        flops=programs.flops,
        duration=_duration(programs, found) if found else None,
        devices=len(jax.devices()),
        device=jax.devices()[0].device_kind,
        memory=_memory(cases, found, datasets),
        disk=round(programs.disk(_seconds(programs, found) if found else None)),
        warnings=(*remarks(plan), *(_SILENT if calibrate and not found else ())),
    )


def _seconds(programs: Programs, found: Calibration) -> dict[str, float]:
    """The device time of a member of each program that was looked at."""
    return {
        program: found.pace(cost.step).seconds(cost, programs.epochs)
        for program, cost in programs.costs.items()
    }


def _duration(programs: Programs, found: Calibration) -> Duration:
    each, costs = _seconds(programs, found), programs.costs
    times = {program: members * each[program] for program, members in programs.members.items()}
    far = sum(time for program, time in times.items() if not found.knows(costs[program].step))
    once = {program: found.pace(cost.step).compilation for program, cost in costs.items()}
    compiled = [once[program] for program in programs.alike.values()]
    return Duration(
        training=programs.training(each),
        compilation=sum(compiled) / min(len(jax.devices()), len(compiled)),
        errors=(found.error(far / sum(times.values())), found.compilation_error),
    )


def _memory(
    cases: Sequence[Case], found: Calibration | None, datasets: Mapping[str, Dataset]
) -> Memory:
    def lanes(case: Case) -> int:
        return min(case.together, round(found.pace(case.cost.step).lanes)) if found else 1

    devices = jax.devices()
    device = max(case.cost.memory(lanes(case)) for case in cases)
    held = sum(
        array.nbytes
        for dataset in datasets.values()
        for part in (dataset.train, dataset.validation, dataset.test)
        for array in (part.images, part.labels)
    )
    return Memory(device, held + (len(devices) * device if devices[0].platform == "cpu" else 0))
