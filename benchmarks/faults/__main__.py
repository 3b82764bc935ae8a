"""How often each rule misses a planted fault, and how often it accuses a healthy network.

    .venv/bin/python benchmarks/faults [--designs N] [--seeds N] [--odd] [--out FILE.jsonl]

Healthy is what trains: its loss falls to less than half in 150 steps of Adam. Designs are cut in
two: thresholds may be chosen on those of even number, and are reported on the others. Every network
is written down as soon as it is done.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from designs import BATCH, EXAMPLES, data, designs
from plants import Patient, plants
from scipy import stats

from actscope.diagnosis import RULES
from actscope.diagnosis._case import Case
from actscope.probing import Model, Probe

FACTORS = np.geomspace(0.01, 100, 17)  # of the threshold, for the trade-off
HEALTHY = 0.5
STEPS = 150
ADAM = optax.adam(1e-3)


def loss(outputs: Any, targets: Any) -> Any:
    """Mean cross-entropy."""
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], 1).mean()


def trains(patient: Patient) -> bool:
    """Whether the loss falls to less than half."""
    function = patient.design.function

    @jax.jit
    def step(params: Any, state: Any, x: Any, y: Any) -> Any:
        value, gradient = jax.value_and_grad(lambda p: loss(function(p, x), y))(params)
        updates, state = ADAM.update(gradient, state)
        return optax.apply_updates(params, updates), state, value

    params, state, losses = patient.params, ADAM.init(patient.params), []
    for index in range(STEPS):
        start = index * BATCH % EXAMPLES
        cut = slice(start, start + BATCH)
        params, state, value = step(params, state, patient.x[cut], patient.y[cut])
        losses.append(value)
    begun, ended = (float(np.mean(jax.device_get(part))) for part in (losses[:4], losses[-4:]))
    return ended < HEALTHY * begun


def fires(patient: Patient, probe: Probe) -> dict[str, list[bool]]:
    """By rule, whether it speaks, at its threshold times each of `FACTORS`."""
    cuts = [slice(i, i + BATCH) for i in range(0, EXAMPLES, BATCH)]
    pairs = [(patient.x[cut], patient.y[cut]) for cut in cuts]
    function = patient.design.function
    model = Model.of(function, patient.params, pairs, loss, None, patient.optimizer)
    case = Case(probe(patient.params, pairs), model)
    return {
        rule.name: [any(True for _ in rule.find(case, rule.threshold * f)) for f in FACTORS]
        for rule in RULES
    }


def cases(count: int, seeds: int, *, odd: bool) -> Iterator[dict[str, Any]]:
    """One record a network: its design, the fault, and what fired."""
    x, y = data()
    every = list(enumerate(designs()))
    # Mixed, so that whoever stops early has seen all kinds.
    for index in np.random.default_rng(0).permutation(len(every))[:count]:
        number, design = every[index]
        if odd and not number % 2:
            continue
        begun, told = time.time(), 0
        probe = Probe(design.function, loss)
        for seed in range(seeds):
            rng = np.random.default_rng([number, seed])
            healthy = Patient(design, design.init(seed), x, y, ADAM)
            common = {"design": design.name, "number": number, "seed": seed}
            if not trains(healthy):
                yield common | {"rule": "", "strength": "does not train", "fires": {}}
                continue
            yield common | {"rule": "", "strength": "healthy", "fires": fires(healthy, probe)}
            for plant in plants():
                sick = plant.apply(healthy, rng)
                if sick is not None:
                    told += 1
                    found = {"rule": plant.rule, "strength": plant.strength}
                    yield common | found | {"fires": fires(sick, probe)}
        took = f"{told} faults, {time.time() - begun:.0f} s"
        print(f"{design.name}: {took}", file=sys.stderr, flush=True)


def bound(hits: int, n: int) -> float:
    """Upper 95 % bound of a rate, one-sided (Clopper and Pearson)."""
    return 1.0 if hits >= n else float(stats.beta.ppf(0.95, hits + 1, n - hits))


def report(records: list[dict[str, Any]]) -> Iterator[str]:
    """The table in Markdown, of the designs of odd number."""
    middle = int(np.flatnonzero(np.isclose(FACTORS, 1))[0])
    shown = [each for each in records if each["number"] % 2]
    healthy = [each for each in shown if each["strength"] == "healthy"]
    yield "| rule | fault | missed | 95 % bound | false alarms | 95 % bound |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for rule in RULES:
        false = sum(each["fires"][rule.name][middle] for each in healthy)
        alarms = f"{false} of {len(healthy)} | {bound(false, len(healthy)):.1%}"
        strengths: dict[str, list[bool]] = defaultdict(list)
        for each in shown:
            if each["rule"] == rule.name:
                strengths[each["strength"]].append(each["fires"][rule.name][middle])
        for strength, found in strengths.items():
            missed = len(found) - sum(found)
            told = f"{missed} of {len(found)} | {bound(missed, len(found)):.1%}"
            yield f"| `{rule.name}` | {strength} | {told} | {alarms} |"
        if not strengths:
            yield f"| `{rule.name}` | not planted yet | – | – | {alarms} |"
    any_alarm = sum(any(f[middle] for f in each["fires"].values()) for each in healthy)
    told = f"{any_alarm} of {len(healthy)}, 95 % bound {bound(any_alarm, len(healthy)):.1%}"
    yield f"\nHealthy networks with any finding: {told}."


def main() -> None:
    """Run, write down, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--designs", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--odd", action="store_true", help="only what is reported")
    parser.add_argument("--out", type=Path, default=Path("actscope-runs/faults.jsonl"))
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", encoding="utf-8") as file:
        for record in cases(options.designs, options.seeds, odd=options.odd):
            print(json.dumps(record), file=file, flush=True)
    lines = options.out.read_text("utf-8").splitlines()
    print("\n".join(report([json.loads(line) for line in lines])))


if __name__ == "__main__":
    main()
