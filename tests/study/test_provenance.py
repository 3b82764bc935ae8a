"""Where numbers come from, against git itself and what was given."""

import json
import subprocess
from datetime import UTC, datetime

import jax
import pytest

import actscope
from actscope.study._provenance import Origin

GIVEN = {
    "command": "actscope study run x.toml",
    "spec_hash": "ab",
    "datasets": {"digits": {"a.csv": "cd"}},
}


def here():
    return Origin.now(**GIVEN).on(jax.devices()[0])


def git(*arguments):
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    ran = subprocess.run(["git", *who, *arguments], check=True, capture_output=True, text=True)
    return ran.stdout.strip()


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


def test_it_is_json_and_holds_what_was_given(empty):
    found = here()
    assert json.loads(json.dumps(found)) == found
    assert (found["command"], found["spec"]) == (GIVEN["command"], GIVEN["spec_hash"])
    assert found["datasets"] == GIVEN["datasets"]
    assert (found["actscope"], found["jax"]) == (actscope.__version__, jax.__version__)
    assert found["device"].startswith("cpu")
    age = datetime.now(UTC) - datetime.fromisoformat(found["started"])
    assert 0 <= age.total_seconds() < 60


def test_the_commit_is_that_of_the_folder_we_are_in(empty, tmp_path):
    git("init", "-q")
    assert here()["git"] is None  # no commit yet
    (tmp_path / "x").write_text("1")
    git("add", "x")
    git("commit", "-qm", "x")
    git("tag", "v1")
    assert here()["git"] == git("rev-parse", "HEAD")
    (tmp_path / "x").write_text("2")
    assert here()["git"] == f"{git('rev-parse', 'HEAD')}-dirty"


def test_outside_a_repository_there_is_no_commit(empty):
    assert here()["git"] is None


def test_without_git_there_is_no_commit(empty, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert here()["git"] is None
