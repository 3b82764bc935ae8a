"""The fair comparison: each combination at its own best values, chosen on validation data."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

from actscope._errors import ActscopeError
from actscope.study._axes import Level
from actscope.study._member import Combination, Member
from actscope.study._spec import Tune

Scores = Mapping[str, float | None]
Chance = Callable[[Combination], float]


@dataclass(frozen=True)
class Choice:
    """The tuned values of one combination of the other axes.

    Attributes:
        combination: with those values in it.
        score: mean validation score over the tuning's seeds, at chance level where one failed.
        at_edge: tuned axes whose chosen value is the smallest or the largest of those offered: a
            better one may lie beyond.
    """

    combination: Combination
    score: float
    at_edge: tuple[str, ...]


def choose(
    tune: Tune, members: Sequence[Member], scores: Scores, chance: Chance
) -> tuple[Choice, ...]:
    """A choice for each combination of the axes that are not tuned; of equals the first.

    Args:
        tune: what is tuned.
        members: of the tuning: those of one combination of the other axes stand together.
        scores: validation score of each by its id, larger is better; None or NaN where it failed.
        chance: the score that a failed one counts as.

    Raises:
        ActscopeError: there is a member without a score.
    """
    missing = sum(member.id not in scores for member in members)
    if missing:
        raise ActscopeError(
            f"{missing} of {len(members)} members of the tuning have no score",
            expected="all of them",
            do="finish the tuning first",
        )
    means = {
        combination: fmean(_score(member, scores, chance) for member in same)
        for combination, same in groupby(members, lambda member: member.combination)
    }
    settings = groupby(means, lambda combination: others(combination, tune))
    best = [max(candidates, key=means.__getitem__) for _, candidates in settings]
    return tuple(Choice(found, means[found], tune.at_edge(found.settings)) for found in best)


def _score(member: Member, scores: Scores, chance: Chance) -> float:
    score = scores[member.id]
    return chance(member.combination) if score is None or math.isnan(score) else score


def others(combination: Combination, tune: Tune) -> tuple[Level, ...]:
    """The levels of a combination that are not tuned."""
    return tuple(level for level in combination.levels if level.axis not in tune.axes)
