"""The tutorial's pictures, for its own networks or for anyone's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from actscope import activations, figures
from actscope.activations import Curve
from actscope.data import Dataset
from actscope.figures import LearningCurve, Scores
from actscope.probing import Profile, Signal

_IMAGES = 16

Titled = list[tuple[str, Signal]]


@dataclass(frozen=True, eq=False)
class Exhibits:
    """What the pictures show; each mapping goes from a label, and what is empty is not drawn.

    Attributes:
        dataset: whose first training images are shown.
        curves: each function with its derivative.
        gradients: profiles of untrained networks over the example batch.
        signals: profiles of trained networks over the example batch.
        dead: (dead, units) of each layer, over the whole training set.
        learning: accuracy by epoch.
        scores: test accuracies.
    """

    dataset: Dataset
    curves: Mapping[str, Curve]
    gradients: Mapping[str, Profile]
    signals: Mapping[str, Profile]
    dead: Mapping[str, Sequence[tuple[int, int]]]
    learning: Mapping[str, LearningCurve] = field(default_factory=dict[str, LearningCurve])
    scores: Mapping[str, Scores] = field(default_factory=dict[str, Scores])


def gallery(shown: Exhibits) -> Iterator[tuple[str, Figure]]:
    """Each picture, made as it is asked for, with a name that can be a file's."""
    yield "functions", figures.curves(shown.curves)
    yield "examples", _examples(shown.dataset)
    for label, profile in shown.gradients.items():
        yield (
            f"gradients-{activations.slug(label)}",
            figures.gradient_distributions(label, _weights(profile)),
        )
    if shown.learning:
        yield "learning_curves", figures.learning_curves(shown.learning)
    if shown.scores:
        yield "test_accuracy", figures.comparison(shown.scores)
    for label, profile in shown.signals.items():
        drawn = figures.activation_distributions(label, _tensors(profile))
        yield f"activations-{activations.slug(label)}", drawn
    examples = len(shown.dataset.train)
    yield "dead_units", figures.dead_units(shown.dead, examples=examples)


def _examples(dataset: Dataset) -> Figure:
    first = dataset.train.first(_IMAGES)
    names = [dataset.class_names[label] for label in first.labels]
    title, white = f"{dataset.name}: first training images", dataset.normalization.scale
    return figures.image_grid(first.images, names, white=white, title=title)


def _weights(profile: Profile) -> Titled:
    """The gradients of the weight matrices; biases are left out, as in the tutorial."""
    found = [one for one in profile.parameters if len(one.shape) > 1]
    return [(f"Layer {2 * index} – weights", one.gradient) for index, one in enumerate(found)]


def _tensors(profile: Profile) -> Titled:
    """Pre- and post-activation of every layer and the logits, numbered as in the tutorial."""
    return [
        (f"Layer {index} – {name}", found) for index, (name, found) in enumerate(_named(profile))
    ]


def _named(profile: Profile) -> Iterator[tuple[str, Signal]]:
    for site in profile.sites:
        yield "dense", site.pre
        yield site.activation, site.post
    yield "logits", profile.outputs[0]
