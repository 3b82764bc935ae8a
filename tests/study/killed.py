"""A study that is killed: `killed.py SPEC FOLDER NUMBER SEED`, in FOLDER until it is finished.

One interpreter imports everything and forks for each run; jax starts its threads later, in the
children. A run kills itself at a random moment: in the midst of a file, before or after one has got
its name, while a finished member's checkpoint is removed, or between two steps. NUMBER runs end so,
and one more is left alone. Each writes to FOLDER/../told what it found finished, and every epoch
that it trains.
"""

import json
import os
import random
import shutil
import signal
import sys
from pathlib import Path

from actscope import _atomic, study
from actscope.study import _engine, _local

PLAN = study.plan(study.read(sys.argv[1]))
FOLDER = Path(sys.argv[2])
write, sync = Path.write_bytes, _atomic._sync


def die_at(where, count):
    left = [count]

    def die(*_):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def half_written(path, content):
        write(path, content[: len(content) // 2])
        die()
        write(path, content)

    def half_removed(folder, **_):
        for path in folder.iterdir():
            path.unlink()
        die()
        shutil.rmtree(folder)

    if where == "write":
        Path.write_bytes = half_written
    if where == "sync":
        _atomic._sync = lambda path: (die(), sync(path))
    if where == "remove":
        _engine.rmtree = half_removed
    return die if where == "watch" else lambda _: None


def run(number, watch):
    _local._SECONDS = 0.0  # every member a shard, every epoch a checkpoint
    told = (FOLDER.parent / "told").open("a", buffering=1)

    def tell(*line):
        told.write(json.dumps([number, *line]) + "\n")

    def watcher(event):
        if isinstance(event, study.Moment):
            tell(event.member.id, event.progress.epoch)
            watch(event)

    tell(sorted(study.Record.open(FOLDER).ids()) if study.Folder(FOLDER).is_study() else [])
    study.run(PLAN, FOLDER, watcher=watcher)
    os._exit(0)


moments = random.Random(int(sys.argv[4]))
deaths = {"write": 8, "sync": 16, "remove": 2, "watch": 8}  # at most the how-manieth
for number in range(int(sys.argv[3]) + 1):
    where = moments.choice([*deaths])
    count = moments.randint(1, deaths[where])
    child = os.fork()
    if not child:
        run(number, die_at(where, count) if number < int(sys.argv[3]) else lambda _: None)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):  # it was finished before it could die, or failed
        sys.exit(os.WEXITSTATUS(status))
