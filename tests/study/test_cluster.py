"""What goes wrong on a cluster of two nodes, each a node of Ray on this machine.

A test's docstring is its row in the table of `make faults`: what happens | what comes of it.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import faulty
from actscope import study
from actscope._errors import ActscopeError, IncompleteError
from actscope.study import Finished, Folder, Record

pytestmark = faulty.TWO_NODES

_SECONDS = 300  # that a command may take; to begin a cluster takes most of a minute on two cores


@pytest.fixture
def on_cluster(cluster, tmp_path):
    """Runs a plan on the two nodes, into `tmp_path/study` if no other folder is given."""

    def run(plan, out=tmp_path / "study", **how):
        return study.run(plan, out, engine=study.Ray(cluster.address), **how)

    return run


@pytest.fixture
def long_plan(make_plan):
    """A plan of some seconds."""
    return make_plan(seeds=4, epochs=100, activation=["relu", "tanh"])


@pytest.fixture
def begin(cluster, long_plan, tmp_path):
    """Begins the long plan as a command, on the two nodes or on others, and waits for a shard."""

    def command(*arguments):
        return [sys.executable, "-m", "actscope", "study", *arguments, "--engine", "ray"]

    def begun():
        spec = tmp_path / "spec.toml"
        spec.write_text(study_text(long_plan))
        out = str(tmp_path / "study")
        how = command("run", str(spec), "--out", out, "--address", cluster.address)
        process = subprocess.Popen(
            how, stderr=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _SECONDS
        while not Folder(tmp_path / "study").shards():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return process

    begun.command = command
    return begun


def study_text(plan):
    """The specification of a plan, as a file."""
    from actscope.study._toml import toml

    return toml(plan.spec.document())


def first_finished(do):
    """A watcher that does something once, when the first network is finished."""
    done = []

    def watch(event):
        if isinstance(event, Finished) and not done:
            done.append(event)
            do()

    return watch


def test_node(cluster, long_plan, on_cluster, same, tmp_path):
    """a node is killed | the other trains what is left"""
    last = cluster.add_node()
    assert len(cluster.worker_nodes) == 2
    kill = first_finished(lambda: cluster.remove_node(last, allow_graceful=False))
    record = on_cluster(long_plan, watcher=kill)
    assert len(cluster.worker_nodes) == 1
    same(record, study.run(long_plan, tmp_path / "here"))


def test_driver(begin, long_plan, on_cluster, same, tmp_path):
    """the command is killed | `study resume` on a fresh cluster goes on"""
    process = begin()
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    kept = Record.open(tmp_path / "study").ids()
    assert 0 < len(kept) < len(long_plan.members)
    again = begin.command("resume", str(tmp_path / "study"), "--workers", "2")
    subprocess.run(again, check=True, timeout=_SECONDS, stdout=subprocess.DEVNULL)
    same(Record.open(tmp_path / "study"), study.run(long_plan, tmp_path / "here"))


def test_interrupt(begin, long_plan, on_cluster, same, tmp_path):
    """Ctrl-C | status 130; the same command goes on"""
    process = begin()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=_SECONDS)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    kept = Record.open(tmp_path / "study").ids()
    assert 0 < len(kept) < len(long_plan.members)
    same(on_cluster(long_plan), study.run(long_plan, tmp_path / "here"))


def test_twice(begin, long_plan, on_cluster, same, tmp_path):
    """the same study is begun twice | the second is refused and says who is at work"""
    process = begin()
    with pytest.raises(ActscopeError, match=rf"in use by process {process.pid} on "):
        on_cluster(long_plan)
    process.communicate(timeout=_SECONDS)
    assert process.returncode == 0
    same(Record.open(tmp_path / "study"), study.run(long_plan, tmp_path / "here"))


def test_disk(make_plan, on_cluster, same, tmp_path):
    """the disk is full | status 2 and what to do; with room again the same command goes on"""
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "none", str(small)]
    if os.geteuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("a disk of 128 kB takes the right to mount one")
    try:
        plan = make_plan(seeds=6, activation=["relu", "tanh"])
        with pytest.raises(ActscopeError, match=r"cannot be written .No space left on device"):
            on_cluster(plan, small / "study")
        kept = Record.open(small / "study").ids()
        assert 0 < len(kept) < len(plan.members)
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        record = on_cluster(plan, small / "study")
        assert kept < record.ids()
        same(record, study.run(plan, tmp_path / "here"))
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_clock(make_plan, on_cluster, same, monkeypatch, tmp_path):
    """the clock is set back an hour every second | nothing"""
    began, clock = time.monotonic(), time.time
    monkeypatch.setattr(time, "time", lambda: clock() - 3600 * (time.monotonic() - began))
    plan = make_plan(seeds=3, activation=["relu", "tanh"])
    record = on_cluster(plan)
    monkeypatch.undo()
    same(record, study.run(plan, tmp_path / "here"))


def test_diverging(make_plan, on_cluster, same, tmp_path):
    """a network diverges | the record says at which step, the others go on"""
    plan = make_plan(seeds=2, activation="relu", learning_rate=[0.1, 1e30])
    record = on_cluster(plan)
    assert sum(at is not None for at in record.members["diverged_at"].to_pylist()) == 2
    same(record, study.run(plan, tmp_path / "here"))


def test_data(make_plan, on_cluster, same, tmp_path):
    """a file of the data is overwritten | workers do not read it; a later command is refused"""
    file = tmp_path / "mine.npz"
    random = np.random.default_rng(0)
    arrays = {f"x_{part}": random.normal(size=(300, 6)).astype("f4") for part in ("train", "test")}
    arrays |= {f"y_{part}": np.arange(300) % 3 for part in ("train", "test")}
    np.savez(file, **arrays)
    plan = make_plan(seeds=3, activation=["relu", "tanh"], dataset=str(file))
    here = study.run(plan, tmp_path / "here")
    other = {**arrays, "x_train": -arrays["x_train"]}
    overwrite = first_finished(lambda: np.savez(file, **other))
    same(on_cluster(plan, watcher=overwrite), here)
    more = make_plan(seeds=4, activation=["relu", "tanh"], dataset=str(file))
    with pytest.raises(ActscopeError, match="has changed since"):
        on_cluster(more)


def test_missing(make_plan, on_cluster, monkeypatch, tmp_path):
    """a user's module is not on the nodes | status 2 and its name; what is finished is kept"""
    module = tmp_path / "modules" / "only_here.py"
    module.parent.mkdir()
    module.write_text("import jax.numpy as jnp\ndef mine(x): return jnp.tanh(x)\n")
    monkeypatch.syspath_prepend(module.parent)
    plan = make_plan(seeds=1, activation=["only_here:mine"])
    shutil.rmtree(module.parent)
    with pytest.raises(ActscopeError, match=r"on a worker: .*only_here"):
        on_cluster(plan)


