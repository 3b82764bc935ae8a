"""Where the files of the known data sets come from, and what they must be."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Source:
    """Files that belong together, and the addresses that serve them.

    Attributes:
        folder: name of the folder that holds them, under `ACTSCOPE_DATA` or the user's cache.
        files: the checksum of each file by its name: SHA-256 in hexadecimal digits, or another
            algorithm's as `"md5:…"`; None where none is published.
        addresses: where the files lie, tried in turn; a file's own is `address/name`.
        max_bytes: no file is larger; a download that is, is refused.
        licence: the terms under which others publish the files.
    """

    folder: str
    files: Mapping[str, str | None]
    addresses: tuple[str, ...]
    max_bytes: int
    licence: str


def _four(folder: str, sums: tuple[str, str, str, str], **rest: object) -> Source:
    return Source(folder, {}, (), 0, "")
