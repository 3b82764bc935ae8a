"""All members of a study, in a fixed order, before anything is trained."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from actscope.study._axes import AXES, constant
from actscope.study._design import design, walk
from actscope.study._member import Combination, Member
from actscope.study._spec import FIRST_TUNING_SEED, Spec
from actscope.study._tuning import Chance, Choice, choose, others


@dataclass(frozen=True)
class Plan:
    """The members of a study.

    Attributes:
        spec: what they follow from.
        members: those that are compared; none yet where something is tuned first.
        tuning: those that are trained to choose by; all on other seeds than the comparison's.
    """

    spec: Spec
    members: tuple[Member, ...]
    tuning: tuple[Member, ...] = ()

    @property
    def compared(self) -> int:
        """Number of members of the comparison, chosen yet or not."""
        tune = self.spec.tune
        if tune is None:
            return len(self.members)
        settings = {others(member.combination, tune) for member in self.tuning}
        return len(settings) * len(self.spec.seeds)

    def choose(self, scores: Mapping[str, float | None], chance: Chance) -> tuple[Choice, ...]:
        """For each combination of the other axes, the tuned values that are best on validation.

        Args:
            scores: validation score of each member of `tuning` by its id, larger is better; None
                where the training failed.
            chance: the score of guessing in a combination, which a failed training counts as.

        Raises:
            ActscopeError: a member of `tuning` is missing.
        """
        return choose(self.spec.tune, self.tuning, scores, chance) if self.spec.tune else ()

    def compare(self, choices: Iterable[Choice]) -> tuple[Member, ...]:
        """The members of the comparison, once everything is chosen."""
        return _with_seeds((choice.combination for choice in choices), self.spec)


def plan(spec: Spec) -> Plan:
    """The members of a study.

    Combinations follow in the order of the table of axes, the first axis changing slowest, and of
    each axis' values as they were written; the seeds of a combination stand together.
    """
    if spec.tune is None:
        return Plan(spec, _with_seeds(combinations(spec), spec))
    seeds = range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + spec.tune.seeds)
    tuning = tuple(Member(c, seed, "tune") for c in combinations(spec) for seed in seeds)
    return Plan(spec, (), tuning)


def combinations(spec: Spec) -> Iterator[Combination]:
    """What members share but for the seed, in order; what is tuned changes fastest."""
    cells = design(spec)
    always = [constant(name, getattr(spec, name)) for name in ("epochs", "patience")]
    axes = [*cells.axes, *(level.axis for level in always)]
    in_order = itemgetter(*map(axes.index, sorted((*AXES, "epochs", "patience"))))
    for levels in walk(cells):
        yield Combination(in_order((*levels, *always)))


def extends(new: Spec, old: Spec) -> bool:
    """Whether every member of the old study is a member of the new one.

    More seeds and more values extend a study. More epochs do not, as each member would change; nor
    does another way of tuning, as its choice could.
    """
    if new.tune != old.tune or not set(old.seeds) <= set(new.seeds):
        return False
    there = set(map(_digest, combinations(new)))
    return all(_digest(combination) in there for combination in combinations(old))


def _digest(combination: Combination) -> bytes:
    """A short stand-in for a key, of which a large study has many."""
    return hashlib.sha256(combination.key.encode()).digest()[:16]


def _with_seeds(combinations: Iterable[Combination], spec: Spec) -> tuple[Member, ...]:
    return tuple(Member(c, seed) for c in combinations for seed in spec.seeds)
