"""Everything that `speed.py` times, each in a process of its own: one record each, in one table."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from workload import Member, Play

from actscope.cli._devices import _cores

CORES = _cores()  # what a study takes for the number of cores

OURS, AGAIN, BARE = "ours", "ours again", "ours without monitors"
LOOP, COMPILED = "tutorial's loop", "torch.compile"
EAGER = ("PyTorch, all threads", "PyTorch, a process a core")
LIMIT = ("NumPy's product, all threads", "NumPy's product, a process a core")


@dataclass(frozen=True)
class Contender:
    """One way to do the work.

    Attributes:
        name: how tables call it.
        module: a file of this folder, imported in the contender's own process.
        function: `with function(members, **settings) as play` compiles and warms up whatever
            members of these activations need, and `play(members)` does a round.
        settings: likewise.
        needs: modules without which it is left out.
        programs: likewise.
    """

    name: str
    module: str
    function: str = "prepare"
    settings: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """What it needs and this machine lacks."""
        lacking = [name for name in self.needs if find_spec(name) is None]
        return lacking + [name for name in self.programs if shutil.which(name) is None]

    def prepare(self, members: Sequence[Member]) -> AbstractContextManager[Play]:
        """Ready to play, until the block ends."""
        return getattr(import_module(self.module), self.function)(members, **self.settings)


_TORCH = {"module": "torch_peers", "needs": ("torch",)}

CONTENDERS = (
    Contender(OURS, "ours", settings={"monitors": True}),
    Contender(AGAIN, "ours", settings={"monitors": True}),
    Contender(BARE, "ours", settings={"monitors": False}),
    Contender(LOOP, "tutorial_loop", needs=("torch",)),
    Contender(
        EAGER[0], function="on_all_threads", settings={"cores": CORES, "compiled": False}, **_TORCH
    ),
    Contender(EAGER[1], function="in_processes", settings={"cores": CORES}, **_TORCH),
    Contender(
        COMPILED,
        function="on_all_threads",
        settings={"cores": CORES, "compiled": True},
        programs=("g++",),
        **_TORCH,
    ),
    Contender(LIMIT[0], "products", "on_all_threads", {"cores": CORES}),
    Contender(LIMIT[1], "products", "in_processes", {"cores": CORES}),
)
