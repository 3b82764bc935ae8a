"""A study from its plan to its record; what is finished is never trained again."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Any

from actscope import data
from actscope._errors import ActscopeError
from actscope.data import Dataset
from actscope.study._build import job
from actscope.study._fit import check
from actscope.study._folder import Folder
from actscope.study._local import Bench, local
from actscope.study._member import Member, groups
from actscope.study._outcome import Outcome
from actscope.study._plan import Plan
from actscope.study._provenance import Origin
from actscope.study._record import Record
from actscope.study._toml import toml
from actscope.study._tuning import Choice
from actscope.study._watch import Begun, Event, Watcher
from actscope.study._width import Widths

Engine = Callable[[Sequence[Member], Bench], None]


def run(
    plan: Plan,
    out: Path | str,
    *,
    text: str | None = None,
    watcher: Watcher | None = None,
    command: str = "actscope.study.run",
    engine: Engine = local,
) -> Record:
    """Train every member of a plan that the folder does not hold yet.

    Killed at any moment, the same call goes on from there, and the record in the end is that of an
    undisturbed run. A plan of more seeds or more values than the folder's extends it.

    Args:
        plan: of the study.
        out: the study's folder, made if need be.
        text: the specification as it was given, for `study.toml`; made from the plan if None.
        watcher: is told what happens, from several threads.
        command: what began the work, for the record.
        engine: what trains the members; default: this machine.

    Returns:
        The record, with every member of the plan in it.

    Raises:
        SpecError: settings that do not go with their data.
        ActscopeError: the folder is another study's, or in use, or cannot be written to; or a
            member cannot be trained.
        KeyboardInterrupt: on Ctrl-C; the same call goes on.
    """
    datasets = load(plan)
    check(plan.spec, datasets)
    for group in groups(plan.members or plan.tuning).values():
        job(group[0], datasets[group[0].settings["dataset"]])  # a user's own code may not do
    folder = Folder(Path(out))
    with folder.alone():
        folder.prepare(text or toml(plan.spec.document()), plan.spec)
        _require_same_data(folder, datasets)
        folder.log(f"{command}: begun, specification {plan.spec.hash[:16]}")
        sums = {name: dataset.checksums for name, dataset in datasets.items()}
        origin = Origin.now(command=command, spec_hash=plan.spec.hash, datasets=sums)
        bench = _bench(folder, datasets, origin, watcher or _nobody)
        _go(plan, folder, partial(_train, folder=folder, bench=bench, engine=engine))
        folder.log("done")
    return Record.open(folder.path)


def load(plan: Plan) -> dict[str, Dataset]:
    """The data sets of a plan by their names.

    Raises:
        ActscopeError: one of them cannot be had.
    """
    return {level.value: data.load(level.value) for level in plan.spec.levels("dataset")}


def choices(plan: Plan, record: Record) -> tuple[Choice, ...]:
    """What the finished tuning of a plan has chosen; found in its record, without the data.

    Raises:
        ActscopeError: the tuning is not finished.
    """
    members = record.where(phase="tune").members
    rows = zip(*(members[name].to_pylist() for name in _JUDGED), strict=True)
    # A run that diverged has failed, however good it was before.
    scores = {name: None if diverged else score for name, score, diverged in rows}
    names = ("settings", "chance")
    chance = dict(zip(*(members[name].to_pylist() for name in names), strict=True))
    return plan.choose(scores, lambda combination: chance[combination.key])


def _require_same_data(folder: Folder, datasets: Mapping[str, Dataset]) -> None:
    """Raise if the members that are finished have learned from other files than are here now."""
    for origin in Record.open(folder.path).provenance.values():
        for name, sums in origin["datasets"].items():
            if name in datasets and dict(datasets[name].checksums) != sums:
                raise ActscopeError(
                    f"{name} has changed since members of {folder.path} learned from it",
                    expected="the same files, by their checksums",
                    do="put them back, or name another folder (--out)",
                )


_JUDGED = ("id", "validation_score", "diverged_at")


def _bench(
    folder: Folder, datasets: Mapping[str, Dataset], origin: Origin, watcher: Watcher
) -> Bench:
    def keep(outcomes: Sequence[Outcome], origin: Mapping[str, Any]) -> None:
        folder.add(outcomes, origin)
        for outcome in outcomes:
            rmtree(folder.checkpoints / outcome.id, ignore_errors=True)

    widths = Widths(folder.path / "lanes.json")
    return Bench(datasets, widths, folder.checkpoints, origin, keep, watcher)


def _go(plan: Plan, folder: Folder, train: Callable[[Sequence[Member]], None]) -> None:
    if not plan.tuning:
        train(plan.members)
        return
    train(plan.tuning)
    found = choices(plan, Record.open(folder.path))
    folder.log("; ".join(map(_told, found)))
    train(plan.compare(found))


def _train(members: Sequence[Member], *, folder: Folder, bench: Bench, engine: Engine) -> None:
    done = Record.open(folder.path).ids()
    for left in folder.checkpoints.glob("*"):
        if left.name in done:  # killed between the record and the checkpoint
            rmtree(left, ignore_errors=True)
    missing = [member for member in members if member.id not in done]
    bench.watcher(Begun(members[0].phase, len(members), len(members) - len(missing)))
    engine(missing, bench)


def _told(choice: Choice) -> str:
    edge = f", at the edge of {', '.join(choice.at_edge)}" if choice.at_edge else ""
    return f"chosen {choice.combination.key} by validation score {choice.score:.4f}{edge}"


def _nobody(event: Event) -> None:
    del event
