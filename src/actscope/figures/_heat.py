"""Does the ranking of the activations change with a factor? A table in colour."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from actscope._errors import ActscopeError
from actscope.figures._focus import focus
from actscope.figures._scale import ACCURACY, Scale
from actscope.figures._style import INK, LABEL_SIZE, NOTE_SIZE, TICKS, panels, require, sheet
from actscope.figures._text import lines, plain, width
from actscope.stats import Interval

_COLUMN = 0.82  # inches across
_ROW = 0.5  # inches down
_NARROWEST = 3.2  # inches, of all columns together, so that what stands below has room
_SLANT: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
# ColorBrewer's, for all kinds of colour vision; as far as dark letters can be read on it.
_SHADES = matplotlib.colormaps["YlGnBu"](np.linspace(0, 0.58, 256))
_MAP = ListedColormap(_SHADES).with_extremes(over="#3B4257")
_MISSING: dict[str, Any] = {"facecolor": "white", "edgecolor": "#B4B4BC", "hatch": "////"}
_BEST: dict[str, Any] = {"fill": False, "edgecolor": INK, "linewidth": 2}
_THICKNESS = 0.13  # inches, of the scale of colours


@dataclass(frozen=True)
class Cell:
    """What the seeds of one setting gave.

    Attributes:
        score: mean over the seeds and its interval, the failures at chance level among them.
        failed: how many networks failed: diverged, or never left chance level.
        members: how many networks there are; one a seed if None.

    Raises:
        ActscopeError: more failed than there are.
    """

    score: Interval
    failed: int = 0
    members: int | None = None

    def __post_init__(self):
        if not 0 <= self.failed <= self.size:
            raise ActscopeError(
                f"{self.failed} failed of n = {self.size}", expected="no more than there are"
            )

    @property
    def size(self) -> int:
        """How many networks there are."""
        return self.score.n if self.members is None else self.members


Table = Mapping[str, Mapping[str, Cell]]
Place = tuple[int, int]  # row and column


def interaction(table: Table, *, factor: str, score: Scale = ACCURACY, caption: str = "") -> Figure:
    """A row for each activation, a column for each level: mean, interval, failures.

    The colour is how far a mean lies below the best of its column, so that the light cells wander
    where the ranking changes; the best is framed. Failures count in every mean, but cells with
    some do not stretch the colours, which would leave nothing to tell the others apart, nor do a
    few that lie far behind all others: such a cell may lie beyond the scale.

    Args:
        table: for each label, such as `Activation.label`, the cell at each level. One that is
            missing, or whose mean is not a number, is hatched. Columns stand in the order in which
            the levels first come.
        factor: what the levels are of.
        score: what the means are of.
        caption: below the table.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    levels = list(dict.fromkeys(level for row in table.values() for level in row))
    require(levels, "cell")
    grid = _grid(table, levels, score)
    names, heads = [plain(label) for label in table], [plain(level) for level in levels]
    across = max(_NARROWEST, _COLUMN * len(levels))
    longest = max(width(head, LABEL_SIZE) for head in heads)
    slant = _SLANT if longest > 0.95 * across / len(levels) else {}
    reach = across + 0.6 + max(width(name, LABEL_SIZE) for name in names)
    height = 2.1 + _ROW * len(names) + (0.6 * longest if slant else 0)
    title = f"{score.title} by {plain(factor)}"
    with sheet(reach, height, title=title, caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        mesh = axis.pcolormesh(
            np.ma.masked_invalid(grid.behind), cmap=_MAP, vmin=0, vmax=grid.top, edgecolor="white"
        )
        for place in np.ndindex(*grid.behind.shape):
            _draw(axis, grid, place, score)
        axis.set_yticks(np.arange(len(names)) + 0.5, names)
        axis.set_xticks(np.arange(len(heads)) + 0.5, heads, **slant)
        axis.set_ylim(len(names), 0)
        axis.grid(visible=False)
        axis.set_xlabel(f"{plain(factor)}\n{lines(_key(grid), across)}")
        _bar(figure, axis, mesh, grid, score.difference("below the best of the column"))
    return figure


@dataclass(frozen=True)
class _Grid:
    """The table by number of row and column.

    Attributes:
        cells: those whose mean is a number.
        behind: how far each lies below the best of its column; NaN where there is none.
    """

    cells: Mapping[Place, Cell]
    behind: Float[np.ndarray, "row column"]

    @property
    def top(self) -> float:
        """Where the colours end: at the worst cell without a failure, if it is not far off."""
        whole = [float(self.behind[at]) for at, cell in self.cells.items() if not cell.failed]
        _, high = focus(whole) or (0.0, max(whole, default=0.0))
        return high or self.worst or 1.0

    @property
    def worst(self) -> float:
        """The largest difference."""
        return float(np.max(self.behind, initial=0.0, where=np.isfinite(self.behind)))

    @property
    def counts(self) -> set[int]:
        """The n that occur."""
        return {cell.score.n for cell in self.cells.values()}


def _grid(table: Table, levels: list[str], score: Scale) -> _Grid:
    cells = {
        (row, levels.index(level)): cell
        for row, found in enumerate(table.values())
        for level, cell in found.items()
        if math.isfinite(cell.score.mean)
    }
    means = np.full((len(table), len(levels)), np.nan)
    for place, cell in cells.items():
        means[place] = cell.score.mean
    best = np.max(means, axis=0, initial=-np.inf, where=np.isfinite(means))
    return _Grid(cells, score.factor * (best - means))


def _draw(axis: Axes, grid: _Grid, place: Place, score: Scale) -> None:
    """Hatch, frame and numbers of one cell."""
    row, column = place
    if place not in grid.cells:
        axis.add_patch(Rectangle((column, row), 1, 1, **_MISSING))
        return
    if grid.behind[place] == 0:
        axis.add_patch(Rectangle((column + 0.03, row + 0.04), 0.94, 0.92, **_BEST))
    cell = grid.cells[place]
    more = _more(cell, score, counted=len(grid.counts) > 1)
    ink = "white" if grid.behind[place] > grid.top else INK
    words: dict[str, Any] = {"ha": "center", "color": ink}
    axis.text(
        column + 0.5,
        row + (0.42 if more else 0.5),
        score.written(cell.score.mean),
        va="bottom" if more else "center",
        fontsize=LABEL_SIZE,
        **words,
    )
    axis.text(column + 0.5, row + 0.46, "\n".join(more), va="top", fontsize=NOTE_SIZE - 1, **words)


def _more(cell: Cell, score: Scale, *, counted: bool) -> list[str]:
    """Small print below a mean: its interval, and n and failures where they are not the same."""
    interval, lines = cell.score, list[str]()
    if interval.high is not None:
        lines.append(f"±{score.written(interval.high - interval.mean)}")
    if cell.failed:
        lines.append(f"{cell.failed} of {cell.size} failed")
    elif counted:
        lines.append(f"n = {interval.n}")
    return lines


def _key(grid: _Grid) -> list[str]:
    """What frames, margins and hatches mean, as far as they occur."""
    cells = grid.cells.values()
    levels = sorted({cell.score.level for cell in cells if cell.score.high is not None})
    marks = ["framed: best of its column"] if cells else []
    marks += [f"±: {100 * level:.4g} % interval" for level in levels]
    marks += [f"n = {n}" for n in grid.counts if len(grid.counts) == 1]
    return marks + (["hatched: missing"] if len(cells) < grid.behind.size else [])


def _bar(figure: Figure, axis: Axes, mesh: QuadMesh, grid: _Grid, label: str) -> None:
    """The scale of the colours, below; pointed where cells lie beyond it."""
    bar = figure.colorbar(
        mesh,
        ax=axis,
        location="bottom",
        fraction=_THICKNESS / (_ROW * len(grid.behind)),
        aspect=max(_NARROWEST, _COLUMN * grid.behind.shape[1]) / _THICKNESS,
        extend="max" if grid.worst > grid.top else "neither",
        label=label,
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(which="both", **TICKS)
