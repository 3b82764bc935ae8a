"""What one finished run gave: its record, and how it lies in a folder."""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from actscope import __version__, networks
from actscope._atomic import remove_unfinished
from actscope._errors import ActscopeError
from actscope._form import NUMBER, require
from actscope.networks import Saved
from actscope.training import Epoch, Evaluation, History

_SCHEMA = "actscope.train/1"
_FORM = {
    "identity": {"dataset": {"name": str, "checksums": dict}, "recipe": dict, "seed": int},
    "test": {"loss": NUMBER, "score": NUMBER},
    "dead": [int],
    "provenance": dict,
}


@dataclass(frozen=True, eq=False)
class Run:
    """A trained network, how it came about, and how good it is.

    Attributes:
        saved: the best network by validation accuracy.
        identity: JSON values that two jobs share only if they give the same result.
        history: of the training.
        test: loss (nats) and accuracy (a fraction of 1) of the best network on the test set.
        dead: number of dead units at each site of the best network, over the whole training set.
        provenance: versions and device.
    """

    saved: Saved
    identity: Mapping[str, Any]
    history: History
    test: Evaluation
    dead: tuple[int, ...]
    provenance: Mapping[str, str]

    @classmethod
    def open(cls, folder: Path | str) -> "Run":
        """The run in a folder, as training kept it.

        Raises:
            ActscopeError: there is none, or its file is damaged or holds a network alone.
        """
        saved = networks.load(folder)
        notes = saved.notes
        if not notes.get("history"):
            raise ActscopeError(
                f"{folder} holds a network without a training run", expected="a run"
            )
        try:
            require(notes, _FORM, "its notes")
            require([*notes["provenance"].values()], [str], "its provenance")
            history = History.of_json(notes["history"])
        except ActscopeError as error:
            raise ActscopeError(f"{folder}: {error}") from error
        return cls(
            saved=saved,
            identity=notes["identity"],
            history=history,
            test=Evaluation(notes["test"]["loss"], notes["test"]["score"]),
            dead=tuple(notes["dead"]),
            provenance=notes["provenance"],
        )

    @property
    def label(self) -> str:
        """The activation's."""
        return self.saved.network.activation.label

    @property
    def seed(self) -> int:
        """Of its first weights and of the order of its batches."""
        return self.identity["seed"]

    @property
    def seconds(self) -> float:
        """Wall time of all epochs."""
        return sum(epoch.seconds for epoch in self.history.epochs)

    def to_json(self) -> dict[str, Any]:
        """The contract's `train` object."""
        best = self.history.best
        return {
            "schema": _SCHEMA,
            "network": self.saved.network.hyperparameters(),
            "dataset": self.identity["dataset"]["name"],
            "checksums": self.identity["dataset"]["checksums"],
            "recipe": self.identity["recipe"],
            "seed": self.seed,
            "epochs": [_epoch(epoch) for epoch in self.history.epochs],
            "best_epoch": best.number if best else None,
            "validation_accuracy": best.validation_score if best else None,
            "diverged_at": self.history.diverged_at,
            "test_loss": self.test.loss,
            "test_accuracy": self.test.score,
            "dead": list(self.dead),
            "seconds": self.seconds,
            "provenance": dict(self.provenance),
        }


def _epoch(epoch: Epoch) -> dict[str, Any]:
    """Here every task is a classification, whose score is the accuracy."""
    return {key.replace("score", "accuracy"): value for key, value in asdict(epoch).items()}


def save(folder: Path, run: Run) -> None:
    """Write the run into its folder, as one file, whole or not at all.

    Raises:
        ActscopeError: the folder or the disk does not take the file.
    """
    notes = {
        "identity": dict(run.identity),
        "history": asdict(run.history),
        "test": run.test._asdict(),
        "dead": list(run.dead),
        "provenance": dict(run.provenance),
    }
    path, saved = folder / networks.FILE_NAME, run.saved
    remove_unfinished(path)
    try:
        networks.save(path, Saved(saved.network, saved.params, saved.state, notes))
    except OSError as error:
        raise ActscopeError(
            f"{path} cannot be written ({error.strerror})",
            expected="a folder to write in, with room for the file",
            do="mend that and run the same command again: nothing is trained twice",
        ) from error


def provenance(device: Any) -> dict[str, str]:
    """Versions of what computed, and on what."""
    from importlib.metadata import version

    libraries = ("jax", "jaxlib", "flax", "optax", "numpy")
    return {
        "actscope": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
        "device": f"{device.platform}: {device.device_kind}",
    }
