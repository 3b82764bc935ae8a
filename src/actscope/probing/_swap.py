"""A model with other activations, its program otherwise as it is."""

from collections.abc import Callable, Mapping
from typing import Any

from actscope.probing._followed import Following, Function
from actscope.probing._model import Model


def swapped(model: Model, instead: Mapping[str, Callable[[Any], Any]]) -> Function:
    """The model's function with others at some of its sites.

    Args:
        model: its batches have all shapes that the new function will take.
        instead: by the name of a site (of all steps of a loop), a function of its input with the
            units last, which keeps the shape.
    """
    following = Following(model.function)
    for inputs, _ in model.batches:  # what is learned is recognised by its numbers, here alone
        following(model.params, inputs)

    def function(params: Any, inputs: Any) -> Any:
        traced = following(params, inputs).traced.with_instead(instead)
        return traced.run(params, inputs)[0]

    return function
