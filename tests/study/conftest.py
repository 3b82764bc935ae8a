"""Outcomes without training, and studies that train in a blink."""

import json
import os
import sys
from collections.abc import Callable

import numpy as np
import pytest

import faulty
from actscope.study import _local
from actscope.study._engine import run
from actscope.study._outcome import Outcome
from actscope.study._plan import Plan, plan
from actscope.study._record import Record
from actscope.study._specfile import spec
from actscope.study._watch import Event, Finished, Moment, Watcher
from actscope.training import Epoch

UNITS = {"hidden_0": 12, "hidden_1": 5}
PARAMETERS = ("layers.0.kernel", "layers.0.bias", "layers.1.kernel")
BINS = 50


@pytest.fixture(scope="session")
def make_outcome() -> "Callable[..., Outcome]":
    """Makes outcomes without training, their numbers drawn at random in the shape of real ones.

    That of `relu` and seed 0 after three epochs, but for what is given.
    """

    def make(*, columns=None, epochs=3, **given):
        columns = {"activation": "relu", "learning_rate": 0.1, "depth": 2} | (columns or {})
        settings, seed = json.dumps(columns, sort_keys=True), given.get("seed", 0)
        rng = np.random.default_rng([epochs, seed, *settings.encode()])
        passes = tuple(Epoch(number + 1, *rng.random(5).tolist()) for number in range(epochs))
        scores = [epoch.validation_score for epoch in passes]
        fields = {
            "id": f"{settings} {seed}",
            "phase": "compare",
            "seed": seed,
            "settings": settings,
            "columns": columns,
            "parameters": 1234,
            "epochs": passes,
            "best_epoch": int(np.argmax(scores)) + 1 if scores else None,
            "test_loss": float(rng.random()),
            "test_score": float(rng.random()),
            "chance": 0.1,
            "diverged_at": None,
            "seconds": float(rng.random()),
            "dead": tuple(int(rng.integers(units)) for units in UNITS.values()),
            "units": tuple(UNITS.values()),
            "sites": {name: site(rng, epochs, units) for name, units in UNITS.items()},
            "layers": {name: layer(rng, epochs) for name in PARAMETERS},
        }
        return Outcome(**fields | given)

    return make


def site(rng, epochs, units):
    mask = rng.random((epochs, units)) < 0.3
    names = ("pre_mean", "pre_variance", "post_mean", "post_variance", "zero", "saturated")
    return {
        "epoch": np.arange(1, epochs + 1),
        **{name: rng.random(epochs).astype(np.float32) for name in (*names, "gradient_rms")},
        "dead": mask.sum(axis=1),
        "dead_mask": mask,
        **bins(rng, epochs, ""),
        **bins(rng, epochs, "post_"),
        **bins(rng, epochs, "gradient_"),
    }


def bins(rng, epochs, prefix):
    return {
        f"{prefix}low": -rng.random(epochs).astype(np.float32),
        f"{prefix}high": rng.random(epochs).astype(np.float32),
        f"{prefix}histogram": rng.integers(0, 1000, (epochs, BINS)),
    }


def layer(rng, epochs):
    names = ("gradient_norm", "weight_rms", "update_ratio")
    return {
        "epoch": np.arange(1, epochs + 1),
        **{name: rng.random(epochs).astype(np.float32) for name in names},
    }


@pytest.fixture(scope="session")
def make_plan() -> "Callable[..., Plan]":
    """Makes plans whose members train in a blink; those of one activation share a program."""

    def make(*, seeds=2, epochs=3, dataset="digits", design=None, **axes):
        heading = {"seeds": seeds, "epochs": epochs, "dataset": dataset, "batch_size": 128}
        always = {"hidden_sizes": [8]} if "network" not in axes else {}
        document = {"study": heading, "axes": {**always, "learning_rate": 0.1, **axes}}
        if tuned := (design or {}).get("tune"):
            document["axes"] = {k: v for k, v in document["axes"].items() if k not in tuned}
        return plan(spec({**document, "design": design or {}}))

    return make


@pytest.fixture(scope="session")
def same() -> "Callable[[Record, Record], None]":
    """Holds two records against each other: every number of every member but wall times."""

    def contents(record):
        tables = {name: record.monitors(name) for name in ("epochs", "sites", "layers")}
        # Python's sort is stable: what is said of one member stays in its order.
        return {
            name: sorted(
                ({k: v for k, v in row.items() if k != "seconds"} for row in table.to_pylist()),
                key=lambda row: row["id"],
            )
            for name, table in {"members": record.members, **tables}.items()
        }

    def hold(one, other):
        np.testing.assert_equal(contents(one), contents(other))

    return hold


@pytest.fixture(scope="session")
def undisturbed(make_plan, tmp_path_factory) -> "tuple[Record, list[Event]]":
    """The record of two activations and three seeds, which nothing disturbed, and its events."""
    events, plan = [], make_plan(seeds=3, activation=["relu", "tanh"])
    return run(plan, tmp_path_factory.mktemp("undisturbed"), watcher=events.append), events


@pytest.fixture(scope="session")
def trained() -> "Callable[[list[Event]], dict[str, int]]":
    """Tells from a study's events which members were trained, each from which epoch on."""

    def find(events):
        moments = [event for event in events if isinstance(event, Moment)]
        return {moment.member.id: moment.progress.epoch for moment in reversed(moments)}

    return find


@pytest.fixture(scope="session")
def stop_at() -> "Callable[..., Watcher]":
    """Makes watchers that end a study at an event of a kind, counted from 1."""

    def make(number, kind=Finished):
        found = []

        def watch(event):
            found.extend([event] if isinstance(event, kind) else [])
            if len(found) == number:
                raise RuntimeError("stopped")

        return watch

    return make


@pytest.fixture
def hurried(monkeypatch) -> None:
    """Every member is a shard of its own, and leaves a checkpoint after every epoch."""
    monkeypatch.setattr(_local, "_SECONDS", 0.0)


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    """The folder where `faulty` looks, on the nodes of a cluster as well, which ends with it."""
    ray = pytest.importorskip("ray", reason="ray is not installed: pip install 'actscope[ray]'")
    folder = tmp_path_factory.mktemp("faults")
    (folder / "driver").write_text(str(os.getpid()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(faulty.PLACE, str(folder))
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        yield folder
    ray.shutdown()


@pytest.fixture(scope="module")
def cluster(faults):
    """Two nodes of one core each, on this machine."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"include_dashboard": False})
    made.add_node()
    yield made
    sys.modules["ray"].shutdown()
    made.shutdown()
