"""How large the gradients of weights are before training, on given examples."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int
from scipy.special import softmax

from actscope._errors import ActscopeError
from actscope.theory._hosted import hosted
from actscope.theory._kernel import Covariance, kernel, root
from actscope.theory._layer import Layer, require_network
from actscope.theory._maps import Function


def weight_gradients(
    f: Function,
    layers: Sequence[Layer],
    inputs: Float[np.ndarray, "example feature"],
    labels: Int[np.ndarray, " example"],
    *,
    rng: np.random.Generator,
    draws: int = 400,
) -> tuple[float, ...]:
    """Root mean square of a weight's gradient in each layer, over networks, in wide ones.

    The gradient is that of the mean cross-entropy of all examples. So it is a sum over examples,
    whose signals and whose gradients are correlated: over pairs of examples, its mean square is the
    sum of E[h h'] E[δ δ'], h being what the layer reads and δ the gradient with respect to what
    it makes. The first goes from layer to layer as in `forecast`, the second back, as
    σ² E[f'(z) f'(z')] (Schoenholz et al. 2017, section 4), from what the softmax of normal outputs
    makes of the labels.

    Args:
        f: the activation function.
        layers: the hidden ones and the output layer, in the order of the signal.
        inputs: the examples, as the network gets them; the work grows with their number's square.
        labels: the class of each, from 0.
        rng: of the outputs that are drawn.
        draws: how many networks' outputs are drawn.

    Raises:
        ActscopeError: the layers do not fit together or the examples do not fit them, or f is no
            fixed function of one number.
    """
    require_network(layers)
    host, count = hosted(f), len(inputs)
    if inputs.shape[1:] != (layers[0].fan_in,) or labels.shape != (count,):
        raise ActscopeError(
            f"inputs of shape {inputs.shape} and labels of shape {labels.shape}",
            expected=f"inputs of {layers[0].fan_in} numbers and a label each",
        )
    if not 0 <= labels.min() <= labels.max() < layers[-1].fan_out:
        raise ActscopeError(
            f"labels from {labels.min()} to {labels.max()}",
            expected=f"those of {layers[-1].fan_out} outputs",
        )
    read = [inputs.astype(np.float64) @ inputs.T.astype(np.float64) / inputs.shape[1]]
    back: list[Covariance] = []  # of f', at each hidden layer
    for layer in layers[:-1]:
        pre = layer.gain * read[-1] + layer.bias_variance
        back.append(kernel(replace(host, value=host.slope), pre))
        read.append(kernel(host, pre))
    made = layers[-1].gain * read[-1] + layers[-1].bias_variance
    error = _errors(made, labels, layers[-1].fan_out, rng, draws)
    squares = [float((read[-1] * error).sum())]
    for after, slopes, signal in reversed(list(zip(layers[1:], back, read[:-1], strict=True))):
        error = after.fan_out * after.weight_variance * slopes * error
        squares.append(float((signal * error).sum()))
    return tuple(np.sqrt(squares[::-1]).tolist())


def _errors(
    covariance: Covariance,
    labels: np.ndarray,
    classes: int,
    rng: np.random.Generator,
    draws: int,
) -> Covariance:
    """E[δ δ'] of one output, δ = (softmax - label)/examples, for each pair of examples."""
    count = len(labels)
    mixing = root(covariance)
    wanted = np.eye(classes)[labels]
    total = np.zeros((count, count))
    for _ in range(draws):
        off = softmax(mixing @ rng.standard_normal((count, classes)), axis=1) - wanted
        total += off @ off.T
    return total / (draws * classes * count**2)
