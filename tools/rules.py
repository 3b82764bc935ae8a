"""Writes docs/diagnosis.md: every rule with what it measures, and where its threshold comes from.

    .venv/bin/python tools/rules.py

A test compares the page with what this makes of the table.
"""

from pathlib import Path

from actscope.diagnosis import RULES

PAGE = Path(__file__).parents[1] / "docs" / "diagnosis.md"

_HEAD = """# What is wrong with it

`actscope.probe` and `actscope probe` end with findings. Each comes from a rule: it says where
(site and source line), on what evidence (the numbers, and the threshold beside them), why that
matters, and what to do. This page is made by `tools/rules.py` from the table of the rules,
[`actscope.diagnosis.RULES`][actscope.diagnosis.RULES].

Rules on a site read the [profile](probe.md). Others try something out on the model: gradients
with 1,024 times the loss (what comes to life had underflowed), gradients at other parameters near
these (what stays 0 is detached), the outputs of half a batch with another second half (what
changes lets examples interact), the loss of shifted outputs (what does not change takes logits),
and, given an optimizer, sixty steps.

Depth: a gradient vanishes or explodes at a *rate*. The finding shows the ratio of the first to
the last layer and the factor a layer, with a 95 % interval from Student's t over the increments
of the logarithm; where the interval holds 1 there is no finding. `poor_initialization` says what
the scale of the weights by itself makes of the gradients, √χ₁ a layer with χ₁ = σ_w² E[f'(z)²] at
the measured size of z, and speaks only where the measured gradients agree.

## Remedies that were tried

`actscope.diagnosis.remedy(model, profile)`, on the command line `--remedy`, makes each change
that may help to the model itself:

- weights re-scaled to the critical start, or drawn anew where units are copies; biases of dead
  units, of those that each start has, raised to 0.1;
- residual branches made smaller: the sums x + f(x) are found in the program, and the last weights
  (or scale) of each f, with the offsets behind them, multiplied by 1/√N for N branches, as GPT-2
  begins (Radford et al., 2019, section 2.3), or by 0 (Fixup: Zhang et al., 2019; SkipInit: De and
  Smith, 2020). A skip with a layer of its own is not recognised;
- another activation in the place of the one in the program, layer normalisation before it, no
  activation or softmax before the output, normalised inputs;
- larger and smaller steps. The critical start, and any change with which a training diverges, is
  tried with smaller steps too: where the gradient reaches every layer, a step moves them all.

Each is trained for 200 steps from the same parameters over the same batches as the model without
it, three times; the one whose loss ends lowest is trained again on ten fresh seeds, and the
difference in pairs is shown with its interval. With `init(key)` a seed draws parameters and the
order of the batches; without it only their order varies, and it says so. What could not be
applied is listed, with the reason. A run of our own is trained by its recipe, from fresh starts
and without dropout.

[Known cases](cases.md) shows that for networks of which it is known what is wrong.

## How much to trust them

Where a threshold names `benchmarks/faults`, one half of its designs was looked at for it, and
[the other half](faults.md) tells how often the rules err: with the critical start 1 of 115
healthy networks carries any finding, with other starts one in eight. There a warning tells what is
so, and Adam may train in spite of it.
"""


def page() -> str:
    """The whole page."""
    rows = [
        "| rule | severity | measures | from | threshold |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| `{rule.name}` | {rule.severity} | {_cell(rule.measures)} | {rule.threshold:g} | "
            f"{rule.origin} |"
            for rule in RULES
        ),
    ]
    advice = [f"**`{rule.name}`** {rule.why} *{_sentence(rule.advice)}*" for rule in RULES]
    return "\n".join([_HEAD, *rows, "", "## Why, and what to do", "", "\n\n".join(advice), ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}{'' if text.endswith('?') else '.'}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
