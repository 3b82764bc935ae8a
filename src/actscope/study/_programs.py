"""The programs of a plan, with what each takes and how many members it has."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import jax

from actscope.data import Dataset
from actscope.study import _local
from actscope.study._build import job
from actscope.study._calibrate import Case
from actscope.study._cost import Cost, cost
from actscope.study._disk import Weight, weigh
from actscope.study._member import Member, groups
from actscope.study._plan import Plan

_MOST = 64  # programs that are looked at

Seconds = Mapping[str, float]


@dataclass(frozen=True)
class Chunk:
    """Members of one program that a device takes on together.

    Attributes:
        phase: 0 for what comes first.
        program: one that was looked at, and that theirs is like.
        members: how many they are.
    """

    phase: int
    program: str
    members: int


@dataclass(frozen=True)
class Programs:
    """What a plan's programs take. Up to 64 are looked at, and stand for others that are like them.

    Attributes:
        epochs: of each member.
        phases: the members by program: of the tuning, if there is one, and of the comparison.
        alike: for each program the one that stands for it.
        firsts: a member of each of those.
        costs: what each of them takes.
        weights: of their shards.
    """

    epochs: int
    phases: tuple[Mapping[str, tuple[Member, ...]], ...]
    alike: Mapping[str, str]
    firsts: Mapping[str, Member]
    costs: Mapping[str, Cost]
    weights: Mapping[str, Weight]

    @classmethod
    def of(cls, plan: Plan, datasets: Mapping[str, Dataset]) -> "Programs":
        """The programs of a plan; of what is still to be chosen the most expensive choice.

        Those of a comparison are among those of its tuning.

        Raises:
            ActscopeError: a member cannot be trained.
        """
        first, epochs = groups(plan.tuning or plan.members), plan.spec.epochs
        stand = alike({program: group[0] for program, group in first.items()})
        firsts = {program: first[program][0] for program in dict.fromkeys(stand.values())}
        costs = {
            program: cost(job(member, datasets[member.settings["dataset"]]))
            for program, member in firsts.items()
        }
        weights = {program: weigh(member, costs[program]) for program, member in firsts.items()}
        phases = [first]
        if plan.tuning:
            dear = {m.id: costs[stand[m.combination.program]].flops(epochs) for m in plan.tuning}
            phases.append(groups(plan.compare(plan.choose(dear, lambda _: 0.0))))
        return cls(epochs, tuple(phases), stand, firsts, costs, weights)

    @property
    def members(self) -> dict[str, int]:
        """How many members of all phases each program stands for that was looked at."""
        found = dict.fromkeys(self.costs, 0)
        for chunk in self.chunks:
            found[chunk.program] += chunk.members
        return found

    @property
    def flops(self) -> float:
        """Of all members of all phases."""
        return sum(n * self.costs[name].flops(self.epochs) for name, n in self.members.items())

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """All members of all phases, as the engine of this machine takes them on."""
        devices = len(jax.devices())
        return tuple(
            Chunk(number, self.alike[program], len(members))
            for number, phase in enumerate(self.phases)
            for program, group in phase.items()
            for _, members in _local.chunks(group, devices)
        )

    def cases(self, datasets: Mapping[str, Dataset]) -> tuple[Case, ...]:
        """What could be timed."""
        members, flops, together = self.members, self.flops, dict.fromkeys(self.costs, 1)
        for chunk in self.chunks:
            together[chunk.program] = max(together[chunk.program], chunk.members)
        return tuple(
            Case(
                member=member,
                job=job(member, datasets[member.settings["dataset"]]),
                cost=self.costs[program],
                together=together[program],
                share=members[program] * self.costs[program].flops(self.epochs) / flops,
            )
            for program, member in self.firsts.items()
        )

    def training(self, seconds: Seconds) -> float:
        """Wall time, from the device time of a member of each program that was looked at."""
        devices, total = len(jax.devices()), 0.0
        for phase in range(len(self.phases)):
            times = [c.members * seconds[c.program] for c in self.chunks if c.phase == phase]
            # However many devices there are, one of them has the longest chunk.
            total += max(sum(times) / devices, *times)
        return total

    def disk(self, seconds: Seconds | None) -> float:
        """Bytes of the record; a chunk is one shard, or where it takes long one a minute."""
        total = 0.0
        for chunk in self.chunks:
            time = chunk.members * seconds[chunk.program] if seconds else 0.0
            shards = min(chunk.members, 1 + int(time / _local._SECONDS))
            total += self.weights[chunk.program].of(shards, chunk.members)
        return total


def alike(members: Mapping[str, Member]) -> dict[str, str]:
    """For each program one that stands for it: itself, or of many that which is most alike.

    Of more than 64 a sample stands for all; most alike is what agrees on most axes. The activation
    is left out: what it takes is little beside the products.

    Args:
        members: one of each program.
    """
    if len(members) <= _MOST:
        return {program: program for program in members}
    axes = {
        program: frozenset(x.program for x in member.combination.levels if x.axis != "activation")
        for program, member in members.items()
    }
    sample = dict.fromkeys(random.Random(0).sample(list(members), _MOST))
    return {
        program: program
        if program in sample
        else max(sample, key=lambda other: len(axes[other] & axes[program]))
        for program in members
    }
