import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from actscope import data, networks, training

SMALL = ["train", "--dataset", "digits", "--hidden", "16", "--epochs", "3"]
FOLDER = Path("actscope-runs/train-digits-relu-seed-42")
FILES = ["learning_curve.png", "network.safetensors", "run.json"]


@pytest.fixture(scope="module")
def whole(trained, read, without_seconds):
    """JSON of the uninterrupted run."""
    return without_seconds(read((trained / "run.json").read_text(), "train"))


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def numpy_accuracy(saved, dataset):
    """Of a relu network on the test set, by a forward pass of its own."""
    layers = [{key: np.asarray(array) for key, array in layer.items()} for layer in saved]
    x = dataset.normalization(dataset.test.images).reshape(len(dataset.test), -1)
    for layer in layers[:-1]:
        x = np.maximum(x @ layer["kernel"] + layer["bias"], 0)
    logits = x @ layers[-1]["kernel"] + layers[-1]["bias"]
    return (logits.argmax(axis=1) == dataset.test.labels).mean()


@pytest.mark.heavy
def test_the_folder_holds_the_best_network_and_its_numbers(trained, whole, digits):
    assert names(trained) == FILES
    saved = networks.load(trained)
    assert whole["test_accuracy"] == numpy_accuracy(saved.params["layers"], digits)
    accuracies = [epoch["validation_accuracy"] for epoch in whole["epochs"]]
    assert len(accuracies) == 3
    assert whole["best_epoch"] == accuracies.index(max(accuracies)) + 1
    assert whole["validation_accuracy"] == max(accuracies)


def test_what_it_says_on_the_way_and_in_the_end(call, whole):
    said = call(*SMALL)
    assert said.status == 0
    assert [line.split(",")[0] for line in said.err.splitlines()] == [
        f"relu: epoch {number} of 3" for number in (1, 2, 3)
    ]
    best, test, where = said.out.splitlines()
    assert best.endswith(
        f"best validation accuracy {whole['validation_accuracy']:.2%} "
        f"after epoch {whole['best_epoch']}"
    )
    assert test == f"test accuracy {whole['test_accuracy']:.2%}; dead units {whole['dead']}"
    assert where == f"in {FOLDER}: network.safetensors, run.json, learning_curve.png"


def test_json_alone_on_standard_output(call, read, whole, without_seconds):
    said = call(*SMALL, "--json", "-")
    assert without_seconds(read(said.out, "train")) == whole


def test_the_curve_in_the_format_that_is_asked_for(call, trained, place):
    shutil.copytree(trained, place / "run")
    said = call(*SMALL, "--out", "run", "--format", "pdf")
    assert said.out.endswith("in run: network.safetensors, run.json, learning_curve.pdf\n")
    assert Path("run/learning_curve.pdf").read_bytes().startswith(b"%PDF")


def test_what_is_trained_is_not_trained_again(call, trained, read):
    before = (trained / "network.safetensors").stat().st_mtime_ns
    said = call(*SMALL, "--out", trained, "--json", "again.json")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(f"trained already; --overwrite trains it anew: {trained}\n3 epochs")
    assert (trained / "network.safetensors").stat().st_mtime_ns == before
    assert Path("again.json").read_text() == (trained / "run.json").read_text()


def test_another_run_takes_a_folder_only_if_told_to(call, read, whole, without_seconds):
    assert call(*SMALL).status == 0
    other = [*SMALL, "--seed", "7", "--out", FOLDER]
    said = call(*other)
    assert (said.status, said.out) == (2, "")
    assert said.error.startswith(f"{FOLDER} holds the run of another seed; ")
    assert said.error.endswith("or train anew in this one (--overwrite)")
    assert without_seconds(read((FOLDER / "run.json").read_text(), "train")) == whole
    assert call(*other, "--overwrite").status == 0
    found = read((FOLDER / "run.json").read_text(), "train")
    assert (found["seed"], names(FOLDER)) == (7, FILES)
    assert call(*SMALL, "--overwrite").status == 0
    assert without_seconds(read((FOLDER / "run.json").read_text(), "train")) == whole


