"""The section `[axes]` of a specification: which values each axis has."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from actscope._errors import ActscopeError
from actscope.study._axes import KEYS, Axis, Level
from actscope.study._problems import Problems

# Of each axis that a specification names: its levels by key path, None where one cannot be read.
Places = Mapping[str, Mapping[str, Level | None]]

IN_STUDY = ("dataset", "batch_size")  # axes that may stand in `[study]` as well


def read_axes(study: Mapping[str, Any], axes: Mapping[str, Any], problems: Problems) -> Places:
    """The axes that a specification names, in the order of the table."""
    problems.unknown_keys("axes", axes, KEYS)
    found: dict[str, Mapping[str, Level | None]] = {}
    for name, axis in KEYS.items():
        if name in axes:
            found[name] = read_axis(axis, f"axes.{name}", axes[name], problems)
        elif name in study and name in IN_STUDY:
            found[name] = read_axis(axis, f"study.{name}", study[name], problems)
        if name in axes and name in study and name in IN_STUDY:
            twice = ActscopeError("given twice", expected=f"either here or in axes.{name}")
            problems.add(f"study.{name}", twice)
    return found


def read_axis(axis: Axis, place: str, value: Any, problems: Problems) -> dict[str, Level | None]:
    """The levels of one axis by key path; None for what cannot be read."""
    written = {place: value}
    if axis.several(value):
        written = {f"{place}[{index}]": each for index, each in enumerate(value)}
    if not written:
        problems.add(place, ActscopeError("no values", expected="one at least, or no such key"))
    found: dict[str, Level | None] = dict.fromkeys(written)
    for key_path, each in written.items():
        with problems.at(key_path):
            found[key_path] = axis.level(each)
    _require_distinguishable(found, problems)
    return found


def complete(
    given: Places, tuned: Collection[str], problems: Problems
) -> dict[str, tuple[Level | None, ...]]:
    """Every axis that applies and is not tuned, with its default where the specification has none.

    Args:
        given: the axes that it names.
        tuned: names of axes that are tuned.
        problems: grows where axes are given that exclude one another.
    """
    named = {*given, *tuned}
    own = any(level and level.value for level in given.get("network", {}).values())
    shaped = not named.isdisjoint(("depth", "width"))
    _check_shape(given, named, problems)
    if own:
        _check_network(given, tuned, problems)
    left_out = {name for name, axis in KEYS.items() if axis.shorthand or (own and axis.built_in)}
    left_out |= {"hidden_sizes"} if shaped else set()
    return {
        name: tuple(given.get(name, {}).values()) or (axis.level(axis.default),)
        for name, axis in KEYS.items()
        if name in given or (name not in tuned and name not in left_out)
    }


def check_repeated(given: Places, pair: Iterable[Collection[str]], problems: Problems) -> None:
    """Note what stands twice in an axis; axes that walk together may repeat, their rows may not."""
    pair = tuple(pair)
    together = {name for names in pair for name in names}
    for name, levels in given.items():
        if name not in together:
            problems.repeated({place: level for place, level in levels.items() if level})
    for names in pair:
        rows = [tuple(given[name].items()) for name in names if name in given]
        read = [row for row in zip(*rows, strict=False) if all(level for _, level in row)]
        problems.repeated(
            {", ".join(place for place, _ in row): tuple(level for _, level in row) for row in read}
        )


def _require_distinguishable(found: Mapping[str, Level | None], problems: Problems) -> None:
    """Two values that are shown alike could not be told apart in the record."""
    first: dict[Any, tuple[str, Level]] = {}
    for place, level in found.items():
        if level is None:
            continue
        before, same = first.setdefault(level.shown, (place, level))
        if same != level:
            alike = ActscopeError(f"shown as {level.shown!r}, like {before}")
            problems.add(place, alike)


def _check_shape(given: Places, named: Collection[str], problems: Problems) -> None:
    shorthand = [name for name in ("depth", "width") if name in named]
    if shorthand and "hidden_sizes" in named:
        problems.add(
            _where("hidden_sizes", given),
            ActscopeError(
                f"given with {' and '.join(shorthand)}",
                expected="either hidden_sizes, or depth and width",
            ),
        )
    elif len(shorthand) == 1:
        problems.add(
            f"axes.{shorthand[0]}",
            ActscopeError(f"{shorthand[0]} alone", expected="both depth and width"),
        )


def _check_network(given: Places, tuned: Collection[str], problems: Problems) -> None:
    for name, axis in KEYS.items():
        if axis.built_in and (name in given or name in tuned):
            problems.add(
                _where(name, given),
                ActscopeError(
                    "given with a network of your own, of which it says nothing",
                    expected="either axes.network or this",
                ),
            )


def _where(name: str, given: Places) -> str:
    """The key of an axis that is given, or else tuned."""
    return f"axes.{name}" if name in given else f"design.tune.{name}"
