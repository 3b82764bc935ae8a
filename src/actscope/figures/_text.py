"""Words and numbers as they stand in a figure."""

_LONGEST = 40  # characters; the longest label that fits the title of half a page's width


def plain(text: str) -> str:
    r"""Text that means nothing to mathtext, on one line, shortened in the middle if it is long.

    A `$` is written `\$`, which matplotlib draws as the sign itself.
    """
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    if len(printable) > _LONGEST:
        half = _LONGEST // 2
        printable = f"{printable[:half]}…{printable[-half:]}"
    return printable.replace("$", r"\$")


def percent(share: float) -> str:
    """A share of 1 in percent: one decimal, and never rounded to nothing or to everything."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f} %" if 0 < share < 1 else f"{100 * share:.0f} %"
