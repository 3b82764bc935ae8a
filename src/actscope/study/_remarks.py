"""What a plan cannot answer, or does twice: said before anything is trained."""

from collections.abc import Iterator

from actscope import stats
from actscope.study._plan import Plan, combinations
from actscope.study._spec import Spec

_ENOUGH = 10  # seeds for a conclusion
_WITH_MOMENTUM = ("sgd", "nesterov")  # of `training.optimizers()`, which needs jax


def remarks(plan: Plan) -> tuple[str, ...]:
    """What its author should know before the study runs, a sentence each.

    - Fewer than ten seeds, the number for a conclusion.
    - Fewer seeds than the exact sign-flip test needs to reject at 0.05 after Holm. Its family is
      one comparison of each activation with another one, for every combination of the other axes;
      where all have the same activation, of each combination with another one.
    - Members that repeat others, as their optimizer has no momentum.
    - A tuned axis of a single value.
    """
    spec = plan.spec
    return (*_few_seeds(spec), *_repeated(spec), *_nothing_to_choose(spec))


def comparisons(spec: Spec) -> int:
    """How many comparisons the family has that `remarks` describes."""
    tuned = set(spec.tune.axes) if spec.tune else set[str]()
    compared = _without(spec, tuned)
    if len(spec.axes.get("activation", ())) < 2:
        return len(compared) - 1
    return len(compared) - len(_without(spec, tuned | {"activation"}))


def _without(spec: Spec, axes: set[str]) -> set[tuple[str, ...]]:
    """The different combinations of all other axes."""
    return {
        tuple(level.text for level in combination.levels if level.axis not in axes)
        for combination in combinations(spec)
    }


def _few_seeds(spec: Spec) -> Iterator[str]:
    seeds, family = len(spec.seeds), comparisons(spec)
    if seeds == 1:
        yield "one seed gives no interval and no test: ten are for a conclusion"
    elif seeds < _ENOUGH:
        yield f"{seeds} seeds are few: ten are for a conclusion"
    if family and seeds < (needed := stats.seeds_for_exact(family)):
        family_ = "one comparison" if family == 1 else f"a family of {family} comparisons"
        yield f"the exact test needs {needed} seeds to reject anything in {family_}"


def _repeated(spec: Spec) -> Iterator[str]:
    if len(spec.levels("momentum")) < 2:
        return
    idle = [
        {level.axis: level for level in combination.levels if level.axis != "momentum"}
        for combination in combinations(spec)
        if combination.settings["optimizer"] not in _WITH_MOMENTUM
    ]
    more = len(idle) - len({tuple(levels.values()) for levels in idle})
    if more:
        names = dict.fromkeys(str(levels["optimizer"].value) for levels in idle)
        yield (
            f"{_counted(more, 'combination')} only repeat others, as {', '.join(names)} "
            "has no momentum: let optimizer and momentum walk together (design.pair)"
        )


def _nothing_to_choose(spec: Spec) -> Iterator[str]:
    for name, levels in (spec.tune.axes if spec.tune else {}).items():
        if len(levels) == 1:
            yield f"{name} is tuned over one value, {levels[0].shown}: there is nothing to choose"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
