"""What a measurement was made on, for the table that stands above it."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

BUSY = 0.5  # load average of the last minute, from which on the numbers are not to be believed
_LIBRARIES = ("jax", "jaxlib", "flax", "optax", "numpy", "torch")


def machine(cores: int) -> dict[str, str]:
    """Processor, load and versions, in words."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "processor": _processor(),
        "cores": str(cores),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "load before": f"{load():.2f}" + (": busy, do not believe this" if load() > BUSY else ""),
        "system": platform.platform(),
        "Python": platform.python_version(),
        **{name: found for name in ("actscope", *_LIBRARIES) if (found := _version(name))},
        "NumPy's BLAS": f"{blas['name']} {blas['version']}",
    }


def load() -> float:
    """Processes that ran or waited to, over the last minute."""
    return os.getloadavg()[0]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def table(rows: list[list[str]]) -> str:
    """A markdown table; the first row is its head."""
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
