"""How often each rule misses a planted fault, and how often it accuses a healthy network.

    .venv/bin/python benchmarks/faults [--half odd|even] [--healthy] [--out FILE.jsonl]
    .venv/bin/python benchmarks/faults --report [--half even]

Healthy is what trains: its loss falls to less than half in 150 steps of Adam. Designs are cut in
two: thresholds may be chosen on those of even number, and are reported on the others. Every network
is written down as soon as it is done, and what is written down is not done again.
"""

import argparse
import os
from pathlib import Path

# Nearly all of the time is compilation: half of it, for programs that run for moments.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

import jax
from designs import data, designs
from examine import examine
from rows import Rows

from report import report


def main() -> None:
    """Run, write down, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--designs", type=int, default=408, help="so many of them")
    parser.add_argument("--seeds", type=int, default=1, help="networks of each start of a design")
    parser.add_argument("--half", choices=("odd", "even"), help="run, or report on, only that half")
    parser.add_argument("--healthy", action="store_true", help="plant nothing")
    parser.add_argument("--report", action="store_true", help="only print what is written down")
    parser.add_argument("--keep", action="store_true", help="believe rows of other sources, too")
    parser.add_argument("--out", type=Path, default=Path("actscope-runs/faults.jsonl"))
    options = parser.parse_args()
    rows = Rows(options.out, keep=options.keep)
    if not options.report:
        place = str(options.out.parent.resolve() / "compiled")
        jax.config.update("jax_compilation_cache_dir", place)
        wanted = {"odd": {1}, "even": {0}}.get(options.half, {0, 1})
        every = (each for each in designs(options.designs) if each.number % 2 in wanted)
        examine(every, data(), rows, options.seeds, faults=not options.healthy)
    print("\n".join(report(rows.known.values(), odd=options.half != "even")))


if __name__ == "__main__":
    main()
