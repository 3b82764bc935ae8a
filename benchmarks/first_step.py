"""Begins a study as the command line does, and ends with its first steps; `scaling.py` times it."""

import os
import sys
from tempfile import TemporaryDirectory

from actscope.cli._devices import keep_programs, one_a_core

one_a_core()
keep_programs()  # where JAX_COMPILATION_CACHE_DIR says

from actscope import study  # noqa: E402 (jax is imported here)


def leave(event: study.Event) -> None:
    """End the process as soon as something has been trained."""
    if isinstance(event, study.Moment):
        os._exit(0)


with TemporaryDirectory() as folder:
    document = {"study": {"dataset": "digits", "seeds": 1, "epochs": 1}}
    study.run(study.plan(study.spec(document)), folder, watcher=leave)
sys.exit("nothing was trained")
