"""Everything that is wrong with a specification, said at once."""

from collections.abc import Generator, Hashable, Iterable, Mapping
from contextlib import contextmanager
from typing import Any

from actscope._errors import ActscopeError, unknown

_MOST = 100


class SpecError(ActscopeError):
    """The specification of a study cannot be; nothing was written.

    Each of `problems` begins with its key path: `axes.optimizer[1]: …`.
    """

    def __init__(self, source: str, problems: Iterable[str]):
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            text = f"{source}: {self.problems[0]}"
        else:
            text = f"{source}: {len(self.problems)} problems\n  " + "\n  ".join(self.problems)
        super().__init__(text)


class TooManyError(Exception):
    """So much is wrong that the rest is not read."""


class Problems:
    """A list of problems that grows while a specification is read to its end.

    Or until there are a hundred, of which nobody reads the last: then `TooManyError` is raised.
    """

    def __init__(self):
        self._found: list[str] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, place: str, error: ActscopeError) -> None:
        """Note what is wrong at a key path."""
        self._found.append(f"{place}: {error}")
        if len(self._found) >= _MOST:
            raise TooManyError

    @contextmanager
    def at(self, place: str) -> Generator[None]:
        """A block whose `ActscopeError` is noted, and ends the block alone."""
        try:
            yield
        except ActscopeError as error:
            self.add(place, error)

    def unknown_keys(self, place: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
        """Note each key of a table that nothing reads."""
        names = tuple(known)
        for key in given:
            if key not in names:
                self.add(f"{place}.{key}" if place else key, unknown("key", key, names))

    def repeated(self, given: Mapping[str, Hashable]) -> None:
        """Note each value, by its key path, that stands at an earlier one already."""
        first: dict[Hashable, str] = {}
        for place, value in given.items():
            if value in first:
                self.add(
                    place,
                    ActscopeError(f"the same as {first[value]}", expected="each value once"),
                )
            first.setdefault(value, place)

    def raise_any(self, source: str) -> None:
        """Do nothing where there is no problem.

        Args:
            source: what the specification is called: its file.

        Raises:
            SpecError: there is one.
        """
        if self._found:
            raise SpecError(source, self._found)
