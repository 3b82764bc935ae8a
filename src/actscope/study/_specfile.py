"""From what a user wrote, in TOML or in Python, to a specification, or to all that is wrong."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from actscope._errors import ActscopeError
from actscope.study import _values as values
from actscope.study._axes import Level
from actscope.study._axisfile import IN_STUDY, Places, check_repeated, complete, read_axes
from actscope.study._design import count, design, holding
from actscope.study._designfile import DESIGN_KEYS, read_exclude, read_pair, read_tune
from actscope.study._problems import Problems, SpecError, TooManyError
from actscope.study._spec import FIRST_TUNING_SEED, SEEDS, Spec

MAX_MEMBERS = 10**6

_MOST_SEEDS = 10**7  # whatever number of members is allowed: they are held in memory
_LARGEST_FILE = 2**24  # bytes; a million seeds, one by one, take 11 million
_MOST_LAYERS = 10**6  # of all networks that a depth and a width give
# Python's reader of TOML takes the square of the parts of a dotted key: minutes for a megabyte.
_LONG_KEY = re.compile(
    rb"""(?:\.[ \t]*(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*){64}"""
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}(?<!\.)", re.ASCII)
_SECTIONS = ("study", "axes", "design")


def read(path: Path | str, *, max_members: int = MAX_MEMBERS) -> Spec:
    """The specification in a TOML file.

    Args:
        path: the file.
        max_members: a study of more is refused.

    Raises:
        SpecError: everything that is wrong with it, each with its key path; or the line at which
            it is no TOML.
        ActscopeError: it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ActscopeError(
            f"{path} cannot be read ({error.strerror})", expected="the TOML file of a study"
        ) from error
    if len(content) > _LARGEST_FILE:
        raise SpecError(str(path), [f"more than {_LARGEST_FILE:,} bytes; expected fewer"])
    if _LONG_KEY.search(content):
        raise SpecError(str(path), ["a dotted key of more than 64 parts; expected three at most"])
    try:
        document = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or absurdly deep
        raise SpecError(str(path), [f"not TOML: {error}"]) from error
    return spec(document, source=str(path), max_members=max_members)


def spec(
    document: Mapping[str, Any],
    *,
    source: str = "the specification",
    max_members: int = MAX_MEMBERS,
) -> Spec:
    """The specification that a document describes: the same keys as the TOML file.

    Args:
        document: `{"study": {…}, "axes": {…}, "design": {…}}`, each of them optional.
        source: what errors call it.
        max_members: a study of more is refused.

    Raises:
        SpecError: everything that is wrong with it, each with its key path.

    Examples:
        >>> found = spec({"study": {"seeds": 3}, "axes": {"activation": ["relu", "silu"]}})
        >>> found.seeds, found.document()["axes"]["activation"]
        ((0, 1, 2), ['relu', 'swish'])
    """
    problems = Problems()
    try:
        draft, seeds = _read(document, max_members, problems)
    except TooManyError:
        draft, seeds = None, ()
    problems.raise_any(source)
    assert draft is not None
    return replace(draft, seeds=tuple(seeds))


def _read(
    document: Mapping[str, Any], max_members: int, problems: Problems
) -> tuple[Spec, Sequence[int]]:
    """The specification without its seeds, and these; true if there is no problem."""
    problems.unknown_keys("", document, _SECTIONS)
    study, axes, design_ = (_section(document, name, problems) for name in _SECTIONS)
    heading, seeds = _heading(study, problems), _seeds(study, problems)
    before = len(problems)
    draft, exclusions = _draft(heading, read_axes(study, axes, problems), design_, problems)
    if len(problems) == before:  # else what follows would not be true of what is meant
        _check_layers(draft, problems)
    if len(problems) == before:
        _check_exclusions(draft, exclusions, max_members, problems)
    if len(problems) == before:
        _check_members(draft, seeds, max_members, problems)
    return draft, seeds


def _section(document: Mapping[str, Any], name: str, problems: Problems) -> Mapping[str, Any]:
    section = document.get(name, {})
    if isinstance(section, Mapping):
        return {str(key): value for key, value in section.items()}
    problems.add(name, values.got(section, f"a table, [{name}]"))
    return {}


def _name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise values.got(
            value, "a folder's name: at most 64 letters, digits, underscores, points and hyphens"
        )
    return value


# Defaults: the tutorial's; and the number of seeds that a conclusion needs.
_DEFAULTS = {"name": "study", "epochs": 50, "patience": 7}
_READERS = {"name": _name, "epochs": values.whole(), "patience": values.whole()}
_SEEDS = 10


def _heading(section: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    problems.unknown_keys("study", section, (*_DEFAULTS, "seeds", *IN_STUDY))
    found: dict[str, Any] = {**_DEFAULTS}
    for name, read_value in _READERS.items():
        with problems.at(f"study.{name}"):
            found[name] = read_value(section.get(name, found[name]))
    return found


def _seeds(section: Mapping[str, Any], problems: Problems) -> Sequence[int]:
    """A number of them, or themselves. Not yet a tuple: there may be far too many."""
    value, found = section.get("seeds", _SEEDS), dict[str, int]()
    if not values.is_list(value):
        with problems.at("study.seeds"):
            return range(values.whole(1, SEEDS)(value))
        return ()
    if not value:
        problems.add("study.seeds", ActscopeError("no values", expected="one at least"))
    for index, seed in enumerate(value):
        with problems.at(f"study.seeds[{index}]"):
            found[f"study.seeds[{index}]"] = values.whole(0, SEEDS - 1)(seed)
    problems.repeated(found)
    return tuple(found.values())


def _draft(
    heading: Mapping[str, Any], given: Places, section: Mapping[str, Any], problems: Problems
) -> tuple[Spec, dict[str, tuple[Level, ...]]]:
    """The specification without its seeds, and what it excludes by key path."""
    problems.unknown_keys("design", section, DESIGN_KEYS)
    tune = read_tune(section, given, problems)
    axes = complete(given, tune.axes if tune else (), problems)
    pair = read_pair(section, axes, problems)
    check_repeated(given, pair, problems)
    exclusions = read_exclude(section, axes, problems)
    draft = Spec(
        seeds=(),
        axes={name: tuple(filter(None, levels)) for name, levels in axes.items()},
        pair=pair,
        exclude=tuple(sorted(exclusions.values(), key=lambda levels: [v.text for v in levels])),
        tune=tune,
        **heading,
    )
    return draft, exclusions


def _check_layers(draft: Spec, problems: Problems) -> None:
    """That depths and widths do not cross to more than can be written down."""
    depths, widths = draft.levels("depth"), draft.levels("width")
    together = any({"depth", "width"} <= set(names) for names in draft.pair)
    layers = sum(level.value for level in depths) * (1 if together else len(widths))
    if layers > _MOST_LAYERS:
        many = ActscopeError(
            f"networks of {layers:,} layers together", expected=f"at most {_MOST_LAYERS:,}"
        )
        problems.add("axes.depth", many)


def _check_exclusions(
    draft: Spec,
    exclusions: Mapping[str, tuple[Level, ...]],
    max_members: int,
    problems: Problems,
) -> None:
    cells = design(replace(draft, exclude=()))
    most = max(max_members, MAX_MEMBERS)
    if exclusions and count(cells) > most:  # those that are left are walked through, one by one
        many = ActscopeError(
            f"exclusions from {count(cells):,} combinations",
            expected=f"at most {most:,} before any is left out",
        )
        problems.add("design.exclude", many)
        return
    for place, levels in exclusions.items():
        if not count(holding(cells, levels)):
            never = ActscopeError("excludes nothing", expected="values that meet in some member")
            problems.add(place, never)
    with problems.at("design.exclude"):
        if not count(design(draft)):
            raise ActscopeError("excludes everything", expected="a combination that is left")


def _check_members(draft: Spec, seeds: Sequence[int], max_members: int, problems: Problems) -> None:
    cells, tune = count(design(draft)), draft.tune
    choices = prod(map(len, tune.axes.values())) if tune else 1
    members = cells // choices * len(seeds) + (cells * tune.seeds if tune else 0)
    if members > max_members:
        problems.add(
            "axes",
            ActscopeError(
                f"{members:,} members, of {cells:,} combinations",
                expected=f"at most {max_members:,}",
                do="take fewer values or seeds, or allow more members",
            ),
        )
    elif len(seeds) > _MOST_SEEDS:
        many = ActscopeError(f"{len(seeds):,} seeds", expected=f"at most {_MOST_SEEDS:,}")
        problems.add("study.seeds", many)
    elif tune and max(seeds, default=0) >= FIRST_TUNING_SEED:
        problems.add(
            "study.seeds",
            ActscopeError(
                f"seed {max(seeds)} in a study that tunes",
                expected=f"seeds below {FIRST_TUNING_SEED}, where those of the tuning begin",
            ),
        )
