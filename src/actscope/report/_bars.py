"""Histograms on a page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from actscope.answers import Bars, Layer
from actscope.pages import Chart, Control, Row, histograms
from actscope.report._insides import Insides
from actscope.report._scores_part import colours

_HISTOGRAMS = 2000  # about
_BINS = 25
_CUT = 3  # times the second highest bar
_SIGNALS: Mapping[str, Callable[[Layer], Bars | None]] = {
    "pre-activation": lambda layer: layer.pre,
    "post-activation": lambda layer: layer.post,
    "gradient": lambda layer: layer.back,
}


def spread(found: Insides) -> Iterator[Chart]:
    """Signals of one network each, of the stratum with the most layers."""
    deepest = max(found.layers, key=lambda each: each.layer)
    stratum = found.strata[id(deepest.setting)]
    shown = [each for each in found.layers if found.strata[id(each.setting)] == stratum]
    epochs = found.epochs
    if len(_SIGNALS) * len(shown) > _HISTOGRAMS:
        epochs = tuple(dict.fromkeys((epochs[0], epochs[-1])))
        shown = [each for each in shown if each.epoch in epochs]
    rows: list[Row] = [
        found.whose(each) | {"signal": signal} | bars(seen.low, seen.high, seen.counts)
        for each in shown
        for signal, read in _SIGNALS.items()
        if (seen := read(each)) and _has_width(seen)
    ]
    if not rows or len(rows) > 2 * _HISTOGRAMS:
        return
    where = f" ({stratum})" if stratum else ""
    words = f"Signals of each layer, one network each{where}; panels to their own scale"
    deep = len({each.layer for each in shown})
    spec = histograms(colours(found.names), row="choice", column="layer", columns=deep)
    signals = tuple(dict.fromkeys(str(row["signal"]) for row in rows))
    controls = (Control("epoch", epochs), Control("signal", signals))
    yield Chart("histograms", words, words, spec, rows, controls)


def _has_width(seen: Bars) -> bool:
    return bool(np.isfinite([seen.low, seen.high]).all()) and seen.low < seen.high


def bars(low: float, high: float, counts: Sequence[int]) -> dict[str, Any]:
    """The fields of a histogram; a spike is cut off, that it does not flatten the rest."""
    if len(counts) % _BINS == 0:
        counts = np.reshape(counts, (_BINS, -1)).sum(axis=1).tolist()
    first, second = sorted(counts)[-1:-3:-1] if len(counts) > 1 else (counts[0], counts[0])
    top = _CUT * second if second and first > _CUT * second else first
    return {"low": low, "high": high, "counts": list(counts), "top": top}
