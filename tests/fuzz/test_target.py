"""The door for a user's own code: what is meant is imported, and nothing else."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actscope import activations
from actscope._target import _TARGET, load_target
from fuzz.trials import allow, settings

# It tells that it was run, and would tell what of it was called.
CANARY = """
import pathlib
(pathlib.Path(__file__).parent / "imported").touch()
inner = pathlib
number = 7
def f(x):
    return x
class Strange:
    def __getattr__(self, name):
        raise RuntimeError("my own")
strange = Strange()
"""
WORDS = ["canary", "canary.f", "canary:f", ":f", "f", ":", ".", "..", "/", "\\", " ", "\n", "\0"]
WORDS += ["canary:inner.Path.cwd", "canary:number", "canary:strange.f", "canary:__class__", "-"]
WORDS += [
    "nowhere:f",
    "json:dumps",
    "__main__:x",
    "canary.py:f",
    "./canary:f",
    "CANARY:f",
    "cànary",
]
WORDS += ["%s", "$(touch x)", "`touch x`", ";", "__import__('canary')", "ｃanary:f", "\ud800"]
MEANT = ["canary:f", "canary:number", "canary:strange.f", "canary:inner.Path.cwd", "json:dumps"]
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=2), max_size=4).map("".join)
TEXTS |= st.sampled_from(MEANT)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current one, with the canary's module; what may be left is that it was imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "canary.py").write_text(CANARY)
    allow(tmp_path)
    yield tmp_path
    allow(None)
    sys.modules.pop("canary", None)
    assert {path.name for path in tmp_path.iterdir()} <= {"canary.py", "imported"}


@given(TEXTS)
@settings
def test_door(trial, folder, text):
    sys.modules.pop("canary", None)
    before, path = set(sys.modules), list(sys.path)
    found = trial.of(lambda: load_target(text))
    meant = bool(_TARGET.fullmatch(text)) and text.partition(":")[0].split(".")[0] == "canary"
    assert (folder / "imported").exists() == meant
    (folder / "imported").unlink(missing_ok=True)
    assert sys.path == path
    if found is not None:
        assert callable(found)
    if not _TARGET.fullmatch(text):
        assert set(sys.modules) == before


@given(TEXTS)
@settings
def test_activation(trial, folder, text):
    sys.modules.pop("canary", None)
    found = trial.of(lambda: activations.get(text))
    if found is not None and ":" in text:
        assert text.endswith("f")
        assert found(1.5) == 1.5
    (folder / "imported").unlink(missing_ok=True)


@pytest.mark.parametrize(
    "text", ["code:interact", "builtins:breakpoint", "builtins:input", "antigravity:geohash"]
)
def test_python_itself_is_no_activation(trial, text):
    before = set(sys.modules)
    trial.of(lambda: activations.get(text))
    assert trial.errors
    assert set(sys.modules) == before
