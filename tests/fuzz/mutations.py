"""Damaged copies of a whole file: flipped, cut, spliced, grown, and with lengths that lie."""

from collections.abc import Callable, Iterator

import numpy as np

_EDGE = 400  # bytes at either end, where headers stand: half of all changes are made there
# Sizes and counts that are none.
_LENGTHS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)
_WORDS = (b"-1", b"1e999", b"NaN", b"null", b"[]", b"{}", b'"', b"\\u0000", b"9" * 30, b"[" * 3000)

Change = Callable[[bytes, int, np.random.Generator], bytes]


def mutants(whole: bytes, inputs: int, seed: int) -> Iterator[bytes]:
    """So many damaged copies of a file, each after one to three changes."""
    rng = np.random.default_rng(seed)
    for _ in range(inputs):
        changed = whole
        for _ in range(rng.integers(1, 4)):
            change = _CHANGES[rng.integers(len(_CHANGES))]
            changed = change(changed, _place(len(changed), rng), rng)
        yield changed


def _place(size: int, rng: np.random.Generator) -> int:
    if rng.random() < 0.5 or size <= _EDGE:
        return int(rng.integers(size + 1))
    near = int(rng.integers(_EDGE))
    return near if rng.random() < 0.5 else size - near


def _some(rng: np.random.Generator) -> int:
    return int(2 ** rng.uniform(0, 10))


def _flip(whole: bytes, place: int, rng: np.random.Generator) -> bytes:
    byte = whole[place : place + 1]
    flipped = bytes([byte[0] ^ 1 << int(rng.integers(8))]) if byte else b""
    return whole[:place] + flipped + whole[place + 1 :]


def _overwrite(whole: bytes, place: int, rng: np.random.Generator) -> bytes:
    new = rng.bytes(int(rng.integers(1, 9)))
    return whole[:place] + new + whole[place + len(new) :]


def _lie(whole: bytes, place: int, rng: np.random.Generator) -> bytes:
    """A length where one may stand, in either byte order."""
    width = int(rng.choice([1, 2, 4, 8]))
    length = int(rng.choice(np.array([*_LENGTHS, len(whole)], dtype=object)))
    order = "little" if rng.random() < 0.5 else "big"
    new = (length % 256**width).to_bytes(width, order)
    return whole[:place] + new + whole[place + width :]


def _cut(whole: bytes, place: int, rng: np.random.Generator) -> bytes:
    return whole[:place]


def _drop(whole: bytes, place: int, rng: np.random.Generator) -> bytes:
    return whole[:place] + whole[place + _some(rng) :]


def _repeat(whole: bytes, place: int, rng: np.random.Generator) -> bytes:
    piece = whole[place : place + _some(rng)]
    return whole[:place] + piece * int(rng.integers(2, 5)) + whole[place + len(piece) :]


def _splice(whole: bytes, place: int, rng: np.random.Generator) -> bytes:
    other = _place(len(whole), rng)
    piece = whole[other : other + _some(rng)]
    return whole[:place] + piece + whole[place + len(piece) * int(rng.integers(2)) :]


def _insert(whole: bytes, place: int, rng: np.random.Generator) -> bytes:
    return whole[:place] + rng.bytes(_some(rng)) + whole[place:]


def _word(whole: bytes, place: int, rng: np.random.Generator) -> bytes:
    """Something that means much to a reader of text."""
    return whole[:place] + _WORDS[rng.integers(len(_WORDS))] + whole[place:]


def _digit(whole: bytes, place: int, rng: np.random.Generator) -> bytes:
    """Another number in a header of text."""
    found = next((at for at in range(place, len(whole)) if whole[at : at + 1].isdigit()), None)
    if found is None:
        return _flip(whole, place, rng)
    return whole[:found] + str(rng.integers(10**3)).encode() + whole[found + 1 :]


_CHANGES: tuple[Change, ...] = (
    *(_flip, _overwrite, _lie, _cut, _drop, _repeat, _splice, _insert, _word, _digit),
)
