"""Writers of a record that are killed: `writers.py FOLDER`, twenty of them in one folder.

One interpreter imports everything and forks for each. Bytes come slowly, so that a kill at a random
moment after the first shard falls into the middle of a file more often than not; the first writer
kills itself there, so that it happens at all.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from actscope.study._folder import Folder
from actscope.study._outcome import Outcome
from actscope.training import Epoch

EPOCHS, PIECE = 10, 512
folder = Folder(Path(sys.argv[1]))


def slowly(path, content):
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(content), PIECE):
            file.write(content[start : start + PIECE])
            time.sleep(0.0005)


def half(path, content):
    if folder.shards():
        path.write_text("half a")
        os.kill(os.getpid(), signal.SIGKILL)
    slowly(path, content)


def outcome(name):
    settings = {"phase": "compare", "settings": json.dumps({}), "columns": {}, "parameters": 1}
    epochs = tuple(Epoch(n + 1, 1.0, 0.5, 1.0, 0.5, 0.1) for n in range(EPOCHS))
    scores = {"best_epoch": 1, "test_loss": 1.0, "test_score": 0.5, "chance": 0.1}
    end = {"diverged_at": None, "seconds": 1.0, "dead": (), "units": (), "sites": {}}
    layer = dict.fromkeys(("gradient_norm", "weight_rms", "update_ratio"), np.ones(EPOCHS))
    layers = {f"layers.{i}": {"epoch": np.arange(EPOCHS), **layer} for i in range(20)}
    return Outcome(id=name, seed=0, epochs=epochs, layers=layers, **settings, **scores, **end)


def write(writer):
    Path.write_bytes = slowly if writer else half
    for shard in range(10_000):
        folder.log(f"writer {writer} begins shard {shard}")
        folder.add([outcome(f"{writer}-{shard}-{member}") for member in range(3)], {})


moments = random.Random(0)
for writer in range(20):
    before = len(folder.shards())
    child = os.fork()
    if not child:
        write(writer)
    while len(folder.shards()) <= before:
        time.sleep(0.001)
    time.sleep(moments.uniform(0, 0.05))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), status  # it did not end by an error of its own
