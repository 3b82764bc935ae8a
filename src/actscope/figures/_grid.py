"""How the panels of functions stand on a sheet: a few large ones, or many small ones by family."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from actscope.figures._style import PANEL_TITLE_SIZE, TICKS
from actscope.figures._text import shortened

_FEW = 6  # functions, the tutorial's number: they stand large, two a row
_MANY_COLUMNS = 6
_FEWEST_COLUMNS = 4  # so that the legend fits above them
_LARGE = (4.2, 2.7)  # inches across and down a panel
_SMALL = (2.1, 1.75)
_NARROWEST = 7.2  # inches across a sheet, so that the legend fits above a single panel
_HEAD_SIZE = 11.5  # points
_HEAD_WIDTH = 2.2  # inches; a wider one would push the panels apart
_HEAD = 0.3  # inches down the name of a family
_BEYOND = 0.4  # inches down the legend
_OWN = "functions of your own"  # those of no family

_SMALL_TITLE = 8.5  # points
_SMALL_TICKS = 7.0
_TITLE = 0.85  # of a panel's inches, its title


@dataclass(frozen=True)
class Place:
    """Where a panel stands.

    Attributes:
        label: of the function in it.
        row: from the top.
        column: from the left.
        head: the name of the family that begins with it; empty for none.
        lowest: whether no panel of its family stands below it.
    """

    label: str
    row: int
    column: int
    head: str = ""
    lowest: bool = True


@dataclass(frozen=True)
class Grid:
    """The places of all panels.

    Attributes:
        places: in reading order.
        columns: at most so many panels a row.
        small: whether there are many.
    """

    places: tuple[Place, ...]
    columns: int
    small: bool

    @property
    def size(self) -> tuple[float, float]:
        """Inches across and down, with the legend."""
        across, down = _SMALL if self.small else _LARGE
        heads = sum(bool(place.head) for place in self.places)
        return max(_NARROWEST, across * self.columns), down * self._rows + _HEAD * heads + _BEYOND

    @property
    def _rows(self) -> int:
        return self.places[-1].row + 1

    def panels(self, figure: Figure, across: str = "x") -> Iterator[tuple[str, Axes]]:
        """A panel for each label, its title, its family's name and what runs across written."""
        grid = figure.add_gridspec(self._rows, self.columns)
        for place in self.places:
            axis = figure.add_subplot(grid[place.row, place.column])
            axis.tick_params(which="both", **TICKS)
            room, size = (_SMALL[0], _SMALL_TITLE) if self.small else (_LARGE[0], PANEL_TITLE_SIZE)
            axis.set_title(shortened(place.label, _TITLE * room, size), fontsize=size)
            if self.small:
                _make_small(axis, place)
            if place.lowest or not self.small:
                axis.set_xlabel(across, fontsize=_SMALL_TITLE if self.small else None)
            yield place.label, axis


def grid(families: Mapping[str, str]) -> Grid:
    """Up to six large panels, two a row as they come; more are small, each family in its rows.

    Args:
        families: for each label the family of its function.
    """
    if len(families) <= _FEW:
        columns = min(2, len(families))
        places = [Place(label, *divmod(i, columns)) for i, label in enumerate(families)]
        return Grid(tuple(places), columns, small=False)
    groups: dict[str, list[str]] = {}
    for label, family in families.items():
        groups.setdefault(family, []).append(label)
    places: list[Place] = []
    for family, labels in groups.items():
        places += _family(family, labels, top=places[-1].row + 1 if places else 0)
    columns = max(_FEWEST_COLUMNS, *(place.column + 1 for place in places))
    return Grid(tuple(places), columns, small=True)


def _family(family: str, labels: list[str], top: int) -> Iterator[Place]:
    for i, label in enumerate(labels):
        row, column = divmod(i, _MANY_COLUMNS)
        head = "" if i else family or _OWN
        yield Place(label, top + row, column, head, lowest=i + _MANY_COLUMNS >= len(labels))


def _make_small(axis: Axes, place: Place) -> None:
    axis.tick_params(labelsize=_SMALL_TICKS, pad=2)
    axis.locator_params(nbins=5, steps=[1, 2, 4, 5, 10])
    if place.head:
        axis.annotate(
            shortened(place.head, _HEAD_WIDTH, _HEAD_SIZE),
            (0, 1),
            (-14, 21),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=_HEAD_SIZE,
            fontweight="bold",
            annotation_clip=False,
        )
