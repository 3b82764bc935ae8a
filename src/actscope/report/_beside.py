"""Two pages side by side."""

from collections.abc import Sequence

from actscope.pages import Beside, Block, Page, Part, Prose


def beside(one: Page, other: Page, first: Sequence[Part] = ()) -> Page:
    """A page of both: parts of one title stand side by side, in the order of the first page.

    Args:
        one: on the left.
        other: on the right.
        first: what stands before all that.
    """
    pages = (one, other)
    heads = apart(one.title, other.title)
    titles = dict.fromkeys(part.title for page in pages for part in page.parts)
    return Page(
        title=f"{heads[0]} and {heads[1]}",
        subtitle=f"Left: {one.subtitle}. Right: {other.subtitle}.",
        parts=(*first, *(_part(title, pages, heads) for title in titles)),
        choices={**one.choices, **other.choices},
        kind=one.kind if one.kind == other.kind else "choice",
    )


def apart(one: str, other: str) -> tuple[str, str]:
    """Two names, numbered where they are the same."""
    return (one, other) if one != other else (f"{one} (1)", f"{other} (2)")


def _part(title: str, pages: Sequence[Page], heads: tuple[str, str]) -> Part:
    left, right = (_blocks(title, page) for page in pages)
    return Part(title, "", (Beside(heads, (left, right)),))


def _blocks(title: str, page: Page) -> tuple[Block, ...]:
    """What a page has under a title, after the finding."""
    found: list[Block] = []
    for part in page.parts:
        if part.title == title:
            found += [Prose((part.finding,))] if part.finding else []
            found += part.blocks
    return tuple(found) or (Prose(("There is no such part here.",)),)
