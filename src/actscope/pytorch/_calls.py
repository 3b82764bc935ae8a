"""PyTorch's functions by what they do: activations, arithmetic, what is not elementwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from actscope._errors import ActscopeError

# Where one of these acts on a signal, an activation stands.
ACTING = frozenset({
    "arctan", "atan", "celu", "clamp", "clamp_max", "clamp_min", "clip", "elu", "erf", "expit",
    "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "logsigmoid",
    "maximum", "max", "minimum", "min", "mish", "prelu", "relu", "relu6", "rrelu", "selu",
    "sigmoid", "silu", "sin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink",
    "threshold", "where",
})  # fmt: skip
# Of these, together or with the former, activations are written that have no function of their own.
_BENDING = frozenset({
    "abs", "addcmul", "exp", "expm1", "exp2", "ge", "gt", "le", "log", "log1p", "lt", "pow",
    "reciprocal", "rsqrt", "sqrt", "square",
})  # fmt: skip
_STRAIGHT = frozenset({
    "add", "clone", "contiguous", "div", "divide", "double", "float", "full_like", "mul",
    "multiply", "neg", "negative", "ones_like", "sub", "subtract", "true_divide", "zeros_like",
})  # fmt: skip
_OPERATORS = {
    "__add__": "add", "__radd__": "add", "__sub__": "sub", "__rsub__": "sub", "__mul__": "mul",
    "__rmul__": "mul", "__truediv__": "div", "__rtruediv__": "reciprocal", "__pow__": "pow",
    "__rpow__": "pow", "__neg__": "neg", "__gt__": "gt", "__ge__": "ge", "__lt__": "lt",
    "__le__": "le", "__iadd__": "add", "__isub__": "sub", "__imul__": "mul", "__itruediv__": "div",
    "__rdiv__": "reciprocal", "__div__": "div", "rsub": "sub", "special_expit": "expit",
}  # fmt: skip

_SOFTMAX = "a softmax: not elementwise"
_LOGSUMEXP = "a logsumexp, as in a log_softmax: not elementwise"
LARGEST = "the largest of several numbers (maxout, pooling): not elementwise"
_SOME = "some of several numbers by their order: not elementwise"
_WITHIN = "within {}, into which the probe does not look"
_POOLS = [
    f"{kind}max_pool{d}d{more}"
    for d in (1, 2, 3) for kind in ("", "adaptive_") for more in ("", "_with_indices")
]  # fmt: skip
CLOSED = {
    **dict.fromkeys(("softmax", "softmin", "gumbel_softmax"), _SOFTMAX),
    **dict.fromkeys(("log_softmax", "logsumexp"), _LOGSUMEXP),
    **dict.fromkeys(("multi_head_attention_forward", "scaled_dot_product_attention"), _SOFTMAX),
    **dict.fromkeys(("max", "min", "amax", "amin", "cummax", "cummin"), LARGEST),
    **dict.fromkeys(_POOLS, LARGEST),
    **dict.fromkeys(("topk", "sort", "kthvalue", "median"), _SOME),
    "glu": "one half gates the other (glu): not elementwise",
    **{each: _WITHIN.format(each) for each in ("lstm", "gru", "rnn_tanh", "rnn_relu")},
    **{f"{each}_cell": _WITHIN.format(each) for each in ("lstm", "gru", "rnn_tanh", "rnn_relu")},
}  # fmt: skip
TENSORS = "its settings are tensors: not elementwise"
TRANSFORMED = "within a transform of torch.func, into which the probe does not look"
RANDOM = "it draws random numbers"
OWN = "within {}, a function that brings its own derivative"
SCRIPTED = "within TorchScript, into which the probe does not look"
DIVIDES = "what it makes divides, or goes into a root or a logarithm: a guarded norm"

_LAST = ("linear", "bilinear", "embedding", "layer_norm", "rms_norm", "matmul", "addmm", "mm")
_SECOND = ("batch_norm", "instance_norm", "group_norm")
_CONVOLUTIONS = tuple(f"conv{way}{d}d" for d in (1, 2, 3) for way in ("", "_transpose"))
MOVING = frozenset({
    "permute", "transpose", "swapaxes", "swapdims", "movedim", "moveaxis", "t", "T", "mT",
})  # fmt: skip
QUIET = frozenset({"expand", "expand_as", "unsqueeze", "squeeze", "view", "reshape", "__getitem__"})
_ROOTS = frozenset({"sqrt", "rsqrt", "log", "reciprocal"})


@cache
def torch() -> Any:
    """PyTorch, which nothing else here needs.

    Raises:
        ActscopeError: it is not installed.
    """
    try:
        return import_module("torch")
    except ImportError as error:
        raise ActscopeError(
            "PyTorch is not installed", do="pip install 'actscope[torch]'"
        ) from error


@dataclass(frozen=True)
class Call:
    """A function of PyTorch.

    Attributes:
        name: what it is called, without the `_` of one that writes into its operand.
        inplace: it does that.
    """

    name: str
    inplace: bool = False

    @property
    def elementwise(self) -> bool:
        """It makes one number of one number, or of two."""
        return self.name in ACTING or self.name in _BENDING or self.name in _STRAIGHT

    @property
    def bends(self) -> bool:
        """What it makes is no straight line."""
        return self.name in ACTING or self.name in _BENDING

    def divides(self, position: int) -> bool:
        """Whether it divides by its operand there, or takes a root or a logarithm of it."""
        return self.name in _ROOTS or (self.name in ("div", "true_divide") and position == 1)

    def axis(self, output: Any, weights: list[Any]) -> int | None:
        """Where the units of its output stand; None if it lays none out."""
        if self.name in _LAST:
            return output.ndim - 1
        if self.name in _SECOND:
            return min(1, output.ndim - 1)
        if self.name in _CONVOLUTIONS and weights:
            return output.ndim - max(weight.ndim for weight in weights) + 1
        return None


_UNKNOWN = Call("")


def call_of(function: Any) -> Call:
    """Which function one is; one without a name if it is of no account here."""
    try:
        return _known().get(function, _UNKNOWN)
    except TypeError:  # it has no hash
        return _UNKNOWN


@cache
def _known() -> dict[Any, Call]:
    return dict(_all())


def _all() -> Iterator[tuple[Any, Call]]:
    t = torch()
    homes = (t, t.nn.functional, t.Tensor, t.special, t._C._nn, t._VF)
    names = {*ACTING, *_BENDING, *_STRAIGHT, *CLOSED, *_LAST, *_SECOND, *_CONVOLUTIONS}
    names |= {*MOVING, *QUIET, *_ROOTS}
    told = {name: name for name in names} | _OPERATORS
    told |= {"log_sigmoid": "logsigmoid", "_threshold": "threshold"}
    for spelt, name in told.items():
        for ending in ("", "_"):
            for home in homes:
                found = getattr(home, spelt + ending, None)
                if found is not None:
                    inplace = bool(ending) or spelt.startswith("__i")
                    yield (
                        getattr(found, "__get__", found) if _is_property(found) else (found),
                        Call(name, inplace),
                    )


def _is_property(found: Any) -> bool:
    return type(found).__name__ == "getset_descriptor"


def is_writing(call: Call, arguments: dict[str, Any], given: tuple[Any, ...]) -> bool:
    """Whether this call of it writes into its operand: `F.relu(x, inplace=True)`."""
    if call.inplace or arguments.get("inplace"):
        return True
    # Handed on by torch's own modules: F.relu(x, True) too.
    return call.name in _SWITCHED and any(each is True for each in given[1:])


_SWITCHED = frozenset({
    "celu", "elu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "mish", "relu", "relu6",
    "selu", "silu", "threshold",
})  # fmt: skip
