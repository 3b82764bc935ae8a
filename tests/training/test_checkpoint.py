import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope import _archive
from actscope._errors import ActscopeError
from actscope.training import CHECKPOINT, fit
from actscope.training import _checkpoint as checkpoint
from actscope.training._snapshot import begin


def weights(rule, numbers, carry, inputs, targets):
    return carry.params


@pytest.fixture(scope="module")
def job(make_job):
    return make_job(epochs=2, hidden=(3,))


@pytest.fixture(scope="module")
def content(job, tmp_path_factory):
    """The bytes of a finished run's checkpoint."""
    folder = tmp_path_factory.mktemp("run")
    fit(job, folder=folder)
    return (folder / CHECKPOINT).read_bytes()


@pytest.fixture
def folder(content, tmp_path):
    (tmp_path / CHECKPOINT).write_bytes(content)
    return tmp_path


def test_what_is_saved_is_loaded(job, tmp_path):
    path = tmp_path / CHECKPOINT
    epochs = fit(job).history
    observed = {"a.b": np.arange(6.0).reshape(2, 3), "": np.array([True, False])}
    saved = replace(begin(job), history=epochs, observed=observed)
    checkpoint.save(path, job.identity(), saved)
    loaded = checkpoint.load(path, job.identity(), begin(job))
    assert loaded.history == saved.history
    for name in ("carry", "best", "observed"):
        mine, theirs = getattr(loaded, name), getattr(saved, name)
        jax.tree.map(np.testing.assert_array_equal, mine, theirs)


@settings(max_examples=150)
@given(position=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed(job, content, tmp_path_factory, position, flip):
    # The header, a fifth of the file, gets half of the changes.
    damaged = bytearray(content)
    header = int.from_bytes(content[:8], "little") + 8
    where = int(position * 2 * header) if position < 0.5 else int(position * len(content))
    damaged[where] ^= flip
    path = tmp_path_factory.getbasetemp() / "damaged.safetensors"
    path.write_bytes(damaged)
    with pytest.raises(ActscopeError, match=r"damaged\.safetensors"):
        checkpoint.load(path, {**job.identity(), "observed": False}, begin(job))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_half_a_file_is_met_with_what_to_do(job, folder, content, share):
    damaged = content[: int(share * len(content))]
    (folder / CHECKPOINT).write_bytes(damaged)
    with pytest.raises(ActscopeError, match=f"{CHECKPOINT} is damaged .*; remove it") as caught:
        fit(job, folder=folder)
    assert caught.value.status == 2
    assert (folder / CHECKPOINT).read_bytes() == damaged  # left for the user to look at


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("change", "differences"),
    [
        ({"seed": 1}, ["seed is 0 there and 1 here"]),
        (
            {"epochs": 5, "momentum": 0.5},
            ["recipe.epochs is 2 there and 5 here", "recipe.momentum is 0.9 there and 0.5 here"],
        ),
        ({"activation": "tanh"}, ["network.activation is 'relu' there and 'tanh' here"]),
        ({"hidden": (4, 3)}, [r"network.hidden_sizes is \[3\] there and \[4, 3\] here"]),
    ],
)
def test_another_job_is_refused_with_what_differs(make_job, folder, change, differences):
    other = make_job(**{"epochs": 2, "hidden": (3,), **change})
    message = f"{CHECKPOINT} is the checkpoint of another run: {'; '.join(differences)}; expected"
    with pytest.raises(ActscopeError, match=message):
        fit(other, folder=folder)


def test_another_data_set_is_refused(job, folder):
    other = replace(job, dataset=replace(job.dataset, name="other", checksums={}))
    with pytest.raises(ActscopeError, match=r"dataset\.name is 'digits' there and 'other' here"):
        fit(other, folder=folder)


def test_arrays_of_another_shape_are_refused(job, folder):
    path = folder / CHECKPOINT
    arrays, header = _archive.read(path, "actscope.checkpoint/1")
    arrays["best.params.layers.0.bias"] = np.zeros(4, np.float32)
    _archive.write(path, arrays, header)
    with pytest.raises(ActscopeError, match=r"best\.params\.layers\.0\.bias has shape \(4,\)"):
        fit(job, folder=folder)


