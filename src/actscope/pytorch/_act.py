"""What happened where a PyTorch model applies an activation."""

from dataclasses import dataclass
from typing import Any

from actscope.pytorch._known import Known
from actscope.pytorch._trail import Node, evaluate


@dataclass(frozen=True, eq=False)
class Act:
    """What happened at one site.

    Attributes:
        layer: the module before it.
        known: which activation acts there.
        source: the line that applies it.
        node: its output.
        root: its input.
        pre: a copy of that.
        edge: the place of its output in autograd's graph; None if it has none.
        axis: where its units stand; None: last.
    """

    layer: str
    known: Known
    source: str
    node: Node
    root: Node
    pre: Any
    edge: Any
    axis: int | None

    def apply(self, x: Any) -> Any:
        """The activation alone."""
        return evaluate(self.node, self.root, x)
