"""Which activation a stretch of PyTorch's elementwise calls is, by its values."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from actscope.activations import Activation
from actscope.probing._response import Response, calculated, response
from actscope.pytorch._calls import torch
from actscope.pytorch._trail import Held, Node, between, evaluate, held
from actscope.sites._exclude import wild
from actscope.sites._match import GRID, match


@dataclass(frozen=True)
class Known:
    """An activation as it stands in a model.

    Attributes:
        label: what it is called.
        function: the activation itself; None if no table holds it.
        response: how it responds.
    """

    label: str
    function: Activation | None
    response: Response


class Recogniser:
    """Compares every stretch of calls once, however often it is met."""

    def __init__(self):
        self._found: dict[Any, Activation | None] = {}
        self._custom: dict[Any, Known | str] = {}

    def __call__(self, node: Node, root: Node) -> Known | None:
        """The activation of the table between two nodes; None if there is none."""
        key = _signature(node, root)
        if key is None:
            return None
        if key not in self._found:
            self._found[key] = _matching(node, root)
        found = self._found[key]
        if found is None:
            return None
        learns = any(each.learned for each in held(node, root))
        if not learns:
            return Known(found.label, found, response(found))
        return Known(found.name, found, replace(response(found), flat=()))

    def custom(self, node: Node, root: Node) -> Known | str:
        """What stands between two nodes, though no table holds it; or why it is no activation."""
        key = _signature(node, root)
        if key not in self._custom:
            values = _curve(node, root, GRID)
            if values is not None and (told := wild(values)):
                self._custom[key] = told
                return told
            names = [each.step.call.name for each in reversed(between(node, root)) if each.step]
            known = calculated(lambda x: _curve(node, root, x))
            self._custom[key] = Known(f"custom({', '.join(dict.fromkeys(names))})", None, known)
        return self._custom[key]


def _signature(node: Node, root: Node) -> Any:
    """Equal for two stretches that compute the same; None if more than `root` goes into it."""
    numbers: dict[int, int] = {id(root): 0}
    steps: list[Any] = []

    def told(each: Any) -> Any:
        if isinstance(each, Held):
            number = None if each.learned else tuple(each.value.flatten().tolist())
            return "held", each.learned, tuple(each.value.shape), number
        if not isinstance(each, Node):
            return type(each).__name__, str(each)
        if id(each) not in numbers:
            if each.step is None:
                raise LookupError
            step = each.step
            named = [(key, told(value)) for key, value in step.named.items()]
            steps.append((step.call, step.function, [*map(told, step.given)], named))
            numbers[id(each)] = len(numbers)
        return "node", numbers[id(each)]

    try:
        told(node)
    except LookupError:
        return None
    return str(steps)


def _matching(node: Node, root: Node) -> Activation | None:
    numbers = held(node, root)
    # Of numbers beside the signal that are no float32, three digits count.
    half = any(each.value.dtype in (torch().float16, torch().bfloat16) for each in numbers)
    learned = {id(each.value): each.value for each in numbers if each.learned}
    values = _curve(node, root, GRID)
    if values is None:
        return None
    given = [np.resize(_array(value).ravel(), values.shape[1]) for value in learned.values()]
    found = match(values, given or None, half=half)
    return None if found is None else found.activation


def _curve(node: Node, root: Node, x: np.ndarray) -> np.ndarray | None:
    """The values at some points in float64, a column for each of the units that learn their own."""
    units = max((each.value.numel() for each in held(node, root)), default=1)
    column = torch().from_numpy(np.repeat(np.asarray(x, np.float64)[:, None], units, axis=1))
    with torch().no_grad():
        try:
            return _array(evaluate(node, root, column))
        except (RuntimeError, TypeError):  # torch has not each function in each dtype
            return None


def _array(tensor: Any) -> np.ndarray:
    return tensor.detach().double().cpu().numpy()
