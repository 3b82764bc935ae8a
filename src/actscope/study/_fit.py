"""Whether the settings of a study go together and with its data, before anything is trained."""

from collections.abc import Iterator, Mapping

from actscope._errors import ActscopeError
from actscope.data import Dataset
from actscope.study._axes import Level
from actscope.study._design import count, design, holding
from actscope.study._problems import Problems
from actscope.study._spec import Spec

Clash = tuple[Level, Level, ActscopeError]  # the first is where the error stands

_OR = "or leave the two out by design.exclude"


def check(
    spec: Spec, datasets: Mapping[str, Dataset], *, source: str = "the specification"
) -> None:
    """Do nothing where every member can be trained.

    Args:
        spec: of the study.
        datasets: every data set of the specification, by the name that it has there.
        source: what errors call the specification.

    Raises:
        SpecError: every two settings that meet in some member and cannot.
    """
    problems, cells = Problems(), design(spec)
    for level, other, error in (*_with_data(spec, datasets), *_with_activation(spec)):
        if count(holding(cells, (level, other))):
            problems.add(_place(spec, level), error)
    problems.raise_any(source)


def _with_data(spec: Spec, datasets: Mapping[str, Dataset]) -> Iterator[Clash]:
    for level in spec.levels("dataset"):
        dataset = datasets[level.value]
        examples, shape = len(dataset.train), dataset.image_shape
        for size in spec.levels("batch_size"):
            if size.value > examples:
                most = f"at most its {examples} training examples"
                yield size, level, _clash(size, f"the data set {level.shown}", most)
        for layer in spec.levels("layer"):
            if layer.value == "convolution" and len(shape) not in (2, 3):
                images = f"images, (height, width) or (height, width, channel); its have {shape}"
                yield layer, level, _clash(layer, f"the data set {level.shown}", images)


def _with_activation(spec: Spec) -> Iterator[Clash]:
    """Initialisers that have no scale for an activation."""
    from actscope import activations
    from actscope.networks import FeedForward

    for level in spec.levels("activation"):
        function = activations.get(level.value)
        for initialization in spec.levels("initialization"):
            try:
                FeedForward(function, initialisation=initialization.value)
            except ActscopeError as error:
                without = f"{initialization.shown}: {error}"
                yield initialization, level, ActscopeError(without, do=_OR)


def _clash(level: Level, other: str, expected: str) -> ActscopeError:
    return ActscopeError(
        f"{level.shown} with {other}",
        expected=expected,
        do=f"take another, {_OR}",
    )


def _place(spec: Spec, level: Level) -> str:
    levels = spec.levels(level.axis)
    section = "axes" if level.axis in spec.axes else "design.tune"
    index = f"[{levels.index(level)}]" if len(levels) > 1 else ""
    return f"{section}.{level.axis}{index}"
