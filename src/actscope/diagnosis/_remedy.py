"""Remedies that were tried: a change, a short training with and without it, the difference."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
import optax

from actscope import stats
from actscope._errors import ActscopeError
from actscope.diagnosis import _trials
from actscope.diagnosis._case import Case
from actscope.diagnosis._changes import Change, NotApplied, changes
from actscope.probing import Model, Probe, Profile
from actscope.stats import Paired

_LAST = 10  # steps whose losses are averaged


@dataclass(frozen=True, eq=False)
class Tried:
    """A change, and what became of the model with it.

    Attributes:
        name: the change, in words.
        steps: of training, with and without it from the same start over the same batches.
        varied: what differs from one pair to the next: `seeds`, or `batch orders` where there is no
            `init` to draw other parameters with.
        confirmed: these pairs are others than those on which the change was chosen.
        lower: by how much the loss is lower with it at the end, in pairs; None: it diverged in one.
        diverged: pairs in which the changed model did.
        losses: at the end, without and with it, the means.
        dead: share of dead units before training, without and with it.
    """

    name: str
    steps: int
    varied: str
    confirmed: bool
    lower: Paired | None
    diverged: int
    losses: tuple[float, float]
    dead: tuple[float, float]

    @property
    def helps(self) -> bool:
        """Whether the loss is lower with it, beyond doubt."""
        low = self.lower.difference.low if self.lower else None
        return low is not None and low > 0

    def __str__(self) -> str:
        """In one line."""
        if self.lower is None:
            return f"{self.name}: diverged in {self.diverged} of the trainings"
        found, (before, after) = self.lower.difference, self.dead
        ends = "" if found.low is None else f" [{found.low:.3g}, {found.high:.3g}]"
        told = f"dead units {before:.0%} → {after:.0%}, " if before or after else ""
        fresh = "fresh " if self.confirmed else ""
        return (
            f"{self.name}: {told}loss after {self.steps} steps lower by {found.mean:.3g}{ends}, "
            f"{self.lower.n} {fresh}{self.varied}"
        )


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


def remedy(
    model: Model, profile: Profile, *, steps: int = 200, screen: int = 3, seeds: int = 10
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

    Raises:
        ActscopeError: the model has no loss.
    """
    if model.loss is None:
        raise ActscopeError("a model without a loss", expected="one that can be trained")
    remark = ""
    if model.optimizer is None:
        remark = "no optimizer was given: Adam at 1e-3"
        model = replace(model, optimizer=optax.adam(1e-3))
    rules = {finding.rule for finding in profile.findings}
    made, refused = _made(Case(profile, model), rules)
    trial = _Trial(model, steps)
    tried = [trial.of(change, range(screen), confirmed=False) for change in made]
    best = max(
        (pair for pair in zip(tried, made, strict=True) if pair[0].lower),
        key=lambda pair: pair[0].lower.difference.mean if pair[0].lower else -np.inf,
        default=None,
    )
    chosen = None
    if best is not None:
        again = trial.of(best[1], range(screen, screen + seeds), confirmed=True)
        chosen = again if again.helps else None
    return Remedies(tuple(tried), chosen, refused, remark)


def _made(case: Case, rules: set[str]) -> tuple[list[Change], tuple[tuple[str, str], ...]]:
    made: list[Change] = []
    refused: list[tuple[str, str]] = []
    for name, make in changes(case, rules):
        try:
            made.append(make())
        except NotApplied as error:
            refused.append((name, str(error)))
    return made, tuple(refused)


class _Trial:
    """Trainings of a model, each made once."""

    def __init__(self, model: Model, steps: int):
        self._model = model
        self._steps = steps
        self._batches = len(list(model.batches))
        self._without: dict[int, float] = {}
        self._probes: dict[Callable[..., Any], Probe] = {}

    def of(self, change: Change, seeds: range, *, confirmed: bool) -> Tried:
        """A change on some seeds."""
        starts = [self._start(seed) for seed in seeds]
        pairs = list(zip(starts, seeds, strict=True))
        with_it = [self._end(change.apply(each), seed) for each, seed in pairs]
        for each, seed in pairs:
            if seed not in self._without:
                self._without[seed] = self._end(each, seed)
        without = [self._without[seed] for seed in seeds]
        diverged = sum(not np.isfinite(loss) for loss in with_it)
        differences = np.subtract(without, with_it)
        # A model that diverges without the change cannot be beaten by a number.
        known = differences[np.isfinite(differences)]
        return Tried(
            name=change.name,
            steps=self._steps,
            varied="seeds" if self._model.init else "batch orders",
            confirmed=confirmed,
            lower=stats.paired(known) if not diverged and len(known) else None,
            diverged=diverged,
            losses=(float(np.mean(without)), float(np.mean(with_it))),
            dead=(self._dead(starts[0]), self._dead(change.apply(starts[0]))),
        )

    def _start(self, seed: int) -> Model:
        if self._model.init is None:
            return self._model
        return replace(self._model, params=self._model.init(jax.random.key(seed)))

    def _end(self, model: Model, seed: int) -> float:
        """Loss of the last steps; the batches begin elsewhere for every seed."""
        found = _trials.train(model, self._steps, seed % self._batches)
        assert found is not None  # there are a loss and an optimizer
        return float(found.losses[-_LAST:].mean())

    def _dead(self, model: Model) -> float:
        probe = self._probes.setdefault(model.function, Probe(model.function))
        inputs, _ = next(iter(model.batches))
        sites = probe(model.params, (inputs, None)).sites
        dead = [site.dead for site in sites if site.role == "hidden"]
        return float(np.concatenate(dead).mean()) if dead else 0.0
