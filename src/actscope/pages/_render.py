"""From a page to HTML."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from html import escape
from itertools import chain
from pathlib import Path
from typing import Any

from actscope.pages._blocks import Beside, Block, Chart, Control, Page, Part, Prose, Row, Table
from actscope.pages._still import still

_HERE = Path(__file__).parent
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # a name: nothing is loaded from there
# Nothing is loaded, and no text becomes code. The page's own script and style stand within it.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)


def render(page: Page) -> str:
    """One HTML document, whole in itself."""
    wide = ' class="wide-page"' if _is_wide(page) else ""
    ids = [f"part-{number}" for number in range(1, len(page.parts) + 1)]
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(page.title)}</title>",
            f"<style>{_file('page.css')}</style></head><body{wide}>",
            f"<header><h1>{escape(page.title)}</h1><p>{escape(page.subtitle)}</p></header>",
            _contents(page.parts, ids),
            _choices(page),
            "<main>",
            *(_part(part, name) for part, name in zip(page.parts, ids, strict=True)),
            "</main>",
            *(_scripts() if _has_charts(page) else ()),
            "</body></html>",
        )
    )


def _has_charts(page: Page) -> bool:
    return any(isinstance(block, Chart) for part in page.parts for block in _flat(part.blocks))


def _flat(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Beside):
            yield from _flat(chain(*block.columns))
        else:
            yield block


def _is_wide(page: Page) -> bool:
    return any(isinstance(block, Beside) for part in page.parts for block in part.blocks)


def _contents(parts: Sequence[Part], ids: Sequence[str]) -> str:
    items = (
        f'<li><a href="#{name}">{escape(part.title)}</a></li>'
        for part, name in zip(parts, ids, strict=True)
    )
    return f'<nav aria-label="Contents"><ol>{"".join(items)}</ol></nav>'


def _choices(page: Page) -> str:
    if not page.choices:
        return ""
    # A colour is one of ours, `#RRGGBB`, and no word of the user's.
    buttons = (
        f'<button type="button" aria-pressed="false" data-choice="{escape(name)}">'
        f'<i style="background:{colour}"></i><bdi>{escape(name)}</bdi></button>'
        for name, colour in page.choices.items()
    )
    told = f"Show one {page.kind} in every chart"
    return f'<div id="choices" role="group" aria-label="{escape(told)}">{"".join(buttons)}</div>'


def _part(part: Part, name: str) -> str:
    head = f'<h2 id="{name}-title">{escape(part.title)}</h2>'
    finding = f'<p class="finding">{escape(part.finding)}</p>' if part.finding else ""
    blocks = "".join(map(_block, part.blocks))
    return f'<section id="{name}" aria-labelledby="{name}-title">{head}{finding}{blocks}</section>'


def _block(block: Block) -> str:
    match block:
        case Prose():
            return "".join(f"<p>{escape(each)}</p>" for each in block.sentences)
        case Table():
            return _table(block)
        case Chart():
            return _chart(block)
        case Beside():
            pairs = zip(block.heads, block.columns, strict=True)
            inside = (f"<div><h3>{escape(a)}</h3>{''.join(map(_block, b))}</div>" for a, b in pairs)
            return f'<div class="beside">{"".join(inside)}</div>'


def _table(table: Table) -> str:
    choices = table.choices or ("",) * len(table.rows)
    head = _cells("th", table.heads, table.words, ' scope="col"')
    body = "".join(
        f"<tr{_belongs(choice)}>{_cells('td', row, table.words)}</tr>"
        for row, choice in zip(table.rows, choices, strict=True)
    )
    caption = f"<caption>{escape(table.caption)}</caption>" if not table.folded else ""
    made = (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(table.caption)}">'
        f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    if not table.folded:
        return made
    return f"<details><summary>{escape(table.caption)}</summary>{made}</details>"


def _belongs(choice: str) -> str:
    return f' data-of="{escape(choice)}"' if choice else ""


def _cells(kind: str, cells: Iterable[str], words: int, more: str = "") -> str:
    return "".join(
        f'<{kind}{more} class="words"><bdi>{escape(cell)}</bdi></{kind}>'
        if place < words
        else f"<{kind}{more}>{escape(cell)}</{kind}>"
        for place, cell in enumerate(cells)
    )


def _chart(chart: Chart) -> str:
    rows = [_plain(row) for row in chart.rows]
    spec = _controlled(chart, rows)
    picture = still({**spec, "data": {"values": rows}})
    inside = (
        f'<img alt="{escape(chart.alternative)}" src="{picture}">',
        f'<div class="stage" role="img" aria-label="{escape(chart.alternative)}"></div>',
        f'<script type="application/json">{_data({"spec": spec, **columns(rows)})}</script>',
        *map(_control, chart.controls),
        f'<button type="button" class="csv" data-name="{escape(chart.name)}">data as CSV</button>',
    )
    caption = f"<figcaption>{escape(chart.caption)}</figcaption>"
    return f'<figure class="chart">{"".join(inside)}{caption}</figure>'


def _controlled(chart: Chart, rows: Sequence[Row]) -> dict[str, Any]:
    """The specification, with a parameter for each control that filters what is drawn."""
    spec = {"$schema": _SCHEMA, **chart.spec, **_in_order(chart.spec.get("facet"), rows)}
    begin = [{"name": each.name, "value": each.values[each.start]} for each in chart.controls]
    only = [{"filter": f"datum.{each.name} === {each.name}"} for each in chart.controls]
    spec["params"] = [*spec["params"], *begin]
    spec["transform"] = [*only, *spec.get("transform", ())]
    return spec


def _in_order(facet: Any, rows: Sequence[Row]) -> dict[str, Any]:
    """A facet with its values in the order of the data: Vega-Lite sorts them by the alphabet."""
    if facet is None:
        return {}
    if "field" not in facet:  # one of rows and columns
        return {"facet": {name: _in_order(each, rows)["facet"] for name, each in facet.items()}}
    values = dict.fromkeys(row.get(facet["field"]) for row in rows)
    return {"facet": {**facet, "sort": [each for each in values if each is not None]}}


def _control(control: Control) -> str:
    known = f'data-name="{escape(control.name)}" data-values="{escape(json.dumps(control.values))}"'
    if control.is_menu:
        options = "".join(f"<option>{escape(str(each))}</option>" for each in control.values)
        inside = f"<select {known}>{options}</select>"
    else:
        value, last = control.values[control.start], len(control.values) - 1
        inside = f'<input type="range" min="0" max="{last}" value="{control.start}" {known}>'
        inside += f" <output>{value:g}</output>"
    return f'<label class="control">{escape(control.name)} {inside}</label>'


def _plain(row: Row) -> Mapping[str, Any]:
    """Numbers of six digits, and null for what is none: JSON knows neither NaN nor infinity."""
    return {
        name: (float(f"{value:.6g}") if math.isfinite(value) else None)
        if isinstance(value, float)
        else value
        for name, value in row.items()
    }


def columns(rows: Sequence[Row]) -> dict[str, Any]:
    """Rows as columns, a fifth of the size; words of a column are written once, and counted."""
    names = dict.fromkeys(name for row in rows for name in row)
    found = {name: _column([row.get(name) for row in rows]) for name in names}
    return {"count": len(rows), "columns": found}


def _column(values: Sequence[Any]) -> Any:
    if not all(isinstance(each, str) for each in values):
        return values
    levels = {each: number for number, each in enumerate(dict.fromkeys(values))}
    return {"levels": list(levels), "codes": [levels[each] for each in values]}


def _data(document: Any) -> str:
    """JSON that ends no element and begins none."""
    text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def _scripts() -> tuple[str, ...]:
    return tuple(f'<script type="module">{each}</script>' for each in (_vega(), _file("page.js")))


@cache
def _vega() -> str:
    """What draws the charts, with an interpreter of expressions, for the policy forbids `eval`."""
    import vl_convert

    found = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # A script element ends at the first such tag, though it stand in a string.
    return found.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _file(name: str) -> str:
    return (_HERE / name).read_text("utf-8")
