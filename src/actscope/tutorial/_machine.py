"""The pickle machine, reduced to what builds plain values and run without calling anything.

Python's own unpickler imports, calls and changes whatever a file tells it to. This machine knows
the instructions that protocols 3 and later write for dictionaries, tuples, numbers, text and
bytes; a name, a call or a state that a file asks for is handed to the one who runs it. It never
takes more memory than a small multiple of the file.

Reference:
    The comments of `pickletools` in Python's library.
"""

import pickle
import struct
from collections.abc import Callable, Mapping
from typing import Any

from actscope._errors import ActscopeError

# An honest network takes about forty a layer.
_MOST_INSTRUCTIONS = 100_000

Call = Callable[[Any, tuple[Any, ...]], Any]
Build = Callable[[Any, Any], None]


class Machine:
    """A stack, marks on it, and a memo.

    Args:
        content: the whole pickle.
        names: what each name means that the file may mention, by `"module name"`.
        call: what a call (REDUCE) of such a meaning with these arguments gives.
        build: takes a state (BUILD) for a value.
    """

    def __init__(self, content: bytes, names: Mapping[str, Any], call: Call, build: Build):
        self.content = content
        self.names = names
        self.call = call
        self.build = build
        self.position = 0
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        """The one value that the pickle builds.

        Raises:
            ActscopeError: it has another instruction or name, is cut off or inconsistent, or does
                not end where the content does.
        """
        for _ in range(_MOST_INSTRUCTIONS):
            code = self.take(1)
            if code == pickle.STOP:
                return self.result()
            if code not in _STEPS:
                raise refused(f"the pickle instruction {code!r}", "those that arrays are made of")
            _STEPS[code](self)
        raise refused("no end", f"at most {_MOST_INSTRUCTIONS:,} instructions")

    def result(self) -> Any:
        """The value on the stack, if the pickle ends as it should."""
        if rest := len(self.content) - self.position:
            raise refused(f"{rest} bytes after its end", "none")
        if len(self.stack) != 1 or self.marks:
            raise refused(f"{len(self.stack)} values at its end", "one")
        return self.stack[0]

    def take(self, count: int) -> bytes:
        """The next bytes of the content."""
        start, self.position = self.position, self.position + count
        if self.position > len(self.content):
            raise refused("no end: it is cut off", "a whole pickle")
        return self.content[start : self.position]

    def number(self, form: str) -> int:
        """The next number, in `struct`'s notation."""
        (found,) = struct.unpack(form, self.take(struct.calcsize(form)))
        return found

    def text(self, count: int) -> str:
        """The next bytes as text."""
        try:
            return self.take(count).decode("utf-8")
        except UnicodeDecodeError as error:
            raise refused("text that is not UTF-8", "a whole pickle") from error

    def line(self) -> str:
        """The text up to the next line feed."""
        end = self.content.find(b"\n", self.position)
        if end < 0:
            raise refused("no end: it is cut off", "a whole pickle")
        found = self.text(end - self.position)
        self.position += 1
        return found

    def pop(self, count: int) -> list[Any]:
        """The last values on the stack, above the last mark."""
        start = len(self.stack) - count
        if start < (self.marks[-1] if self.marks else 0):
            raise refused("an instruction without a value to work on", "a whole pickle")
        return self.cut(start)

    def pop_to_mark(self) -> list[Any]:
        """All values above the last mark; the mark goes too."""
        if not self.marks:
            raise refused("an instruction without a mark", "a whole pickle")
        return self.cut(self.marks.pop())

    def cut(self, start: int) -> list[Any]:
        """The values from `start` on, taken off the stack."""
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def top(self) -> Any:
        """The last value, left where it is."""
        self.stack += (found := self.pop(1))
        return found[0]


def refused(found: str, expected: str) -> ActscopeError:
    """The error that ends the reading."""
    return ActscopeError(
        f"its pickle has {found}",
        expected=expected,
        do="nothing in it was run; take a file that the tutorial's notebook or actscope wrote",
    )


