"""Prints docs/functions.md's table of how exact each function is, in ulps.

    .venv/bin/python tools/precision.py

For each function and dtype it is the largest error of value, first and second derivative at the
points of the tests, against 50 digits; it takes minutes.
"""

import importlib.util
import math
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from actscope import activations  # noqa: E402
from truth import ULPS, Truth, errors  # noqa: E402


def truths() -> dict[str, Truth]:
    """What mathematics says of each function at the table's settings, by name."""
    found: dict[str, Truth] = {}
    for path in sorted((TESTS / "activations").glob("test_*.py")):
        if not {"TRUTH = ", "CASES = "} & {
            line[:8] for line in path.read_text("utf-8").splitlines()
        }:
            continue
        spec = importlib.util.spec_from_file_location(f"truth_of_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for case, entry in (vars(module).get("TRUTH") or module.CASES).items():
            # A case has settings with it, and perhaps a name; without settings it is the table's.
            *name, settings, truth = entry if isinstance(entry, tuple) else ({}, entry)
            if not settings:
                found[name[0] if name else case] = truth
    return found


def row(name: str, truth: Truth, dtypes=tuple(ULPS)) -> str:
    """A line of the table."""
    worst = (readable(largest(name, truth, dtype)) for dtype in dtypes)
    return f"| `{name}` | {' | '.join(worst)} |"


def largest(name: str, truth: Truth, dtype: str) -> float:
    """The largest error of value, first and second derivative, in ulps."""
    function = activations.get(name)
    return max(off for order in range(3) for *_, off in errors(function, truth, dtype, order))


def readable(ulps: float) -> str:
    """Rounded up: to halves, and from 10 on to whole ones."""
    ulps = round(ulps, 6)  # mpmath's own differences are off by less
    return f"{math.ceil(ulps * 2) / 2:g}" if ulps < 10 else f"{math.ceil(ulps)}"


def main() -> None:
    """Prints the table, a line as soon as it is known."""
    print(f"| function | {' | '.join(ULPS)} |\n| --- |{' ---: |' * len(ULPS)}")
    known = truths()
    for name in activations.names():
        if name in known:
            print(row(name, known[name]), flush=True)


if __name__ == "__main__":
    main()
