"""Members on the devices of one machine: in whatever order, company and number."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from actscope import study
from actscope._errors import ActscopeError
from actscope.study import Finished, Moment, Record, _local
from actscope.study._toml import toml
from actscope.study._width import Widths
from actscope.training import _epoch

BOTH = {"activation": ["relu", "tanh"]}
RUN = """
import sys
import jax
from actscope import study

assert len(jax.devices()) == int(sys.argv[3])
study.run(study.plan(study.read(sys.argv[1])), sys.argv[2])
"""

HERE = {"device": "cpu: cpu"}


@pytest.mark.heavy
@pytest.mark.parametrize("devices", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_the_number_of_devices_changes_no_member(undisturbed, make_plan, same, tmp_path, devices):
    plan = make_plan(seeds=3, activation="relu")
    (tmp_path / "study.toml").write_text(toml(plan.spec.document()))
    subprocess.run(
        [sys.executable, "-c", RUN, tmp_path / "study.toml", tmp_path / "out", str(devices)],
        env=os.environ | {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}"},
        check=True,
    )
    record = Record.open(tmp_path / "out")
    assert len(record.shards) == 3  # of as many devices as there are, up to three
    same(record, undisturbed[0].where(activation="relu"))


@pytest.mark.heavy
def test_order_and_company_change_no_member(undisturbed, make_plan, same, tmp_path):
    # Backwards, and beside others of the same program.
    axes = {"activation": ["tanh", "relu"], "learning_rate": [0.3, 0.1]}
    record = study.run(make_plan(seeds=[2, 0], **axes), tmp_path)
    both = {"seed": [0, 2], "learning_rate": 0.1}
    same(record.where(**both), undisturbed[0].where(**both))


@pytest.mark.heavy
def test_programs_that_are_forgotten_change_no_member(
    undisturbed, make_plan, same, tmp_path, monkeypatch
):
    cleared, clear = [], jax.clear_caches
    monkeypatch.setattr(_local, "_PROGRAMS", 1)
    monkeypatch.setattr(_local, "_compiled", set())
    monkeypatch.setattr(jax, "clear_caches", lambda: cleared.append(clear()))
    record = study.run(make_plan(seeds=2, activation=["elu", "relu", "tanh"]), tmp_path)
    assert len(cleared) == 2
    same(record.where(**BOTH), undisturbed[0].where(seed=[0, 1], **BOTH))


@pytest.mark.heavy
def test_paired_members_see_the_same_batches(make_plan, tmp_path, monkeypatch):
    order, seen = _epoch.epoch_order, defaultdict(list)

    def spy(*args, seed, epoch):
        rows = order(*args, seed=seed, epoch=epoch)
        seen[seed, epoch].append(rows.tobytes())
        return rows

    monkeypatch.setattr(_epoch, "epoch_order", spy)
    study.run(make_plan(seeds=2, **BOTH), tmp_path)
    assert {len(rows) for rows in seen.values()} == {2}  # relu, tanh
    assert all(len(set(rows)) == 1 for rows in seen.values())
    assert len({rows[0] for rows in seen.values()}) == 2 * 3  # seeds, epochs


def test_one_that_diverges_is_in_the_record_and_harms_nobody(
    undisturbed, make_plan, same, tmp_path
):
    record = study.run(make_plan(seeds=3, learning_rate=[1e38, 0.1], **BOTH), tmp_path)
    same(record.where(learning_rate=0.1), undisturbed[0])
    lost = record.where(learning_rate=1e38).members
    assert len(lost) == 6
    assert lost["diverged_at"].to_pylist() == [2] * 6  # by the weights that the first step left
    assert lost["epochs_run"].to_pylist() == [0] * 6
    assert lost["test_score"].null_count == 0  # of the first weights


def test_a_failure_keeps_what_is_finished_and_the_rest_is_made_up_for(
    undisturbed, make_plan, same, trained, stop_at, tmp_path
):
    plan = make_plan(seeds=3, **BOTH)
    with pytest.raises(RuntimeError, match="stopped"):
        study.run(plan, tmp_path, watcher=stop_at(3))
    kept = Record.open(tmp_path).ids()
    assert len(kept) == 2  # the third is told of before it is kept
    events = []
    record = study.run(plan, tmp_path, watcher=events.append)
    assert not kept & set(trained(events))
    same(record, undisturbed[0])


def test_ctrl_c_keeps_what_is_finished(undisturbed, make_plan, same, trained, tmp_path):
    plan, ended = make_plan(seeds=3, **BOTH), []

    def watch(event):
        if isinstance(event, Finished):
            ended.append(event.member.id)
        if isinstance(event, Moment) and len(ended) == 2:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.5)  # until the main thread has heard it

    with pytest.raises(KeyboardInterrupt):
        study.run(plan, tmp_path, watcher=watch)
    assert Record.open(tmp_path).ids() == set(ended)
    assert len(ended) == 2
    events = []
    record = study.run(plan, tmp_path, watcher=events.append)
    assert len(trained(events)) == 4
    same(record, undisturbed[0])


@pytest.mark.usefixtures("hurried")
def test_a_long_member_goes_on_from_its_checkpoint(
    undisturbed, make_plan, same, trained, stop_at, tmp_path
):
    plan = make_plan(seeds=3, **BOTH)
    last = [event.progress.epoch == 3 for event in undisturbed[1] if isinstance(event, Moment)]
    with pytest.raises(RuntimeError, match="stopped"):
        study.run(plan, tmp_path, watcher=stop_at(last.index(True) + 1, Moment))
    assert len(list(study.Folder(tmp_path).checkpoints.iterdir())) == 1
    events = []
    record = study.run(plan, tmp_path, watcher=events.append)
    assert sorted(trained(events).values()) == [1, 1, 1, 1, 1, 3]
    assert not list(study.Folder(tmp_path).checkpoints.iterdir())
    same(record, undisturbed[0])


@pytest.mark.usefixtures("hurried")
def test_a_full_disk_leaves_what_was_finished(
    undisturbed, make_plan, same, trained, tmp_path, monkeypatch
):
    write, plan = Path.write_bytes, make_plan(seeds=3, **BOTH)

    def full(path, content):
        if path.suffix == ".parquet" and len(study.Folder(tmp_path).shards()) == 2:
            write(path, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ActscopeError, match=r"parquet cannot be written \(No space left on device"):
        study.run(plan, tmp_path)
    monkeypatch.setattr(Path, "write_bytes", write)
    kept, events = Record.open(tmp_path).ids(), []
    assert len(kept) == 2
    record = study.run(plan, tmp_path, watcher=events.append)
    found = trained(events)
    assert not kept & set(found)
    assert len(found) == 3  # the one that could not be written had its checkpoint
    same(record, undisturbed[0])


@pytest.fixture
def four(monkeypatch):
    """Four lanes on every device."""
    monkeypatch.setattr(Widths, "of", lambda *_: 4)


@pytest.mark.usefixtures("four")
def test_members_in_lanes_are_what_they_are_alone(undisturbed, make_plan, tmp_path):
    """Six that train and three that break at once, so that every lane is filled again."""
    plan = make_plan(seeds=3, activation="relu", learning_rate=[1e38, 0.1, 0.3])
    record = study.run(plan, tmp_path)
    assert record.ids() == {member.id for member in plan.members}
    lost = record.where(learning_rate=1e38).members
    assert lost["diverged_at"].to_pylist() == [2] * 3
    record, alone = record.where(learning_rate=0.1), undisturbed[0].where(activation="relu")
    assert record.ids() == alone.ids()
    curves, others = record.curves("train_loss"), alone.curves("train_loss")
    for name, curve in curves.items():
        assert len(curve) == 3
        # Another order of additions; it grows from step to step.
        np.testing.assert_allclose(curve[0], others[name][0], rtol=1e-4)
        np.testing.assert_allclose(curve, others[name], rtol=1e-2)
    for field in ("pre_mean", "post_variance", "gradient_rms"):
        first = [first_epoch(found, field) for found in (record, alone)]
        np.testing.assert_allclose(*first, rtol=1e-4, atol=1e-5, err_msg=field)


@pytest.mark.usefixtures("four")
def test_a_few_members_in_lanes_are_what_they_are_among_many(make_plan, same, tmp_path):
    plan = make_plan(seeds=4, activation="relu")
    whole = study.run(plan, tmp_path / "whole")
    study.run(make_plan(seeds=1, activation="relu"), tmp_path / "bit by bit")
    same(study.run(plan, tmp_path / "bit by bit"), whole)


@pytest.mark.heavy
def test_a_group_that_memory_does_not_hold_goes_on_with_half_as_many_lanes(
    make_plan, tmp_path, monkeypatch
):
    """Eight lanes; the memory is out where the first of them ends, then where four stand."""
    asked, train = [], _local.fit_all
    monkeypatch.setattr(Widths, "of", lambda self, name, *_: self._known.setdefault(name, 8))

    def small(jobs, *, lanes, **how):
        asked.append((len(jobs), lanes))
        for number, trained in enumerate(train(jobs, lanes=lanes, **how)):
            yield trained
            if lanes > 2 and number == 1:
                raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate")

    monkeypatch.setattr(_local, "fit_all", small)
    plan = make_plan(seeds=10, activation="relu")
    record = study.run(plan, tmp_path)
    assert record.ids() == {member.id for member in plan.members}
    done = [min(2, jobs) for jobs, _ in asked[:-1]]  # of each part before memory was out
    assert [lanes for _, lanes in asked] == [8, 4, 2]
    assert [jobs for jobs, _ in asked] == [10, 10 - done[0], 10 - sum(done)]
    assert set(json.loads((tmp_path / "lanes.json").read_text()).values()) == {2}


def first_epoch(record, field):
    rows = record.monitors("sites", [field]).to_pylist()
    return [row[field] for row in sorted(rows, key=lambda row: row["id"]) if row["epoch"] == 1]


@pytest.mark.parametrize(
    ("members", "devices", "sizes"),
    [
        ({"relu": 5}, 1, [5]),  # nobody would be idle
        ({"relu": 600}, 1, [256, 256, 88]),
        ({"relu": 10, "tanh": 3}, 2, [3, 3, 3, 1, 1, 1, 1]),
        ({"relu": 3}, 4, [1, 1, 1]),
        ({"relu": 4096}, 8, [256] * 16),
    ],
)
def test_a_device_takes_on_members_of_one_program(make_plan, members, devices, sizes):
    found = [m for name, n in members.items() for m in make_plan(seeds=n, activation=name).members]
    chunks = dict(_local.chunks(found, devices))
    assert [len(chunk) for chunk in chunks.values()] == sizes
    assert [member for chunk in chunks.values() for member in chunk] == found
    assert all(len({m.combination.program for m in chunk}) == 1 for chunk in chunks.values())


def test_finished_members_are_kept_when_they_are_a_minutes_work(monkeypatch, make_outcome):
    kept, clock = [], SimpleNamespace(now=0.0)
    monkeypatch.setattr(_local, "time", SimpleNamespace(monotonic=lambda: clock.now))
    shelf = _local.Shelf(lambda outcomes, origin: kept.append((len(outcomes), origin)), HERE)
    for clock.now in (10, 59, 61, 100, 125):
        shelf.put(make_outcome())
    assert kept == [(3, HERE), (2, HERE)]
    shelf.clear()
    assert len(kept) == 2  # nothing was left


def test_what_could_not_be_kept_is_tried_again(make_outcome):
    tried = []

    def keep(outcomes, _):
        tried.append(list(outcomes))
        if len(tried) == 1:
            raise OSError("full")

    shelf, outcome = _local.Shelf(keep, HERE), make_outcome()
    shelf.put(outcome)
    with pytest.raises(OSError, match="full"):
        shelf.clear()
    shelf.clear()
    assert tried == [[outcome], [outcome]]
