"""One job, from nothing or from where it stopped, to a run in a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax

from actscope import networks
from actscope._errors import ActscopeError
from actscope.networks import FeedForward, Saved
from actscope.study import _run
from actscope.study._probe import dead_units
from actscope.study._run import Run
from actscope.training import CHECKPOINT, Device, History, Job, Watch, evaluate, fit


def train(
    job: Job,
    folder: Path | str,
    *,
    overwrite: bool = False,
    watch: Watch | None = None,
    device: Device | None = None,
) -> Run:
    """Train a network and keep the run in `folder`; where it is there already, read it.

    Killed at any moment, the same call goes on from the last finished epoch and ends with the
    same numbers. What stood in the folder stays until the new run is finished.

    Args:
        job: all that the result depends on.
        folder: where the run lies, made if need be.
        overwrite: train anew although a trained network is there.
        watch: called while it trains.
        device: where to compute; jax's default if None.

    Raises:
        ActscopeError: the folder holds another run, or cannot be read or written; or the network
            is not one that can be kept in a file.
    """
    network, folder = job.network, Path(folder)
    if not isinstance(network, FeedForward):
        raise ActscopeError(
            f"a {type(network).__name__} to train", expected="a network that networks.save can keep"
        )
    checkpoint = folder / CHECKPOINT
    if (folder / networks.FILE_NAME).exists() and not overwrite:
        found = Run.open(folder)
        _require_same(folder, found.identity, job.identity())
        checkpoint.unlink(missing_ok=True)  # left by a run that was killed in its last moment
        return found
    trained = fit(job, folder=folder, watch=watch, device=device)
    run = _finished(job, Saved(network, trained.params, trained.state), trained.history)
    _run.save(folder, run)
    checkpoint.unlink(missing_ok=True)
    return run


def _finished(job: Job, saved: Saved, history: History) -> Run:
    data = job.dataset
    (device,) = jax.tree.leaves(saved.params)[0].devices()
    return Run(
        saved=saved,
        identity=job.identity(),
        history=history,
        test=evaluate(saved.network, saved.params, saved.state, data),
        dead=tuple(int(found.dead.sum()) for found in dead_units(saved, data).values()),
        provenance=_run.provenance(device),
    )


def _require_same(folder: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    if unlike := sorted(key for key in here if there.get(key) != here[key]):
        raise ActscopeError(
            f"{folder} holds the run of another {', '.join(unlike)}",
            expected="a folder of its own for each run",
            do="name another folder (--out), or train anew in this one (--overwrite)",
        )
