"""From a profile to findings."""

from dataclasses import replace
from typing import Any

from actscope.diagnosis._case import Case
from actscope.diagnosis._table import RULES
from actscope.probing import SEVERITIES, Finding, Loss, Model, Names, Probe, Profile


def diagnose(profile: Profile, model: Model | None = None) -> tuple[Finding, ...]:
    """What is wrong with a network, the worst first.

    Args:
        profile: what the probe found of it.
        model: the network itself: with it rules that try something out can speak too, and with an
            optimizer those on training.
    """
    case = Case(profile, model)
    found = [finding for each in RULES for finding in each.findings(case)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def probe(
    model: Any,
    params: Any = None,
    batches: Any = None,
    loss: Loss | None = None,
    *,
    include: Names | None = None,
    exclude: Names | None = None,
) -> Profile:
    """Look into a model, and say what is wrong with it.

    As `probing.probe`, whose arguments, results and errors these are, with findings.

    Args:
        model: a function of parameters and inputs, or a module that brings its parameters.
        params: pytree of arrays; left out with a module.
        batches: (inputs, targets) pairs.
        loss: `loss(outputs, targets)`, the mean over a batch.
        include: patterns: only the sites with a name like one of these.
        exclude: patterns: none of these.
    """
    whole = Model.of(model, params, batches, loss)
    return examined(whole, Probe(whole.function, whole.loss, include=include, exclude=exclude))


def examined(model: Model, instrument: Probe | None = None) -> Profile:
    """The profile of a model, with its findings.

    With an optimizer a few steps show whether it learns, and how far each moves the weights.

    Args:
        model: the model.
        instrument: a probe of its function, if there is one already.
    """
    look = instrument or Probe(model.function, model.loss)
    profile = look(model.params, model.batches)
    return replace(profile, findings=diagnose(profile, model))
