import re
from dataclasses import replace

import numpy as np
import pytest

from actscope import data, networks, study, tutorial

FIGURES = {
    *("functions", "examples", "learning_curves", "test_accuracy", "dead_units"),
    *(f"{kind}-{name}" for kind in ("gradients", "activations") for name in ("relu", "tanh")),
}


@pytest.fixture
def small(monkeypatch, make_job, nothing_here):
    """A demo of two activations and two seeds, where no FashionMNIST can be had."""

    def jobs(dataset):
        return {
            f"{name}-seed-{seed}": make_job(activation=name, dataset=dataset, seed=seed)
            for name in ("relu", "tanh")
            for seed in (0, 1)
        }

    monkeypatch.setattr(study, "demo_jobs", jobs)


@pytest.fixture
def undrawn(monkeypatch):
    """No figures, which take most of the time."""
    monkeypatch.setattr(tutorial, "exhibits_of_runs", lambda *_: None)
    monkeypatch.setattr(tutorial, "gallery", lambda _: iter(()))


@pytest.mark.heavy
def test_a_table_all_figures_and_where_they_lie(call, small, place, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = call("demo")
    assert said.status == 0
    why, *epochs = said.err.splitlines()
    assert why.startswith("scikit-learn's digits instead of FashionMNIST: train-images-idx3")
    assert len(epochs) == 4 * 3
    lines = said.out.splitlines()
    assert lines[0] == "4 networks on digits: 1,248 training images, 3 epochs each"
    assert max(map(len, lines)) <= 80
    runs = {
        path.name: study.Run.open(path) for path in place.glob("actscope-runs/demo/digits/runs/*")
    }
    for name in ("relu", "tanh"):
        accuracies = [run.test.score for key, run in runs.items() if key.startswith(name)]
        (row,) = [line.split() for line in lines if line.startswith(name)]
        assert row[1] == f"{np.mean(accuracies):.2%}"
        half = 12.706204736432095 * np.std(accuracies, ddof=1) / 2**0.5  # t of one degree, 97.5 %
        low, high = np.mean(accuracies) - half, np.mean(accuracies) + half
        assert row[2:6] == [f"{low:.2%}", "…", f"{high:.2%}", "2"]
    figures, page, kept = lines[-3:]
    assert figures == "figures in actscope-runs/demo/digits/figures"
    assert page == "page in actscope-runs/demo/digits/report.html"
    assert "The answer</h2>" in (place / "actscope-runs/demo/digits/report.html").read_text("utf-8")
    assert kept == "networks in actscope-runs/demo/digits/runs"
    assert {path.stem for path in place.glob("actscope-runs/demo/digits/figures/*")} == FIGURES


@pytest.mark.heavy
def test_it_goes_on_after_an_interruption(call, small, undrawn, place, monkeypatch):
    train, begun = study._runs.train, []

    def interrupted(*arguments, **options):
        begun.append(arguments)
        if len(begun) == 3:
            raise KeyboardInterrupt
        return train(*arguments, **options)

    monkeypatch.setattr(study._runs, "train", interrupted)
    said = call("demo", "--out", "demo")
    assert said.status == 130
    assert said.err.endswith("to go on from what is finished: actscope demo --out demo\n")
    finished = {path: path.stat().st_mtime_ns for path in place.rglob(networks.FILE_NAME)}
    assert len(finished) == 2
    said = call("demo", "--out", "demo")
    assert said.status == 0
    assert len(re.findall(r": epoch", said.err)) == 2 * 3  # only what was missing
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    assert len(list(place.rglob(networks.FILE_NAME))) == 4


@pytest.mark.heavy
def test_once_fashion_mnist_is_there_the_digits_are_in_nobodys_way(
    call, small, undrawn, place, digits, monkeypatch
):
    assert call("demo", "--out", "demo").status == 0
    other = replace(digits, name="fashion_mnist")
    monkeypatch.setattr(data, "load", lambda _: other)
    assert call("demo", "--out", "demo").status == 0
    assert {path.name for path in (place / "demo").iterdir()} == {"digits", "fashion_mnist"}
