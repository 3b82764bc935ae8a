"""Trained networks as a page: how good they are, how they learned, and what is inside."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from actscope import stats
from actscope.activations import Activation
from actscope.diagnosis import Remedies
from actscope.figures import ACCURACY, colour
from actscope.pages import (
    Across,
    Block,
    Chart,
    Control,
    Page,
    Part,
    Prose,
    Row,
    Table,
    Upward,
    bands,
    brief,
    histograms,
    intervals,
    short,
)
from actscope.probing import Profile
from actscope.report._functions_part import functions
from actscope.report._probe_page import SIGNALS, findings, histograms_of, inside
from actscope.report._scores_part import Names, colours, estimate
from actscope.report._words import caption, seeds
from actscope.stats import Interval
from actscope.study import Run

Runs = Mapping[str, Sequence[Run]]


def runs_page(
    title: str,
    runs: Runs,
    profiles: Mapping[str, Profile],
    remedies: Remedies | None = None,
) -> Page:
    """What networks of one activation or of several came to.

    Args:
        title: of the page.
        runs: by activation, one a seed.
        profiles: by activation, of its first run's network.
        remedies: that were tried against the findings, of one network.
    """
    names = brief(runs)
    known: dict[str, Activation] = {
        names[name]: found[0].saved.network.activation for name, found in runs.items()
    }
    count = sum(map(len, runs.values()))
    return Page(
        title=short(title),
        subtitle=f"{count:,} trained network{'' if count == 1 else 's'}, seen by actscope",
        parts=(
            _answer(runs, names),
            *_learning(runs, names),
            *_looked(profiles, names, remedies),
            *functions(known),
            _method(runs),
        ),
        choices={shown: colour(name) for name, shown in names.items()},
        kind="activation",
    )


def _answer(runs: Runs, names: Names) -> Part:
    means = {name: _mean([run.test.score for run in found]) for name, found in runs.items()}
    best = max(means, key=lambda name: means[name].mean)
    rows: list[Row] = []
    for name, span in means.items():
        about = {"choice": names[name]}
        rows.append(about | estimate(span, 100))
        rows += [about | {"seed": run.seed, "value": 100 * run.test.score} for run in runs[name]]
    heads = (
        "activation",
        "mean (%)",
        "95 % interval",
        "seeds",
        "best epoch",
        "dead units a layer",
    )
    words = f"Test accuracy of every network (ticks), the mean and its 95 % t interval; {_n(runs)}"
    spec = intervals(colours(names), title=ACCURACY.label)
    table = Table(
        caption="Test accuracy of the network with the best validation accuracy",
        heads=heads,
        rows=tuple((names[name], *_cells(means[name], runs[name])) for name in runs),
        choices=tuple(names[name] for name in runs),
    )
    several = "Highest mean test accuracy: " if len(runs) > 1 else "Test accuracy: "
    said = f"{several}{names[best]}, {_written(means[best])}; {_n(runs)}"
    blocks = (table, Chart("accuracy", words, words, spec, rows))
    return Part("The answer", caption(said), blocks)


def _mean(values: Sequence[float]) -> Interval:
    return stats.mean_interval(values)


def _n(runs: Runs) -> str:
    return seeds(len(found) for found in runs.values())


def _written(span: Interval) -> str:
    if span.low is None or span.high is None:
        return f"{span.mean:.2%}"
    return f"{span.mean:.2%} [{span.low:.2%}, {span.high:.2%}]"


def _cells(span: Interval, runs: Sequence[Run]) -> tuple[str, ...]:
    ends = "–" if span.low is None or span.high is None else f"{span.low:.2%} … {span.high:.2%}"
    best = [str(run.history.best.number) if run.history.best else "–" for run in runs]
    layers = zip(*(run.dead for run in runs), strict=True)
    dead = " ".join(f"{sum(layer) / len(runs):.3g}" for layer in layers)
    return f"{100 * span.mean:.2f}", ends, f"{len(runs)}", " ".join(best), dead


def _learning(runs: Runs, names: Names) -> Iterator[Part]:
    """Validation accuracy by epoch, the training accuracy dashed."""
    rows: list[Row] = []
    for name, found in runs.items():
        epochs = zip_longest(*(run.history.epochs for run in found))
        for number, seen in enumerate(epochs, 1):
            there = [epoch for epoch in seen if epoch is not None]
            span = _mean([epoch.validation_score for epoch in there])
            trained = _mean([epoch.train_score for epoch in there]).mean
            about = {"choice": names[name], "epoch": number, "training": 100 * trained}
            rows.append(about | estimate(span, 100))
    if not rows:
        return
    steps = sorted({row["epoch"] for row in rows})
    words = (
        "Validation accuracy after each epoch, mean over the networks that got there with its "
        "95 % t interval; dashed: training accuracy during the epoch"
    )
    upward = Upward("accuracy (%)")
    spec = bands(colours(names), Across("epoch", "epoch", steps), upward, dashed="training")
    yield Part("Learning", "", (Chart("learning", words, words, spec, rows),))


def _looked(
    profiles: Mapping[str, Profile], names: Names, remedies: Remedies | None
) -> Iterator[Part]:
    """Of one network all that a probe's page has; of several what compares them."""
    if len(profiles) == 1:
        (profile,) = profiles.values()
        yield findings(profile, remedies)
        yield from inside(profile)
    elif profiles:
        told = [f"{names[name]}: {_spoke(profile)}." for name, profile in profiles.items()]
        yield Part("What is wrong", "", (Prose(tuple(told)),))
        yield Part("Inside the networks", "", tuple(_inside(profiles, names)))


