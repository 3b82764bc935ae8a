"""Still pictures of charts, for where no script runs: on paper, in mail, in ten years."""

import base64
import re
from typing import Any

_LOOK = {"background": "white", "view": {"stroke": None}, "axis": {"labelLimit": 200}}
_LIGHT = 40_000  # bytes of a drawing, beyond which a picture of dots may be smaller


def still(spec: dict[str, Any]) -> str:
    """The `data:` address of a picture of a chart with its data."""
    import vl_convert

    given = {**spec, "config": _LOOK}
    drawing = _renamed(vl_convert.vegalite_to_svg(given)).encode()
    if len(drawing) <= _LIGHT:
        return _address("image/svg+xml", drawing)
    dots = vl_convert.vegalite_to_png(given, scale=1)
    return min(_address("image/svg+xml", drawing), _address("image/png", dots), key=len)


def _renamed(drawing: str) -> str:
    """With ids that do not count what else the process has drawn: a page is the same each time."""
    ids = dict.fromkeys(re.findall(r'\bid="([a-z]+_?\d+)"', drawing))
    new = {old: f"{old.rstrip('0123456789')}{number}" for number, old in enumerate(ids)}
    if not new:
        return drawing
    known = "|".join(sorted(new, key=len, reverse=True))
    return re.sub(rf'(?<=["#])({known})(?=[")])', lambda found: new[found[0]], drawing)


def _address(kind: str, content: bytes) -> str:
    """A `data:` address."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
