"""Still pictures of charts, for where no script runs: on paper, in mail, in ten years."""

import base64
import re
from typing import Any
from urllib.parse import quote

_LOOK = {"background": "white", "view": {"stroke": None}, "axis": {"labelLimit": 200}}
_LIGHT = 60_000  # bytes of a drawing, beyond which a picture of dots may be smaller
_HEAVY = 20 * _LIGHT  # beyond which it is
_PLACES = r' (d|transform|x|y|x1|x2|y1|y2|width|height)="([^"]*)"'
# What the page says of the picture stands beside it, not in it.
_UNSEEN = r' (?:class|pointer-events|role|aria-[a-z]+)="[^"]*"'
_SAFE = " <>=/:;,.()'-+"  # stays readable in an address within quotes


def still(spec: dict[str, Any]) -> str:
    """The `data:` address of a picture of a chart with its data."""
    import vl_convert

    drawing = vl_convert.vegalite_to_svg({**_plain(spec), "config": _LOOK})
    lines = "" if len(drawing) > _HEAVY else quote(_coarse(_renamed(drawing)), safe=_SAFE)
    if not 0 < len(lines) <= _LIGHT:
        dots = base64.b64encode(vl_convert.svg_to_png(drawing, scale=1)).decode()
        if not 0 < len(lines) <= len(dots):
            return f"data:image/png;base64,{dots}"
    return f"data:image/svg+xml,{lines}"


def _plain(spec: Any) -> Any:
    """Without a dot at every place of a line, each of which is a drawing of its own."""
    if isinstance(spec, list):
        return [_plain(each) for each in spec]
    if not isinstance(spec, dict):
        return spec
    bare = spec.get("type") == "line" and "point" in spec
    kept = {name: value for name, value in spec.items() if not (bare and name == "point")}
    return {name: value if name == "data" else _plain(value) for name, value in kept.items()}


def _renamed(drawing: str) -> str:
    """With ids that do not count what else the process has drawn: a page is the same each time."""
    ids = dict.fromkeys(re.findall(r'\bid="([a-z]+_?\d+)"', drawing))
    new = {old: f"{old.rstrip('0123456789')}{number}" for number, old in enumerate(ids)}
    if not new:
        return drawing
    known = "|".join(sorted(new, key=len, reverse=True))
    return re.sub(rf'(?<=["#])({known})(?=[")])', lambda found: new[found[0]], drawing)


def _coarse(drawing: str) -> str:
    """What is drawn, to a tenth of a pixel; most of a drawing is digits and names nobody sees."""
    return re.sub(r"<[^<>]+>", lambda tag: _short(tag[0]), drawing)  # words stay as they are


def _short(tag: str) -> str:
    if ' d="" ' in tag:  # a path of nothing
        return ""
    return re.sub(_PLACES, _rounded, re.sub(_UNSEEN, "", tag))


def _rounded(found: re.Match[str]) -> str:
    places = re.sub(r"-?\d+\.\d+(e-?\d+)?", lambda x: f"{float(x[0]):.1f}", found[2])
    return f' {found[1]}="{places}"'
