from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from actscope import data, study, tutorial
from actscope.tutorial import Dead, Measured, _measure

# As the tutorial prints them.
ACCURACIES = {
    "sigmoid": 0.7846,
    "tanh": 0.8857,
    "relu": 0.8865,
    "leaky_relu": 0.8833,
    "elu": 0.8832,
    "swish": 0.8833,
}
DEAD = {
    "untrained": [0, 0, 3, 7],
    "trained": [0, 0, 3, 3],
    "deep": [0, 1, 1, 19, 75, 53, 71, 57, 64, 69],
}
ALL = Measured(
    accuracy=ACCURACIES,
    dead={
        f"relu.{name}": Dead(tuple(counts), _measure.HIDDEN_SIZES[name])
        for name, counts in DEAD.items()
    },
)
PARTS = 6 + 2 * 3  # accuracies; dead neurons and their percentages


@pytest.fixture
def undrawn(monkeypatch):
    """No figures, which take a third of the time."""
    monkeypatch.setattr(tutorial, "exhibits_of_tutorial", lambda *_: None)
    monkeypatch.setattr(tutorial, "gallery", lambda _: iter(()))
    monkeypatch.setattr(tutorial, "explained", lambda _: iter(()))


@pytest.fixture
def reproduce(call, undrawn, monkeypatch, digits):
    """`reproduce(measured, …)` calls the command as if it had measured that."""

    def run(measured, *options):
        monkeypatch.setattr(data, "load", lambda _: digits)
        monkeypatch.setattr(tutorial, "pretrained", lambda _: {})
        monkeypatch.setattr(tutorial, "measure", lambda *_, **__: measured)
        return call("reproduce", *options)

    return run


def without(measured, **reasons):
    """The same without the networks of some activations."""
    left = {name: value for name, value in measured.accuracy.items() if name not in reasons}
    return replace(measured, accuracy=left, missing=reasons)


def statuses(document):
    """Of each published figure by its name; claims left out."""
    return {
        figure["id"]: figure["status"]
        for figure in document["figures"]
        if not figure["id"].startswith("claim.")
    }


def test_all_reproduced(reproduce):
    said = reproduce(ALL)
    assert (said.status, said.err) == (0, "")
    assert f"\n{PARTS} published figures: {PARTS} match\n" in said.out
    rows = [line.split() for line in said.out.splitlines()]
    assert ["test_accuracy.relu", "88.65%", "88.65%", "match"] in rows
    percent = ["0", "0", "1.17", "5.47"]
    assert ["dead_percentage.untrained", *percent, *percent, "match"] in rows


def test_what_is_missing_is_said_once_with_its_reason(reproduce, read):
    why = "FashionMNIST_{0}.config and FashionMNIST_{0}.tar not found in here"
    reasons = {name: why.format(name) for name in ("elu", "tanh")}
    said = reproduce(without(ALL, **reasons, swish="it is too large"))
    assert said.status == 3
    together = (
        "test_accuracy.tanh, test_accuracy.elu: "
        "FashionMNIST_*.config and FashionMNIST_*.tar not found in here"
    )
    assert said.out.count("not found in here") == 1
    assert together in said.out.splitlines()
    assert "test_accuracy.swish: it is too large" in said.out.splitlines()
    assert f"{PARTS} published figures: 9 match, 3 unavailable" in said.out
    assert said.error == (
        "test_accuracy.tanh, test_accuracy.elu not available: "
        "FashionMNIST_*.config and FashionMNIST_*.tar not found in here; "
        "test_accuracy.swish not available: it is too large"
    )


def test_a_mismatch_outranks_what_is_missing(reproduce, read):
    wrong = replace(ALL, accuracy=ACCURACIES | {"relu": 0.8866}, altered=("relu",))
    said = reproduce(without(wrong, elu="it is not here"), "--json", "-")
    assert (said.status, said.err) == (1, "")
    found = statuses(read(said.out, "reproduce"))
    assert [name for name, status in found.items() if status == "mismatch"] == [
        "test_accuracy.relu"
    ]
    assert found["test_accuracy.elu"] == "unavailable"
    shown = reproduce(wrong).out
    assert "test_accuracy.relu, dead_neurons.trained, dead_percentage.trained: not the tut" in shown


def test_a_wrong_count_of_dead_neurons_is_a_mismatch(reproduce):
    deep = Dead((0, 1, 1, 19, 75, 53, 71, 57, 64, 68), _measure.HIDDEN_SIZES["deep"])
    said = reproduce(replace(ALL, dead=ALL.dead | {"relu.deep": deep}))
    assert said.status == 1
    assert f"{PARTS} published figures: {PARTS - 2} match, 2 mismatch" in said.out


