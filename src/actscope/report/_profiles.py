"""Charts of layers: signal, gradient and dead units through depth and over time."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from actscope.answers import Foretold, Layer
from actscope.pages import Across, Chart, Control, Row, Upward, bands
from actscope.report._insides import Insides
from actscope.report._scores_part import colours, estimate
from actscope.stats import Interval


@dataclass(frozen=True)
class _Measure:
    """What is drawn through depth.

    Attributes:
        name: of the chart.
        title: in words.
        read: from a layer.
        factor: to its unit.
        log: whether its logarithm is drawn.
        dashed: what the dashed line is, in words.
        beside: its value, of a layer and what is foretold of all layers of its network.
    """

    name: str
    title: str
    read: Callable[[Layer], Interval | None]
    factor: float
    log: bool
    dashed: str
    beside: Callable[[Layer, Sequence[Foretold], Layer], float | None]


def _moment(layer: Layer, known: Sequence[Foretold], _: Layer) -> float | None:
    return known[layer.layer - 1].second_moment if known else None


def _gradient(layer: Layer, known: Sequence[Foretold], last: Layer) -> float | None:
    """From the last layer's down: of theory it is the ratio that matters."""
    if not known or last.gradient is None:
        return None
    return known[layer.layer - 1].gradient * last.gradient.mean


def _woken(layer: Layer, _: Sequence[Foretold], __: Layer) -> float | None:
    return 100 * layer.woken.mean


_DEAD = _Measure(
    *("dead", "dead units (%)", lambda layer: layer.dead, 100.0, False),
    "units that were dead after an earlier epoch and are no longer",
    _woken,
)
PROFILES = (
    _Measure(
        *("second_moment", "second moment of the pre-activations"),
        *(lambda layer: layer.second_moment, 1.0, True),
        "what theory expects before training",
        _moment,
    ),
    _Measure(
        *("gradient", "gradient at the pre-activations, root mean square"),
        *(lambda layer: layer.gradient, 1.0, True),
        "what theory expects before training, relative to the last layer",
        _gradient,
    ),
    _DEAD,
)


def _rows(found: Insides, measure: _Measure) -> list[dict[str, Any]]:
    """A row a layer and epoch: the mean with its interval, and what the dashed line shows."""
    return [
        found.whose(each)
        | _scaled(measure.read(each), measure.factor)
        | {"beside": _beside(found, each, measure)}
        for each in found.layers
    ]


def _beside(found: Insides, layer: Layer, measure: _Measure) -> float | None:
    setting = id(layer.setting)
    last = found.last[setting, layer.epoch]
    value = measure.beside(layer, found.foretold[setting], last)
    positive = value is not None and math.isfinite(value) and (value > 0 or not measure.log)
    return value if positive else None


def through_depth(found: Insides, measure: _Measure) -> Chart:
    """From the first layer to the last, by epoch."""
    rows = _rows(found, measure)
    spec = bands(
        colours(found.names),
        Across("layer", "layer", found.numbers),
        Upward(measure.title, measure.log, _reach(rows, log=measure.log)),
        facet=found.facet,
        dashed="beside" if _any(rows) else "",
    )
    kind = "geometric mean" if measure.log else "mean"
    caption = f"{_capital(measure.title)}, by layer; {kind} over seeds with its 95 % interval"
    beside = f"; dashed: {measure.dashed}" if _any(rows) else ""
    words = f"{caption}{beside}"
    return Chart(measure.name, words, words, spec, rows, (Control("epoch", found.epochs),))


def _any(rows: Sequence[Row]) -> bool:
    return any(row["beside"] for row in rows)


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _scaled(span: Interval | None, factor: float) -> dict[str, float | int | None]:
    if span is None:
        return {"mean": None, "low": None, "high": None, "n": 0}
    return estimate(span, factor)


def _reach(rows: Sequence[Row], *, log: bool) -> tuple[float, float] | None:
    """The ends of all means, that the axis stays where it is while the slider moves."""
    means = [row[name] for row in rows for name in ("mean", "beside") if row[name] is not None]
    good = [x for x in means if math.isfinite(x) and (x > 0 or not log)]
    if not good or min(good) == max(good):
        return None
    low, high = min(good), max(good)
    room = (high / low) ** 0.05 if log else (high - low) * 0.05
    return (low / room, high * room) if log else (low - room, high + room)


def over_time(found: Insides) -> Iterator[Chart]:
    """Dead units of each layer by epoch; of networks in which one was ever dead."""
    rows = _rows(found, _DEAD)
    some = {(row["choice"], row["stratum"]) for row in rows if row["mean"] or row["beside"]}
    rows = [row for row in rows if (row["choice"], row["stratum"]) in some]
    if not rows or len(found.epochs) < 2:
        return
    spec = bands(
        colours(found.names),
        Across("epoch", "epoch", found.epochs),
        Upward(_DEAD.title, reach=_reach(rows, log=False)),
        facet=found.facet,
        dashed="beside",
    )
    words = f"{_capital(_DEAD.title)} by epoch, where there are any; dashed: {_DEAD.dashed}"
    layer = Control("layer", found.numbers)
    yield Chart("dead-by-epoch", words, words, spec, rows, (layer,))
