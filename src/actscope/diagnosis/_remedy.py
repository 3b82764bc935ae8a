"""Remedies that were tried: a change, a short training with and without it, the difference."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
import optax

from actscope import stats
from actscope._errors import ActscopeError
from actscope._signal import json_number
from actscope.diagnosis._case import Case
from actscope.diagnosis._changes import SLOWED, STEPS, changes, with_smaller_steps
from actscope.diagnosis._inside import Inside
from actscope.diagnosis._starts import Apply, NotApplied
from actscope.diagnosis._training import ending
from actscope.probing import Model, Profile
from actscope.stats import Paired


@dataclass(frozen=True, eq=False)
class Tried:
    """A change, and what became of the model with it.

    Attributes:
        name: the change, in words.
        steps: of training, with and without it from the same start over the same batches.
        varied: what differs from one pair to the next: `seeds`, or `batch orders` where there is no
            `init` to draw other parameters with.
        pairs: how many.
        confirmed: these pairs are others than those on which the change was chosen.
        lower: by how much the loss is lower with it at the end, in the pairs without a divergence;
            None: there is no such pair.
        diverged: pairs in which the training diverged without and with it.
        losses: at the end, without and with it, the means of those that did not; NaN of none.
        dead: share of dead units before training, without and with it.
    """

    name: str
    steps: int
    varied: str
    pairs: int
    confirmed: bool
    lower: Paired | None
    diverged: tuple[int, int]
    losses: tuple[float, float]
    dead: tuple[float, float]

    @property
    def helps(self) -> bool:
        """Whether the loss is lower with it beyond doubt, or only what has it does not diverge."""
        if self.diverged[1]:
            return False
        low = self.lower.difference.low if self.lower else None
        return self.diverged[0] == self.pairs or (low is not None and low > 0)

    def __str__(self) -> str:
        """In one line."""
        (without, with_it), (before, after) = self.diverged, self.dead
        fresh = "fresh " if self.confirmed else ""
        if with_it:
            return f"{self.name}: diverged in {with_it} of {self.pairs} {fresh}{self.varied}"
        told = f"dead units {before:.0%} → {after:.0%}, " if before or after else ""
        if self.lower is None:
            return (
                f"{self.name}: {told}loss {self.losses[1]:.3g} after {self.steps} steps, where "
                f"without it all of {self.pairs} {fresh}{self.varied} diverged"
            )
        found = self.lower.difference
        ends = "" if found.low is None else f" [{found.low:.3g}, {found.high:.3g}]"
        lost = f" (without it {without} more diverged)" if without else ""
        return (
            f"{self.name}: {told}loss after {self.steps} steps lower by {found.mean:.3g}{ends}, "
            f"{self.lower.n} {fresh}{self.varied}{lost}"
        )

    def to_json(self) -> dict[str, Any]:
        """An entry of the contract's `remedies`."""
        found = self.lower.difference if self.lower else None
        return {
            "name": self.name,
            "steps": self.steps,
            "varied": self.varied,
            "pairs": self.pairs,
            "confirmed": self.confirmed,
            "helps": self.helps,
            "lower": found and {"mean": found.mean, "low": found.low, "high": found.high},
            "diverged": _before_and_after(self.diverged),
            "loss": _before_and_after(self.losses),
            "dead_share": _before_and_after(self.dead),
        }


@dataclass(frozen=True, eq=False)
class Remedies:
    """What was tried against the findings of a model.

    Attributes:
        tried: every change that could be made, in the order in which to think of them.
        chosen: the best of them, tried once more on pairs of its own; None if none helps.
        not_applied: changes that could not be made, each with the reason.
        optimizer: a remark where the model came without one.
    """

    tried: tuple[Tried, ...]
    chosen: Tried | None
    not_applied: tuple[tuple[str, str], ...]
    optimizer: str = ""

    def to_json(self) -> dict[str, Any]:
        """The contract's `remedies` object."""
        return {
            "tried": [tried.to_json() for tried in self.tried],
            "chosen": self.chosen and self.chosen.to_json(),
            "not_applied": [{"name": name, "reason": reason} for name, reason in self.not_applied],
            "optimizer": self.optimizer,
        }


def _before_and_after(pair: tuple[float, float]) -> dict[str, float | None]:
    return {"without": json_number(pair[0]), "with": json_number(pair[1])}


