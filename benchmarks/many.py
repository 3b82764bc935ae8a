"""A load test: how long a plan of 10^6 members takes, and the answers and the page of 10^5.

The 10^5 members are MADE UP: nothing is trained, and no number in that record is a result. They
are drawn from the model of `_outcomes`, and written as the engine writes finished members, by
`Folder.add`, in shards of as many. What is timed are whole processes, with their peak memory:

    python benchmarks/many.py
    python benchmarks/many.py --seeds 10 --keep FOLDER  # 10^4 members, whose record is kept
"""

import argparse
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from actscope.study import Member, Outcome

_EPOCHS, _UNITS, _BINS, _SEEN = 10, 64, 50, 256
_AXES: dict[str, list[Any]] = {
    "activation": ["relu", "tanh", "swish", "elu", "gelu", "sigmoid", "leaky_relu", "softplus"],
    "depth": [2, 4, 6, 8, 10],
    "width": [_UNITS],
    "initialization": ["pytorch", "lecun_normal", "he_normal", "glorot_normal", "critical"],
    "learning_rate": [0.003, 0.01, 0.03, 0.1, 0.3],
}
_SETTINGS = 1000
_PLANNED = """
import sys
from actscope import study
from actscope.study._local import chunks
made = study.plan(study.spec({document!r}))
print(len(made.members), "members,", sum(1 for _ in chunks(made.members, 2)), "chunks")
"""


def document(seeds: int) -> dict[str, Any]:
    """The specification of a study of 1,000 settings."""
    study = {"name": "made-up", "dataset": "digits", "seeds": seeds, "epochs": _EPOCHS}
    return {"study": study, "axes": _AXES}


