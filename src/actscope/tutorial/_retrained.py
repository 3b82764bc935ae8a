"""Our own training runs by the tutorial's recipe, beside the one run that it publishes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from actscope import stats
from actscope.tutorial import _published

_LEVEL = 0.95


@dataclass(frozen=True)
class Retrained:
    """Test accuracies of one activation's runs, fractions of 1.

    Attributes:
        activation: its canonical name.
        published: the tutorial's single run.
        n: number of our runs, one a seed.
        mean: of our runs.
        low: lower end of the mean's 95 % t interval; None for a single run, as what follows.
        high: its upper end.
        run_low: lower end of the 95 % prediction interval of one more run.
        run_high: its upper end.
        inside: whether the published run lies in it.
        family_level: level of the prediction interval if all activations are judged together
            (Bonferroni).
        inside_family: whether the published run lies in the prediction interval at that level.
    """

    activation: str
    published: float
    n: int
    mean: float
    low: float | None
    high: float | None
    run_low: float | None
    run_high: float | None
    inside: bool | None
    family_level: float
    inside_family: bool | None

    @property
    def words(self) -> str:
        """What the runs say of the published one, and no more than that."""
        if self.inside is None:
            return "a single run contradicts nothing: at least two seeds are needed"
        if self.inside:
            return "not contradicted"
        if self.inside_family:
            return "outside on its own, which chance may do to one of several; not contradicted"
        return "contradicted: by chance, or by a difference between the recipes that matters"

    def to_json(self) -> dict[str, Any]:
        """Its numbers and its words."""
        return asdict(self) | {"words": self.words}


def retrained(accuracies: Mapping[str, Sequence[float]]) -> tuple[Retrained, ...]:
    """What our runs say of each published test accuracy.

    A new run of the recipe draws other batches than the tutorial's, so it cannot give its digits.
    If the published run lies in the prediction interval of one more run of ours, our runs do not
    contradict it; that is weaker than confirming it, and the fewer the seeds, the weaker.

    Args:
        accuracies: test accuracy of each seed's run, a fraction of 1, by canonical name of the
            activation.

    Raises:
        ActscopeError: an activation has no run or is none of the tutorial's, or an accuracy is
            not a finite number.
    """
    family = 1 - (1 - _LEVEL) / len(accuracies) if accuracies else _LEVEL
    return tuple(_row(name, runs, family) for name, runs in accuracies.items())


def _row(activation: str, runs: Sequence[float], family: float) -> Retrained:
    published = _published.test_accuracy(activation)
    mean = stats.mean_interval(runs, _LEVEL)
    run = stats.prediction_interval(runs, _LEVEL)
    wide = stats.prediction_interval(runs, family)
    return Retrained(
        activation=activation,
        published=published,
        n=mean.n,
        mean=mean.mean,
        low=mean.low,
        high=mean.high,
        run_low=run.low,
        run_high=run.high,
        inside=_holds(run, published),
        family_level=family,
        inside_family=_holds(wide, published),
    )


def _holds(interval: stats.Interval, value: float) -> bool | None:
    if interval.low is None or interval.high is None:
        return None
    return interval.low <= value <= interval.high