def _spoke(profile: Profile) -> str:
    rules = dict.fromkeys(f"{each.rule} ({each.severity})" for each in profile.findings)
    return ", ".join(rules) or "nothing"


def _inside(profiles: Mapping[str, Profile], names: Names) -> Iterator[Block]:
    dead = [
        {"choice": names[name], "layer": layer, "mean": 100 * float(site.dead.mean()), "n": 1}
        for name, profile in profiles.items()
        for layer, site in enumerate(profile.sites, 1)
    ]
    if not dead:
        return
    deep = max(len(profile.sites) for profile in profiles.values())
    shades = colours(names)
    words = "Dead units of each layer, one network each"
    across = Across("layer", "layer", range(1, deep + 1))
    yield Chart("dead", words, words, bands(shades, across, Upward("dead units (%)")), dead)
    rows = [
        each | {"layer": layer}
        for name, profile in profiles.items()
        for layer, site in enumerate(profile.sites, 1)
        for each in histograms_of(site, names[name])
    ]
    words = "Signals of each layer, one network each; panels to their own scale"
    spec = histograms(shades, row="choice", column="layer", columns=deep)
    menu = Control("signal", tuple(SIGNALS.values()))
    yield Chart("histograms", words, words, spec, rows, (menu,))


def _method(runs: Runs) -> Part:
    every = [run for found in runs.values() for run in found]
    rows = [
        ("seeds", ", ".join(map(str, dict.fromkeys(run.seed for run in every)))),
        *_told("recipe", [run.identity["recipe"] for run in every]),
        *_told("data", [run.identity["dataset"] for run in every]),
        *_told("network", [run.saved.network.hyperparameters() for run in every]),
        *_told("made by", [run.provenance for run in every]),
    ]
    return Part("Method", "", (Table("How they were trained", ("what", "value"), tuple(rows), 2),))


def _told(what: str, known: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """What all share, a row a name; what differs is told once for each value."""
    for name in dict.fromkeys(name for each in known for name in each):
        values = dict.fromkeys(json.dumps(each.get(name), sort_keys=True) for each in known)
        yield f"{what}: {name}", "; ".join(values)
