"""Runs that kill themselves: `victims.py FOLDER COMMAND write-3 sync-6 …`, a run in a folder each.

Nothing is tidied up after SIGKILL. One interpreter imports everything and forks for each of them;
jax starts its threads later, in the children.
"""

import os
import signal
import sys
from pathlib import Path

from actscope import _atomic, data, figures, study  # noqa: F401 (imported once for all)
from actscope.cli import main

data.load("digits")
write, sync, unlink = Path.write_bytes, _atomic._sync, Path.unlink


def run_until(where, count, folder):
    """The command in `folder`, killed when it does `where` for the `count`-th time."""
    left = [count]

    def die(*_):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def half_written(path, content):
        write(path, content[: len(content) // 2])
        die()
        write(path, content)

    if where == "write":
        Path.write_bytes = half_written
    if where == "sync":
        _atomic._sync = lambda path: (die(), sync(path))
    if where == "unlink":
        Path.unlink = lambda path, **rest: (die(), unlink(path, **rest))
    main([*sys.argv[2].split(), "--out", folder])


for case in sys.argv[3:]:
    where, count = case.split("-")
    child = os.fork()
    if not child:
        run_until(where, int(count), f"{sys.argv[1]}/{case}")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), case
    assert os.WTERMSIG(status) == signal.SIGKILL, case
