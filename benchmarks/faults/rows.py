"""What is known of the networks, one row each in a file that is only ever added to."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import actscope

# What a row depends on. Thresholds do not count: a row tells of many, and the report picks.
_ROOMS = ("activations", "sites", "theory", "probing", "diagnosis")
_HERE = Path(__file__).parent
_TELLING = {"__main__.py", "report.py", "rows.py"}
_FREE = {"_table.py", "_remedy.py", "_changes.py", "_starts.py"}

Key = tuple[int, str, int, str, str]


def fingerprint() -> str:
    """Of the sources on which a row depends."""
    package = Path(actscope.__file__).parent
    files = [path for room in _ROOMS for path in sorted((package / room).glob("*.py"))]
    files = [path for path in files if path.name not in _FREE]
    files += [path for path in sorted(_HERE.glob("*.py")) if path.name not in _TELLING]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]


def key(row: dict[str, Any]) -> Key:
    """What a row is about."""
    return row["number"], row["start"], row["seed"], row["rule"], row["strength"]


class Rows:
    """The rows of a file.

    Args:
        path: of the file.
        keep: whether rows from other sources are believed.
    """

    def __init__(self, path: Path, *, keep: bool = False):
        self._path, self._code = path, fingerprint()
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        every = [json.loads(line) for line in lines]
        good = [row for row in every if keep or row["code"] == self._code]
        if len(good) < len(every):
            told = f"{len(every) - len(good)} rows are of other sources, and ignored (see --keep)"
            print(told, file=sys.stderr)
        self.known = {key(row): row for row in good}

    def add(self, row: dict[str, Any]) -> None:
        """Write one down."""
        row["code"] = self._code
        self.known[key(row)] = row
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            print(json.dumps(row), file=file)
