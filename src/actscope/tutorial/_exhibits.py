"""What the tutorial's pictures show: of its own networks as measured, or of a study's runs."""

from collections.abc import Mapping, Sequence

from actscope import activations, stats, study
from actscope.data import Dataset
from actscope.figures import LearningCurve, Scores
from actscope.networks import FeedForward, Saved
from actscope.study import Run
from actscope.tutorial._gallery import Exhibits
from actscope.tutorial._measure import EXAMPLE_BATCH, HIDDEN_SIZES, Measured

_DEEP = HIDDEN_SIZES["deep"]


def exhibits_of_tutorial(dataset: Dataset, measured: Measured, runs: Mapping[str, Run]) -> Exhibits:
    """The tutorial's networks, as measured; learning curves and scores of runs by its recipe."""
    return Exhibits(
        dataset=dataset,
        curves=measured.curves,
        gradients=measured.gradients,
        signals=measured.signals,
        dead={
            f"relu, {network}": list(zip(found.counts, found.widths, strict=True))
            for network in HIDDEN_SIZES
            if (found := measured.dead.get(f"relu.{network}"))
        },
        learning=_learning(by_activation(runs)),
        scores=_scores(by_activation(runs)),
    )


def exhibits_of_runs(dataset: Dataset, runs: Mapping[str, Run]) -> Exhibits:
    """A study's networks: what is drawn of one network is drawn of its first seed's."""
    groups = by_activation(runs)
    first = {label: found[0] for label, found in groups.items()}
    batch = dataset.split(EXAMPLE_BATCH)

    def begun(run: Run) -> Saved:
        return study.untrained(run.saved.network, dataset, run.seed)

    return Exhibits(
        dataset=dataset,
        curves={
            label: activations.curve(run.saved.network.activation) for label, run in first.items()
        },
        gradients={label: study.probe(begun(run), dataset, batch) for label, run in first.items()},
        signals={label: study.probe(run.saved, dataset, batch) for label, run in first.items()},
        dead=_dead(dataset, first),
        learning=_learning(groups),
        scores=_scores(groups),
    )


def by_activation(runs: Mapping[str, Run]) -> dict[str, list[Run]]:
    """The runs of each activation, in the order of the seeds."""
    groups: dict[str, list[Run]] = {}
    for run in runs.values():
        groups.setdefault(run.label, []).append(run)
    return groups


def _dead(dataset: Dataset, first: Mapping[str, Run]) -> dict[str, list[tuple[int, int]]]:
    """Dead units of every trained network, and of ReLU's untrained and of ten layers of it."""
    found = {
        f"{label}, trained": list(zip(run.dead, run.saved.network.hidden_sizes, strict=True))
        for label, run in first.items()
        if any(run.dead) or label == "relu"
    }
    relu = activations.get("relu")
    for words, sizes in (
        ("untrained", FeedForward(relu).hidden_sizes),
        ("ten layers, untrained", _DEEP),
    ):
        network = FeedForward(relu, sizes, dataset.num_classes)
        dead = study.dead_units(study.untrained(network, dataset, 0), dataset)
        counts = (int(site.dead.sum()) for site in dead.values())
        found[f"relu, {words}"] = list(zip(counts, sizes, strict=True))
    return found


def _learning(groups: Mapping[str, Sequence[Run]]) -> dict[str, LearningCurve]:
    """Mean over seeds at each epoch, as far as every seed got."""
    return {
        label: _curve(runs)
        for label, runs in groups.items()
        if all(run.history.epochs for run in runs)  # one that diverged at once has no curve
    }


def _curve(runs: Sequence[Run]) -> LearningCurve:
    if len(runs) == 1:
        return LearningCurve.of(*runs[0].history.curve)
    epochs = list(zip(*(run.history.epochs for run in runs), strict=False))
    return LearningCurve(
        epochs=tuple(epoch[0].number for epoch in epochs),
        validation=tuple(
            stats.mean_interval([each.validation_score for each in epoch]) for epoch in epochs
        ),
    )


def _scores(groups: Mapping[str, Sequence[Run]]) -> dict[str, Scores]:
    return {
        label: Scores(
            tuple(run.test.score for run in runs),
            stats.mean_interval([run.test.score for run in runs]),
        )
        for label, runs in groups.items()
    }
