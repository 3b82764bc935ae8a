"""The six networks that the tutorial trained, from wherever they can be had."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from actscope import data
from actscope._errors import ActscopeError
from actscope.data import Progress, Source, UnavailableError
from actscope.networks import Saved
from actscope.tutorial._pair import ACTIVATIONS, load_files, notebook_name

# SHA-256 of the config and of the weights, by the notebook's name of the activation.
_SUMS = {
    "sigmoid": (
        "492f13b5d49e906b8e51db54fd964cb0151074126a3ca34cd3c7d7ff57fd5dca",
        "e579ca0b31433cc7562cfe649c44779967315d4e48470b0a709461dd1af261e8",
    ),
    "tanh": (
        "ea6ef74d7536b1e8f25b4b9559beba8e5b8648bf8ed5a14a8841677efc4d6785",
        "ab2a0d456d767c70426a6fc87f95924d805d89c59817c65beda695d20ce1a87e",
    ),
    "relu": (
        "b6c7dd563e640a0b17bc4916230f32955be814694cd4f1dfb66ee86ab353db06",
        "0e7d77531e69ff0f781e9fecc3cea726a02dd124f7ed486b6af735dff6415b83",
    ),
    "leakyrelu": (
        "2ba3be3e709c2c963d2549121272023f0448d82a37f33ab999453c7e76fe96a4",
        "1eeb1558a709085e5ceedfaf77143fa468e9671695a516a6c531165a73183e76",
    ),
    "elu": (
        "8373c1ee102a778b2485ad203ddd8eb54d396338ae8411f881412cac979bc6da",
        "aced177533725d0a949eba03dc53c71f3eb49fac5582d52e72f0e8889a3a41b1",
    ),
    "swish": (
        "6b3a8fe6d3d53b6b9df9ae440abb84253b3f272cd82b400e46365c37905d174d",
        "c2418b1fdcfc30f7f046533dd3b8cf0639a42d87bfe092305a633283a373520e",
    ),
}

SOURCE = Source(
    folder="tutorial3_checkpoints",
    files={
        f"FashionMNIST_{name}{suffix}": digest
        for name, digests in _SUMS.items()
        for suffix, digest in zip((".config", ".tar"), digests, strict=True)
    },
    addresses=("https://raw.githubusercontent.com/phlippe/saved_models/main/JAX/tutorial3",),
    max_bytes=4_000_000,
    licence="MIT, Copyright (c) 2020 Phillip Lippe",
)


@dataclass(frozen=True, eq=False)
class Pretrained:
    """One of the six networks, or why there is none.

    Attributes:
        saved: the network; None where it is not available.
        reason: why it is not available; empty where it is.
        published: whether its files are those that the tutorial published, by their sums.
    """

    saved: Saved | None = None
    reason: str = ""
    published: bool = False


def pretrained(
    folder: Path | str | None = None, *, source: Source = SOURCE, progress: Progress | None = None
) -> dict[str, Pretrained]:
    """The tutorial's networks by the canonical names of their activations.

    Args:
        folder: where to take them from, and from nowhere else. Its files need not be those that
            were published: a network of one's own under the same name is compared likewise.
            Without it they are looked for in `ACTSCOPE_DATA`, then in the user's cache, then
            downloaded, and must be the published ones.
        source: the published files and their addresses.
        progress: as of `data.download`.

    Raises:
        ActscopeError: the folder is not there; or a file is damaged, or not the published one
            where it must be.
    """
    if folder is not None and not Path(folder).is_dir():
        raise ActscopeError(
            f"{folder} is not a folder",
            expected=f"one that holds files such as {_names('relu')[1]}",
        )
    return {
        name: _found(name, Path(folder), source) if folder else _fetched(name, source, progress)
        for name in ACTIVATIONS
    }


def _names(activation: str) -> tuple[str, str]:
    """Config and weights."""
    stem = f"FashionMNIST_{notebook_name(activation)}"
    return f"{stem}.config", f"{stem}.tar"


def _found(activation: str, folder: Path, source: Source) -> Pretrained:
    files = {name: folder / name for name in _names(activation)}
    if missing := [name for name, path in files.items() if not path.is_file()]:
        return Pretrained(reason=f"{' and '.join(missing)} not found in {folder}")
    config, weights = files.values()
    return Pretrained(load_files(weights, config), published=_published(files, source))


def _fetched(activation: str, source: Source, progress: Progress | None) -> Pretrained:
    try:
        files = data.download(source, _names(activation), progress=progress)
    except UnavailableError as error:
        return Pretrained(reason=str(error))
    config, weights = files.values()
    return Pretrained(load_files(weights, config), published=True)


def _published(files: Mapping[str, Path], source: Source) -> bool:
    return all(
        hashlib.sha256(path.read_bytes()).hexdigest() == source.files[name]
        for name, path in files.items()
    )