# What is being done for the how-manieth time when the signal comes, and what the same command says
# first. The files: the first checkpoint, one an epoch, the network, run.json, the picture. Each
# but the picture is one write; each is a sync, a rename, a sync, and an unlink of what is left.
KILLED = {
    "write-3": "goes on after epoch 1",  # the second epoch's checkpoint is half written
    "sync-6": "goes on after epoch 2",  # and now it has its name
    "write-5": "",  # the network is half written: nothing to be trained again
    "unlink-5": "trained already",  # it is there, and so is the last checkpoint
    "write-6": "trained already",
}


@pytest.fixture(scope="module")
def remains(tmp_path_factory):
    """The folder that holds a folder of each killed run."""
    folder = tmp_path_factory.mktemp("killed")
    # What the first one has compiled, the others read.
    cache = {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("compiled")),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    ran = subprocess.run(
        [sys.executable, Path(__file__).with_name("victims.py"), folder, " ".join(SMALL), *KILLED],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | cache,
    )
    assert ran.returncode == 0, ran.stderr
    return folder


# Each step of it is tested on the training itself; here it is the command, end to end.
@pytest.mark.slow
@pytest.mark.parametrize("case", KILLED)
def test_killed_at_any_moment_it_ends_with_the_same_numbers(
    call, remains, whole, read, without_seconds, case
):
    said = call(*SMALL, "--out", remains / case, "--json", "found.json")
    assert said.status == 0
    first = (said.err.splitlines() or [""])[0] + said.out.splitlines()[0]
    assert KILLED[case] in first
    assert without_seconds(read(Path("found.json").read_text(), "train")) == whole
    assert names(remains / case) == FILES


# The how-manieth file does not fit on the disk any more, and what becomes of that.
FULL = {
    1: "checkpoint.safetensors cannot be written (No space left on device); expected a folder to",
    3: "checkpoint.safetensors cannot be written (No space left on device); expected a folder to",
    5: "network.safetensors cannot be written (No space left on device); expected a folder to",
    6: "run.json cannot be written (No space left on device); expected a file in a folder to",
}