def remedy(
    model: Model,
    profile: Profile,
    *,
    steps: int = 200,
    screen: int = 3,
    seeds: int = 10,
    watch: Callable[[str], None] | None = None,
) -> Remedies:
    """Try what may help against the findings of a model.

    Every change is made to the model and trained for some steps from the same parameters over the
    same batches as the model without it. The one whose loss ends lowest is trained again on fresh
    seeds: the interval of the choice itself would be too good.

    Args:
        model: with a loss. With `init` other parameters are drawn for each seed; without it the
            order of the batches varies. Without an optimizer Adam at 1e-3 is taken.
        profile: of the model, with its findings.
        steps: of each training.
        screen: pairs on which a change is chosen.
        seeds: fresh pairs on which the chosen one is tried again, two at least.
        watch: called with the name of each change before it is tried.

    Raises:
        ActscopeError: the model has no loss.
    """
    if model.loss is None:
        raise ActscopeError("a model without a loss", expected="one that can be trained")
    remark = ""
    if model.optimizer is None:
        remark = "no optimizer was given: Adam at 1e-3"
        model = replace(model, optimizer=optax.adam(1e-3))
    case = Case(profile, model)
    made, refused = _made(case, {finding.rule for finding in profile.findings})
    trial = _Trial(case, model, steps, watch)
    tried = [trial.of(name, change, range(screen)) for name, change in made.items()]
    for each in [x for x in tried if x.diverged[1] and x.name not in STEPS]:
        name = f"{each.name}{SLOWED}"
        if name not in made and not each.name.endswith(SLOWED):
            made[name] = with_smaller_steps(case, made[each.name])
            tried.append(trial.of(name, made[name], range(screen)))
    best, chosen = max(tried, key=_gain, default=None), None
    if best is not None and _gain(best) > (0, 0.0):
        again = trial.of(best.name, made[best.name], range(screen, screen + seeds))
        chosen = replace(again, confirmed=True) if again.helps else None
    return Remedies(tuple(tried), chosen, refused, remark)


def _gain(tried: Tried) -> tuple[int, float]:
    """What it saves from divergence, then what it lowers."""
    saved = tried.diverged[0] - tried.diverged[1]
    return saved, tried.lower.difference.mean if tried.lower else 0.0


def _made(case: Case, rules: set[str]) -> tuple[dict[str, Apply], tuple[tuple[str, str], ...]]:
    made: dict[str, Apply] = {}
    refused: list[tuple[str, str]] = []
    for change in changes(case, rules):
        try:
            made[change.name] = change.make()
        except NotApplied as error:
            refused.append((change.name, str(error)))
    return made, tuple(refused)


class _Trial:
    """Trainings of a model with changes and without; the latter are made once."""

    def __init__(self, case: Case, model: Model, steps: int, watch: Callable[[str], None] | None):
        self._model = model
        self._steps = steps
        self._watch = watch
        self._inside: dict[object, Inside] = {model.function: case.inside}
        self._without: dict[int, float] = {}

    def of(self, name: str, change: Apply, seeds: Sequence[int]) -> Tried:
        """A change on some seeds."""
        if self._watch:
            self._watch(name)
        found = np.asarray([self._pair(change, seed) for seed in seeds])
        lost = ~np.isfinite(found)
        differences = np.subtract(*found[~lost.any(axis=1)].T)
        first = self._start(seeds[0])
        return Tried(
            name=name,
            steps=self._steps,
            varied="seeds" if self._model.init else "batch orders",
            pairs=len(seeds),
            confirmed=False,
            lower=stats.paired(differences) if len(differences) else None,
            diverged=(int(lost[:, 0].sum()), int(lost[:, 1].sum())),
            losses=(_mean(found[:, 0]), _mean(found[:, 1])),
            dead=(self._dead(first), self._dead(change(first))),
        )

    def _pair(self, change: Apply, seed: int) -> tuple[float, float]:
        """Losses at the end."""
        start = self._start(seed)
        if seed not in self._without:
            self._without[seed] = ending(start, self._steps, seed)
        return self._without[seed], ending(change(start), self._steps, seed)

    def _start(self, seed: int) -> Model:
        if self._model.init is None:
            return self._model
        return replace(self._model, params=self._model.init(jax.random.key(seed)))

    def _dead(self, model: Model) -> float:
        if model.function not in self._inside:
            self._inside[model.function] = Inside(model.function, model)
        found = [mask.ravel() for mask in self._inside[model.function].dead(model.params).values()]
        return float(np.concatenate(found).mean()) if found else 0.0


def _mean(losses: np.ndarray) -> float:
    finite = losses[np.isfinite(losses)]
    return float(finite.mean()) if len(finite) else math.nan
