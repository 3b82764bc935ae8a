"""Makes happen what goes wrong on a cluster, and prints what came of it: `make faults`.

A row is a test whose docstring reads "what happens | what comes of it".
"""

import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

TESTS = Path(__file__).parents[1] / "tests" / "study"


class Rows:
    """What pytest is told to keep: a row a test."""

    def __init__(self):
        self.words: dict[str, str] = {}
        self.rows: list[tuple[str, str, str]] = []

    def pytest_itemcollected(self, item: pytest.Function) -> None:
        """Take note of what a test makes happen."""
        self.words[item.nodeid] = item.function.__doc__ or ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of what came of it, if it was as promised or not."""
        happens, bar, comes = self.words[report.nodeid].partition(" | ")
        if bar and (report.when == "call" or report.outcome != "passed"):
            self.rows.append((happens, comes, report.outcome))


def main() -> int:
    """Run the tests, print the table; 0 if all was as promised."""
    rows = Rows()
    files = [str(TESTS / name) for name in ("test_ray.py", "test_cluster.py", "test_soak.py")]
    status = pytest.main(["-q", "-p", "no:cacheprovider", *files, *sys.argv[1:]], [rows])
    table = Table("what happens", "what comes of it", "test", box=None, pad_edge=False)
    for row in rows.rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 150).print(table)
    return status


if __name__ == "__main__":
    sys.exit(main())
