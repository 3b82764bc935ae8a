"""Ray as an engine, beside this machine alone, and through what happens to workers."""

import re
import sys

import pytest

from actscope import study
from actscope._errors import ActscopeError, IncompleteError
from actscope.study import Finished, Record

ray = pytest.importorskip("ray", reason="ray is not installed: pip install 'actscope[ray]'")

# Ray leaves sockets of its own open. To begin a cluster takes most of a minute on two cores.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture
def on_ray(faults, make_plan, tmp_path):
    """Runs a study of three seeds on two workers."""

    def run(*activations, watcher=None):
        plan = make_plan(seeds=3, activation=list(activations))
        study.run(plan, tmp_path / "study", engine=study.Ray(workers=2), watcher=watcher)
        return Record.open(tmp_path / "study")

    return run


def test_the_record_is_that_of_this_machine_alone(undisturbed, on_ray, same):
    events = []
    record = on_ray("relu", "tanh", watcher=events.append)
    same(record, undisturbed[0])
    ended = [event.member.id for event in events if isinstance(event, Finished)]
    assert sorted(ended) == sorted(record.ids())
    assert {told["device"] for told in record.provenance.values()} == {"cpu: cpu"}


def test_a_worker_that_is_killed_loses_nothing(on_ray, faults, same, make_plan, tmp_path):
    """a worker is killed | Ray runs its task again; what it had handed over is kept"""
    (faults / "kill").write_text("1")
    record = on_ray("faulty:killed")
    assert not (faults / "kill").stat().st_size  # it was killed
    plan = make_plan(seeds=3, activation=["faulty:killed"])
    same(record, study.run(plan, tmp_path / "here"))


def test_a_member_that_finds_no_memory_is_given_up_and_the_rest_goes_on(on_ray, tmp_path):
    """memory runs out | the task is cut in two; a network alone is given up: status 3"""
    with pytest.raises(IncompleteError, match=r"given up: 3 networks, .*faulty:greedy.*EXHAUSTED"):
        on_ray("faulty:greedy", "relu")
    assert len(Record.open(tmp_path / "study").ids()) == 3


def test_what_raises_on_a_worker_ends_the_study_and_keeps_what_is_finished(on_ray):
    """an activation raises on a worker only | status 2 and the error; what is finished is kept"""
    with pytest.raises(ActscopeError, match="no such library here"):
        on_ray("faulty:raising")


def test_without_ray_the_error_says_how_to_get_it(on_ray, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ActscopeError, match=r"ray is not installed; pip install 'actscope\[ray\]'"):
        on_ray("relu")


@pytest.mark.parametrize("address", ["nowhere:1", "127.0.0.1:1", "ray://127.0.0.1:1", "[::1]:1"])
def test_no_cluster_at_an_address(make_plan, tmp_path, monkeypatch, address):
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    plan = make_plan(seeds=1, activation="relu")
    with pytest.raises(ActscopeError, match=f"no Ray cluster at {re.escape(address)}: "):
        study.run(plan, tmp_path, engine=study.Ray(address))
