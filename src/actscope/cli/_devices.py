"""As many devices as cores, for work that trains several networks at a time."""

import math
import os
import sys
from pathlib import Path

_FLAG = "--xla_force_host_platform_device_count"
_CGROUP = Path("/sys/fs/cgroup/cpu.max")


def one_a_core() -> None:
    """Let jax see each core as a device of its own, unless the user has set that flag himself.

    Two networks, one a core, train 1.3 times as fast as one after the other on both. A GPU, where
    jax finds one, is used as it is. Must be called before jax is imported.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if _FLAG not in flags and "jax" not in sys.modules:
        os.environ["XLA_FLAGS"] = f"{flags} {_FLAG}={_cores()}".strip()


def _cores() -> int:
    """Cores that this process is bound to, and no more than its container may use."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(bound or 1, _quota(_CGROUP))


def _quota(path: Path) -> int:
    """Cores' worth of time in a file of Linux's cgroup 2: microseconds, and in how many of them."""
    try:
        time, period = (int(word) for word in path.read_text().split())
    except (OSError, ValueError):  # no such file, or the word "max"
        return sys.maxsize
    return max(1, math.ceil(time / period))
