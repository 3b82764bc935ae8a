"""Where the numbers of a study come from."""

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from actscope.study import _run


def provenance(
    device: Any, *, command: str, spec_hash: str, datasets: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Versions of what computes, on what, from what, where and when; all of it JSON.

    `git` is the commit of the folder that we are in, with `-dirty` if files have changed since;
    None outside a repository.

    Args:
        device: jax's, which computes.
        command: the command line, or what else began the work.
        spec_hash: of the canonical specification.
        datasets: checksums of the files of each data set, by its name and theirs.
    """
    return {
        **_run.provenance(device),
        "platform": platform.platform(),
        "git": _commit(),
        "command": command,
        "spec": spec_hash,
        "datasets": {name: dict(sums) for name, sums in datasets.items()},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
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
