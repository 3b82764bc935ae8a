"""What jax must be told before it is imported: devices, and where compiled programs are kept."""

import hashlib
import math
import os
import platform
import sys
from pathlib import Path

_FLAG = "--xla_force_host_platform_device_count"
_CGROUP = Path("/sys/fs/cgroup/cpu.max")
_CPUINFO = Path("/proc/cpuinfo")


def one_a_core(most: int | None = None) -> None:
    """Let jax see each core as a device of its own, unless the user has set that flag himself.

    Two networks, one a core, train 1.3 times as fast as one after the other on both. A GPU, where
    jax finds one, is used as it is. Must be called before jax is imported.

    Args:
        most: devices, at most.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if _FLAG not in flags and "jax" not in sys.modules:
        os.environ["XLA_FLAGS"] = f"{flags} {_FLAG}={min(_cores(), most or sys.maxsize)}".strip()


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


def keep_programs() -> None:
    """Let jax keep what it compiles for the next command, unless the user has set that himself.

    To compile a program takes seconds, to read it a tenth of one. What was compiled for another
    processor is kept apart. Must be called before jax is imported.
    """
    if "JAX_COMPILATION_CACHE_DIR" in os.environ or "jax" in sys.modules:
        return
    import pooch

    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(Path(pooch.os_cache("actscope")) / _processor())
    # Small programs are many: together they take as long as the large ones.
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


def _processor() -> str:
    """A folder's name for programs of this kind of processor."""
    text = _CPUINFO.read_text("utf-8", "replace") if _CPUINFO.exists() else platform.processor()
    kind = sorted({line for line in text.splitlines() if line.startswith(("flags", "model name"))})
    digest = hashlib.sha256("\n".join([platform.machine(), *kind]).encode()).hexdigest()
    return f"programs-{digest[:12]}"
