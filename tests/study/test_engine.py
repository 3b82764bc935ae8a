"""A study from its plan to its record, however often it is ended."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from actscope import study
from actscope._errors import ActscopeError
from actscope.study import Begun, Finished, Record
from actscope.study._toml import toml
from actscope.training import Epoch

BOTH = {"activation": ["relu", "tanh"]}


def test_every_member_is_in_the_record_once(undisturbed, make_plan, trained):
    record, events = undisturbed
    plan = make_plan(seeds=3, **BOTH)
    ids = record.members["id"].to_pylist()
    assert sorted(ids) == sorted(member.id for member in plan.members)
    assert set(trained(events)) == set(ids)
    assert events[0] == Begun("compare", 6, 0)
    ended = {event.member.id: event.outcome for event in events if isinstance(event, Finished)}
    rows = {row["id"]: row for row in record.members.to_pylist()}
    assert {name: row["test_score"] for name, row in rows.items()} == {
        name: outcome.test_score for name, outcome in ended.items()
    }


def test_the_folder_says_what_was_done_and_from_what(undisturbed, make_plan):
    record, _ = undisturbed
    folder, plan = study.Folder(record.folder), make_plan(seeds=3, **BOTH)
    assert study.read(folder.spec) == plan.spec
    log = folder.log_file.read_text().splitlines()
    begun = f"actscope.study.run: begun, specification {plan.spec.hash[:16]}"
    assert [line.partition(" ")[2] for line in log[:2]] == [begun, "done"]
    for found in record.provenance.values():
        assert (found["command"], found["spec"]) == ("actscope.study.run", plan.spec.hash)
        assert found["device"].startswith("cpu")
        assert found["datasets"] == {"digits": dict(study.load(plan)["digits"].checksums)}


def test_the_specification_is_kept_as_it_was_given(make_plan, tmp_path):
    plan = make_plan(seeds=1, activation="relu")
    text = "# mine\n" + toml(plan.spec.document())
    study.run(plan, tmp_path, text=text, command="me")
    assert study.Folder(tmp_path).spec.read_text() == text
    assert "me: begun" in study.Folder(tmp_path).log_file.read_text()


def test_a_finished_study_is_not_trained_again(undisturbed, make_plan, same):
    record, events = undisturbed[0], []
    again = study.run(make_plan(seeds=3, **BOTH), record.folder, watcher=events.append)
    assert events == [Begun("compare", 6, 6)]
    same(again, record)


def test_an_extended_study_is_the_whole_study_and_trains_what_is_new(
    undisturbed, make_plan, same, trained, tmp_path
):
    study.run(make_plan(seeds=2, activation="relu"), tmp_path)
    events = []
    record = study.run(make_plan(seeds=3, **BOTH), tmp_path, watcher=events.append)
    new = {m.id for m in make_plan(seeds=3, **BOTH).members} - {
        m.id for m in make_plan(seeds=2, activation="relu").members
    }
    assert set(trained(events)) == new
    assert events[0] == Begun("compare", 6, 2)
    same(record, undisturbed[0])


def test_what_was_left_of_a_finished_member_is_removed(undisturbed, make_plan):
    record, _ = undisturbed
    checkpoints = study.Folder(record.folder).checkpoints
    for name in (min(record.ids()), "of nobody that is finished"):
        (checkpoints / name).mkdir(parents=True)
        (checkpoints / name / "checkpoint.safetensors").write_text("stale")
    study.run(make_plan(seeds=3, **BOTH), record.folder)
    assert [path.name for path in checkpoints.iterdir()] == ["of nobody that is finished"]


def test_another_study_is_refused_with_the_difference(undisturbed, make_plan):
    folder = undisturbed[0].folder
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(ActscopeError, match=r"holds another study .*study\.epochs: 3 → 4"):
        study.run(make_plan(seeds=3, epochs=4, **BOTH), folder)
    with pytest.raises(ActscopeError, match=r'axes\.activation: drops "tanh"'):
        study.run(make_plan(seeds=3, activation="relu"), folder)
    assert before == {path: path.read_bytes() for path in before}


def test_two_runs_in_one_folder_are_one_too_many(make_plan, tmp_path):
    plan, refused = make_plan(seeds=1, activation="relu"), []

    def watch(event):
        if isinstance(event, Finished):
            with pytest.raises(ActscopeError, match=f"in use by process {os.getpid()} ") as caught:
                study.run(plan, tmp_path)
            refused.append(caught.value)

    assert len(study.run(plan, tmp_path, watcher=watch).members) == 1
    assert len(refused) == 1


def test_settings_that_do_not_go_with_the_data_write_nothing(tmp_path):
    plan = study.plan(study.spec({"axes": {"dataset": "digits", "batch_size": 2000}}))
    with pytest.raises(study.SpecError, match="at most its 1248 training examples"):
        study.run(plan, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_users_network_that_cannot_be_made_writes_nothing(make_plan, tmp_path, monkeypatch):
    (tmp_path / "broken_network.py").write_text("def build(activation, outputs): 1 / 0\n")
    monkeypatch.chdir(tmp_path)
    plan = make_plan(network="broken_network:build")
    with pytest.raises(ActscopeError, match="broken_network:build raised ZeroDivisionError"):
        study.run(plan, "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.heavy
def test_members_of_two_versions_of_the_data_do_not_meet(make_plan, digits, tmp_path, monkeypatch):
    def write(rows):
        parts = {"train": digits.train.first(rows), "test": digits.test}
        arrays = {f"x_{name}": part.images for name, part in parts.items()}
        np.savez("own.npz", **arrays, **{f"y_{k}": part.labels for k, part in parts.items()})

    def plan(seeds):
        return make_plan(seeds=seeds, epochs=1, dataset="own.npz", activation="relu")

    monkeypatch.chdir(tmp_path)
    write(600)
    study.run(plan(1), "out")
    write(601)
    with pytest.raises(ActscopeError, match=r"own\.npz has changed since members of out learned"):
        study.run(plan(2), "out")
    write(600)
    assert len(study.run(plan(2), "out").members) == 2


TUNED = {"tune": {"learning_rate": [0.003, 0.1, 1e38], "seeds": 2}}


@pytest.fixture(scope="module")
def tuned(make_plan, tmp_path_factory):
    """The plan and the record of a study that tunes."""
    plan = make_plan(seeds=2, design=TUNED, **BOTH)
    return plan, study.run(plan, tmp_path_factory.mktemp("tuned"))


def test_what_is_compared_is_what_was_best_on_validation_data(tuned):
    plan, record = tuned
    rows = record.members.to_pylist()
    tuning, compared = ([row for row in rows if row["phase"] == p] for p in ("tune", "compare"))
    assert {row["seed"] for row in tuning} == {2**31, 2**31 + 1}
    assert {row["seed"] for row in compared} == {0, 1}
    assert (len(tuning), len(compared)) == (2 * 3 * 2, 2 * 2)
    for activation in BOTH["activation"]:
        scores = defaultdict(list)
        for row in tuning:
            if row["activation"] == activation:
                failed = row["diverged_at"] is not None
                scores[row["learning_rate"]].append(0.1 if failed else row["validation_score"])
        means = {rate: fmean(both) for rate, both in scores.items()}
        best = max(means, key=means.__getitem__)
        chosen = {row["learning_rate"] for row in compared if row["activation"] == activation}
        assert chosen == {best}
        found = study.choices(plan, record)
        (choice,) = [c for c in found if c.combination.settings["activation"] == activation]
        assert choice.score == pytest.approx(means[best])
        log = study.Folder(record.folder).log_file.read_text()
        assert f"chosen {choice.combination.key} by validation score {means[best]:.4f}" in log


def test_one_that_diverged_is_not_chosen_for_what_it_was_before(make_plan, make_outcome, tmp_path):
    plan = make_plan(design={"tune": {"learning_rate": [0.1, 0.2], "seeds": 1}})
    folder, (modest, lost) = study.Folder(tmp_path), plan.tuning
    with folder.alone():
        folder.prepare(toml(plan.spec.document()), plan.spec)
        for member, score, step in ((modest, 0.5, None), (lost, 0.9, 20)):
            who = {"id": member.id, "phase": "tune", "settings": member.combination.key}
            epochs = (Epoch(1, 1.0, score, 1.0, score, 0.1),)
            came_to = {"epochs": epochs, "best_epoch": 1, "diverged_at": step}
            folder.add([replace(make_outcome(columns=member.columns()), **who, **came_to)], {})
    (choice,) = study.choices(plan, Record.open(tmp_path))
    assert (choice.combination, choice.score) == (modest.combination, 0.5)


@pytest.mark.heavy
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("ended", [5, 12 + 2])  # in the tuning, in the comparison
def test_a_study_that_tunes_goes_on_from_where_it_was(
    tuned, same, trained, stop_at, tmp_path, ended
):
    plan, record = tuned
    with pytest.raises(RuntimeError, match="stopped"):
        study.run(plan, tmp_path, watcher=stop_at(ended + 1))
    kept, events = Record.open(tmp_path).ids(), []
    assert len(kept) == ended
    again = study.run(plan, tmp_path, watcher=events.append)
    assert not kept & set(trained(events))
    assert [event for event in events if isinstance(event, Begun)] == [
        Begun("tune", 12, min(ended, 12)),
        Begun("compare", 4, max(0, ended - 12)),
    ]
    same(again, record)


def test_a_study_whose_tuning_is_not_finished_has_no_choices(tuned, stop_at, tmp_path):
    plan, _ = tuned
    with pytest.raises(RuntimeError, match="stopped"):
        study.run(plan, tmp_path, watcher=stop_at(3))
    with pytest.raises(ActscopeError, match="10 of 12 members of the tuning have no score"):
        study.choices(plan, Record.open(tmp_path))


def check_killed(plan, tmp_path, same, record, *, times, seed):
    """Kill a study that many times at moments drawn from a seed; hold the end against a record."""
    (tmp_path / "study.toml").write_text(toml(plan.spec.document()))
    script = Path(__file__).with_name("killed.py")
    command = [sys.executable, script, tmp_path / "study.toml", tmp_path / "out", times, seed]
    cache = {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "programs"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    ran = subprocess.run(
        list(map(str, command)),
        env=os.environ | cache,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    same(Record.open(tmp_path / "out"), record)
    assert not list((tmp_path / "out" / "checkpoints").iterdir())
    assert not list((tmp_path / "out" / "record").glob(".*"))
    finished, reached = set(), {}
    for number, *what in map(json.loads, (tmp_path / "told").read_text().splitlines()):
        if len(what) == 1:  # a run begins
            finished, first = set(what[0]), {}
            continue
        name, epoch = what
        assert name not in finished
        if name not in first and name in reached:  # from the checkpoint of the last whole epoch
            assert epoch - reached[name] in (0, 1), (number, name)
        first.setdefault(name, epoch)
        reached[name] = epoch
    return number


@pytest.fixture(scope="module")
def to_be_killed(make_plan, tmp_path_factory):
    """A study of one program that tunes, and its record."""
    tune = {"tune": {"learning_rate": [0.03, 0.1], "seeds": 1}}
    plan = make_plan(seeds=3, activation="relu", design=tune)
    return plan, study.run(plan, tmp_path_factory.mktemp("undisturbed"))


@pytest.mark.heavy
def test_a_study_that_is_killed_again_and_again(to_be_killed, same, tmp_path):
    plan, record = to_be_killed
    assert check_killed(plan, tmp_path, same, record, times=2, seed=0) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
def test_a_study_that_is_killed_very_often(to_be_killed, same, tmp_path, seed):
    plan, record = to_be_killed
    assert check_killed(plan, tmp_path, same, record, times=10, seed=seed) >= 3
