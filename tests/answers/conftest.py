"""Studies that nobody trained: a plan's members with scores by a formula, in a real folder."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actscope import study, training
from actscope.answers._scores import Scores, scores
from actscope.study import Folder, Member, Outcome
from actscope.study._toml import toml
from actscope.training import Epoch

CHANCE = {"digits": 0.1, "fashion_mnist": 0.1, "kmnist": 0.1, "cifar10": 0.01}  # one differs
EPOCHS = 4


def _noise(member: Member) -> float:
    """A number of this member alone, about 0.01 in size."""
    return 0.01 * float(np.random.default_rng(int(member.id, 16)).normal())


@pytest.fixture(scope="session")
def noise() -> Callable[[Member], float]:
    """`noise(member)` is a number of that member alone, about 0.01 in size."""
    return _noise


def _outcome(member: Member, score: float | None) -> Outcome:
    """Of a member that rises to its score in four epochs; of one that diverged in the third."""
    failed = score is None
    reached = [0.25, 0.5] if failed else [score - 0.3, score - 0.2, score - 0.1, score + 0.02]
    task = training.task(member.settings["task"])
    return Outcome(
        id=member.id,
        phase=member.phase,
        seed=member.seed,
        settings=member.combination.key,
        columns=member.columns(),
        parameters=10,
        epochs=tuple(Epoch(n + 1, 1.0, 0.5, 1.0, each, 0.1) for n, each in enumerate(reached)),
        best_epoch=len(reached),
        test_loss=1.0,
        test_score=0.5 if failed else score,
        chance=CHANCE[member.settings["dataset"]] if task.score == "accuracy" else 0.0,
        diverged_at=99 if failed else None,
        seconds=0.4,
        dead=(),
        units=(),
        sites={},
        layers={},
    )


@pytest.fixture
def make_study(tmp_path) -> Callable[..., Path]:
    """Makes the folder of a study.

    `make_study(document, score)` holds a member for each of the plan that `score(member)` gives a
    number; None stands for one that diverged, `...` for one that is not finished.
    """

    number = count()

    def make(document: dict[str, Any], score: Callable[[Member], Any]) -> Path:
        document = {**document, "study": {"epochs": EPOCHS, **document.get("study", {})}}
        spec = study.spec(document)
        place = Folder(tmp_path / str(next(number)))
        place.record.mkdir(parents=True)
        place.spec.write_text(toml(spec.document()), "utf-8")
        plan = study.plan(spec)
        _add(place, plan.tuning, score)
        members = plan.members
        if plan.tuning:
            members = plan.compare(study.choices(plan, study.Record.open(place.path)))
        _add(place, members, score)
        return place.path

    return make


def _add(folder: Folder, members: tuple[Member, ...], score: Callable[[Member], Any]) -> None:
    scores = {member: score(member) for member in members}
    done = [_outcome(member, found) for member, found in scores.items() if found is not ...]
    for part in (done[: len(done) // 2], done[len(done) // 2 :]):
        if part:
            folder.add(part, {})


@pytest.fixture
def table(make_study) -> Callable[..., Scores]:
    """`table(document, score)` is the scores of such a study's one task."""

    def make(document: dict[str, Any], score: Callable[[Member], Any]) -> Scores:
        folder = make_study(document, score)
        spec = study.read(folder / "study.toml")
        (task,) = (level.value for level in spec.levels("task"))
        return scores(study.Record.open(folder).members, spec, task)

    return make