def distinct(settings: int) -> dict[str, Any]:
    """The specification of a study of so many settings with one seed each, a multiple of 1,000."""
    decays = [number * 1e-6 for number in range(settings // _SETTINGS)]
    return {"study": document(1)["study"], "axes": {**_AXES, "weight_decay": decays}}


def write(folder: Path, seeds: int) -> None:
    """Make up the record of a study."""
    from actscope import study
    from actscope.study._local import chunks
    from actscope.study._toml import toml

    spec = study.spec(document(seeds))
    place = study.Folder(folder)
    origin = {"actscope": "benchmarks/many.py: made up, nothing was trained", "datasets": {}}
    with place.alone():
        place.prepare(toml(spec.document()), spec)
        for number, (_, members) in enumerate(chunks(study.plan(spec).members, 2)):
            place.add(list(_outcomes(members, number)), origin)


def _outcomes(members: "Sequence[Member]", number: int) -> "Iterator[Outcome]":
    """Members that were never trained.

    The model: a score of 0.9, ± 0.03 by the setting (normal), ± 0.01 by the member; it is neared
    from chance exponentially, over two epochs or so. One in fifty diverges after four epochs.
    Moments and norms are log-normal; histograms are of normal signals, their counts ± their square
    root; a unit is dead with probability 0.05.
    """
    import numpy as np

    from actscope import study
    from actscope.training import Epoch

    rng = np.random.default_rng(number)
    draw = _Signals(rng, len(members[0].settings["hidden_sizes"]))
    for member in members:
        failed = rng.random() < 0.02
        epochs = 4 if failed else _EPOCHS
        setting = np.random.default_rng(zlib.crc32(member.combination.key.encode()))
        end = 0.9 + 0.03 * setting.standard_normal() + 0.01 * rng.standard_normal()
        scores = end - (end - 0.1) * np.exp(-np.arange(1, epochs + 1) / 2)
        rows = [Epoch(i, 1 - s, s, 1 - s, s, 0.01) for i, s in enumerate(scores.tolist(), 1)]
        yield study.Outcome(
            id=member.id,
            phase=member.phase,
            seed=member.seed,
            settings=member.combination.key,
            columns=member.columns(),
            parameters=4096 * draw.depth,
            epochs=tuple(rows),
            best_epoch=epochs,
            test_loss=1 - scores[-1],
            test_score=float(scores[-1]),
            chance=0.1,
            diverged_at=100 if failed else None,
            seconds=0.1,
            dead=tuple(rng.integers(0, 5, draw.depth).tolist()),
            units=(_UNITS,) * draw.depth,
            sites=draw.sites(epochs),
            layers=draw.layers(epochs),
        )


class _Signals:
    """What monitors could have seen, drawn anew for each member."""

    def __init__(self, rng: "np.random.Generator", depth: int):
        import numpy as np

        self.depth, self._rng = depth, rng
        z = np.linspace(-3, 3, _BINS)
        self._bell = _SEEN * _UNITS * np.exp(-z * z / 2) / np.exp(-z * z / 2).sum()
        self._bell = self._bell.astype(np.float32)
        self._root = np.sqrt(self._bell)

    def sites(self, epochs: int) -> "dict[str, dict[str, np.ndarray]]":
        """A block of rows a site."""
        return {f"act_{site}": self._site(epochs) for site in range(self.depth)}

    def layers(self, epochs: int) -> "dict[str, dict[str, np.ndarray]]":
        """A block of rows a parameter."""
        names = (f"layers.{n}.{kind}" for n in range(self.depth + 1) for kind in ("kernel", "bias"))
        fields = ("gradient_norm", "weight_rms", "update_ratio")
        return {name: self._block(epochs, fields) for name in names}

    def _block(self, epochs: int, fields: Sequence[str]) -> "dict[str, np.ndarray]":
        import numpy as np

        values = np.exp(self._rng.standard_normal((len(fields), epochs), np.float32))
        return {"epoch": np.arange(1, epochs + 1), **dict(zip(fields, values, strict=True))}

    def _site(self, epochs: int) -> "dict[str, np.ndarray]":
        import numpy as np

        numbers = ("pre_mean", "pre_variance", "post_mean", "post_variance")
        numbers += ("zero", "saturated", "gradient_rms")
        mask = self._rng.random((epochs, _UNITS), np.float32) < 0.05
        block = self._block(epochs, numbers)
        for prefix in ("", "post_", "gradient_"):
            noise = self._rng.standard_normal((epochs, _BINS), np.float32)
            counts = np.rint(self._bell + self._root * noise)
            block[f"{prefix}low"] = -block["pre_variance"]
            block[f"{prefix}high"] = block["post_variance"]
            block[f"{prefix}histogram"] = np.maximum(counts, 0).astype(np.int32)
        return {**block, "dead": mask.sum(axis=1), "dead_mask": mask}


def timed(command: Sequence[str]) -> tuple[float, float, float]:
    """Wall and CPU seconds of a process that says nothing, and GB of memory at its peak."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # or it would be waited for again
    if status:
        sys.exit(f"{' '.join(command)}: status {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    cpu = used.ru_utime + used.ru_stime
    return time.perf_counter() - start, cpu, used.ru_maxrss * unit / 1e9


def size(folder: Path) -> tuple[int, int]:
    """Files of the record, and bytes of them."""
    files = list((folder / "record").glob("*.parquet"))
    return len(files), sum(path.stat().st_size for path in files)


def measure(folder: Path, seeds: int) -> None:
    """Print a row a command."""
    here = [sys.executable, str(Path(__file__).resolve())]
    cli, place = [sys.executable, "-m", "actscope"], str(folder)
    commands = {
        "plan of 10^6 members, 1,000 settings": _plan(document(1000)),
        "plan of 10^6 members, 10^6 settings": _plan(distinct(10**6)),
        "the record, made up": [*here, "--write", place, "--seeds", str(seeds)],
        "study status": [*cli, "study", "status", place],
        "study show": [*cli, "study", "show", place],
        "study show --json": [*cli, "study", "show", place, "--json", f"{place}/answer.json"],
        "report": [*cli, "report", place],
    }
    print("| what | seconds | CPU seconds | GB at the peak |\n| --- | --- | --- | --- |")
    for name, command in commands.items():
        wall, cpu, peak = timed(command)
        print(f"| {name} | {wall:.1f} | {cpu:.1f} | {peak:.2f} |", flush=True)
    files, written = size(folder)
    members = seeds * _SETTINGS
    print(f"\n{members:,} made-up members in {files} shards: {written / members:,.0f} B each")
    print(f"the page: {(folder / 'report.html').stat().st_size / 1e6:.2f} MB")


def _plan(of: dict[str, Any]) -> list[str]:
    return [sys.executable, "-c", _PLANNED.format(document=of)]


def main() -> None:
    """Make up a record, and time what reads it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100, help="of each of 1,000 settings")
    parser.add_argument("--keep", type=Path, help="folder in which the record stays")
    parser.add_argument("--write", type=Path, help="only make up the record, in this folder")
    asked = parser.parse_args()
    if asked.write:
        write(asked.write, asked.seeds)
    elif asked.keep:
        measure(asked.keep, asked.seeds)
    else:
        with TemporaryDirectory() as folder:
            measure(Path(folder) / "study", asked.seeds)


if __name__ == "__main__":
    main()
