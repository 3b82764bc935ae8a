"""What the commands of `actscope study` print."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from actscope.cli._output import table
from actscope.cli._progress import duration

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from actscope.answers import Answer, Comparisons, Matter, Ranks, Setting
    from actscope.stats import Comparison, Component, Interval
    from actscope.study import Estimate, Plan

_EFFECTS = 12  # largest ones that are printed
_ROWS = 200  # settings that are printed; --csv has all


def print_estimate(plan: "Plan", found: "Estimate", output: "Console") -> None:
    """What a study takes."""
    made = table("", "", words=("",))
    made.show_header = False
    seeds = len(plan.spec.seeds)
    rows = {
        "networks": f"{found.compared:,}: {found.combinations:,} settings × {seeds} seeds",
        "networks to tune": f"{found.tuned:,}" if found.tuned else "",
        "programs": f"{found.groups:,}",
        "parameters": " to ".join(f"{n:,}" for n in dict.fromkeys(found.parameters)),
        "operations": f"{found.flops:.3g} FLOP at most",
        "time": _time(found),
        "devices": f"{found.devices} × {found.device}",
        "memory": f"{_bytes(found.memory.device)} a device, {_bytes(found.memory.host)} in all",
        "disk": _bytes(found.disk),
    }
    for name, text in rows.items():
        if text:
            made.add_row(name, text)
    output.print(made)
    for warning in found.warnings:
        output.print(f"note: {warning}", soft_wrap=True)


def _time(found: "Estimate") -> str:
    span = found.duration
    if span is None:
        return "not known"
    return (
        f"{duration(span.seconds)} ({duration(span.low)} to {duration(span.high)}), "
        f"{duration(span.compilation)} of it to compile; less where networks stop early"
    )


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def print_status(directory: Path, output: "Console") -> None:
    """How far a study is."""
    from actscope import study

    folder = study.Folder(directory)
    plan, record = study.plan(folder.read()), study.Record.open(directory)
    members = record.members
    phases = Counter(members["phase"].to_pylist())
    failed = len(members) - members["diverged_at"].null_count
    wanted = {"tune": len(plan.tuning), "compare": plan.compared}
    for phase, total in wanted.items():
        if total:
            name = {"tune": "tuning", "compare": "comparison"}[phase]
            output.print(f"{name}: {phases[phase]} of {total} networks")
    if failed:
        output.print(f"{failed} diverged")
    if seconds := sum(members["seconds"].to_pylist()):
        output.print(f"{duration(seconds)} of training in the record, one network after the other")
    holder = folder.holder()
    if holder is not None:
        who = "process {pid} on {host}, since {started}".format_map(holder) if holder else "a run"
        output.print(f"at work: {who}", soft_wrap=True)
    elif any(phases[phase] < total for phase, total in wanted.items()):
        output.print(f"nobody is at work; to go on: actscope study resume {directory}")
    else:
        output.print(f"done; the answer: actscope study show {directory}")


def print_answer(answer: "Answer", output: "Console") -> None:
    """Everything that the members of one task say."""
    percent = answer.score == "accuracy"
    output.print(f"{answer.task}: {answer.score} on the test set, {len(answer.seeds)} seeds\n")
    output.print(_settings(answer, percent))
    if len(answer.settings) > _ROWS:
        output.print(f"… {len(answer.settings) - _ROWS} more settings: --csv FILE, or fewer --by")
    if answer.comparisons:
        output.print()
        _print_comparisons(answer.comparisons, percent, output)
    if not isinstance(answer.matter, str):
        output.print()
        _print_matter(answer.matter, output)
    if answer.ranks:
        output.print()
        _print_ranks(answer.ranks, output)
    output.print()
    for finding in answer.findings:
        output.print(finding, soft_wrap=True)
    for note in answer.notes:
        output.print(f"note: {note}", soft_wrap=True)


def _settings(answer: "Answer", percent: bool) -> "Table":
    speed = "epochs to\ntarget"
    columns = ("mean", "95 %\ninterval", "sd", "n", "failed", "median", "IQM", speed, "area")
    tuned = list(dict.fromkeys(axis for s in answer.settings for t in s.tuned for axis in t.values))
    made = table(*(answer.by or ("setting",)), *tuned, *columns, words=answer.by)
    for setting in answer.settings[:_ROWS]:
        levels, chosen = setting.levels.values() or ("all",), [_tuned(setting, a) for a in tuned]
        made.add_row(*levels, *chosen, *_numbers(setting, percent))
    return made


def _tuned(setting: "Setting", axis: str) -> str:
    """What was chosen; several values where several combinations are averaged."""
    return " / ".join(dict.fromkeys(str(one.values[axis]) for one in setting.tuned))


def _numbers(setting: "Setting", percent: bool) -> list[str]:
    found, failures = setting.summary, setting.failures
    return [
        _score(found.mean, percent),
        _span(found.interval, percent),
        "–" if found.sd is None else _score(found.sd, percent),
        str(found.n),
        f"{failures.k}/{failures.n}" if failures.k else "0",
        _score(found.median, percent),
        found.missing.get("iqm", "") if found.iqm is None else _score(found.iqm, percent),
        _reached(setting),
        _score(setting.area, percent),
    ]


def _reached(setting: "Setting") -> str:
    found = setting.reached
    if found is None:
        return "–"
    median = "never" if found.median is None else str(found.median)
    return median if found.reached == found.n else f"{median} ({found.reached}/{found.n})"


def _print_comparisons(found: "Comparisons", percent: bool, output: "Console") -> None:
    unit = "points" if percent else "score"
    made = table(
        found.treatment, "at", "compared to", f"difference\n({unit})", "95 %\ninterval", "n",
        "effect\nsize", "better\npairs", "p", "verdict", "seeds to tell",
        words=("at", "compared to", "verdict"),
    )  # fmt: skip
    for stratum, treatment, comparison in found.rows:
        made.add_row(treatment, stratum, found.strata[stratum], *_comparison(comparison, percent))
    output.print(made)
    family, leading = found.family, {comparison.leads for _, _, comparison in found.rows}
    name = {"holm": "Holm", "benjamini_hochberg": "Benjamini–Hochberg"}[family.correction]
    test = " or ".join({"exact": "exact sign-flip", "t": "paired t"}[each] for each in leading)
    output.print(
        f"paired by seed; reference {found.reason}; p of the {test} test, {name} over "
        f"{family.m} comparison{'s' if family.m > 1 else ''}; seeds to tell a relevant difference "
        "with 80 % power"
    )
    for note in dict.fromkeys(note for _, _, each in found.rows for note in each.notes):
        output.print(f"note: {note}", soft_wrap=True)


def _comparison(found: "Comparison", percent: bool) -> list[str]:
    paired, needed = found.paired, found.seeds_needed
    chance = paired.improvement
    return [
        _signed(paired.difference.mean, percent),
        _span(paired.difference, percent, signed=True),
        str(paired.n),
        "–" if paired.effect_size is None else f"{paired.effect_size:+.2f}",
        "–" if chance is None else f"{chance.share:.0%}",
        "–" if found.p is None else f"{found.p:.2g}",
        found.verdict,
        "–" if needed is None else _range(needed.low, needed.estimate, needed.high),
    ]


def _range(low: int | None, middle: int | None, high: int | None) -> str:
    words = ["> 10,000" if each is None else f"{each:,}" for each in (low, middle, high)]
    return f"{words[1]} ({words[0]} to {words[2]})"


def _print_matter(found: "Matter", output: "Console") -> None:
    whole = found.importance
    made = table("what differs", "share of\nvariance", "95 %\ninterval")
    effects = sorted(whole.effects, key=lambda effect: -effect.share)
    for effect in effects[:_EFFECTS]:
        made.add_row(" × ".join(effect.factors), *_share(effect))
    made.add_row("seed", *_share(whole.seed))
    made.add_row("rest", *_share(whole.residual))
    output.print(made)
    output.print(f"ω² over {whole.n} seeds, {found.part}", soft_wrap=True)


def _share(found: "Component") -> tuple[str, str]:
    if found.low is None or found.high is None:
        return f"{found.share:.1%}", "–"
    return f"{found.share:.1%}", f"{found.low:.1%} … {found.high:.1%}"


def _print_ranks(found: "Ranks", output: "Console") -> None:
    made = table(found.treatment, "average\nrank")
    for label, rank in sorted(found.ranks.items(), key=lambda item: item[1]):
        made.add_row(label, f"{rank:.2f}")
    output.print(made)
    critical = found.critical_difference
    told = (
        f"ranks that differ by {critical:.2f} or more differ (Nemenyi)"
        if critical is not None
        else "no two can be told apart"
    )
    output.print(
        f"over {len(found.datasets)} data sets; Friedman p = {found.friedman.p:.2g}: {told}",
        soft_wrap=True,
    )


def _span(interval: "Interval", percent: bool, *, signed: bool = False) -> str:
    if interval.low is None or interval.high is None:
        return "needs 2 seeds" if interval.n < 2 else "–"
    write = _signed if signed else _score
    return f"{write(interval.low, percent)} … {write(interval.high, percent)}"


def _score(value: float, percent: bool) -> str:
    return f"{value:.2%}" if percent else f"{value:.4f}"


def _signed(value: float, percent: bool) -> str:
    return f"{100 * value:+.2f}" if percent else f"{value:+.4f}"