def test_claims_stand_below_and_change_no_status(reproduce, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = reproduce(ALL)
    lines = said.out.splitlines()
    assert max(map(len, lines)) <= 80
    (start,) = [line for line in lines if line.startswith("sigmoid_trains")]
    assert start.split()[-1] == "yes"
    (words,) = [line for line in lines if line.startswith("deep_pre_last_layer")]
    assert words.split()[-1] == "no"  # 50 %, where the tutorial's PyTorch version says 56 %


@pytest.mark.heavy
def test_training_anew_in_the_same_call(reproduce, monkeypatch, make_job, read, place):
    jobs = {
        f"{name}-seed-{seed}": make_job(activation=name, seed=seed)
        for name in ("relu", "tanh")
        for seed in (0, 1)
    }
    asked = []
    monkeypatch.setattr(tutorial, "jobs", lambda _, seeds: asked.append(seeds) or jobs)
    options = ["--retrain", "--seeds", "2", "--out", "out"]
    said = reproduce(ALL, *options, "--json", "found.json")
    assert (said.status, asked) == (0, [2])
    found = read(Path("found.json").read_text(), "reproduce")["retrained"]
    assert [(row["activation"], row["n"]) for row in found] == [("relu", 2), ("tanh", 2)]
    runs = [study.Run.open(place / "out" / "runs" / name) for name in jobs]
    relu = np.mean([run.test.score for run in runs[:2]])
    assert found[0]["mean"] == pytest.approx(relu)
    row = said.out[said.out.rindex("\nrelu ") :].split()
    assert row[:3] == ["relu", "88.65%", f"{relu:.2%}"]


def test_a_folder_that_is_not_there(call, monkeypatch, digits):
    monkeypatch.setattr(data, "load", lambda _: digits)
    said = call("reproduce", "--pretrained", "nowhere")
    assert said.status == 2
    assert said.error.startswith("nowhere is not a folder; expected one that holds files such as")


@pytest.mark.parametrize("seeds", ["0", "-1", "few"])
def test_a_number_of_seeds_that_is_none(call, seeds):
    said = call("reproduce", "--retrain", "--seeds", seeds)
    assert said.status == 2
    assert said.error.startswith("invalid value for '--seeds'")


def test_without_data_it_says_where_it_looked(call, nothing_here):
    said = call("reproduce")
    assert (said.status, said.out) == (2, "")
    assert f"not found in {nothing_here}/fashion_mnist and " in said.error


# What follows measures the tutorial's own networks, where they are.


@pytest.fixture
def two(data_folder, monkeypatch):
    """The two networks that are here, and no way to get the others."""
    monkeypatch.setenv("ACTSCOPE_OFFLINE", "1")
    folder = data_folder / "tutorial3_checkpoints"
    names = {
        name for name in ("relu", "leakyrelu") if (folder / f"FashionMNIST_{name}.tar").is_file()
    }
    others = {path.stem for path in folder.glob("*.tar")} - {f"FashionMNIST_{n}" for n in names}
    if len(names) < 2 or others:
        pytest.skip("for a folder with the tutorial's relu and leakyrelu networks alone")
    return folder


@pytest.fixture
def changed(two, tmp_path):
    """A folder with the tutorial's relu network but for one weight."""
    saved = tutorial.load(two / "FashionMNIST_relu.tar")
    *layers, last = saved.params["layers"]
    kernel = last["kernel"].at[0, 0].add(5)
    params = {"layers": [*layers, last | {"kernel": kernel}]}
    tutorial.save(tmp_path / "changed" / "FashionMNIST_relu", replace(saved, params=params))
    return tmp_path / "changed"


def expected(*available, wrong=()):
    """Statuses where these activations' networks are available, and some figures are wrong."""
    found = {
        f"test_accuracy.{name}": "match" if name in available else "unavailable"
        for name in ACCURACIES
    }
    dead = [f"dead_{kind}.{name}" for kind in ("neurons", "percentage") for name in DEAD]
    return found | dict.fromkeys(dead, "match") | dict.fromkeys(wrong, "mismatch")


@pytest.fixture
def sparing(monkeypatch, undrawn):
    """The published figures alone: no pictures, and no dead neurons but those of relu."""
    monkeypatch.setattr(_measure, "_RECTIFIED", ("relu",))


@pytest.mark.heavy
def test_with_two_networks_it_is_done_in_part(call, two, sparing, read):
    said = call("reproduce", "--json", "-")
    assert said.status == 3
    assert said.error.startswith("test_accuracy.sigmoid, test_accuracy.tanh, test_accuracy.elu, ")
    document = read(said.out, "reproduce")
    assert statuses(document) == expected("relu", "leaky_relu")
    values = {figure["id"]: figure["reproduced"] for figure in document["figures"]}
    assert {name: values[f"dead_neurons.{name}"] for name in DEAD} == DEAD
    assert np.round(values["test_accuracy.leaky_relu"], 4) == ACCURACIES["leaky_relu"]


@pytest.mark.heavy
def test_with_one_weight_changed_the_answer_is_no(call, changed, sparing, read):
    said = call("reproduce", "--pretrained", changed, "--json", "-")
    assert (said.status, said.err) == (1, "")
    found = statuses(read(said.out, "reproduce"))
    assert found == expected("relu", wrong=["test_accuracy.relu"])


@pytest.mark.slow
def test_the_whole_of_it(call, two, read, place):
    said = call("reproduce", "--json", "found.json")
    assert said.status == 3
    assert statuses(read(Path("found.json").read_text(), "reproduce")) == expected(
        "relu", "leaky_relu"
    )
    drawn = {path.stem for path in (place / "actscope-runs").rglob("*.png")}
    assert drawn == {
        *("functions", "examples", "dead_units", "activations-relu", "activations-leaky_relu"),
        *(f"gradients-{name}" for name in ACCURACIES),
    }
    (line,) = [line for line in said.out.splitlines() if line.startswith("only_relu_has_dead")]
    assert line.split()[-1] == "yes"


@pytest.mark.slow
def test_the_whole_of_it_with_one_weight_changed(call, changed, read):
    said = call("reproduce", "--pretrained", changed, "--json", "found.json")
    assert (said.status, said.err) == (1, "")
    found = statuses(read(Path("found.json").read_text(), "reproduce"))
    assert found == expected("relu", wrong=["test_accuracy.relu"])
    assert "not the tutorial's own network" in said.out
