"""What the command line's tests share: the program in this process, and its JSON read strictly."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from actscope.cli import main

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@dataclass(frozen=True)
class Said:
    """What a command left behind: exit status, standard output, standard error."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one `error:` line, the only thing that may stand on standard error."""
        (line,) = self.err.splitlines()
        assert line.startswith("error: ")
        return line.removeprefix("error: ")


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """An empty current folder, and an output without an edge."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(place, capsys) -> Callable[..., Said]:
    """`call("train", "--epochs", 3)` runs the command in an empty current folder."""

    def run(*arguments: Any) -> Said:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return Said(status, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def read() -> Callable[[str, str], Any]:
    """`read(text, "probe")` is the JSON document, if it follows that schema and holds no NaN."""

    def parse(text: str, what: str) -> Any:
        document = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
        schema = json.loads((SCHEMAS / f"{what}.schema.json").read_text("utf-8"))
        Draft202012Validator(schema).validate(document)
        return document

    return parse


@pytest.fixture
def nothing_here(tmp_path, monkeypatch) -> Path:
    """No data anywhere, and no way to get any."""
    monkeypatch.setenv("ACTSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("ACTSCOPE_OFFLINE", "1")
    return tmp_path / "data"


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """The folder of a small run: relu, 16 units, three epochs of the digits."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    small = ["--dataset", "digits", "--hidden", "16", "--epochs", "3"]
    assert main(["train", *small, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def without_seconds() -> Callable[[Any], Any]:
    """A run's JSON without what the clock said."""

    def strip(document: Any) -> Any:
        epochs = [{**epoch, "seconds": 0} for epoch in document["epochs"]]
        return {**document, "epochs": epochs, "seconds": 0}

    return strip
