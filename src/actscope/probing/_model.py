"""A user's model with all that can be tried on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actscope._errors import ActscopeError
from actscope.probing._batches import Pairs
from actscope.probing._look import Loss
from actscope.probing._modules import function_of, is_module, is_unbound

_EXPECTED = "(fn, params, batches, loss), then init(key) and an optimizer if there are any"


@dataclass(frozen=True, eq=False)
class Model:
    """A function, its parameters and its data.

    Attributes:
        function: `function(params, inputs) -> outputs`.
        params: pytree of arrays.
        batches: (inputs, targets) pairs, the same each time.
        loss: `loss(outputs, targets)`, the mean over a batch; None: no gradients.
        init: `init(key) -> params`, fresh ones; None: there is no way to draw them.
        optimizer: an `optax.GradientTransformation`; None: there is none.
    """

    function: Callable[[Any, Any], Any]
    params: Any
    batches: Pairs
    loss: Loss | None = None
    init: Callable[[Any], Any] | None = None
    optimizer: Any = None

    @classmethod
    def of(cls, function: Any, params: Any, batches: Any = None, *others: Any) -> "Model":
        """The model that `probe` and a user's callable speak of.

        Args:
            function: a function of parameters and inputs, or an `nnx.Module` or `equinox.Module`.
            params: of the function; a module brings its own.
            batches: as of `probe`; with a module they may stand in place of the parameters.
            others: `loss`, `init` and `optimizer`, as far as there are any.

        Raises:
            ActscopeError: one of these is of another kind.
        """
        if is_module(function):
            if batches is None:
                params, batches = None, params
            if params is not None:
                raise ActscopeError(
                    f"params beside a {type(function).__name__}, which brings its own",
                    expected="probe(module, batches, loss=…)",
                )
            function, params = function_of(function)
        if is_unbound(function):
            raise ActscopeError(
                f"a Linen {type(function).__name__}, which is not bound to its parameters",
                expected="a function of (params, inputs)",
                do="pass its apply: probe(model.apply, variables, …)",
            )
        if not callable(function):
            raise ActscopeError(
                f"a model that is a {type(function).__name__}",
                expected="a function of (params, inputs)",
            )
        return cls(function, params, Pairs(batches), *others)

    @classmethod
    def returned_by(cls, target: str, function: Callable[[], Any]) -> "Model":
        """The model that a user's callable returns.

        Args:
            target: what the callable is called, for a message.
            function: it takes nothing and returns `(fn, params, batches, loss)`, and behind these
                `init(key)` and an optimizer if there are any.

        Raises:
            ActscopeError: it raises an error, or returns something else.
        """
        try:
            made = function()
        except ActscopeError:
            raise
        except Exception as error:
            raise ActscopeError(f"{target} raised {type(error).__name__}: {error}") from error
        if not isinstance(made, tuple) or not 3 <= len(made) <= 6:
            length = f" of {len(made)}" if isinstance(made, tuple) else ""
            raise ActscopeError(
                f"{target} returned a {type(made).__name__}{length}", expected=_EXPECTED
            )
        return cls.of(*made)
