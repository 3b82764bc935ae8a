"""What happened inside the networks of a study: signals through depth, and how they spread."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from actscope import stats
from actscope.answers import Answer, Setting
from actscope.pages import Chart, Part, Row, Slider, bands, brief, histograms
from actscope.report._scores_part import Names, colours
from actscope.report._strata import strata
from actscope.study import Record

_EPOCHS = 8  # that a slider goes through
_SETTINGS = 40
_HISTOGRAMS = 1200  # at most, of all epochs together
_CUT = 3  # times the second highest bar
_FIELDS = (
    *("pre_mean", "pre_variance", "gradient_rms", "dead", "units"),
    *("low", "high", "histogram"),
)


@dataclass(frozen=True)
class _Measure:
    """What is drawn through depth.

    Attributes:
        name: a field of `_Measured`.
        title: in words.
        log: whether its logarithm is drawn and averaged.
    """

    name: str
    title: str
    log: bool


_PROFILES = (
    _Measure("second_moment", "second moment of the pre-activations", log=True),
    _Measure("gradient", "gradient at the pre-activations, root mean square", log=True),
    _Measure("dead", "dead units (%)", log=False),
)


@dataclass(frozen=True)
class _Place:
    """Whose signal it is, where and when."""

    head: str
    treatment: str
    layer: int
    epoch: int


@dataclass(frozen=True)
class _Measured:
    """One signal of one network."""

    second_moment: float
    gradient: float
    dead: float
    low: float
    high: float
    histogram: Sequence[int]


def inside(answer: Answer, record: Record, names: Names) -> Iterator[Part]:
    """Signal, gradient and dead units through depth, and histograms, by epoch."""
    if len(answer.settings) > _SETTINGS:
        return
    found = _found(answer, record.where(phase="compare"))
    epochs = tuple(sorted({place.epoch for place in found}))
    if not epochs:
        return
    charts = [_profile(found, names, epochs, each) for each in _PROFILES]
    drawn = _histograms(found, names, epochs)
    said = _said(found, epochs)
    yield Part("Inside the networks", said, (*charts, *([drawn] if drawn else [])))


def _found(answer: Answer, record: Record) -> dict[_Place, list[_Measured]]:
    """The signals of the last and of some other epochs, a list of seeds each.

    A network that stopped earlier stays as it was then.
    """
    whose = _members(answer, record)
    table = record.monitors("sites", _FIELDS)
    names = ("id", "seed", "site", "epoch", *_FIELDS)
    columns = {name: table[name].to_pylist() for name in names}
    seeds = dict(zip(columns["id"], columns["seed"], strict=True))
    last = max(columns["epoch"], default=0)
    wanted = sorted({round(each) for each in np.linspace(1, last, min(_EPOCHS, last or 1))})
    seen: dict[str, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for row, (member, site, epoch) in enumerate(
        zip(columns["id"], columns["site"], columns["epoch"], strict=True)
    ):
        seen[member][site][epoch] = row
    found: dict[_Place, list[_Measured]] = defaultdict(list)
    for member in sorted(seen.keys() & whose.keys(), key=lambda each: (seeds[each], each)):
        for layer, rows in enumerate(seen[member].values(), 1):
            for epoch in wanted:
                at = max((each for each in rows if each <= epoch), default=min(rows))
                found[_Place(*whose[member], layer, epoch)].append(_measured(columns, rows[at]))
    groups = [(head, name) for head, group in strata(answer).items() for name in group]
    places = {group: number for number, group in enumerate(groups)}
    return dict(sorted(found.items(), key=lambda each: places[each[0].head, each[0].treatment]))


def _measured(columns: Mapping[str, list[Any]], row: int) -> _Measured:
    units = columns["units"][row]
    return _Measured(
        second_moment=columns["pre_mean"][row] ** 2 + columns["pre_variance"][row],
        gradient=columns["gradient_rms"][row],
        dead=100 * columns["dead"][row] / units if units else 0.0,
        low=columns["low"][row],
        high=columns["high"][row],
        histogram=columns["histogram"][row],
    )


def _members(answer: Answer, record: Record) -> dict[str, tuple[str, str]]:
    """Stratum and treatment of each member that stands alone in its setting and seed."""
    table = record.members
    settings: dict[tuple[Any, ...], tuple[str, str]] = {}
    axes = list(answer.settings[0].axes)
    for head, group in strata(answer).items():
        for treatment, setting in group.items():
            settings[_values(setting, axes)] = (head, treatment)
    columns = [table[axis].to_pylist() for axis in axes if axis in table.column_names]
    ids = table["id"].to_pylist()
    rows = zip(*columns, strict=True) if columns else iter([()] * len(ids))
    return {member: settings[row] for member, row in zip(ids, rows, strict=True) if row in settings}


def _values(setting: Setting, axes: Sequence[str]) -> tuple[Any, ...]:
    return tuple(setting.axes[axis] for axis in axes)


def _profile(
    found: Mapping[_Place, list[_Measured]],
    names: Names,
    epochs: tuple[int, ...],
    measure: _Measure,
) -> Chart:
    title, log = measure.title, measure.log
    heads = brief(place.head for place in found)
    rows = [
        {
            "choice": names[place.treatment],
            "stratum": heads[place.head],
            "layer": place.layer,
            "epoch": place.epoch,
            **_mean([getattr(each, measure.name) for each in seeds], log=log),
        }
        for place, seeds in found.items()
    ]
    kind = "geometric mean" if log else "mean"
    caption = f"{title[:1].upper()}{title[1:]}, by layer; {kind} over seeds with its 95 % interval"
    facet = "stratum" if len(heads) > 1 else ""
    spec: dict[str, Any] = dict(
        bands(
            colours(names),
            x="layer",
            titles=("layer", title),
            steps=sorted({place.layer for place in found}),
            facet=facet,
            log=log,
        )
    )
    spec["transform"] = [{"filter": "datum.epoch == epoch"}]
    return Chart(measure.name, caption, caption, spec, rows, Slider("epoch", epochs))


def _mean(values: Sequence[float], *, log: bool) -> dict[str, float | int | None]:
    """Mean and interval; geometric where there is a logarithm. What is not finite is left out."""
    good = [x for x in values if np.isfinite(x) and (x > 0 or not log)]
    if not good:
        return {"mean": None, "low": None, "high": None, "n": 0}
    span = stats.mean_interval(np.log(good) if log else np.asarray(good, np.float64))
    ends = (span.mean, span.low, span.high)
    # An interval of a logarithm may reach farther than any number.
    shown = [None if x is None else float(np.exp(np.clip(x, -80, 80))) if log else x for x in ends]
    return dict(zip(("mean", "low", "high"), shown, strict=True)) | {"n": span.n}


def _histograms(
    found: Mapping[_Place, list[_Measured]], names: Names, epochs: tuple[int, ...]
) -> Chart | None:
    """Pre-activations of one network each, of the stratum with the most layers."""
    deepest = max(found, key=lambda place: place.layer).head
    places = [place for place in found if place.head == deepest]
    if len(places) > _HISTOGRAMS:
        epochs = (epochs[0], epochs[-1])
        places = [place for place in places if place.epoch in epochs]
    places.sort(key=lambda place: (list(names).index(place.treatment), place.layer))
    rows = [row for place in places for row in _histogram(place, found[place][0], names)]
    if not rows or len(places) > _HISTOGRAMS:
        return None
    where = f" ({brief([deepest])[deepest]})" if deepest else ""
    caption = f"Pre-activations of each layer, one network each{where}; panels to their own scale"
    deep = len({place.layer for place in places})
    spec = histograms(colours(names), row="choice", column="layer", columns=deep, slider="epoch")
    return Chart("histograms", caption, caption, spec, rows, Slider("epoch", epochs))


def _histogram(place: _Place, seen: _Measured, names: Names) -> Iterator[Row]:
    if np.isfinite([seen.low, seen.high]).all() and seen.low < seen.high:
        yield {
            "choice": names[place.treatment],
            "layer": f"{place.layer}",
            "epoch": place.epoch,
            **bars(seen.low, seen.high, seen.histogram),
        }


def bars(low: float, high: float, counts: Sequence[int]) -> dict[str, Any]:
    """The fields of a histogram; a spike is cut off, that it does not flatten the rest."""
    first, second = sorted(counts)[-1:-3:-1] if len(counts) > 1 else (counts[0], counts[0])
    top = _CUT * second if second and first > _CUT * second else first
    return {"low": low, "high": high, "counts": list(counts), "top": top}


def _said(found: Mapping[_Place, list[_Measured]], epochs: tuple[int, ...]) -> str:
    """Where the gradient differs most between the first layer and the last, at the end."""
    last = [place for place in found if place.epoch == epochs[-1]]
    ends: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for place in last:
        mean = _mean([each.gradient for each in found[place]], log=True)["mean"]
        if mean:
            ends[place.head, place.treatment][place.layer] = mean
    ratios = {
        who: layers[min(layers)] / layers[max(layers)]
        for who, layers in ends.items()
        if len(layers) > 1
    }
    if not ratios:
        return ""
    (head, treatment), ratio = min(ratios.items(), key=lambda each: each[1])
    where = f", {head}" if head else ""
    shown = brief([f"{treatment}{where}"])
    return (
        f"After the last epoch the gradient of the first layer by that of the last is smallest for "
        f"{next(iter(shown.values()))}: {ratio:.2g}."
    )
