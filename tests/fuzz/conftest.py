"""What all of these tests share: where a file is put, what came of its inputs, and a summary."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fuzz import trials


@pytest.fixture
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[trials.Trials]:
    """Reads inputs, of which each has an answer or an error; counted under the test's name."""
    name = f"{request.path.stem.removeprefix('test_')}: {request.node.name.removeprefix('test_')}"
    found = trials.Trials(name)
    trials.allow(None)
    yield found
    trials.ALL.append(found)
    assert found.answers + found.errors


@pytest.fixture
def put(tmp_path: Path) -> Iterator[Callable[[bytes], Path]]:
    """Puts an input's bytes into a file; afterwards nothing else lies beside it."""
    folder = tmp_path / "given"
    folder.mkdir()
    path = folder / "file"

    def write(content: bytes) -> Path:
        path.write_bytes(content)
        return path

    yield write
    assert [*tmp_path.rglob("*")] in ([folder], [folder, path])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A row a reader: its inputs, how many were answered and refused, and how long it took."""
    if not trials.ALL:
        return
    terminalreporter.section("inputs")
    row = "{:<46} {:>8} {:>8} {:>8} {:>9} {:>8}".format
    terminalreporter.write_line(row("of", "inputs", "answers", "errors", "seconds", "slowest"))
    for each in trials.ALL:
        counts = (each.answers + each.errors, each.answers, each.errors)
        times = (f"{each.seconds:.1f}", f"{each.slowest:.2f}")
        terminalreporter.write_line(row(each.name, *counts, *times))
