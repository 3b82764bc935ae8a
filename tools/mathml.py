r"""LaTeX to MathML, which browsers draw by themselves, as far as the records of activations go.

    mathml(r"\frac{1}{1 + e^{-x}}")

What it does not know it refuses, rather than leave it out.
"""

import re
from collections import deque
from collections.abc import Callable, Sequence
from html import escape

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S")
_SYMBOLS = {
    **dict(zip(("alpha", "beta", "theta", "lambda", "sigma", "pi", "Phi"), "αβθλσπΦ", strict=True)),
    **dict(zip(("le", "ge", "odot", "sim", "ldots", "int", "sum"), "≤≥⊙∼…∫∑", strict=True)),
}
_SPACES = {"\\,": "0.17em", "\\;": "0.28em"}
_FUNCTIONS = {"max", "min", "tanh", "sin", "arctan", "ln", "log"}
_LIMITS = {"\\sum"}  # of which scripts stand below and above

Tokens = deque[str]


def mathml(latex: str) -> str:
    """A formula that stands by itself, as one element.

    Raises:
        ValueError: a command that is not known here, or a group that does not end.
    """
    tokens = Tokens(_TOKEN.findall(latex))
    words = f'<math display="block">{_row(tokens)}</math>'
    if tokens:
        raise ValueError(f"{tokens[0]!r} without a beginning in {latex!r}")
    return words


def _row(tokens: Tokens, ends: Sequence[str] = ("}", "\\right", "\\end", "&", "\\\\")) -> str:
    """All up to the end of a group, which is left standing."""
    parts: list[str] = []
    while tokens and tokens[0] not in ends:
        if _named(tokens[0]) and parts and not parts[-1].endswith(("</mo>", "/>")):
            parts.append(_space("\\,"))
        parts.append(_scripted(tokens))
    return f"<mrow>{''.join(parts)}</mrow>"


def _scripted(tokens: Tokens) -> str:
    """The next thing, with what stands below and above it."""
    first = tokens[0]
    base = _atom(tokens)
    scripts = {"_": "", "^": ""}
    while tokens and tokens[0] in scripts:
        place = tokens.popleft()
        scripts[place] = _atom(tokens)
    below, above = scripts.values()
    places = ("under", "over") if first in _LIMITS else ("sub", "sup")
    tag = "m" + "".join(place for place, each in zip(places, (below, above), strict=True) if each)
    written = f"<{tag}>{base}{below}{above}</{tag}>" if below or above else base
    return written + _apart(first, tokens)


def _apart(first: str, tokens: Tokens) -> str:
    """The space between the name of a function and what it is applied to."""
    bare = tokens and tokens[0] not in ("(", ")", "\\left")
    return _space("\\,") if _named(first) and bare else ""


def _named(token: str) -> bool:
    return token.removeprefix("\\") in _FUNCTIONS or token == "\\operatorname"


def _atom(tokens: Tokens) -> str:
    token = _next(tokens)
    if token in _COMMANDS:
        return _COMMANDS[token](tokens)
    if token in _SPACES:
        return _space(token)
    if not token.startswith("\\"):
        return _sign(token)
    name = token[1:]
    if name in _FUNCTIONS:
        return f"<mi>{name}</mi>"
    if name not in _SYMBOLS:
        raise ValueError(f"{token!r} is not known here")
    tag = "mi" if _SYMBOLS[name].isalpha() else "mo"
    return f"<{tag}>{_SYMBOLS[name]}</{tag}>"


def _next(tokens: Tokens) -> str:
    if not tokens:
        raise ValueError("a formula that breaks off")
    return tokens.popleft()


def _sign(sign: str) -> str:
    if sign[0].isdigit():
        return f"<mn>{sign}</mn>"
    if sign.isalpha():
        return f"<mi>{sign}</mi>"
    if sign == "|":  # neither the left one nor the right one of a pair, to a browser
        return '<mo stretchy="false" lspace="0" rspace="0">|</mo>'
    return f"<mo>{escape(sign.replace('-', '−'))}</mo>"


def _space(token: str) -> str:
    return f'<mspace width="{_SPACES[token]}"/>'


def _group(tokens: Tokens) -> str:
    row = _row(tokens)
    _require(tokens, "}")
    return row


def _require(tokens: Tokens, *wanted: str) -> None:
    for each in wanted:
        if (found := _next(tokens)) != each:
            raise ValueError(f"{found!r} where {each!r} is due")


def _fraction(tokens: Tokens) -> str:
    return f"<mfrac>{_atom(tokens)}{_atom(tokens)}</mfrac>"


def _small_fraction(tokens: Tokens) -> str:
    return f'<mstyle displaystyle="false">{_fraction(tokens)}</mstyle>'


def _fenced(tokens: Tokens) -> str:
    left, row = _next(tokens), _row(tokens)
    _require(tokens, "\\right")
    return f"<mrow><mo>{left}</mo>{row}<mo>{_next(tokens)}</mo></mrow>"


def _name(tokens: Tokens) -> str:
    _require(tokens, "{")
    letters = ""
    while (letter := _next(tokens)) != "}":
        letters += letter
    return f"<mi>{escape(letters)}</mi>"


def _cases(tokens: Tokens) -> str:
    _require(tokens, *"{cases}")
    lines: list[str] = []
    while not lines or tokens[0] == "\\\\":
        if lines:
            _next(tokens)
        value = _row(tokens)
        _require(tokens, "&")
        lines.append(
            f'<mtr><mtd style="text-align: left">{value}</mtd>'
            f'<mtd style="text-align: left"><mtext>if\u00a0</mtext>{_row(tokens)}</mtd></mtr>'
        )
    _require(tokens, "\\end", *"{cases}")
    return f"<mrow><mo>{{</mo><mtable>{''.join(lines)}</mtable></mrow>"


_COMMANDS: dict[str, Callable[[Tokens], str]] = {
    "{": _group,
    "\\frac": _fraction,
    "\\tfrac": _small_fraction,
    "\\sqrt": lambda tokens: f"<msqrt>{_atom(tokens)}</msqrt>",
    "\\left": _fenced,
    "\\operatorname": _name,
    "\\begin": _cases,
}
