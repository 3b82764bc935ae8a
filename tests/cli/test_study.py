"""A small study from its file to its answers, as a user types it."""

import contextlib
import csv
import io
import shutil
import tomllib
from pathlib import Path

import pytest

from actscope import study
from actscope.cli import main

SPEC = """
[study]
name = "small"
dataset = "digits"
seeds = 2
epochs = 2
batch_size = 128

[axes]
activation = ["relu", "tanh"]
hidden_sizes = [8]
learning_rate = [0.1, 0.01]
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    """A folder with SPEC.toml and, in `out`, the finished study."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "SPEC.toml").write_text(SPEC)
    told = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(told):
        assert main(["study", "run", "SPEC.toml", "--out", "out"]) == 0
    (folder / "told").write_text(told.getvalue())
    return folder


@pytest.fixture
def copy(done, place):
    """The finished study, in the current folder, to be changed."""
    shutil.copytree(done, place, dirs_exist_ok=True)
    return place


@pytest.mark.heavy
def test_a_study_ends_with_its_answer(done):
    told = (done / "told").read_text()
    assert "classification: accuracy on the test set, 2 seeds" in told
    assert told.count("paired by seed") == 1
    assert "figures in out/figures" in told
    assert {path.suffix for path in (done / "out" / "figures").iterdir()} == {".png"}
    record = study.Record.open(done / "out")
    assert len(record.members) == 8
    (origin,) = {entry["command"] for entry in record.provenance.values()}
    assert "actscope" in origin


@pytest.mark.heavy
def test_the_same_command_trains_nothing_again(copy, call):
    before = {path.name: path.stat().st_mtime_ns for path in copy.glob("out/record/*.parquet")}
    said = call("study", "run", "SPEC.toml", "--out", "out")
    assert said.status == 0
    assert said.err.splitlines()[0] == "comparison: 8 of 8 networks"
    after = {path.name: path.stat().st_mtime_ns for path in copy.glob("out/record/*.parquet")}
    assert after == before


@pytest.mark.heavy
def test_more_seeds_extend_it(copy, call):
    (copy / "SPEC.toml").write_text(SPEC.replace("seeds = 2", "seeds = 3"))
    said = call("study", "run", "SPEC.toml", "--out", "out")
    assert said.status == 0
    assert said.err.splitlines()[0] == "comparison: 8 of 12 networks"
    assert len(study.Record.open("out").members) == 12
    assert tomllib.loads(Path("out/study.toml").read_text())["study"]["seeds"] == 3


@pytest.mark.heavy
def test_another_specification_is_refused_with_what_differs(copy, call):
    (copy / "SPEC.toml").write_text(SPEC.replace("epochs = 2", "epochs = 3"))
    said = call("study", "run", "SPEC.toml", "--out", "out")
    assert said.status == 2
    assert "study.epochs: 2 → 3" in said.error
    assert tomllib.loads(Path("out/study.toml").read_text())["study"]["epochs"] == 2


@pytest.mark.heavy
def test_a_part_of_it_is_resumed(copy, call):
    shards = sorted(copy.glob("out/record/*.parquet"))
    shards[0].unlink()
    left = len(study.Record.open("out").ids())
    assert left < 8
    said = call("study", "status", "out")
    assert said.out.splitlines()[0] == f"comparison: {left} of 8 networks"
    assert "to go on: actscope study resume out" in said.out
    said = call("study", "resume", "out")
    assert (said.status, said.err.splitlines()[0]) == (0, f"comparison: {left} of 8 networks")
    assert call("study", "status", "out").out.splitlines()[-1].startswith("done; the answer:")


@pytest.mark.heavy
def test_status_of_more_members_than_are_allowed_unasked(copy, call):
    many = SPEC.replace("seeds = 2", "seeds = 300_000")
    (copy / "out" / "study.toml").write_text(many)
    said = call("study", "status", "out")
    assert (said.status, said.out.splitlines()[0]) == (0, "comparison: 8 of 1200000 networks")


@pytest.mark.heavy
def test_status_names_who_is_at_work(copy, call):
    with study.Folder(Path("out")).alone():
        assert "at work: process" in call("study", "status", "out").out
        said = call("study", "run", "SPEC.toml", "--out", "out")
    assert said.status == 2
    assert "in use by process" in said.error


