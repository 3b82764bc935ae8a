"""An answer as JSON values, and as rows of a table."""

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

from actscope.answers._answer import Answer
from actscope.answers._comparisons import Comparisons
from actscope.answers._datasets import Ranks
from actscope.answers._matter import Matter
from actscope.answers._settings import Setting
from actscope.answers._tuned import Tuned
from actscope.stats import Comparison, Component, Interval, Paired, RankingChange, Reversal

SCHEMA = "actscope.study/1"


def document(name: str, answers: Sequence[Answer]) -> dict[str, Any]:
    """The contract's `study` object: docs/schemas/study.schema.json.

    Args:
        name: of the study.
        answers: one a task.
    """
    return {"schema": SCHEMA, "study": name, "answers": [_answer(answer) for answer in answers]}


def rows(answers: Sequence[Answer]) -> Iterator[dict[str, Any]]:
    """A flat row a setting: its axes, and its numbers; None where n does not allow one.

    Values that were tuned stand by their axes' names, where all cells of a setting have the same.
    """
    for answer in answers:
        for setting in answer.settings:
            tuned = dict(setting.tuned[0].values) if len(setting.tuned) == 1 else {}
            yield {"task": answer.task, **setting.axes, **tuned, **_numbers(setting)}


def _answer(answer: Answer) -> dict[str, Any]:
    found, matter, ranks = answer.comparisons, answer.matter, answer.ranks
    return {
        "task": answer.task,
        "score": answer.score,
        "by": list(answer.by),
        "seeds": list(answer.seeds),
        "datasets": [
            {"dataset": name, "chance": one.chance, "target": one.target}
            for name, one in answer.yardsticks.items()
        ],
        "settings": [_setting(setting) for setting in answer.settings],
        "comparisons": _comparisons(found) if found else None,
        "matter": _matter(matter) if isinstance(matter, Matter) else None,
        "ranks": _ranks(ranks) if ranks else None,
        "findings": list(answer.findings),
        "notes": list(answer.notes),
    }


def _setting(setting: Setting) -> dict[str, Any]:
    return {
        "levels": dict(setting.levels),
        "axes": dict(setting.axes),
        "tuned": [_tuned(each) for each in setting.tuned],
        **_numbers(setting),
        "seeds": list(setting.seeds),
        "scores": list(setting.scores),
    }


def _numbers(setting: Setting) -> dict[str, float | None]:
    summary, reached, speed = setting.summary, setting.reached, setting.speed
    median_low, median_high = summary.median_interval or (None, None)
    iqm_low, iqm_high = summary.iqm_interval or (None, None)
    return {
        "n": summary.n,
        **_interval(summary.interval),
        "sd": summary.sd,
        "median": summary.median,
        "median_low": median_low,
        "median_high": median_high,
        "iqm": summary.iqm,
        "iqm_low": iqm_low,
        "iqm_high": iqm_high,
        "validation": fmean(setting.validation),
        "chance": setting.chance,
        "failed": setting.failures.k,
        "members": setting.failures.n,
        "target": reached.target if reached else None,
        "reached": reached.reached if reached else None,
        "epochs_to_target": reached.median if reached else None,
        "area": speed.mean,
        "area_low": speed.low,
        "area_high": speed.high,
    }


def _tuned(found: Tuned) -> dict[str, Any]:
    return {"values": dict(found.values), "at_edge": list(found.at_edge), "cells": found.cells}


def _interval(interval: Interval) -> dict[str, float | None]:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}


def _comparisons(found: Comparisons) -> dict[str, Any]:
    family = found.family
    return {
        "treatment": found.treatment,
        "references": dict(found.strata),
        "reason": found.reason,
        "relevant": found.relevant,
        "correction": family.correction,
        "m": family.m,
        "level": family.level,
        "seeds_for_exact": family.seeds_for_exact,
        "rows": [
            {"stratum": stratum, "treatment": name, **_comparison(each)}
            for stratum, name, each in found.rows
        ],
    }


def _comparison(found: Comparison) -> dict[str, Any]:
    needed = found.seeds_needed
    return {
        **_paired(found.paired),
        "simultaneous": _interval(found.interval),
        "p": found.p,
        "p_exact": found.p_flip,
        "p_t": found.p_t,
        "leads": found.leads,
        "verdict": found.verdict,
        "seeds_needed": needed._asdict() if needed else None,
        "notes": list(found.notes),
    }


def _paired(found: Paired) -> dict[str, Any]:
    chance = found.improvement
    return {
        "n": found.n,
        "difference": _interval(found.difference),
        "effect_size": found.effect_size,
        "improvement": chance.share if chance else None,
        "improvement_low": chance.low if chance else None,
        "improvement_high": chance.high if chance else None,
    }


def _matter(found: Matter) -> dict[str, Any]:
    whole = found.importance
    return {
        "treatment": found.treatment,
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
        "ranks": {str(level): list(map(str, order)) for level, order in change.ranks.items()},
        "tested": change.tested,
        "told_apart": change.told_apart,
        "evidence": [_reversal(each) for each in change.evidence],
    }


def _reversal(found: Reversal) -> dict[str, Any]:
    return {
        "better": str(found.better),
        "worse": str(found.worse),
        "at": str(found.level_a),
        "difference": _interval(found.interval_a),
        "reversed_at": str(found.level_b),
        "reversed_difference": _interval(found.interval_b),
    }


def _ranks(found: Ranks) -> dict[str, Any]:
    return {
        "treatment": found.treatment,
        "datasets": list(found.datasets),
        "left_out": list(found.left_out),
        "ranks": dict(found.ranks),
        "friedman_statistic": found.friedman.statistic,
        "friedman_p": found.friedman.p,
        "level": found.level,
        "critical_difference": found.critical_difference,
        "cliques": [list(group) for group in found.cliques],
        "pairs": [{"one": one, "other": other, "p": p} for (one, other), p in found.p.items()],
    }
