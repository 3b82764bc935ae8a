"""What was tried against findings: for one network, and for the kinds of networks of a study."""

from collections.abc import Iterator, Sequence

from actscope.answers import Cure, Remedied
from actscope.diagnosis import Remedies, Tried
from actscope.pages import Block, Prose, Table, short
from actscope.report._scores_part import Names
from actscope.report._strata import treatment
from actscope.report._words import plural

_HEADS = ("loss lower by", "95 % interval", "pairs", "diverged without, with")


def remedies(found: Remedies) -> Iterator[Block]:
    """Of one network."""
    yield Prose((f"What helps most: {_most(found)}.",))
    if found.tried:
        rows = tuple((each.name, *_cells(each)) for each in found.tried)
        yield Table("What was tried", ("change", *_HEADS), rows)
    if found.not_applied:
        yield Table("What was not", ("change", "reason"), found.not_applied, 2, folded=True)


def cures(found: Remedied, by: Sequence[str], names: Names) -> Iterator[Block]:
    """Of a study, a row a change; what helps most once more, on fresh seeds."""
    tried, kinds = len(found.cures), plural(found.kinds, "kind")
    said = f"{kinds} of network began with something wrong; remedies were tried on {tried}"
    if not found.cures:
        yield Prose((f"{said}.",))
        return
    said += ", with the recipe of the setting that is named, the best one on validation data."
    helped = [f"{short(each.setting.label)}: {_most(each.remedies)}." for each in found.cures]
    yield Prose((said, "What helps most.", *helped))
    levels = tuple(by or ("setting",))
    rows = [(each, row) for each in found.cures for row in _rows(each)]
    yield Table(
        caption="What was tried: the loss after a short training with the change, beside that "
        "without it from the same seeds; the change that helps most once more, on fresh seeds",
        heads=(*levels, "rule", "change tried", "helps most", *_HEADS),
        rows=tuple(row for _, row in rows),
        words=len(levels) + 3,
        choices=tuple(names[treatment(each.setting)] for each, _ in rows),
    )
    refused = [
        (short(each.setting.label), *pair)
        for each in found.cures
        for pair in each.remedies.not_applied
    ]
    if refused:
        heads = ("setting", "change", "reason")
        yield Table("What was not tried", heads, tuple(refused), 3, folded=True)


def _rows(cure: Cure) -> Iterator[tuple[str, ...]]:
    setting, found = cure.setting, cure.remedies
    levels = tuple(map(short, setting.levels.values() or (treatment(setting),)))
    spoke = ", ".join(cure.rules)
    for number, each in enumerate(found.tried):
        # Once is enough: they are long, and would make every row as high.
        yield (*levels, "" if number else spoke, each.name, "", *_cells(each))
    if found.chosen:
        yield (*levels, "", found.chosen.name, "yes, confirmed", *_cells(found.chosen))


def _most(found: Remedies) -> str:
    return str(found.chosen or "nothing that was tried, beyond doubt")


def _cells(each: Tried) -> tuple[str, ...]:
    found = each.lower.difference if each.lower else None
    known = found is not None and found.low is not None
    return (
        f"{found.mean:.3g}" if found else "–",
        f"{found.low:.3g} … {found.high:.3g}" if found and known else "–",
        f"{each.pairs} {each.varied}",
        "{}, {}".format(*each.diverged),
    )
