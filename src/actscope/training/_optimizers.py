"""How gradients become steps: the table of optimizers, and that of learning-rate schedules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int

from actscope._errors import unknown

Step = Int[Any, ""]
Steps = Float[Any, ""]

_WARM = 0.05  # share of all steps in which a rate that is warmed up rises


class Settings(NamedTuple):
    """The numbers of a recipe that a compiled program takes as arguments.

    Attributes:
        learning_rate: what the schedule multiplies.
        momentum: of the optimizers that have it.
        weight_decay: see `Optimizer.decoupled`.
        gradient_clip: largest norm of the whole gradient; infinite for none.
        steps: of the whole run, the schedule's horizon.
    """

    learning_rate: Float[Any, "*lane"]
    momentum: Float[Any, "*lane"]
    weight_decay: Float[Any, "*lane"]
    gradient_clip: Float[Any, "*lane"]
    steps: Float[Any, "*lane"]


@dataclass(frozen=True)
class Optimizer:
    """A rule that makes a direction of a gradient.

    Attributes:
        name: optax's.
        direction: optax's transformation without a learning rate.
        decoupled: weight decay acts on the weights themselves, weights ← weights - learning rate ·
            weight_decay · weights, as in AdamW; else it is added to the gradient,
            weight_decay · weights, before the rule: the gradient of ½ weight_decay ‖weights‖².
    """

    name: str
    direction: Callable[[Settings], optax.GradientTransformation]
    decoupled: bool = False


def optimizers() -> tuple[str, ...]:
    """All names."""
    return tuple(_OPTIMIZERS)


def schedules() -> tuple[str, ...]:
    """All names."""
    return tuple(_SCHEDULES)


def optimizer(name: str, *, clips: bool, settings: Settings) -> optax.GradientTransformation:
    """The transformation of gradients before the learning rate; biases decay as weights do.

    Args:
        name: in the table.
        clips: whether gradients are scaled down to the norm `settings.gradient_clip`.
        settings: numbers, or traced ones.

    Raises:
        ActscopeError: there is no optimizer of that name.
    """
    if name not in _OPTIMIZERS:
        raise unknown("optimizer", name, _OPTIMIZERS)
    found = _OPTIMIZERS[name]
    parts = [found.direction(settings)]
    # Where it stands: added to the gradient, or to what the rule makes of it.
    parts.insert(int(found.decoupled), optax.add_decayed_weights(settings.weight_decay))
    if clips:
        parts.insert(0, optax.clip_by_global_norm(settings.gradient_clip))
    return optax.chain(*parts)


def learning_rate(schedule: str, step: Step, settings: Settings) -> Float[Array, ""]:
    """The learning rate of a step, counted from 0.

    Raises:
        ActscopeError: there is no schedule of that name.
    """
    if schedule not in _SCHEDULES:
        raise unknown("schedule", schedule, _SCHEDULES)
    return settings.learning_rate * _SCHEDULES[schedule](step, settings.steps)


def _constant(step: Step, steps: Steps) -> Array:
    del step
    return jnp.ones_like(steps)


def _warmup(step: Step, steps: Steps) -> Array:
    """A line from nearly 0 to 1 over the first 5 % of all steps, then 1."""
    return jnp.minimum(1.0, (step + 1) / jnp.maximum(1.0, _WARM * steps))


def _cosine(step: Step, steps: Steps) -> Array:
    """Half a cosine from 1 at the first step towards 0 after the last (Loshchilov 2017, eq. 5)."""
    return 0.5 * (1 + jnp.cos(jnp.pi * step / steps))


def _warmup_cosine(step: Step, steps: Steps) -> Array:
    """The product of the two."""
    return _warmup(step, steps) * _cosine(step, steps)


_SCHEDULES = {
    "constant": _constant,
    "cosine": _cosine,
    "warmup": _warmup,
    "warmup_cosine": _warmup_cosine,
}


def _plain(transformation: Callable[[], Any]) -> Callable[[Settings], Any]:
    """A rule whose constants are optax's defaults, which are its authors'."""
    return lambda _: transformation()


_OPTIMIZERS = {
    known.name: known
    for known in (
        Optimizer("sgd", lambda s: optax.trace(s.momentum)),
        Optimizer("nesterov", lambda s: optax.trace(s.momentum, nesterov=True)),
        Optimizer("adam", _plain(optax.scale_by_adam)),
        Optimizer("adamw", _plain(optax.scale_by_adam), decoupled=True),
        Optimizer("nadam", _plain(lambda: optax.scale_by_adam(nesterov=True))),
        Optimizer("nadamw", _plain(lambda: optax.scale_by_adam(nesterov=True)), decoupled=True),
        Optimizer("amsgrad", _plain(optax.scale_by_amsgrad)),
        Optimizer("adamax", _plain(optax.scale_by_adamax)),
        Optimizer("adabelief", _plain(optax.scale_by_belief)),
        Optimizer("radam", _plain(optax.scale_by_radam)),
        Optimizer("yogi", _plain(optax.scale_by_yogi)),
        Optimizer("adagrad", _plain(optax.scale_by_rss)),
        Optimizer("adadelta", _plain(optax.scale_by_adadelta)),
        Optimizer("rmsprop", _plain(optax.scale_by_rms)),
        Optimizer("lion", _plain(optax.scale_by_lion), decoupled=True),
        Optimizer("sign_sgd", _plain(optax.scale_by_sign)),
    )
}
