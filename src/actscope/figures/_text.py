"""Words and numbers as they stand in a figure."""

import math
from collections.abc import Iterable
from textwrap import wrap

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

_LONGEST = 40  # characters; the longest label that fits the title of half a page's width
_LETTERS = 13.5  # an inch, in the type of an axis' label
_HELD = "\xa0"  # a space at which no line is broken

POINTS = 72  # an inch


def plain(text: str, longest: int = _LONGEST) -> str:
    r"""Text that means nothing to mathtext, on one line, shortened in the middle if it is long.

    A `$` is written `\$`, which matplotlib draws as the sign itself.
    """
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    if len(printable) > longest:
        half = longest // 2
        printable = f"{printable[:half]}…{printable[-half:]}"
    return printable.replace("$", r"\$")


def percent(share: float) -> str:
    """A share of 1 in percent: one decimal, and never rounded to nothing or to everything."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def number(value: float, decimals: int, *, signed: bool = False) -> str:
    """A number with its decimals; by its exponent where they would leave nothing, or too much.

    One that is not finite is "–". The minus sign is that of the axes.
    """
    if not math.isfinite(value):
        return "–"
    usual = value == 0 or 0.5 * 10**-decimals <= abs(value) < 1e5
    kind = f".{decimals}f" if usual else ".1e"
    return format(value, f"+{kind}" if signed and value else kind).replace("-", "−")


def lines(parts: Iterable[str], inches: float) -> str:
    """One part after the other, broken between two where the label of an axis would be too wide."""
    whole = "; ".join(part.replace(" ", _HELD) for part in parts)
    broken = wrap(whole, int(_LETTERS * inches), break_long_words=False, break_on_hyphens=False)
    return "\n".join(broken).replace(_HELD, " ")


def width(text: str, size: float) -> float:
    """How wide a line is drawn, in inches.

    Args:
        text: as `plain` has it.
        size: of the font, in points.
    """
    font = FontProperties(family="sans-serif", size=size)
    points, _, _ = text_to_path.get_text_width_height_descent(text.replace(r"\$", "$"), font, False)
    return points / POINTS
