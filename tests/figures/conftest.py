"""What the tests of all figures share: signals made by NumPy alone, and a figure rendered."""

import io
from collections.abc import Callable

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from actscope.probing import Histogram, Signal


def _signal_of(values) -> Signal:
    everything = np.asarray(values, np.float64).ravel()
    finite = everything[np.isfinite(everything)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    reach = (low - 0.5, high + 0.5) if low == high else (low, high)
    counts, edges = np.histogram(finite, bins=1200, range=reach)
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


@pytest.fixture(autouse=True)
def _settings_stay():
    """No figure leaves a trace in matplotlib's settings."""
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before
