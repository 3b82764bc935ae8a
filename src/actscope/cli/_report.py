"""`actscope report`: a study or a network as one page, or two of them side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope._errors import ActscopeError
from actscope.cli._devices import keep_programs, one_a_core
from actscope.cli._looked import is_code, looked
from actscope.cli._output import console, messages, require_file, write_page

if TYPE_CHECKING:
    from actscope.answers import Answer, Remedied
    from actscope.pages import Page
    from actscope.report import Probed

_STUDY, _NETWORK = "study", "network"


def report(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="The folder of a study or a run, a network's file, a .tar of the tutorial, or "
            "package.module:callable, which returns (fn, params, batches, loss) of your model.",
        ),
    ],
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET2",
            help="Another study beside a study, another network beside a network.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.html",
            help="The page; default: report.html in the folder, of a file or a callable in the "
            "current one.",
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What a network sees; default: as of `probe`."),
    ] = None,
    remedy: Annotated[
        bool,
        typer.Option("--remedy", help="Try what may help, in short trainings: minutes."),
    ] = False,
) -> None:
    """Write a study, a run or a model as one interactive page that needs nothing else.

    Of two, what differs comes first.
    """
    targets = [each for each in (target, other) if each is not None]
    kinds = [_kind(each) for each in targets]
    if len(set(kinds)) > 1:
        raise ActscopeError(
            f"{targets[0]} is a {kinds[0]}, {targets[1]} a {kinds[1]}",
            expected="two studies or two networks",
        )
    to = out or _beside(targets)
    require_file(to)
    one_a_core()
    keep_programs()
    if kinds[0] == _STUDY:
        seen = [_study(Path(each), remedy) for each in targets]
    else:
        seen = [_network(each, dataset, remedy) for each in targets]
    write_page(to, lambda: _page(seen))
    console().print(f"page in {to}", soft_wrap=True)


def _beside(targets: Sequence[str]) -> str:
    """Where the page lies unless it is said: in the first one's folder, or the current one."""
    first = Path(targets[0])
    if not first.is_dir():
        return "report.html"
    if len(targets) == 1:
        return str(first / "report.html")
    name = Path(targets[1]).resolve().name.replace(":", "-")
    return str(first / f"beside-{name}.html")


def _kind(target: str) -> str:
    """Whether it is a study; the rest is found out by who opens it."""
    from actscope import networks

    place = Path(target)
    if is_code(target):
        return _NETWORK
    if (place / "study.toml").is_file():
        return _STUDY
    if (place / networks.FILE_NAME).is_file() or place.is_file() or place.suffix == ".tar":
        return _NETWORK
    raise ActscopeError(
        f"{target} holds no study and no run",
        expected="the folder of a study or of a trained network, a network's file, a .tar of the "
        "tutorial, or package.module:callable",
        do="begin one: actscope study run SPEC.toml --out DIR, or actscope train --out DIR",
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """What makes a page; of a study its answers, of a network what the probe saw."""

    page: "Callable[[], Page]"
    answers: "Sequence[Answer]" = ()
    probed: "Probed | None" = None


def _study(place: Path, remedy: bool) -> _Seen:
    from actscope import answers, report

    found = answers.answers(place)
    tried = _remedied(place, found) if remedy else {}
    return _Seen(lambda: report.study_page(place, found, tried), found)


def _remedied(place: Path, found: "Sequence[Answer]") -> "dict[str, Remedied]":
    """What was tried, by task; each network and each change are told on standard error."""
    from actscope import answers, study

    record, to = study.Record.open(place), messages()
    met: set[str] = set()
    with to.status("looking for what is wrong before training", spinner="line") as status:

        def observe(label: str, change: str) -> None:
            if label not in met:
                met.add(label)
                to.print(f"remedies for {label}", soft_wrap=True)
            status.update(f"trying {change}")

        tried = {
            each.task: answers.remedied(each.settings, record, observe=observe) for each in found
        }
    if not any(each.cures for each in tried.values()):
        to.print("nothing to remedy: no network is known to begin with something wrong")
    return tried


def _network(target: str, dataset: str | None, remedy: bool) -> _Seen:
    from actscope import report, study

    with messages().status(f"probing {target}", spinner="line"):
        seen = looked(target, dataset)
    remedies = seen.remedies() if remedy else None
    if seen.saved is None or not seen.saved.notes.get("history"):
        probed = report.Probed(seen.title, seen.profile)
        return _Seen(lambda: report.probe_page(seen.title, seen.profile, remedies), (), probed)
    run = study.Run.open(target)
    title = f"{run.label} on {run.identity['dataset']['name']}, seed {run.seed}"
    probed = report.Probed(title, seen.profile, run.test.score)
    of_it = ({run.label: [run]}, {run.label: seen.profile}, remedies)
    return _Seen(lambda: report.runs_page(title, *of_it), (), probed)


def _page(seen: Sequence[_Seen]) -> "Page":
    from actscope import report

    if len(seen) == 1:
        return seen[0].page()
    one, other = seen
    if one.probed and other.probed:
        first = (report.contrast(one.probed, other.probed),)
    else:
        first = tuple(report.joint(one.answers, other.answers))
    return report.beside(one.page(), other.page(), first)
