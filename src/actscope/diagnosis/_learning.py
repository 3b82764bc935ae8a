"""Rules on training: it diverges, does not get on, or moves its weights too little or too much."""

import math
from collections.abc import Iterator

import numpy as np

from actscope.diagnosis._case import Case
from actscope.diagnosis._rule import Hit


def diverged(case: Case, threshold: float) -> Iterator[Hit]:
    """Where, in the order of the signal, the first value is that is not finite."""
    del threshold
    for each in case.inputs:
        if each.nonfinite:
            yield Hit({"nonfinite": each.nonfinite}, place=each.name or "inputs")
            return
    for site in case.profile.sites:
        for which, signal in (("pre", site.pre), ("post", site.post)):
            if signal.nonfinite:
                share = signal.nonfinite / (signal.nonfinite + signal.count)
                yield Hit({"signal": which, "nonfinite": signal.nonfinite, "share": share}, site)
                return
    outputs = sum(signal.nonfinite for signal in case.profile.outputs)
    loss = case.profile.loss
    if outputs or (loss is not None and not math.isfinite(loss)):
        yield Hit({"nonfinite": outputs, "loss": loss}, place="outputs")
        return
    steps = case.steps
    if steps is not None and not np.isfinite(steps.losses).all():
        at = int(np.flatnonzero(~np.isfinite(steps.losses))[0])
        yield Hit({"step": at, "loss_before": float(steps.losses[max(at - 1, 0)])})


def not_learning(case: Case, threshold: float) -> Iterator[Hit]:
    """A short training hardly lowers the loss of the batches that it has seen."""
    steps = case.steps
    if steps is None or not np.isfinite([*steps.losses, *steps.again]).all():
        return
    before = float(steps.losses[: len(steps.again)].mean())
    after = float(steps.again.mean())
    gain = (before - after) / abs(before) if before else 0.0
    if gain < threshold:
        evidence = {"loss_before": before, "loss_after": after, "steps": len(steps.losses)}
        yield Hit(evidence | {"relative_gain": gain})


def update_ratio(case: Case, threshold: float) -> Iterator[Hit]:
    """A weight matrix that each step changes far too much, or far too little."""
    steps = case.steps
    usual = 1e-3  # Karpathy (2015), cs231n: "somewhere around 1e-3"
    ratios = steps.ratios if steps else {}
    off = {n: abs(math.log(max(r, 1e-30) / usual)) for n, r in ratios.items() if math.isfinite(r)}
    for name in sorted(off, key=lambda each: -off[each])[:1]:
        factor = math.exp(off[name])
        if factor > threshold:
            yield Hit({"ratio": ratios[name], "usual": usual, "factor": factor}, place=name)
