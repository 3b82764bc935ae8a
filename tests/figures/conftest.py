"""What the tests of all figures share: signals made by NumPy alone, and a figure rendered."""

import io
from collections.abc import Callable, Iterator

import matplotlib
import numpy as np
import pytest
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

from actscope.probing import Histogram, Signal


def _signal_of(values) -> Signal:
    everything = np.asarray(values, np.float64).ravel()
    finite = everything[np.isfinite(everything)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    reach = (low - 0.5, high + 0.5) if low == high else (low, high)
    edges = np.linspace(*reach, 1201)  # of 1e30, all the same: as the probe has them
    counts, _ = np.histogram(finite, edges) if edges[0] < edges[-1] else (np.zeros(1200, int), 0)
    counts[-1] += len(finite) - counts.sum()
    with np.errstate(invalid="ignore"):
        share = np.divide((finite == 0).sum(), len(finite))
    return Signal(
        count=len(finite),
        nonfinite=len(everything) - len(finite),
        mean=finite.mean() if len(finite) else np.nan,
        std=finite.std() if len(finite) else np.nan,
        min=low if len(finite) else np.nan,
        max=high if len(finite) else np.nan,
        l2=float(np.sqrt((finite**2).sum())) if len(finite) else np.nan,
        fraction_zero=float(share),
        histogram=Histogram(edges, counts),
    )


@pytest.fixture
def signal_of() -> Callable[..., Signal]:
    return _signal_of


@pytest.fixture
def png() -> Callable[[Figure], bytes]:
    """Renders a figure in memory, under matplotlib's own settings; warnings are errors here."""

    def render(figure: Figure) -> bytes:
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=40)
        return buffer.getvalue()

    return render


# As a label: too long, meant to do harm, from right to left, in signs that no font of ours has.
NAMES = ("x" * 10_000, r"""$\frac{a_b^ </script> & "'%#""", "שלום_עולם", "激活")


@pytest.fixture(params=NAMES, ids=["long", "hostile", "right to left", "foreign"])
def odd_name(request) -> str:
    return request.param


@pytest.fixture
def legible() -> Callable[[Figure], None]:
    """Fails where a drawn figure cannot be read; warnings are errors here.

    No ink touches the edge of the sheet. All that is written is on it, and no two texts overlap.
    Every axis of numbers has ticks, and each says something else.
    """

    def check(figure: Figure) -> None:
        figure.set_dpi(150)  # as the commands write them: hinting makes letters wider below
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())[..., :3]
        for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
            assert (edge == 255).all(), "something is cut off by the edge of the sheet"
        _check_texts([*_ticks(figure), *_other_texts(figure)], figure)
        for axis in (part for axes in figure.axes for part in (axes.xaxis, axes.yaxis)):
            assert np.isfinite(axis.get_view_interval()).all()
            told = [text.get_text() for text in _labels(axis)]
            if told and not isinstance(axis.get_major_locator(), FixedLocator):
                assert len(set(told)) == len(told) > 1, f"ticks that say the same: {told}"

    return check


def _labels(axis: Axis) -> Iterator[Text]:
    """What stands at the ticks that are in view."""
    if not (axis.axes.axison and axis.get_visible()):
        return
    to_scale = axis.get_transform().transform
    low, high = sorted(to_scale(axis.get_view_interval()))
    near = 1e-9 * (high - low)
    for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
        if low - near <= to_scale(tick.get_loc()) <= high + near:
            shown = (label for label in (tick.label1, tick.label2) if label.get_visible())
            yield from (label for label in shown if label.get_text())


def _ticks(figure: Figure) -> Iterator[Text]:
    for axes in figure.axes:
        yield from _labels(axes.xaxis)
        yield from _labels(axes.yaxis)


def _other_texts(figure: Figure) -> Iterator[Text]:
    at_ticks = {
        id(label)
        for axis in figure.findobj(Axis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for label in (tick.label1, tick.label2)
    }
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and id(text) not in at_ticks:
            yield text


def _check_texts(texts: list[Text], figure: Figure) -> None:
    """Within the sheet, and apart: but for the room of letters that reach below their line."""
    upright = [text for text in texts if text.get_rotation() % 90 == 0]  # of others a box is wider
    boxes = np.array([text.get_window_extent().extents for text in upright])
    low, high = boxes[:, :2], boxes[:, 2:]
    outside = (low < -2).any(axis=1) | (high > figure.bbox.size + 2).any(axis=1)
    lost = [upright[i].get_text()[:40] for i in np.flatnonzero(outside)]
    assert not lost, f"beyond the sheet: {lost[:5]}"
    common = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    overlaps = np.argwhere(np.triu((common > (2, 6)).all(axis=-1), 1))
    pairs = [(upright[i].get_text()[:40], upright[j].get_text()[:40]) for i, j in overlaps]
    assert not pairs, f"one over the other: {pairs[:5]}"


@pytest.fixture(autouse=True)
def _settings_stay():
    """No figure leaves a trace in matplotlib's settings."""
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before
