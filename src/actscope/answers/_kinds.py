"""Settings whose networks are alike before training: what was trained how makes no difference."""

# pyright: reportUnknownParameterType=false
# Arrow's classes come without types.

import json
from collections.abc import Sequence
from functools import cache

from actscope import data
from actscope._errors import ActscopeError, shown
from actscope._form import require
from actscope.answers._layers import members_of
from actscope.answers._settings import Setting
from actscope.data import Dataset
from actscope.study import Record


@cache
def at_hand(name: str) -> Dataset:
    """A data set that is here: a page downloads nothing.

    Raises:
        UnavailableError: it is not.
        ActscopeError: a file of it is not what it should be.
    """
    if any(each.name == name and not each.present for each in data.status()):
        raise data.UnavailableError(f"{name} is not here", do=f"actscope data fetch {name}")
    return data.load(name)


_TOLD = (
    *("dataset", "task", "network", "activation", "hidden_sizes", "layer"),
    *("normalization", "dropout", "initialization"),
)


def kinds(settings: Sequence[Setting], record: Record) -> dict[int, str]:
    """JSON of what the networks of each setting are before training, by the setting's identity.

    Without the settings that stand for several cells.

    Args:
        settings: of an answer.
        record: of the study.
    """
    return {known: kind_of(text) for known, text in texts(settings, record).items()}


def texts(settings: Sequence[Setting], record: Record) -> dict[int, str]:
    """As `kinds`, with all that the first member of each setting was told."""
    alone = [setting for setting in settings if setting.runs]
    if not alone:
        return {}
    record = record.where(phase="compare")
    table = record.members
    told = dict(zip(table["id"].to_pylist(), table["settings"].to_pylist(), strict=True))
    return {
        id(alone[index]): told[members[0]] for index, members in members_of(alone, record).items()
    }


def kind_of(text: str) -> str:
    """The kind of a member's settings, both as JSON."""
    try:
        known = json.loads(text)
        require(known, dict.fromkeys(_TOLD, object), "the settings")
    except (ValueError, RecursionError, ActscopeError) as error:
        raise ActscopeError(
            f"the record has a member with the settings {shown(text)} ({error})",
            expected="JSON of every axis, as actscope writes it",
        ) from error
    return json.dumps({name: known[name] for name in _TOLD})
