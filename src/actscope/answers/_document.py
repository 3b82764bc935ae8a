"""An answer as JSON values, and as rows of a table."""

from collections.abc import Iterator, Sequence
from typing import Any

from actscope.answers._answer import Answer
from actscope.answers._comparisons import Comparisons
from actscope.answers._datasets import Ranks
from actscope.answers._matter import Matter
from actscope.answers._settings import Setting
from actscope.stats import Comparison, Component, Interval, RankingChange, SeedsRange

SCHEMA = "actscope.study/1"


def document(name: str, answers: Sequence[Answer]) -> dict[str, Any]:
    """The contract's `study` object."""
    return {"schema": SCHEMA, "study": name, "answers": [_answer(answer) for answer in answers]}


def rows(answers: Sequence[Answer]) -> Iterator[dict[str, Any]]:
    """A flat row a setting: its levels, and its numbers; None where n does not allow one."""
    for answer in answers:
        for setting in answer.settings:
            numbers = _setting(setting)
            levels = {name: setting.levels[name] for name in answer.by}
            flat = {key: value for key, value in numbers.items() if not isinstance(value, list)}
            flat.pop("levels")
            yield {"task": answer.task, **levels, **flat}


def _answer(answer: Answer) -> dict[str, Any]:
    found, matter = answer.comparisons, answer.matter
    return {
        "task": answer.task,
        "score": answer.score,
        "chance": answer.chance,
        "by": list(answer.by),
        "seeds": list(answer.seeds),
        "target": answer.target,
        "settings": [_setting(setting) for setting in answer.settings],
        "comparisons": _comparisons(found) if found else None,
        "matter": None if isinstance(matter, str) else _matter(matter),
        "ranks": _ranks(answer.ranks) if answer.ranks else None,
        "notes": [*answer.notes, *([matter] if isinstance(matter, str) else [])],
    }


def _setting(setting: Setting) -> dict[str, Any]:
    summary, reached = setting.summary, setting.reached
    low, high = summary.median_interval or (None, None)
    iqm_low, iqm_high = summary.iqm_interval or (None, None)
    return {
        "levels": dict(setting.levels),
        "n": summary.n,
        "mean": summary.mean,
        "sd": summary.sd,
        "low": summary.interval.low,
        "high": summary.interval.high,
        "median": summary.median,
        "median_low": low,
        "median_high": high,
        "iqm": summary.iqm,
        "iqm_low": iqm_low,
        "iqm_high": iqm_high,
        "failed": int(setting.failures.k),
        "members": setting.failures.n,
        "reached": reached.reached if reached else None,
        "epochs_to_target": reached.median if reached else None,
        "area": setting.area,
        "seeds": list(setting.seeds),
        "scores": list(setting.scores),
    }


def _comparisons(found: Comparisons) -> dict[str, Any]:
    family = found.family
    return {
        "treatment": found.treatment,
        "references": found.strata,
        "reason": found.reason,
        "correction": family.correction,
        "m": family.m,
        "level": family.level,
        "seeds_for_exact": family.seeds_for_exact,
        "rows": [
            {"stratum": stratum, "treatment": name, **_comparison(comparison)}
            for stratum, name, comparison in found.rows
        ],
    }


def _comparison(found: Comparison) -> dict[str, Any]:
    paired = found.paired
    return {
        "n": paired.n,
        "difference": _interval(paired.difference),
        "simultaneous": _interval(found.interval),
        "effect_size": paired.effect_size,
        "improvement": paired.improvement.share if paired.improvement else None,
        "improvement_low": paired.improvement.low if paired.improvement else None,
        "improvement_high": paired.improvement.high if paired.improvement else None,
        "p": found.p,
        "p_exact": found.p_flip,
        "p_t": found.p_t,
        "leads": found.leads,
        "verdict": found.verdict,
        "seeds_needed": _seeds(found.seeds_needed),
        "notes": list(found.notes),
    }


def _seeds(needed: SeedsRange | None) -> dict[str, int | None] | None:
    return needed._asdict() if needed else None


def _interval(interval: Interval) -> dict[str, Any]:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}


def _matter(found: Matter) -> dict[str, Any]:
    whole = found.importance
    return {
        "part": found.part,
        "n": whole.n,
        "level": whole.level,
        "effects": [_component(each) for each in whole.effects],
        "totals": [_component(each) for each in whole.totals],
        "seed": _component(whole.seed),
        "residual": _component(whole.residual),
        "rankings": [_ranking(name, change) for name, change in found.rankings.items()],
    }


def _component(found: Component) -> dict[str, Any]:
    return {
        "factors": list(found.factors),
        "share": found.share,
        "low": found.low,
        "high": found.high,
        "df": found.df,
    }


def _ranking(name: str, change: RankingChange) -> dict[str, Any]:
    return {
        "factor": name,
        "verdict": change.verdict,
        "ranks": {
            str(level): [str(each) for each in order] for level, order in change.ranks.items()
        },
        "tested": change.tested,
        "told_apart": change.told_apart,
        "evidence": [
            {
                "better": str(each.better),
                "worse": str(each.worse),
                "at": str(each.level_a),
                "difference": _interval(each.interval_a),
                "reversed_at": str(each.level_b),
                "reversed_difference": _interval(each.interval_b),
            }
            for each in change.evidence
        ],
    }


def _ranks(found: Ranks) -> dict[str, Any]:
    return {
        "treatment": found.treatment,
        "datasets": list(found.datasets),
        "ranks": found.ranks,
        "friedman_statistic": found.friedman.statistic,
        "friedman_p": found.friedman.p,
        "critical_difference": found.critical_difference,
        "cliques": [list(group) for group in found.cliques],
        "pairs": [{"one": a, "other": b, "p": p} for (a, b), p in found.p.items()],
    }
