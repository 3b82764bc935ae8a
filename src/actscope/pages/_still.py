"""Still pictures of charts, for where no script runs: on paper, in mail, in ten years."""

import base64
import re
from typing import Any
from urllib.parse import quote

# What the page says of the picture stands beside it, not in it.
_LOOK = {
    "aria": False,
    "background": "white",
    "view": {"stroke": None},
    "axis": {"labelLimit": 200},
}
_LIGHT = 60_000  # bytes of a drawing, beyond which a picture of dots may be smaller
_PLACES = r' (d|transform|x|y|x1|x2|y1|y2|width|height)="([^"]*)"'
_SAFE = " <>=/:;,.()'-+"  # stays readable in an address within quotes


def still(spec: dict[str, Any]) -> str:
    """The `data:` address of a picture of a chart with its data."""
    import vl_convert

    given = {**spec, "config": _LOOK}
    drawing = _coarse(_renamed(vl_convert.vegalite_to_svg(given)))
    address = f"data:image/svg+xml,{quote(drawing, safe=_SAFE)}"
    if len(address) <= _LIGHT:
        return address
    dots = base64.b64encode(vl_convert.vegalite_to_png(given, scale=1)).decode()
    return min(address, f"data:image/png;base64,{dots}", key=len)


def _renamed(drawing: str) -> str:
    """With ids that do not count what else the process has drawn: a page is the same each time."""
    ids = dict.fromkeys(re.findall(r'\bid="([a-z]+_?\d+)"', drawing))
    new = {old: f"{old.rstrip('0123456789')}{number}" for number, old in enumerate(ids)}
    if not new:
        return drawing
    known = "|".join(sorted(new, key=len, reverse=True))
    return re.sub(rf'(?<=["#])({known})(?=[")])', lambda found: new[found[0]], drawing)


def _coarse(drawing: str) -> str:
    """With places to a tenth of a pixel: half of a drawing is digits that nobody sees."""

    def rounded(found: re.Match[str]) -> str:
        places = re.sub(r"-?\d+\.\d+(e-?\d+)?", lambda x: f"{float(x[0]):.1f}", found[2])
        return f' {found[1]}="{places}"'

    return re.sub(_PLACES, rounded, drawing)