def test_each_time(make_plan, on_cluster, faults, tmp_path):
    """a network kills its worker each time | it is given up: status 3, the others are finished"""
    (faults / "kill").write_text("1" * 1000)
    plan = make_plan(seeds=1, activation=["faulty:killed", "relu"])
    with pytest.raises(IncompleteError, match=r"given up: 1 networks, .*faulty:killed"):
        on_cluster(plan)
    settings = Record.open(tmp_path / "study").members["settings"].to_pylist()
    assert [json.loads(text)["activation"] for text in settings] == ["relu"]
    assert (faults / "kill").stat().st_size == 1000 - 4  # Ray's one try and three more


def test_memory(begin, make_plan, faults, tmp_path):
    """Ray's memory monitor kills a worker | likewise: the task is cut in two, then given up"""
    total, free = memory()
    if free < 2 * faulty.HUNGER:
        pytest.skip(f"takes {faulty.HUNGER / 1e9:.0f} GB and as much to spare")
    spec, out = tmp_path / "spec.toml", tmp_path / "study"
    spec.write_text(study_text(make_plan(seeds=2, activation=["faulty:hungry", "relu"])))
    full = (total - free + 0.75 * faulty.HUNGER) / total
    process = subprocess.Popen(
        begin.command("run", str(spec), "--out", str(out), "--workers", "1"),
        stderr=subprocess.PIPE,
        text=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "RAY_memory_usage_threshold": f"{full:.4f}"},
    )
    (faults / "driver").write_text(str(process.pid))
    _, said = process.communicate(timeout=_SECONDS)
    (faults / "driver").write_text(str(os.getpid()))
    assert process.returncode == 3, said
    assert re.search(r"given up: 2 networks, .*faulty:hungry.*low on memory", said), said
    settings = Record.open(out).members["settings"].to_pylist()
    assert [json.loads(text)["activation"] for text in settings] == ["relu", "relu"]


def memory():
    """Bytes that this machine has, and those that nobody uses."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    told = {line.split(":")[0]: 1024 * int(line.split()[1]) for line in lines}
    return told["MemTotal"], told["MemAvailable"]
