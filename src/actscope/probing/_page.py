"""A profile as it stands in a notebook: findings first, a row a site, what was passed over."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from actscope.probing._finding import Finding, by_rule
from actscope.probing._site import Site
from actscope.probing._table import HEADS, WORDS, elided, gap, row

_STYLE = Path(__file__).with_name("page.css")
_MOST = 6  # places that one rule names
_ROWS = 200  # a network that reads a sequence has as many sites as steps


def page(
    title: str,
    sites: Sequence[Site],
    findings: Sequence[Finding],
    excluded: Sequence[tuple[str, str]],
) -> str:
    """HTML without a script, in the colours of the notebook that it stands in."""
    parts = [
        f"<style>{_STYLE.read_text('utf-8')}</style>",
        f"<p><b>Profile</b> {escape(title)}</p>",
        *map(_finding, by_rule(findings)),
        _sites(sites) if sites else "",
        _passed_over(excluded) if excluded else "",
    ]
    return f'<div class="actscope-profile">{"".join(parts)}</div>'


def _finding(group: Sequence[Finding]) -> str:
    """One rule: how bad, what, why, what to do, and where."""
    first = group[0]
    places = [each.told for each in group[:_MOST]]
    if len(group) > _MOST:
        places.append(f"and {len(group) - _MOST} more")
    severity, rule, why, advice = map(escape, (first.severity, first.rule, first.why, first.advice))
    return (
        f'<div class="finding"><b class="{severity}">{severity}</b> <b>{rule}</b> {why}'
        f"<br>→ {advice}{_list(filter(None, places))}</div>"
    )


def _sites(sites: Sequence[Site]) -> str:
    head = _row("th", HEADS, "")
    rows = [_row("td", row(site), f"{site.name}, {site.source}") for site in sites]
    body = "".join(elided(rows, _ROWS, lambda more: _row("td", gap(more), "")))
    return f'<div class="sites"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def _row(kind: str, cells: Sequence[str], more: str) -> str:
    words = [f'<{kind} class="words">{escape(cell)}</{kind}>' for cell in cells[:WORDS]]
    numbers = [f"<{kind}>{escape(cell)}</{kind}>" for cell in cells[WORDS:]]
    return f'<tr title="{escape(more)}">{"".join(words + numbers)}</tr>'


def _passed_over(excluded: Sequence[tuple[str, str]]) -> str:
    places = [f"{name}: {reason}" for name, reason in excluded]
    return f"<details><summary>{len(places):,} passed over</summary>{_list(places)}</details>"


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