def test_a_full_disk_leaves_the_last_checkpoint(job, tmp_path, monkeypatch):
    whole, written = Path.write_bytes, []

    def full(path, content):
        written.append(content)
        if len(written) > 2:  # before the first epoch, after the first
            whole(path, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ActscopeError, match=r"cannot be written \(No space left on device\)"):
        fit(job, folder=tmp_path)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]
    epochs = []
    resumed = fit(job, folder=tmp_path, watch=lambda progress: epochs.append(progress.epoch))
    assert set(epochs) == {2}
    jax.tree.map(np.testing.assert_array_equal, resumed.params, fit(job).params)


def test_a_folder_that_takes_no_file_shows_before_the_first_epoch(job, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(
        ActscopeError, match=r"checkpoint\.safetensors cannot be written \(File exists\)"
    ):
        fit(job, folder=tmp_path / "file", watch=lambda _: pytest.fail("it trained"))


# Runs that kill themselves: nothing is tidied up after SIGKILL. One interpreter imports everything
# and forks for each of them; jax starts its threads later, in the children.
VICTIMS = """
import os, signal, sys
from pathlib import Path
from actscope import _atomic, activations, data
from actscope.networks import FeedForward
from actscope.training import Job, Recipe, fit

dataset = data.load("digits")
write, sync = Path.write_bytes, _atomic._sync

def train_until(where, count, folder):
    left = [count]

    def die(*_):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def half_written(path, content):
        write(path, content[: len(content) // 2])
        die()
        write(path, content)

    if where == "write":
        Path.write_bytes = half_written
    if where == "sync":
        _atomic._sync = lambda path: (die(), sync(path))
    recipe = Recipe(epochs=4, batch_size=128, learning_rate=0.1)
    job = Job(FeedForward(activations.get("relu"), (16,)), dataset, recipe)
    watch = die if where == "watch" else None
    fit(job, folder=folder, observe=lambda rule, numbers, carry, *_: carry.params, watch=watch)

for case in sys.argv[2:]:
    where, count = case.split("-")
    child = os.fork()
    if not child:
        train_until(where, int(count), f"{sys.argv[1]}/{case}")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, case
"""

# What is being done for the how-manieth time when the signal comes, and the finished epochs that a
# checkpoint has kept by then. A checkpoint is one write, one sync, one rename and one more sync.
KILLED = {
    "write-1": 0,  # the very first file is half written
    "write-4": 2,
    "sync-5": 1,  # the third file is whole, but has not got its name
    "sync-6": 2,  # and now it has
    "watch-3": 1,  # in the second epoch, before its evaluation
}


@pytest.fixture(scope="module")
def remains(tmp_path_factory):
    """The folder that holds a folder of each killed run."""
    folder = tmp_path_factory.mktemp("killed")
    ran = subprocess.run(
        [sys.executable, "-c", VICTIMS, folder, *KILLED],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return folder


@pytest.fixture(scope="module")
def uninterrupted(make_job):
    return fit(make_job(epochs=4), observe=weights)


@pytest.mark.heavy
@pytest.mark.parametrize("case", KILLED)
def test_killed_at_any_moment_it_ends_with_the_same_numbers(make_job, remains, case, uninterrupted):
    folder, epochs = remains / case, []
    resumed = fit(
        make_job(epochs=4),
        folder=folder,
        observe=weights,
        watch=lambda progress: epochs.append(progress.epoch),
    )
    assert min(epochs) == KILLED[case] + 1
    assert [path.name for path in folder.iterdir()] == [CHECKPOINT]
    runs = (resumed, uninterrupted)
    trees = [(run.params, run.state, dict(run.observed)) for run in runs]
    jax.tree.map(np.testing.assert_array_equal, *trees)
    histories = [[replace(e, seconds=0.0) for e in run.history.epochs] for run in runs]
    assert histories[0] == histories[1]
