"""Where the numbers of a study come from."""

import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from actscope.study import _run


@dataclass(frozen=True)
class Origin:
    """What all numbers of a run share, wherever they are computed.

    Attributes:
        git: the commit of the folder that the run began in, with `-dirty` if files have changed
            since; None outside a repository.
        command: the command line, or what else began the work.
        spec: the hash of the canonical specification.
        datasets: checksums of the files of each data set, by its name and theirs.
        started: when, UTC.
    """

    git: str | None
    command: str
    spec: str
    datasets: Mapping[str, Mapping[str, str]]
    started: str

    @classmethod
    def now(
        cls, *, command: str, spec_hash: str, datasets: Mapping[str, Mapping[str, str]]
    ) -> "Origin":
        """Of a run that begins here and now."""
        sums = {name: dict(each) for name, each in datasets.items()}
        started = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(_commit(), command, spec_hash, sums, started)

    def on(self, device: Any) -> dict[str, Any]:
        """With the versions of what computes here, and the device: all of it JSON."""
        return {
            **_run.provenance(device),
            "platform": platform.platform(),
            **asdict(self),
        }


def _commit() -> str | None:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    # To look must not take the lock of somebody's repository.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        ran = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None  # no git, no repository, no commit yet, or a very slow disk
    return ran.stdout.strip()
