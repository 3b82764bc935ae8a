"""As many devices as cores, for work that trains several networks at a time."""

import os
import sys

_FLAG = "--xla_force_host_platform_device_count"


def one_a_core() -> None:
    """Let jax see each core as a device of its own, unless the user has set that flag himself.

    Two networks, one a core, train 1.3 times as fast as one after the other on both. A GPU, where
    jax finds one, is used as it is. Must be called before jax is imported.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if _FLAG in flags or "jax" in sys.modules:
        return
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    os.environ["XLA_FLAGS"] = f"{flags} {_FLAG}={cores or 1}".strip()
