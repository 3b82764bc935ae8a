"""Learning curves by setting, as many together as can be told apart."""

from collections.abc import Iterator, Mapping

from matplotlib.figure import Figure

from actscope import figures
from actscope.answers import Answer, Setting
from actscope.figures import LearningCurve, Scale
from actscope.report._strata import evenly, labelled, one_by_one, strata
from actscope.report._words import caption, factors, failures, scale, seeds

_CURVES = 12  # in one figure
_DASHES = 3  # by which curves of one colour are told apart
_FIGURES, _FEW = 24, 4  # of more figures than 24 only these few are drawn


def learning_curves(answer: Answer) -> Iterator[tuple[str, Figure]]:
    """One figure, or one a stratum where there are many settings; of more than 24 strata four.

    There is none where a setting stands for several cells of the study, and so has no curve.
    """
    if not all(setting.runs for setting in answer.settings):
        return
    score, groups = scale(answer, "validation"), strata(answer)
    if len(answer.settings) <= _CURVES and len(groups) <= _DASHES:
        rows = labelled(answer.settings)
        yield "learning_curves", _figure(rows, score, "", factors("Curves", answer.settings))
        return
    pages = one_by_one(groups, _CURVES)
    some = pages if len(pages) <= _FIGURES else evenly(pages, _FEW)
    more = f"{len(some)} of {len(pages):,} such figures are drawn, evenly spaced in their order"
    for page in some:
        ((head, rows),) = page.items()
        end = more if len(some) < len(pages) else ""
        yield f"learning_curves-{head}", _figure(rows, score, head, end)


def _figure(rows: Mapping[str, Setting], score: Scale, head: str, end: str) -> Figure:
    """The curves, with what they are of and a last word in the caption."""
    runs = {
        label: LearningCurve(
            epochs=tuple(range(1, len(setting.curve) + 1)),
            validation=setting.curve,
            so_far=True,
        )
        for label, setting in rows.items()
    }
    where = f"{head}: " if head else ""
    words = caption(f"{where}{_fastest(rows, score)}", failures(rows.values()), end)
    return figures.learning_curves(runs, score=score, caption=words)


def _fastest(rows: Mapping[str, Setting], score: Scale) -> str:
    """Which was the best over all epochs, and which the worst; of validation scores."""
    areas = {label: setting.area for label, setting in rows.items()}
    best, worst = max(areas, key=areas.__getitem__), min(areas, key=areas.__getitem__)
    high, low = (f"{score.written(areas[name])} {score.unit}".rstrip() for name in (best, worst))
    count = seeds(setting.summary.n for setting in rows.values())
    if len(areas) < 2:
        return f"Mean over all epochs: {high}; {count}"
    return f"Highest mean over all epochs: {best}, {high}; lowest: {worst}, {low}; {count}"
