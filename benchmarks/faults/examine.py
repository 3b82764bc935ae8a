"""One network after the other: does it train, and which rules speak."""

import sys
import time
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from designs import BATCH, EXAMPLES, STARTS, Design
from patient import Patient, Plant, cross_entropy
from plants import plants
from rows import Rows, key

from actscope.diagnosis import RULES
from actscope.diagnosis._case import Case
from actscope.diagnosis._training import train
from actscope.probing import Model, Probe

FACTORS = 2.0 ** np.arange(-4, 5)  # of the threshold
HEALTHY = 0.5
STEPS = 150
PLANTS = tuple(plants())


def model(patient: Patient) -> Model:
    """What can be tried on a patient, in batches."""
    cuts = [slice(i, i + BATCH) for i in range(0, EXAMPLES, BATCH)]
    pairs = [(patient.x[cut], patient.y[cut]) for cut in cuts]
    params = patient.design.packed(patient.params)
    return Model.of(patient.function, params, pairs, patient.loss, None, patient.optimizer)


def left(patient: Patient) -> float:
    """What a training leaves of the loss, as a share; NaN if it diverges."""
    found = train(model(patient), STEPS)
    assert found is not None
    return float(found.losses[-4:].mean() / found.losses[:4].mean())


def fires(case: Case, rules: tuple[str, ...]) -> dict[str, list[tuple[float, bool]]]:
    """By rule, whether it speaks at its threshold times each of `FACTORS`."""
    return {
        rule.name: [
            (float(x), any(True for _ in rule.find(case, float(x))))
            for x in sorted({rule.threshold * f for f in FACTORS})
        ]
        for rule in RULES
        if rule.name in rules
    }


class Examination:
    """Of one design: all its networks, with and without faults.

    Args:
        design: of which the networks are.
        data: inputs and targets.
        rows: what is known already, and where to write.
    """

    def __init__(self, design: Design, data: tuple[Any, Any], rows: Rows):
        self._design, self._data, self._rows = design, data, rows
        self._function = design.program()
        self._probe = Probe(self._function, cross_entropy)
        self._done = 0

    def run(self, seeds: int, *, faults: bool) -> None:
        """Every start and seed, and every fault in the first seed of the critical start."""
        begun = time.time()
        for seed in range(seeds):
            for start in STARTS:
                common = {"number": self._design.number, "start": start, "seed": seed}
                patient, row = self._healthy(common)
                if faults and seed == 0 and start == "critical" and row["strength"] == "healthy":
                    self._sick(common, patient or self._patient(start, seed))
        if self._done:
            took = f"{self._done} rows, {time.time() - begun:.0f} s"
            print(f"{self._design.number} {self._design.name}: {took}", file=sys.stderr, flush=True)

    def _patient(self, start: str, seed: int) -> Patient:
        params = self._design.init(start, seed, self._data[0])
        return Patient(self._design, self._function, params, *self._data)

    def _healthy(self, common: dict[str, Any]) -> tuple[Patient | None, dict[str, Any]]:
        """The patient, unless all is known already, and its row."""
        for strength in ("healthy", "does not train"):
            known = self._rows.known.get(key({**common, "rule": "", "strength": strength}))
            if known is not None:
                return None, known
        patient = self._patient(common["start"], common["seed"])
        share = left(patient)
        trained = share < HEALTHY  # not so for NaN
        found = fires(self._case(patient), tuple(rule.name for rule in RULES)) if trained else {}
        strength = "healthy" if trained else "does not train"
        told = {"rule": "", "strength": strength, "left": share, "fires": found}
        return patient, self._add(common | told)

    def _sick(self, common: dict[str, Any], patient: Patient) -> None:
        for index, plant in enumerate(PLANTS):
            about = [
                common | {"rule": rule, "strength": plant.strength}
                for rule in plant.rules
                if key(common | {"rule": rule, "strength": plant.strength}) not in self._rows.known
            ]
            if not about:
                continue
            sick = plant.apply(patient, np.random.default_rng([self._design.number, index]))
            if sick is None:
                continue
            found = fires(self._case(sick, plant), plant.rules)
            for row in about:
                self._add(row | {"fires": {row["rule"]: found[row["rule"]]}})

    def _case(self, patient: Patient, plant: Plant | None = None) -> Case:
        tried = model(patient)
        profile: Any = None
        if patient.function is self._function:
            probe = self._probe
        else:  # without a loss it is compiled in half the time
            assert plant is not None
            assert plant.looks != "gradients"
            probe = Probe(patient.function)
        if plant is None or plant.looks != "nothing":
            profile = probe(tried.params, [(patient.x, patient.y)])
        return Case(profile, tried)

    def _add(self, row: dict[str, Any]) -> dict[str, Any]:
        self._done += 1
        self._rows.add(row | {"design": self._design.name, "kind": self._design.kind})
        return row


def examine(designs: Iterator[Design], data: Any, rows: Rows, seeds: int, *, faults: bool) -> None:
    """All networks of all designs that are not known yet."""
    for design in designs:
        Examination(design, data, rows).run(seeds, faults=faults)
        jax.clear_caches()  # some sixty designs' programs are more than Linux maps for a process