@pytest.fixture(params=FULL)
def disk(request, monkeypatch):
    """A disk with `disk["room"]` for so many files, less one."""
    write, found = Path.write_bytes, {"room": request.param}

    def write_bytes(path, content):
        found["room"] -= 1
        if found["room"] <= 0:
            write(path, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    return found


def test_a_full_disk_is_named_and_nothing_is_lost(call, disk, whole, read, without_seconds):
    error = FULL[disk["room"]]
    said = call(*SMALL)
    assert (said.status, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith(f"error: {FOLDER / error}")
    assert not [name for name in names(FOLDER) if name.startswith(".")]
    disk["room"] = 100
    assert call(*SMALL).status == 0
    assert without_seconds(read((FOLDER / "run.json").read_text(), "train")) == whole
    assert names(FOLDER) == FILES


def test_a_damaged_checkpoint_is_named_and_left(call, make_job):
    path = FOLDER / training.CHECKPOINT
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a checkpoint")
    said = call(*SMALL)
    assert (said.status, said.out) == (2, "")
    assert said.error.startswith(f"{path} is damaged ")
    assert said.error.endswith("and run the same command again")
    assert path.read_bytes() == b"not a checkpoint"


def test_a_damaged_network_is_named_and_left(call, trained):
    FOLDER.mkdir(parents=True)
    content = (trained / networks.FILE_NAME).read_bytes()
    (FOLDER / networks.FILE_NAME).write_bytes(content[:-1])
    said = call(*SMALL)
    assert said.status == 2
    assert said.error.startswith(f"{FOLDER / networks.FILE_NAME} is damaged ")
    assert (FOLDER / networks.FILE_NAME).read_bytes() == content[:-1]


def test_a_checkpoint_of_another_shape_is_refused(call, make_job):
    training.fit(make_job(), folder="run")
    before = Path("run", training.CHECKPOINT).read_bytes()
    said = call(*SMALL[:3], "--hidden", "8", "--out", "run")
    assert (said.status, said.out) == (2, "")
    assert "is the checkpoint of another run: " in said.error
    assert "network.hidden_sizes is [16] there and [8] here" in said.error
    assert Path("run", training.CHECKPOINT).read_bytes() == before


@pytest.mark.heavy
def test_a_run_that_diverges_says_where_and_keeps_what_was(call, place, read, digits):
    (place / "cli_cube.py").write_text("def cube(x): return x**3\n")
    cube = ["--activation", "cli_cube:cube", "--hidden", "32,32,32", "--out", "run"]
    said = call("train", "--dataset", "digits", *cube, "--json", "-")
    assert said.status == 3
    found = read(said.out, "train")
    finished, step = len(found["epochs"]), found["diverged_at"]
    assert finished >= 1
    assert 4 * finished < step <= 4 * finished + 4  # in the epoch after the last finished one
    error = said.err.splitlines()[-1]
    assert error.startswith(f"error: training diverged: the loss at step {step} is not finite; the")
    assert "the best network before that is kept in run; try another activation" in error
    saved = networks.load("run")
    judged = training.evaluate(saved.network, saved.params, saved.state, digits)
    assert judged.score == found["test_accuracy"]
    assert call("train", "--dataset", "digits", *cube).status == 3  # trained already


@pytest.fixture
def own(place):
    """Writes a small data set of one's own, and gives its name."""

    def write(name, scale):
        generator = np.random.default_rng(0)
        x = generator.normal(size=(40, 8)).astype(np.float32) * np.float32(scale)
        y = np.arange(40) % 2
        np.savez(place / name, x_train=x, y_train=y, x_test=x, y_test=y)
        return name

    return write


def test_numbers_that_overflow_end_it_at_the_first_step(call, own):
    said = call("train", "--dataset", own("huge.npz", 1e25), "--hidden", "4")
    assert said.status == 3
    assert (
        "the loss at step 1 is not finite; the network before the first step is kept" in said.error
    )
    assert said.out.endswith("huge-relu-seed-42: network.safetensors, run.json\n")
    document = json.loads(Path("actscope-runs/train-huge-relu-seed-42/run.json").read_text())
    assert (document["epochs"], document["best_epoch"], document["diverged_at"]) == ([], None, 1)


def test_a_data_set_smaller_than_a_batch(call, own, read):
    said = call("train", "--dataset", own("tiny.npz", 1), "--hidden", "4", "--json", "-")
    assert said.status == 0
    assert read(said.out, "train")["recipe"]["batch_size"] == 33  # five sixths of 40


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--activation", "reluu"], "unknown activation 'reluu'"),
        (["--epochs", "-1"], "epochs = -1; expected a whole number from 1"),
        (["--patience", "0"], "patience = 0; expected a whole number from 1"),
        (["--seed", "-1"], "seed -1; expected 0 to 4294967295"),
        (["--hidden", "16,x"], "--hidden '16,x'; expected whole numbers above 0"),
        (["--hidden", "2000000"], "layers of widths (2000000, 10)"),
        (["--dataset", "digit"], "unknown data set 'digit'; expected one of"),
        (["--dataset", "missing.npz"], "missing.npz cannot be opened (No such file or directory)"),
    ],
)
def test_what_is_refused(call, place, arguments, error):
    said = call(*SMALL, *arguments)
    assert (said.status, said.out) == (2, "")
    assert said.error.startswith(error)
    assert not list(place.iterdir())


def test_without_data_it_says_where_it_looked_and_what_to_do(call, nothing_here):
    said = call("train")
    assert (said.status, said.out) == (2, "")
    assert "train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz" in said.error
    assert f"not found in {nothing_here}/fashion_mnist and " in said.error
    assert "ACTSCOPE_OFFLINE is set; unset it, or put the files from http" in said.error


def test_interrupted_while_the_data_is_read(call, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(data._load, "read_npz", interrupted)
    said = call("train", "--dataset", "my own.npz")
    assert (said.status, said.out) == (130, "")
    assert said.err.endswith("finished: actscope train --dataset 'my own.npz'\n")
