"""What a command looks into: a network of ours, from wherever it is, or a user's own model."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actscope._errors import ActscopeError
from actscope._form import require
from actscope._target import is_target, load_target
from actscope.cli._output import messages

if TYPE_CHECKING:
    from actscope.data import Dataset
    from actscope.diagnosis import Remedies
    from actscope.networks import Saved
    from actscope.probing import Profile

UNTRAINED = "untrained"
DATASET = "fashion_mnist"


@dataclass(frozen=True, eq=False)
class Looked:
    """What was seen.

    Attributes:
        profile: with its findings.
        title: what to call it.
        saved: the network, if it is one of ours.
        remedy: tries something against the findings; as `diagnosis.remedy` of a model.
    """

    profile: "Profile"
    title: str
    saved: "Saved | None"
    remedy: "Callable[..., Remedies]"

    def remedies(self) -> "Remedies | None":
        """What was tried against the findings, in minutes; None where there are none."""
        if not self.profile.findings:
            return None
        with messages().status("trying remedies", spinner="line") as status:
            return self.remedy(watch=lambda change: status.update(f"trying {change}"))


def looked(target: str, dataset: str | None = None, split: str = "train") -> Looked:
    """Look into what a user names.

    Args:
        target: the folder of a run, a network's file, a `.tar` of the tutorial, or
            `package.module:callable`.
        dataset: what a network of ours sees; None: what it was trained on.
        split: the part of it.

    Raises:
        ActscopeError: there is nothing of the kind, or it does not fit.
    """
    if is_code(target):
        return _of_a_user(target)
    saved = _saved(target)
    return of_ours(lambda _: saved, dataset or _trained_on(saved), split)


def is_code(target: str) -> bool:
    """Whether it is a user's own code that `target` names; a file's name may have a colon too."""
    return is_target(target) and not Path(target).exists()


def of_ours(network: "Callable[[Dataset], Saved]", dataset: str, split: str) -> Looked:
    """Look into a network of ours, which may be made for the data set."""
    from actscope import data, study

    loaded = data.load(dataset)
    saved = network(loaded)
    profile = study.examine(saved, loaded, loaded.split(split))
    label = saved.network.activation.label
    title = f"{label} on {profile.examples:,} examples of {loaded.name} ({split})"
    return Looked(profile, title, saved, partial(study.remedy, saved, loaded, profile))


def _of_a_user(target: str) -> Looked:
    from actscope import diagnosis, probing

    model = probing.Model.returned_by(target, load_target(target))
    profile = diagnosis.examined(model)
    title = f"{target} on {profile.examples:,} examples"
    return Looked(profile, title, None, partial(diagnosis.remedy, model, profile))


def _saved(target: str) -> "Saved":
    """The network that a folder or a file holds."""
    from actscope import networks, tutorial

    path = Path(target)
    if path.suffix in (".tar", ".config"):
        return tutorial.load(path)
    if path.exists():
        return networks.load(path)
    raise ActscopeError(
        f"{target!r} is not there",
        expected="a run's folder, a network's file, a .tar of the tutorial, "
        f"{UNTRAINED}, or package.module:callable",
    )


def _trained_on(saved: "Saved") -> str:
    """The name of the data set that a run's notes tell of; the tutorial's where there are none."""
    told = saved.notes.get("identity", {"dataset": {}})
    try:
        require(told, {"dataset": dict}, "its notes' identity")
        dataset: dict[str, Any] = {"checksums": {}, "name": DATASET, **told["dataset"]}
        require(dataset, {"checksums": dict, "name": str}, "its notes' data set")
    except ActscopeError as error:
        raise ActscopeError(str(error), do="name the data set: --dataset NAME") from error
    for file in dataset["checksums"]:
        if file.endswith(".npz"):  # a file of one's own may be called like a known data set
            raise ActscopeError(
                f"the network was trained on {file}", do=f"say where that is: --dataset {file}"
            )
    return dataset["name"]
