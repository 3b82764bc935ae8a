"""The section `[design]` of a specification: what walks together, is left out, or is tuned."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actscope._errors import ActscopeError, unknown
from actscope.study import _values as values
from actscope.study._axes import AXES, KEYS, Level
from actscope.study._axisfile import Places, read_axis
from actscope.study._problems import Problems
from actscope.study._spec import FIRST_TUNING_SEED, SEEDS, Tune

DESIGN_KEYS = ("exclude", "pair", "tune")

# What would be chosen is the easiest data set or task; and a network is what is compared.
_NOT_TUNED = ("dataset", "task", "network")
_tuning_seeds = values.whole(1, SEEDS - FIRST_TUNING_SEED)


def read_tune(section: Mapping[str, Any], given: Places, problems: Problems) -> Tune | None:
    """What is tuned.

    Args:
        section: `[design]`.
        given: the axes that the specification names, which cannot be tuned as well.
        problems: grows.
    """
    table = section.get("tune")
    if table is None:
        return None
    if not isinstance(table, Mapping):
        problems.add("design.tune", values.got(table, "a table of axes with lists of values"))
        return None
    tunable = [name for name in AXES if name not in _NOT_TUNED]
    problems.unknown_keys("design.tune", table, (*tunable, "on", "seeds"))
    with problems.at("design.tune.on"):
        values.named("part of the data", lambda: ("validation",))(table.get("on", "validation"))
    seeds = 3
    with problems.at("design.tune.seeds"):
        seeds = _tuning_seeds(table.get("seeds", seeds))
    axes = {name: _tuned(name, table[name], given, problems) for name in tunable if name in table}
    if not axes:
        problems.add("design.tune", ActscopeError("no axis", expected="lists of values"))
    return Tune({name: levels for name, levels in axes.items() if levels}, seeds)


def _tuned(name: str, value: Any, given: Places, problems: Problems) -> tuple[Level, ...]:
    place = f"design.tune.{name}"
    if name in given:
        problems.add(
            place,
            ActscopeError(
                f"{name} is at {next(iter(given[name]), f'axes.{name}')} too",
                expected="an axis that is either compared or tuned",
            ),
        )
    if not KEYS[name].several(value):
        problems.add(place, values.got(value, "a list of values to choose from"))
        return ()
    found = read_axis(KEYS[name], place, value, problems)
    problems.repeated({key_path: level for key_path, level in found.items() if level})
    return tuple(level for level in found.values() if level)


def read_pair(
    section: Mapping[str, Any], axes: Mapping[str, Sequence[Any]], problems: Problems
) -> tuple[tuple[str, ...], ...]:
    """Names of axes that walk together, in the order of the table.

    Args:
        section: `[design]`.
        axes: every axis that is not tuned, with its values.
        problems: grows.
    """
    found: dict[str, tuple[str, ...]] = {}
    for place, names in _items(section, "pair", problems):
        if not values.is_list(names) or len(names) < 2:
            problems.add(place, values.got(names, "a list of two axes or more"))
            continue
        before = len(problems)
        for index, name in enumerate(names):
            with problems.at(f"{place}[{index}]"):
                _require_axis(name, axes)
        if len(problems) == before:
            with problems.at(place):
                _require_free(names, found)
                _require_same_length(names, axes)
            found[place] = tuple(name for name in axes if name in names)
    return tuple(sorted(found.values(), key=lambda names: list(KEYS).index(names[0])))


def _require_free(names: Sequence[str], taken: Mapping[str, Sequence[str]]) -> None:
    for name in names:
        others = [place for place, walking in taken.items() if name in walking]
        if others or names.count(name) > 1:
            raise ActscopeError(
                f"{name} is in {others[0] if others else 'it twice'}",
                expected="each axis once, in one pair",
            )


def _require_same_length(names: Sequence[str], axes: Mapping[str, Sequence[Any]]) -> None:
    lengths = {name: len(axes[name]) for name in names}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ActscopeError(f"{counts} values", expected="as many values of each")


def read_exclude(
    section: Mapping[str, Any], axes: Mapping[str, Sequence[Level | None]], problems: Problems
) -> dict[str, tuple[Level, ...]]:
    """Levels that never all meet in one member, by the key path of each.

    Args:
        section: `[design]`.
        axes: every axis that is not tuned; None stands for a value that could not be read.
        problems: grows.
    """
    found: dict[str, tuple[Level, ...]] = {}
    for place, table in _items(section, "exclude", problems):
        if not isinstance(table, Mapping) or not table:
            problems.add(place, values.got(table, "a table of axes with a value each"))
            continue
        levels: list[Level] = []
        for name, value in table.items():
            with problems.at(f"{place}.{name}"):
                _require_axis(name, axes)
                levels += _excluded(name, value, axes[name])
        if len(levels) == len(table):
            found[place] = tuple(sorted(levels, key=lambda level: level.axis))
    problems.repeated(found)
    return found


def _excluded(name: str, value: Any, known: Sequence[Level | None]) -> list[Level]:
    """The level in a list, or none where the axis itself has a problem that is noted already."""
    level = KEYS[name].level(value)
    if level in known:
        return [level]
    if None in known:
        return []
    shown = ", ".join(str(each.shown) for each in known if each)
    raise ActscopeError(f"{level.shown} is no value of {name} here", expected=f"one of {shown}")


def _require_axis(name: Any, axes: Mapping[str, Sequence[Any]]) -> None:
    if not isinstance(name, str):
        raise values.got(name, "the name of an axis")
    if name not in KEYS:
        raise unknown("axis", name, KEYS)
    if name not in axes:
        raise ActscopeError(
            f"{name} is no axis of this study: it is tuned, or does not apply",
            expected=f"one of {', '.join(axes)}",
        )


def _items(section: Mapping[str, Any], key: str, problems: Problems) -> Iterator[tuple[str, Any]]:
    """The entries of a list in `[design]`, by key path."""
    place, entries = f"design.{key}", section.get(key, ())
    if not values.is_list(entries):
        problems.add(place, values.got(entries, "a list"))
        return
    for index, entry in enumerate(entries):
        yield f"{place}[{index}]", entry
