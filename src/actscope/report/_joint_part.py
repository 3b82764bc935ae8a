"""The settings that two studies share, in numbers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from actscope import stats
from actscope.answers import Answer, Setting
from actscope.pages import Part, Table, short
from actscope.report._words import plural, scale
from actscope.stats import Interval

_ROWS = 300

_Levels = tuple[tuple[str, str], ...]


def joint(one: Sequence[Answer], other: Sequence[Answer]) -> Iterator[Part]:
    """A part a task that both have: the test score in each, and the difference paired by seed.

    Args:
        one: of a study, one a task.
        other: likewise.
    """
    tasks = {answer.task: answer for answer in other}
    for answer in one:
        if answer.task in tasks:
            yield _part(answer, tasks[answer.task])


def _part(one: Answer, other: Answer) -> Part:
    axes = [name for name in one.by if name in other.by]
    left, right = _by_levels(one, axes), _by_levels(other, axes)
    both = [levels for levels in left if levels in right]
    if not both:
        return Part("Both", "No setting is in both studies.", ())
    score = scale(one, "test")

    def written(span: Interval) -> str:
        mean = score.written(span.mean)
        if span.low is None or span.high is None:
            return mean
        return f"{mean} [{score.written(span.low)}, {score.written(span.high)}]"

    rows = [
        (
            *(short(level) for _, level in levels),
            *(written(side[levels].summary.interval) for side in (left, right)),
            *_difference(left[levels], right[levels], score.factor),
        )
        for levels in both
    ]
    table = Table(
        caption=f"{score.title} in both, with 95 % t intervals; differences paired by seed"
        + (f"; the first {_ROWS} of {len(rows):,}" if len(rows) > _ROWS else ""),
        heads=(*(axes or ["setting"]), "first", "second", "second − first", "pairs"),
        rows=tuple(rows[:_ROWS]) if axes else tuple(("all", *row) for row in rows),
        words=max(len(axes), 1),
    )
    return Part("Both", f"{plural(len(both), 'setting')} in both studies.", (table,))


def _by_levels(answer: Answer, axes: Sequence[str]) -> Mapping[_Levels, Setting]:
    """The settings by the levels of some axes; without those that share theirs."""
    found: dict[_Levels, list[Setting]] = defaultdict(list)
    for setting in answer.settings:
        found[tuple((name, setting.levels[name]) for name in axes)].append(setting)
    return {levels: several[0] for levels, several in found.items() if len(several) == 1}


def _difference(one: Setting, other: Setting, factor: float) -> tuple[str, str]:
    before, after = one.by_seed, other.by_seed
    pairs = [factor * (after[seed] - before[seed]) for seed in before if seed in after]
    if not pairs:
        return "–", "0"
    span = stats.mean_interval(pairs)
    if span.low is None or span.high is None:
        return f"{span.mean:+.2f}", f"{span.n}"
    return f"{span.mean:+.2f} [{span.low:+.2f}, {span.high:+.2f}]", f"{span.n}"
