"""Writes docs/cases.md: networks of which it is known what is wrong with them.

    .venv/bin/python tools/cases.py                # a quarter of an hour on two cores

Nothing on the page but its prose is typed: the numbers are what this prints.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from actscope import activations, data, diagnosis, networks, study, theory
from actscope.diagnosis import Remedies
from actscope.probing import Finding, Model, Profile
from actscope.tutorial._measure import HIDDEN_SIZES

PAGE = Path(__file__).parents[1] / "docs" / "cases.md"
WIDTH, BATCH = 64, 128
TRIED = {"steps": 100, "screen": 2, "seeds": 6}

_HEAD = f"""# Known cases

Networks of which it is known what is wrong with them: what the rules say, what theory has to say
about it, and which change helps, in short trainings ({TRIED["steps"]} steps, chosen on
{TRIED["screen"]} seeds, confirmed on {TRIED["seeds"]} fresh ones). `tools/cases.py` makes this
page; each network stands there in a few lines.
"""


@dataclass(frozen=True)
class Case:
    """A network before the rules.

    Attributes:
        title: of the section.
        told: what is known of it.
        profile: with its findings.
        explained: what theory expects beside what was measured.
        remedies: what was tried; None: nothing is wrong.
    """

    title: str
    told: str
    profile: Profile
    explained: str
    remedies: Remedies | None


def cross_entropy(logits: Any, labels: Any) -> Any:
    """Mean cross-entropy."""
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def batches() -> list[Any]:
    """The digits."""
    digits = data.load("digits")
    train = digits.train
    x = digits.normalization(train.images).reshape(len(train), -1)
    y = np.asarray(train.labels, np.int32)
    cuts = range(0, len(x) - BATCH + 1, BATCH)
    return [(x[cut : cut + BATCH], y[cut : cut + BATCH]) for cut in cuts]


def tutorial() -> Case:
    """Ten layers of ReLU by PyTorch's default, on FashionMNIST."""
    fashion, sizes = data.load("fashion_mnist"), HIDDEN_SIZES["deep"]
    network = networks.FeedForward(activations.get("relu"), sizes, initialisation="tutorial")
    saved = study.untrained(network, fashion, 42)
    first = fashion.split("first256")
    profile = study.examine(saved, fashion, first)
    inputs = fashion.normalization(first.images).reshape(len(first.images), -1)
    foretold = theory.dead_share(
        "relu", study.in_theory(network, inputs), inputs, rng=np.random.default_rng(0)
    )
    rows = [
        f"| {site.name} | {site.dead.mean():.1%} | {share.expected:.1%} ± {share.scatter:.1%} |"
        for site, share in zip(profile.sites, foretold, strict=True)
    ]
    table = ["| site | dead | forecast for one network |", "| --- | --- | --- |", *rows]
    return Case(
        "Ten layers of ReLU: half of the units dead",
        "The tutorial's deep network as training begins, from PyTorch's default, on the first 256 "
        "examples of FashionMNIST. σ_w² is 1/3 where ReLU wants 2: examples become alike, and a "
        "unit that is dead for one is dead for all. (Its own numbers are on the page of the "
        "tutorial.)",
        profile,
        "\n".join(table),
        study.remedy(saved, fashion, profile, **TRIED),
    )


def stack(activation: str, depth: int, sigma_w: float, sigma_b: float = 0.0) -> Any:
    """A deep network in a loop, and how its parameters are drawn."""
    act = activations.get(activation)

    def init(key: Any) -> Any:
        a, b, c, d = jax.random.split(key, 4)
        return {
            "embed": jax.random.normal(a, (WIDTH, WIDTH)) * WIDTH**-0.5,
            "layers": {
                "kernel": jax.random.normal(b, (depth, WIDTH, WIDTH)) * sigma_w * WIDTH**-0.5,
                "bias": jax.random.normal(c, (depth, WIDTH)) * sigma_b,
            },
            "out": jax.random.normal(d, (WIDTH, 10)) * WIDTH**-0.5,
        }

    def function(params: Any, x: Any) -> Any:
        def layer(h: Any, each: Any) -> Any:
            return act(h @ each["kernel"] + each["bias"]), None

        return jax.lax.scan(layer, x @ params["embed"], params["layers"])[0] @ params["out"]

    return function, init


def deep(title: str, told: str, activation: str, depth: int, *sigmas: float) -> Case:
    """A deep network, and the forecast of its gradient."""
    pairs = batches()
    function, init = stack(activation, depth, *sigmas)
    profile, remedies = found(function, init, pairs)
    square = float(np.mean([np.square(x).mean() for x, _ in pairs]))
    widths = [WIDTH] * (depth + 1) + [10]
    foretold = theory.forecast(activation, theory.network(widths, theory.gaussian(*sigmas)), square)
    expected = foretold.layers[0].gradient_norm.expected
    sizes = [site.gradient.l2 for site in profile.sites if site.gradient]
    measured = sizes[0] / sizes[-1]
    explained = (
        f"Gradient at the first site by that at the last: {measured:.3g}; forecast {expected:.3g}, "
        f"a factor of {expected ** (1 / (depth - 1)):.4f} a layer. The critical start has "
        f"σ_w² = {theory.start(activation).sigma_w ** 2:.4g}, here it is {sigmas[0] ** 2:.4g}."
    )
    return Case(title, told, profile, explained, remedies)


def found(function: Any, init: Any, pairs: Any) -> tuple[Profile, Remedies | None]:
    """What is wrong with a network, and what helps it."""
    params = init(jax.random.key(1000))
    model = Model.of(function, params, pairs, cross_entropy, init, optax.adam(1e-3))
    profile = diagnosis.examined(model)
    wrong = bool(profile.findings)
    return profile, diagnosis.remedy(model, profile, **TRIED) if wrong else None


