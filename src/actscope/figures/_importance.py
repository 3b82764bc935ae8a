"""Which factor matters: shares of the variance of the scores."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from actscope.figures._columns import columns, columns_width
from actscope.figures._style import INK, LABEL_SIZE, panels, require, sheet
from actscope.figures._text import number, plain, tick, width

_PANEL = 4.2  # inches across
_ROW = 0.27  # inches down
_SHOWN = 20  # effects; smaller ones are counted
_FACTOR = "#56708F"  # no activation has it
_NOISE = "#B4B4BC"


@dataclass(frozen=True)
class Effect:
    """The share of the variance that a factor or an interaction stands for.

    Attributes:
        name: such as "activation", or "activation × depth".
        share: a fraction of 1; one that is corrected for noise may come out below 0.
        low: lower end of its interval; None where none follows.
        high: upper end; None likewise.
        noise: whether it is the seed's or the residual's, and not what a study is after.
    """

    name: str
    share: float
    low: float | None = None
    high: float | None = None
    noise: bool = False


def importance(
    effects: Sequence[Effect], *, n: int, level: float = 0.95, caption: str = ""
) -> Figure:
    """A bar for each effect, the largest at the top; seed and residual in grey at the end.

    Of more than 20 effects the largest are drawn, and it says how many others there are and how
    large they are at most.

    Args:
        effects: in any order; grey ones keep theirs.
        n: number of seeds.
        level: of the intervals.
        caption: below the panel.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(effects, "effect")
    factors = _sorted(effect for effect in effects if not effect.noise)
    shown, rest = factors[:_SHOWN], factors[_SHOWN:]
    rows = [*shown, *([_rest(rest)] if rest else []), *(e for e in effects if e.noise)]
    names = [plain(effect.name) for effect in rows]
    table = {"share": [_words(e) for e in rows], "interval": [_ends(e) for e in rows]}
    across = _PANEL + max(width(name, LABEL_SIZE) for name in names) + columns_width(table)
    height = 1.5 + _ROW * len(rows)
    with sheet(across, height, title="Share of the variance", caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        for place, effect in enumerate(rows):
            _draw(axis, place, effect)
        axis.axvline(0, color=INK, linewidth=1)
        axis.set_yticks(range(len(rows)), names)
        axis.set_ylim(len(rows) - 0.4, -0.6)
        axis.grid(visible=False, axis="y")
        axis.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda share, _: tick(100 * share)))
        columns(axis, range(len(rows)), table)
        lines = f" with {100 * level:.4g} % interval" if any(_known(e) for e in rows) else ""
        axis.set_xlabel(f"share of the variance (%){lines}; seeds: n = {n}")
    return figure


def _sorted(effects: Iterable[Effect]) -> list[Effect]:
    """The largest first; what is not a number last."""
    return sorted(effects, key=lambda e: (math.isnan(e.share), -e.share))


def _rest(effects: list[Effect]) -> Effect:
    """A row without a bar, in place of what is left out."""
    most = number(100 * effects[0].share, 1)
    return Effect(f"{len(effects)} more, none above {most} %", math.nan)


def _known(effect: Effect) -> bool:
    return effect.low is not None and effect.high is not None


def _draw(axis: Axes, place: int, effect: Effect) -> None:
    axis.barh(place, effect.share, height=0.62, color=_NOISE if effect.noise else _FACTOR)
    if effect.low is not None and effect.high is not None:
        axis.plot([effect.low, effect.high], [place, place], color=INK, linewidth=1.4)


def _words(effect: Effect) -> str:
    return f"{_percent(effect.share)} %" if math.isfinite(effect.share) else "–"


def _ends(effect: Effect) -> str:
    if effect.low is None or effect.high is None:
        return ""
    return f"[{_percent(effect.low)}, {_percent(effect.high)}]"


def _percent(share: float) -> str:
    """With one decimal, however little that leaves: beside the other shares it is nothing."""
    return number(round(100 * share, 1) or 0.0, 1)
