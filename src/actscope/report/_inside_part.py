"""What happened inside the networks of a study: signals through depth, and how they spread."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from actscope.answers import Answer, Layer, layers
from actscope.pages import Chart, Part, Row, Slider, bands, brief, histograms
from actscope.report._scores_part import Names, colours
from actscope.report._strata import strata
from actscope.stats import Interval
from actscope.study import Record

_EPOCHS = 8  # that a slider goes through
_SETTINGS = 40
_HISTOGRAMS = 1200  # at most, of all epochs together
_CUT = 3  # times the second highest bar


@dataclass(frozen=True)
class _Measure:
    """What is drawn through depth.

    Attributes:
        name: of the chart.
        title: in words.
        read: from a layer.
        factor: to its unit.
        log: whether its logarithm is drawn.
    """

    name: str
    title: str
    read: Callable[[Layer], Interval | None]
    factor: float = 1.0
    log: bool = True


_PROFILES = (
    _Measure("second_moment", "second moment of the pre-activations", lambda x: x.second_moment),
    _Measure("gradient", "gradient at the pre-activations, root mean square", lambda x: x.gradient),
    _Measure("dead", "dead units (%)", lambda x: x.dead, 100.0, log=False),
)


def inside(answer: Answer, record: Record, names: Names) -> Iterator[Part]:
    """Signal, gradient and dead units through depth, and histograms, by epoch."""
    if len(answer.settings) > _SETTINGS:
        return
    found = _Found.of(answer, record, names)
    if found.layers:
        charts = [_profile(found, each) for each in _PROFILES]
        drawn = _histograms(found)
        yield Part("Inside the networks", _said(found), (*charts, *([drawn] if drawn else [])))


@dataclass(frozen=True, eq=False)
class _Found:
    """The layers of an answer, and what is shown of whose they are.

    Attributes:
        layers: all of them.
        choices: of each, the treatment as it is shown.
        strata: of each, the stratum as it is shown.
        names: of the treatments.
    """

    layers: tuple[Layer, ...]
    choices: tuple[str, ...]
    strata: tuple[str, ...]
    names: Names

    @classmethod
    def of(cls, answer: Answer, record: Record, names: Names) -> "_Found":
        """Those of an answer."""
        groups = strata(answer)
        heads = brief(groups)
        whose = {
            id(setting): (names[treatment], heads[head])
            for head, group in groups.items()
            for treatment, setting in group.items()
        }
        found = layers(answer.settings, record, _EPOCHS)
        found = tuple(each for each in found if id(each.setting) in whose)
        both = [whose[id(each.setting)] for each in found]
        return cls(found, tuple(a for a, _ in both), tuple(b for _, b in both), names)

    @property
    def epochs(self) -> tuple[int, ...]:
        """Those that were looked at."""
        return tuple(sorted({each.epoch for each in self.layers}))

    def rows(self) -> Iterator[tuple[Layer, dict[str, Any]]]:
        """Each layer, and the fields that say whose it is."""
        for each, choice, stratum in zip(self.layers, self.choices, self.strata, strict=True):
            place = {"choice": choice, "stratum": stratum}
            yield each, place | {"layer": each.layer, "epoch": each.epoch}


def _profile(found: _Found, measure: _Measure) -> Chart:
    rows = [about | _scaled(measure.read(each), measure.factor) for each, about in found.rows()]
    kind = "geometric mean" if measure.log else "mean"
    title = f"{measure.title[:1].upper()}{measure.title[1:]}"
    caption = f"{title}, by layer; {kind} over seeds with its 95 % interval"
    spec: dict[str, Any] = dict(
        bands(
            colours(found.names),
            x="layer",
            titles=("layer", measure.title),
            steps=sorted({each.layer for each in found.layers}),
            facet="stratum" if len(set(found.strata)) > 1 else "",
            log=measure.log,
        )
    )
    spec["transform"] = [{"filter": "datum.epoch == epoch"}]
    return Chart(measure.name, caption, caption, spec, rows, Slider("epoch", found.epochs))


def _scaled(span: Interval | None, factor: float) -> dict[str, float | int | None]:
    if span is None:
        return {"mean": None, "low": None, "high": None, "n": 0}
    low, high = (None if end is None else factor * end for end in (span.low, span.high))
    return {"mean": factor * span.mean, "low": low, "high": high, "n": span.n}


def _histograms(found: _Found) -> Chart | None:
    """Pre-activations of one network each, of the stratum with the most layers."""
    deepest = max(found.rows(), key=lambda each: each[0].layer)[1]["stratum"]
    places = [each for each in found.rows() if each[1]["stratum"] == deepest]
    epochs = found.epochs
    if len(places) > _HISTOGRAMS:
        epochs = (epochs[0], epochs[-1])
        places = [each for each in places if each[0].epoch in epochs]
    rows: list[Row] = [
        about | bars(each.low, each.high, each.counts)
        for each, about in places
        if np.isfinite([each.low, each.high]).all() and each.low < each.high
    ]
    if not rows or len(places) > _HISTOGRAMS:
        return None
    where = f" ({deepest})" if deepest else ""
    caption = f"Pre-activations of each layer, one network each{where}; panels to their own scale"
    deep = len({each.layer for each, _ in places})
    shades = colours(found.names)
    spec = histograms(shades, row="choice", column="layer", columns=deep, slider="epoch")
    return Chart("histograms", caption, caption, spec, rows, Slider("epoch", epochs))


def bars(low: float, high: float, counts: Sequence[int]) -> dict[str, Any]:
    """The fields of a histogram; a spike is cut off, that it does not flatten the rest."""
    first, second = sorted(counts)[-1:-3:-1] if len(counts) > 1 else (counts[0], counts[0])
    top = _CUT * second if second and first > _CUT * second else first
    return {"low": low, "high": high, "counts": list(counts), "top": top}


def _said(found: _Found) -> str:
    """Where the gradient differs most between the first layer and the last, at the end."""
    ends: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each, about in found.rows():
        if each.epoch == found.epochs[-1] and each.gradient:
            ends[about["choice"], about["stratum"]].append(each.gradient.mean)
    ratios = {who: means[0] / means[-1] for who, means in ends.items() if len(means) > 1}
    if not ratios:
        return ""
    (choice, stratum), ratio = min(ratios.items(), key=lambda each: each[1])
    where = f"{choice}, {stratum}" if stratum else choice
    return (
        "After the last epoch the gradient of the first layer by that of the last is smallest for "
        f"{where}: {ratio:.2g}."
    )