@pytest.mark.heavy
def test_show_by_one_axis_as_json_and_csv(copy, call, read):
    said = call(
        "study", "show", "out", "--by", "activation", "--compare", "tanh",
        "--json", "a.json", "--csv", "a.csv",
    )  # fmt: skip
    assert said.status == 0
    document = read(Path("a.json").read_text(), "study")
    (answer,) = document["answers"]
    assert answer["by"] == ["activation"]
    assert answer["comparisons"]["references"] == {"": "tanh"}
    lines = list(csv.DictReader(Path("a.csv").read_text("utf-8").splitlines()))
    assert [line["activation"] for line in lines] == ["relu", "tanh"]
    means = {s["levels"]["activation"]: s["mean"] for s in answer["settings"]}
    assert {line["activation"]: float(line["mean"]) for line in lines} == means
    members = study.Record.open("out").members.to_pylist()
    for name, mean in means.items():
        scores = [m["test_score"] for m in members if m["activation"] == name]
        assert mean == pytest.approx(sum(scores) / 4)


@pytest.mark.heavy
def test_figures_in_the_format_that_is_asked_for(copy, call):
    Path("out/figures").rename("before")
    assert call("study", "show", "out", "--format", "svg").status == 0
    drawn = {path.name for path in Path("out/figures").iterdir()}
    before = {path.with_suffix(".svg").name for path in Path("before").iterdir()}
    assert drawn == before


@pytest.mark.heavy
def test_json_alone_on_standard_output(copy, call, read):
    said = call("study", "show", "out", "--json", "-")
    assert read(said.out, "study")["study"] == "small"
    assert said.err == ""


@pytest.mark.heavy
def test_a_plan_is_told_and_nothing_written(copy, call):
    shutil.rmtree("out")
    said = call("study", "plan", "SPEC.toml")
    assert said.status == 0
    lines = dict(line.split(maxsplit=1) for line in said.out.splitlines() if line[:1].isalpha())
    assert lines["networks"].strip() == "8: 4 settings × 2 seeds"
    assert lines["programs"].strip() == "2"
    # 64·8 + 8 + 8·10 + 10
    assert lines["parameters"].strip() == "610"
    assert "note: " in said.out  # two seeds are few
    assert {path.name for path in copy.iterdir()} == {"SPEC.toml", "told"}


def test_every_problem_of_a_file_is_told_at_once(place, call):
    Path("bad.toml").write_text(
        SPEC.replace("tanh", "tahn").replace("epochs = 2", "epochs = -1") + "layers = 3\n"
    )
    said = call("study", "run", "bad.toml")
    assert said.status == 2
    first, *problems = said.err.splitlines()
    assert first == "error: bad.toml: 3 problems"
    keys = {"axes.activation[1]", "study.epochs", "axes.layers"}
    assert {problem.split(":")[0].strip() for problem in problems} == keys
    assert [path.name for path in place.iterdir()] == ["bad.toml"]


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "none.toml"], "none.toml cannot be read"),
        (["run", "SPEC.toml", "--engine", "rey"], "unknown engine 'rey'"),
        (["run", "SPEC.toml", "--max-members", "7"], "8 members, of 4 combinations"),
        (["show", "nowhere"], "nowhere holds no study"),
        (["status", "nowhere"], "nowhere holds no study"),
        (["resume", "nowhere"], "nowhere holds no study"),
        (["show", "out", "--by", "activatoin"], "did you mean 'activation'"),
        (["show", "out", "--compare", "rlu"], "did you mean 'relu'"),
    ],
)
def test_bad_input_is_told_in_a_line(copy, call, arguments, words):
    said = call("study", *arguments)
    assert said.status == 2
    assert words in said.error


@pytest.mark.heavy
def test_the_default_folder_has_the_studys_name(done, place, call):
    shutil.copytree(done / "out", "actscope-runs/study-small")
    shutil.copy(done / "SPEC.toml", "SPEC.toml")
    said = call("study", "run", "SPEC.toml")
    assert (said.status, said.err.splitlines()[0]) == (0, "comparison: 8 of 8 networks")
