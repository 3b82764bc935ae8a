"""All rules, in one table."""

from actscope._errors import unknown
from actscope.diagnosis import _depth, _learning, _set_up, _units
from actscope.diagnosis._rule import Rule

_EXACT = "exact: there is nothing to calibrate"
_CHOSEN = "chosen; no miss and no false alarm at it on one half of benchmarks/faults"
# The even half of benchmarks/faults: 197 healthy networks of 40 designs, with five starts each, and
# 646 others. The odd half tells how they do: docs/faults.md.
_HALF = "amid the range without a miss or a false alarm on one half of benchmarks/faults"
_FEWEST = "no miss on one half of benchmarks/faults, and few false alarms there"
_BETWEEN = "between some misses and some false alarms on one half of benchmarks/faults"

RULES = (
    Rule(
        name="diverged",
        measures="values that are not finite, at the first place in the order of the signal",
        threshold=0,
        origin=_EXACT,
        severity="error",
        why="Everything after a value that is not finite is lost, and so is every gradient.",
        advice="lower the learning rate or clip the gradient; look at what enters this place",
        find=_learning.diverged,
    ),
    Rule(
        name="dead_units",
        measures="share of a site's units whose local derivative is 0 in every example",
        threshold=0.25,
        origin=_FEWEST,
        severity="warning",
        why="A dead unit passes no gradient: the weights into it never change again.",
        advice="critical initialisation, biases at 0, a lower learning rate, or an activation with "
        "a slope everywhere (leaky_relu, elu, gelu)",
        find=_units.dead,
    ),
    Rule(
        name="saturated_units",
        measures="share of examples where |f'| is under 5 % of its supremum",
        threshold=0.5,
        origin=_FEWEST,
        severity="warning",
        why="Where the activation is flat hardly any gradient gets through.",
        advice="smaller weights (critical initialisation), or normalisation before the activation",
        find=_units.saturated,
    ),
    Rule(
        name="vanishing_gradient",
        measures="norm of the gradient at the first hidden site by that at the last",
        threshold=0.005,
        origin=_FEWEST,
        severity="warning",
        why="The first layers learn that many times more slowly than the last.",
        advice="critical initialisation, normalisation, skips, or an activation of larger slope",
        find=_depth.vanishing_gradient,
    ),
    Rule(
        name="exploding_gradient",
        measures="norm of the gradient at the first hidden site by that at the last",
        threshold=40,
        origin=_HALF,
        severity="warning",
        why="A step that suits the last layers throws the first ones far off.",
        advice="critical initialisation, normalisation, smaller residual branches, or clipping",
        find=_depth.exploding_gradient,
    ),
    Rule(
        name="vanishing_signal",
        measures="root mean square of the pre-activations at the last hidden site by the first",
        threshold=0.02,
        origin=_FEWEST,
        severity="warning",
        why="The output hardly depends on the input.",
        advice="critical initialisation or normalisation",
        find=_depth.vanishing_signal,
    ),
    Rule(
        name="exploding_signal",
        measures="root mean square of the pre-activations at the last hidden site by the first",
        threshold=30,
        origin=_HALF,
        severity="warning",
        why="The loss begins huge, and the first steps with it.",
        advice="critical initialisation, normalisation, or smaller residual branches",
        find=_depth.exploding_signal,
    ),
    Rule(
        name="collapsed_correlation",
        measures="1 - mean cosine between the pre-activations of two examples, at the last site",
        threshold=0.01,
        origin=_BETWEEN,
        severity="warning",
        why="All examples look alike to the last layers: there is nothing to tell apart.",
        advice="initialise at the edge of chaos, fewer layers, or skips",
        find=_depth.collapsed_correlation,
    ),
    Rule(
        name="poor_initialization",
        measures="factor, either way, that the weights' scale makes of the gradient's norm in all",
        threshold=200,
        origin=_FEWEST,
        severity="warning",
        why="Each layer shrinks or stretches what passes, and depth multiplies that.",
        advice="draw the weights with the critical gain: actscope.theory.initializer(activation)",
        find=_depth.poor_initialization,
    ),
    Rule(
        name="identical_units",
        measures="share of the units with the weights of another, or with a correlation beyond "
        "±0.999 to another",
        threshold=0.1,
        origin=_HALF,
        severity="warning",
        why="Units that say the same get the same gradient, and stay the same.",
        advice="draw the weights at random; not constants, nor copies",
        find=_units.identical,
    ),
    Rule(
        name="update_ratio",
        measures="factor, either way, between 1e-3 and the update by the weights as training began "
        "(root mean squares)",
        threshold=20,
        origin=_BETWEEN,
        severity="warning",
        why="Steps this small change nothing in time; steps this large forget what was learned.",
        advice="a larger learning rate where the ratio is small, a smaller one where it is large",
        find=_learning.update_ratio,
    ),
    Rule(
        name="not_learning",
        measures="relative fall of the loss in a short training, on batches that it has seen",
        threshold=0.02,
        origin=_HALF,
        severity="warning",
        why="The network does not get on, not even with examples that it has met.",
        advice="read the other findings first; then another learning rate",
        find=_learning.not_learning,
    ),
    Rule(
        name="output_activation",
        measures="what the loss does with the outputs, and share of targets out of their reach",
        threshold=0.05,
        origin=_CHOSEN,
        severity="error",
        why="The loss expects numbers of any size here, and can't get them.",
        advice="no activation before the output",
        find=_set_up.output_activation,
    ),
    Rule(
        name="unnormalized_input",
        measures="size of the inputs, its reciprocal, or their mean by their deviation",
        threshold=6,
        origin=_HALF,
        severity="warning",
        why="The first layer's signals and gradients are as far off as its inputs.",
        advice="take off the mean and divide by the standard deviation",
        find=_set_up.unnormalized_input,
    ),
    Rule(
        name="gradient_underflow",
        measures="share of a parameter's gradient that is 0, and is not with 1,024 times the loss",
        threshold=0.02,
        origin=_CHOSEN,
        severity="warning",
        why="Gradients that are too small for the precision are lost.",
        advice="scale the loss, or use bfloat16, which has the range of float32",
        find=_set_up.gradient_underflow,
    ),
    Rule(
        name="detached_parameters",
        measures="gradients that are exactly 0, also with other numbers for the parameters",
        threshold=0,
        origin=_EXACT,
        severity="error",
        why="What no gradient reaches never learns.",
        advice="is it used, behind a stop_gradient, or behind a rounding?",
        find=_set_up.detached_parameters,
    ),
    Rule(
        name="normalization_mode",
        measures="change of the outputs of half a batch as the other half changes, by their std",
        threshold=1e-2,
        origin=_CHOSEN,
        severity="warning",
        why="What a network says of an example should not depend on its neighbours.",
        advice="use running statistics (train=False), once training has made them",
        find=_set_up.normalization_mode,
    ),
)


def rule(name: str) -> Rule:
    """The rule of a name.

    Raises:
        ActscopeError: there is none.
    """
    for each in RULES:
        if each.name == name:
            return each
    raise unknown("rule", name, (each.name for each in RULES))
