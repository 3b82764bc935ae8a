"""One batch through a function that shows its sites: every signal at each of them."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from actscope.probing._opened import Opened
from actscope.probing._trainable import joined, trainable
from actscope.sites import Acted

Loss = Callable[[Any, Any], jax.Array]


class Seen(NamedTuple):
    """What one batch shows; without a loss, no gradients.

    Attributes:
        acted: what happened at every site.
        gradients: of each example's own loss with respect to the input of every site.
        outputs: the function's, as it gives them.
        loss: mean over the batch.
        hits: examples whose largest output is the target; None where targets are not classes.
        parameter_gradient: of `loss`, shaped like the parameters; None for each that cannot be
            trained.
    """

    acted: dict[str, Acted]
    gradients: dict[str, Float[Array, "..."]] | None
    outputs: Any
    loss: Float[Array, ""] | None
    hits: Int[Array, ""] | None
    parameter_gradient: Any

    def gradient(self, site: str) -> Float[Array, "..."] | None:
        """That of a site; None without a loss."""
        return None if self.gradients is None else self.gradients[site]


def see(opened: Opened, loss: Loss | None, params: Any, inputs: Any, targets: Any) -> Seen:
    """Everything that one batch shows, as part of whatever program is being traced."""
    if loss is None:
        outputs, acted = opened.run(params, inputs, None)
        return Seen(acted, None, outputs, None, _hits(outputs, targets), None)
    learning, fixed = trainable(params)

    def run(learning: Any, witnesses: dict[str, jax.Array]) -> Any:
        outputs, acted = opened.run(joined(learning, fixed), inputs, witnesses)
        return loss(outputs, targets), (outputs, acted)

    places = opened.places(params, inputs)
    witnesses = {place.name: jnp.zeros(place.shape, place.dtype) for place in places}
    differentiated = jax.value_and_grad(run, argnums=(0, 1), has_aux=True)
    (value, (outputs, acted)), (gradient, cotangents) = differentiated(learning, witnesses)
    examples = count((inputs, targets))
    gradients = {name: _own(cotangent, examples) for name, cotangent in cotangents.items()}
    return Seen(acted, gradients, outputs, value, _hits(outputs, targets), gradient)


@partial(jax.jit, static_argnames=("opened", "loss"))
def look(opened: Opened, loss: Loss | None, params: Any, batch: Any) -> Seen:
    """As `see`, as a program of its own."""
    return see(opened, loss, params, *batch)


@partial(jax.jit, static_argnames=("opened", "loss", "slopes"))
def look_again(
    opened: Opened, loss: Loss | None, params: Any, batch: Any, *, slopes: bool = False
) -> Seen:
    """Without the parameters' gradients, or the products that only these need; mostly no slopes."""
    shown = see(opened, loss, params, *batch)
    return signals_only(shown, slopes=slopes)._replace(loss=shown.loss)


def signals_only(shown: Seen, *, slopes: bool = False) -> Seen:
    """Without the loss and the parameters' gradients."""
    acted = shown.acted
    if not slopes:
        acted = {name: each._replace(slope=None) for name, each in acted.items()}
    return Seen(acted, shown.gradients, shown.outputs, None, None, None)


def count(batch: Any) -> int:
    """Number of examples: the length that most leaves have, of a tie the first; 1 if none has any.

    A mask or a table may stand beside the examples, and a raw random key, which has no length.
    """
    leaves = [leaf for leaf in jax.tree.leaves(batch) if jnp.ndim(leaf)]
    lengths = Counter(x.shape[0] for x in leaves if x.shape != (2,) or x.dtype != jnp.uint32)
    return lengths.most_common(1)[0][0] if lengths else 1


def floating(tree: Any) -> list[jax.Array]:
    """The leaves of a pytree that hold floating numbers."""
    leaves = map(jnp.asarray, jax.tree.leaves(tree))
    return [leaf for leaf in leaves if jnp.issubdtype(leaf.dtype, jnp.floating)]


def _own(cotangent: jax.Array, examples: int) -> jax.Array:
    """The gradient of each example's own loss: the mean loss divides it by their number."""
    # In half precision the product might overflow.
    return cotangent.astype(jnp.promote_types(cotangent.dtype, jnp.float32)) * examples


def _hits(outputs: Any, targets: Any) -> jax.Array | None:
    if not isinstance(outputs, jax.Array) or not hasattr(targets, "dtype"):
        return None
    classes = jnp.issubdtype(targets.dtype, jnp.integer)
    if not classes or outputs.ndim != 2 or targets.shape != outputs.shape[:1]:
        return None
    return (outputs.argmax(axis=-1) == targets).sum()
