"""What was wrong with the networks of a study before they were trained."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from actscope.answers import Answer, Remedied, Setting, begun
from actscope.pages import Part, Prose, Table, short
from actscope.probing import Finding
from actscope.report._remedies_part import cures
from actscope.report._scores_part import Names
from actscope.report._strata import treatment
from actscope.report._words import plural, scale
from actscope.study import Record


def before_training(
    answer: Answer, record: Record, names: Names, tried: Remedied | None = None
) -> Iterator[Part]:
    """The findings of each setting, beside what it came to, and what was tried against them."""
    pairs = zip(answer.settings, begun(answer.settings, record), strict=True)
    known = [(setting, found) for setting, found in pairs if found is not None]
    if not known:
        return
    score = scale(answer, "test")
    ranked = sorted(known, key=lambda each: -each[0].summary.mean)
    unit = f" ({score.unit})" if score.unit else ""
    table = Table(
        caption="Findings on one network of each setting, seed 0, on 1,000 examples",
        heads=(*(answer.by or ("setting",)), "finding", "the worst place", f"{score.name}{unit}"),
        rows=tuple(
            (
                *map(short, setting.levels.values() or (treatment(setting),)),
                *_told(found),
                score.written(setting.summary.mean),
            )
            for setting, found in ranked
        ),
        words=max(len(answer.by), 1) + 2,
        choices=tuple(names[treatment(setting)] for setting, _ in ranked),
    )
    advice = dict.fromkeys(f"{each.rule}: {each.advice}." for _, found in known for each in found)
    prose = (Prose(tuple(advice)),) if advice else ()
    helped = cures(tried, answer.by, names) if tried else ()
    yield Part("Before training", _said(known), (table, *prose, *helped))


def _told(found: Sequence[Finding]) -> tuple[str, str]:
    if not found:
        return "none", ""
    rules = dict.fromkeys(each.rule for each in found)
    return ", ".join(rules), found[0].told


def _said(known: Sequence[tuple[Setting, Sequence[Finding]]]) -> str:
    bad = [setting.summary.mean for setting, found in known if found]
    good = [setting.summary.mean for setting, found in known if not found]
    said = f"{len(bad)} of {plural(len(known), 'setting')} began with something wrong"
    if not bad or not good:
        return f"{said}."
    return (
        f"{said}: they came to a mean score of {fmean(bad):.3g}, the others to {fmean(good):.3g}."
    )