def short(value: Any) -> str:
    """A stranger's text as it can be shown: escaped, and not for ever."""
    shown = ascii(value[:60] if isinstance(value, str) else value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def kind(value: Any) -> str:
    """What sort of value it is, with its article."""
    name = type(value).__name__.strip("_").lower()
    return "None" if value is None else f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _name(machine: Machine, module: Any, name: Any) -> None:
    mentioned = f"{module} {name}" if isinstance(module, str) and isinstance(name, str) else ""
    if mentioned not in machine.names:
        raise refused(
            f"the name {short(mentioned.replace(' ', '.'))}", "only those of NumPy's arrays"
        )
    machine.stack.append(machine.names[mentioned])


def _reduce(machine: Machine) -> None:
    called, arguments = machine.pop(2)
    if not isinstance(arguments, tuple):
        raise refused(f"a call with {kind(arguments)} for arguments", "a tuple")
    machine.stack.append(machine.call(called, arguments))


def _build(machine: Machine) -> None:
    (state,) = machine.pop(1)
    machine.build(machine.top(), state)


def _set_items(machine: Machine, values: list[Any]) -> None:
    target = machine.top()
    if not isinstance(target, dict) or len(values) % 2:
        raise refused(f"entries for {kind(target)}", "pairs, for a dictionary")
    for key, value in zip(values[::2], values[1::2], strict=True):
        if not isinstance(key, str):  # a key's hash and comparison are text's, nobody else's
            raise refused(f"{kind(key)} as the key of a dictionary", "text")
        target[key] = value


def _recall(machine: Machine, index: int) -> None:
    if index not in machine.memo:
        raise refused(f"memo {index}, which was never set", "a whole pickle")
    machine.stack.append(machine.memo[index])


def _pushing(value: Callable[[Machine], Any]) -> Callable[[Machine], None]:
    return lambda machine: machine.stack.append(value(machine))


def _remembering(index: Callable[[Machine], int]) -> Callable[[Machine], None]:
    return lambda machine: machine.memo.__setitem__(index(machine), machine.top())


def _recalling(index: Callable[[Machine], int]) -> Callable[[Machine], None]:
    return lambda machine: _recall(machine, index(machine))


# Protocols 0 to 2 wrap an array's bytes in a call of `_codecs.encode`; their text is left out.
_STEPS: Mapping[bytes, Callable[[Machine], Any]] = {
    pickle.PROTO: lambda m: m.take(1),
    pickle.FRAME: lambda m: m.take(8),
    pickle.NONE: _pushing(lambda _: None),
    pickle.NEWTRUE: _pushing(lambda _: True),
    pickle.NEWFALSE: _pushing(lambda _: False),
    pickle.BININT: _pushing(lambda m: m.number("<i")),
    pickle.BININT1: _pushing(lambda m: m.number("<B")),
    pickle.BININT2: _pushing(lambda m: m.number("<H")),
    pickle.LONG1: _pushing(lambda m: int.from_bytes(m.take(m.number("<B")), "little", signed=True)),
    pickle.SHORT_BINUNICODE: _pushing(lambda m: m.text(m.number("<B"))),
    pickle.BINUNICODE: _pushing(lambda m: m.text(m.number("<I"))),
    pickle.BINUNICODE8: _pushing(lambda m: m.text(m.number("<Q"))),
    pickle.SHORT_BINBYTES: _pushing(lambda m: m.take(m.number("<B"))),
    pickle.BINBYTES: _pushing(lambda m: m.take(m.number("<I"))),
    pickle.BINBYTES8: _pushing(lambda m: m.take(m.number("<Q"))),
    pickle.EMPTY_DICT: _pushing(lambda _: {}),
    pickle.EMPTY_TUPLE: _pushing(lambda _: ()),
    pickle.TUPLE1: _pushing(lambda m: tuple(m.pop(1))),
    pickle.TUPLE2: _pushing(lambda m: tuple(m.pop(2))),
    pickle.TUPLE3: _pushing(lambda m: tuple(m.pop(3))),
    pickle.TUPLE: _pushing(lambda m: tuple(m.pop_to_mark())),
    pickle.MARK: lambda m: m.marks.append(len(m.stack)),
    pickle.SETITEM: lambda m: _set_items(m, m.pop(2)),
    pickle.SETITEMS: lambda m: _set_items(m, m.pop_to_mark()),
    pickle.MEMOIZE: _remembering(lambda m: len(m.memo)),
    pickle.BINPUT: _remembering(lambda m: m.number("<B")),
    pickle.LONG_BINPUT: _remembering(lambda m: m.number("<I")),
    pickle.BINGET: _recalling(lambda m: m.number("<B")),
    pickle.LONG_BINGET: _recalling(lambda m: m.number("<I")),
    pickle.GLOBAL: lambda m: _name(m, m.line(), m.line()),
    pickle.STACK_GLOBAL: lambda m: _name(m, *m.pop(2)),
    pickle.REDUCE: _reduce,
    pickle.BUILD: _build,
}
