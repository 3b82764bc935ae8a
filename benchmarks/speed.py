"""How fast studies train: beside the tutorial's loop, PyTorch, and this machine's matrix product.

Each contender trains the tutorial's network (50,000 images, batches of 256, validation after the
epoch) in a warm process of its own. They take turns, each round in another order, and only ratios
within a round are compared: seconds depend on the machine and on who else works on it. Nothing else
may run meanwhile. About 12 minutes on two cores.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from contenders import CONTENDERS, CORES
from crew import FailedError, Worker, hired
from machine import machine, table
from verdict import Round, faults, rates, ratios
from workload import ACTIVATIONS, Member, is_real, member_epoch_flop, training_flop, validation_flop

from actscope._atomic import write_text

_ROUNDS = 7
_SEEDS = 2


def members(number: int) -> list[Member]:
    """Those of a round: every activation, from as many seeds as leave no core idle at the end.

    On two cores one seed; the rounds take two in turn.
    """
    names = ACTIVATIONS
    seeds = CORES // math.gcd(CORES, len(names))
    first = number % _SEEDS * seeds
    return [Member(name, seed) for seed in range(first, first + seeds) for name in names]


def play(workers: Mapping[str, Worker], number: int) -> Round:
    """One round, begun by another contender than the last, in the order of the table."""
    names = list(workers)
    turn = number % len(names)
    found = {name: workers[name].go(members(number)) for name in names[turn:] + names[:turn]}
    return {name: found[name] for name in names}


def measure(rounds: int) -> tuple[dict[str, float], list[Round]]:
    """Seconds until each contender was ready, and the rounds.

    Raises:
        FailedError: a contender failed.
    """
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for contender in CONTENDERS:
            if contender.missing:
                print(f"without {', '.join(contender.missing)}: no {contender.name}\n")
                continue
            tell(f"{contender.name}: compiles")
            workers[contender.name] = stack.enter_context(hired(contender, members(0)))
        played = []
        for number in range(rounds):
            tell(f"round {number + 1} of {rounds}")
            played.append(play(workers, number))
        return {name: worker.ready for name, worker in workers.items()}, played


def tell(line: str) -> None:
    """Progress, beside the answer."""
    print(line, file=sys.stderr, flush=True)


def print_work() -> None:
    """What a member-epoch is."""
    images = "FashionMNIST" if is_real() else "synthetic images, as FashionMNIST is not here"
    train, validation, both = (
        f"{flop() / 1e9:.1f}" for flop in (training_flop, validation_flop, member_epoch_flop)
    )
    print(f"{images}; {both} GFLOP a member-epoch: {train} training, {validation} validation\n")


def raw(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """The rounds as JSON values."""
    return [
        {"round": number + 1, "contender": name, **asdict(answer)}
        for number, answers in enumerate(rounds)
        for name, answer in answers.items()
    ]


def main() -> int:
    """Print the tables; 1 if they cannot be believed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--out", type=Path, help="a JSON file for every round")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}; expected 1 or more")
    here = machine(CORES)
    print(table([["machine", ""], *map(list, here.items())]), end="\n\n", flush=True)
    print_work()
    try:
        ready, rounds = measure(options.rounds)
    except FailedError as error:
        tell(f"error: {error}")
        return 1
    if options.out:
        write_text(
            options.out, json.dumps({"machine": here, "ready": ready, "rounds": raw(rounds)})
        )
    if found := faults(rounds):
        tell("\n".join(f"error: {fault}" for fault in found))
        return 1
    print(rates(rounds, ready), end="\n\n")
    head = ["times as fast", "goal", f"median of {options.rounds} rounds", "smallest to largest"]
    print(table([head, *(ratio.row() for ratio in ratios(rounds))]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