def norm(x: Any) -> Any:
    """Layer normalisation without parameters."""
    centred = x - x.mean(-1, keepdims=True)
    return centred / jnp.sqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5)


def transformer(where: str, depth: int = 24, width: int = 32) -> Any:
    """Blocks of attention and MLP; where their norms are."""
    before, behind = "before" in where, "behind" in where

    def init(key: Any) -> Any:
        def draw(key: Any, *shape: int) -> Any:
            return jax.random.normal(key, shape) * shape[-2] ** -0.5

        a, b, c, d, e, f = jax.random.split(key, 6)
        blocks = {
            "mix": {"kernel": draw(a, depth, width, 3 * width)},
            "join": {"kernel": draw(b, depth, width, width)},
            "up": {"kernel": draw(c, depth, width, 2 * width)},
            "down": {"kernel": draw(d, depth, 2 * width, width)},
        }
        return {"embed": draw(e, 8, width), "blocks": blocks, "out": draw(f, width, 10)}

    def attended(h: Any, each: Any) -> Any:
        q, k, v = jnp.split(h @ each["mix"]["kernel"], 3, axis=-1)
        weights = jax.nn.softmax(q @ k.swapaxes(1, 2) / width**0.5)
        return weights @ v @ each["join"]["kernel"]

    def mixed(h: Any, each: Any) -> Any:
        return jax.nn.gelu(h @ each["up"]["kernel"]) @ each["down"]["kernel"]

    def block(h: Any, each: Any) -> Any:
        for branch in (attended, mixed):
            h = h + branch(norm(h) if before else h, each)
            h = norm(h) if behind else h
        return h, None

    def function(params: Any, x: Any) -> Any:
        h = jax.lax.scan(block, x.reshape(-1, 8, 8) @ params["embed"], params["blocks"])[0]
        return norm(h).mean(1) @ params["out"]

    return function, init


def blocks(where: str) -> Case:
    """A transformer of 24 blocks."""
    function, init = transformer(where)
    profile, remedies = found(function, init, batches())
    sizes = [site.gradient.l2 for site in profile.sites if site.gradient]
    stds = [site.pre.std for site in profile.sites]
    explained = (
        f"At the MLP's activations, the last block by the first: gradient "
        f"{sizes[-1] / sizes[0]:.3g}, standard deviation of the input "
        f"{stds[-1] / stds[0]:.3g}. {_BLOCKS[where]}"
    )
    title = f"A transformer of 24 blocks, {where}"
    told = "Attention and MLP over the rows of the digits."
    return Case(title, told, profile, explained, remedies)


_BLOCKS = {
    "its norms behind each sum": "Each norm takes away what a branch added, and a part of the skip "
    "with it.",
    "its norms before each branch": "The skip is left alone and grows with every branch; the norm "
    "before a late block divides by that, so late blocks get smaller gradients (Xiong et al., "
    "2020).",
    "without norms in them": "Every branch adds to the variance in proportion to it: it grows by "
    "a factor a block.",
}


CASES: tuple[Callable[[], Case], ...] = (
    tutorial,
    lambda: deep(
        "Fifty layers of sigmoid",
        "Weights of variance 1/fan_in, as LeCun's start: a sigmoid's slope is ¼ at most.",
        *("sigmoid", 50, 1.0),
    ),
    lambda: deep(
        "A hundred layers of tanh in the ordered phase",
        "σ_w = 0.8: signals and gradients both shrink.",
        *("tanh", 100, 0.8),
    ),
    lambda: deep(
        "A hundred layers of tanh in the chaotic phase",
        "σ_w = 2.5: the gradient grows from layer to layer.",
        *("tanh", 100, 2.5),
    ),
    lambda: deep(
        "A hundred layers of tanh at the edge of chaos",
        "The critical start of `theory.start`.",
        *("tanh", 100, theory.start("tanh").sigma_w, theory.start("tanh").sigma_b),
    ),
    lambda: deep(
        "Thirty layers of SELU from He's start",
        "σ_w² = 2 is ReLU's; SELU wants 1 (Klambauer et al., 2017).",
        *("selu", 30, 2**0.5),
    ),
    *(partial(blocks, where) for where in _BLOCKS),
)


def section(case: Case) -> Iterator[str]:
    """A case in Markdown."""
    yield from (f"## {case.title}", "", case.told, "", "**Found**", "")
    rules: dict[str, list[Finding]] = {}
    for finding in case.profile.findings:
        rules.setdefault(finding.rule, []).append(finding)
    yield from (_line(each) for each in rules.values())
    if not rules:
        yield "Nothing."
    yield from ("", "**Explained**", "", case.explained, "")
    if case.remedies is not None:
        yield from ("**Tried**", "", *(f"- {each}" for each in case.remedies.tried))
        yield from (f"- {name}: {reason}" for name, reason in case.remedies.not_applied)
        helps = case.remedies.chosen or "nothing of that, beyond doubt"
        yield from ("", f"**Helps most** {helps}.", "")


def _line(findings: list[Finding]) -> str:
    first = findings[0]
    told = ", ".join(
        f"{name.replace('_', ' ')} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in first.evidence.items()
    )
    more = f" and {len(findings) - 1} more places" if findings[1:] else ""
    place = f" at {first.site}{more}" if first.site else ""
    return f"- `{first.rule}` ({first.severity}){place}: {told}"


def main() -> None:
    """Run all of them, and write the page."""
    lines = [_HEAD]
    for make in CASES:
        case = make()
        lines += section(case)
        print(case.title, file=sys.stderr, flush=True)
        PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
