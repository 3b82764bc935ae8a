"""What a member gave, once its training is over."""

from typing import Any

import jax
import numpy as np

from actscope import _archive, probing
from actscope.probing import Dead
from actscope.study._member import Member
from actscope.study._monitor import monitors
from actscope.study._outcome import Outcome
from actscope.study._tapped import Stated, Tapped, has_sites
from actscope.training import Job, Trained, evaluate


def finish(member: Member, job: Job, trained: Trained) -> Outcome:
    """Judge a trained network on the test set, and look for its dead units, where it lies."""
    history, data = trained.history, job.dataset
    test = evaluate(trained.network, trained.params, trained.state, data, task=job.task)
    dead = _dead(trained, job)
    return Outcome(
        id=member.id,
        phase=member.phase,
        seed=member.seed,
        settings=member.combination.key,
        columns=member.columns(),
        parameters=sum(np.size(array) for array in jax.tree.leaves(trained.params)),
        epochs=history.epochs,
        best_epoch=history.best.number if history.best else None,
        test_loss=test.loss,
        test_score=test.score,
        chance=job.task.chance(data),
        diverged_at=history.diverged_at,
        seconds=sum(epoch.seconds for epoch in history.epochs),
        dead=tuple(int(found.dead.sum()) for found in dead.values()),
        units=tuple(len(found.dead) for found in dead.values()),
        sites=monitors(trained.observed, "sites", list(dead)),
        layers=monitors(trained.observed, "layers", list(_archive.named(trained.params))),
    )


def _dead(trained: Trained, job: Job) -> dict[str, Dead]:
    if not has_sites(trained.network):
        return {}
    batches: Any = Stated(trained.state, job.dataset, job.dataset.train)
    return probing.dead_units(Tapped(trained.network.program), trained.params, batches)
