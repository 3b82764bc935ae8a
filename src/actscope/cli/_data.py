"""`actscope data`: which data sets there are, and whether they are here and whole."""

from typing import TYPE_CHECKING, Annotated

import typer

from actscope.cli._output import console, table

if TYPE_CHECKING:
    from actscope.data import Status

data = typer.Typer(no_args_is_help=True, help="Data sets: known, present, whole.")


@data.command("list")
def list_() -> None:
    """List the data sets, and where their files are."""
    from actscope.data import folders, status

    shown = table("data set", "here", "licence", "files", words=("here", "licence", "files"))
    for found in status():
        shown.add_row(found.name, _here(found), found.licence, _folder(found))
    console().print(shown)
    looked = " and ".join(str(folder) for folder in folders())
    console().print(f"\nlooked for in {looked}", soft_wrap=True)


@data.command()
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As in `actscope data list`.")],
) -> None:
    """Download a data set, unless it is here already."""
    from actscope.data import fetch

    paths = fetch(name)
    for path in paths:
        console().print(str(path), soft_wrap=True)
    if not paths:
        console().print(f"{name} needs no file")


@data.command()
def verify(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One data set; none: all that are here.")
    ] = None,
) -> int:
    """Compare files with their published checksums.

    Status 1 if one differs.
    """
    from actscope.data import status, verify

    wanted = [name] if name else [found.name for found in status() if found.present]
    found = [verify(each) for each in wanted]
    shown = table("data set", "whole", "damaged", "missing", words=("whole", "damaged", "missing"))
    for each in found:
        shown.add_row(
            each.name,
            "yes" if each.whole else "no",
            ", ".join(each.damaged or ()) or "none",
            ", ".join(each.missing) or "none",
        )
    console().print(shown)
    return 0 if all(each.whole for each in found) else 1


def _here(found: "Status") -> str:
    if found.present:
        return "yes"
    return f"{len(found.files)} of {len(found.files) + len(found.missing)}" if found.files else "no"


def _folder(found: "Status") -> str:
    if found.files:
        return str(next(iter(found.files.values())).parent)
    return "" if found.missing else "needs none"
