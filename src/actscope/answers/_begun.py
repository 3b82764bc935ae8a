"""What the diagnosis says of a setting's networks before training."""

import json
from collections.abc import Sequence
from functools import cache

from actscope import study
from actscope._errors import ActscopeError
from actscope.answers._kinds import at_hand, kinds
from actscope.answers._settings import Setting
from actscope.probing import Finding, Profile
from actscope.study import Record

_MOST = 40  # kinds of networks: each is built and probed, which takes seconds

Findings = tuple[Finding, ...]


def begun(settings: Sequence[Setting], record: Record) -> tuple[Findings | None, ...]:
    """The findings on one network of each setting, before its first step.

    None where there is nothing to say: of a setting that stands for several cells, of another task
    than classification or a network of one's own, and where the data cannot be had. Of a study of
    more than 40 kinds of networks nothing is said.

    Args:
        settings: of an answer.
        record: of the study.
    """
    known = kinds(settings, record)
    wanted = {*known.values()}
    if len(wanted) > _MOST:
        return (None,) * len(settings)
    found = {kind: _findings(kind) for kind in wanted}
    return tuple(found[known[id(each)]] if id(each) in known else None for each in settings)


def _findings(kind: str) -> Findings | None:
    try:
        return at_start(kind).findings
    except ActscopeError:
        return None


@cache  # a page asks, and who tries remedies; what cannot be had yet is asked for again
def at_start(kind: str) -> Profile:
    """What the probe and the diagnosis find in one network of a kind, before its first step.

    Raises:
        ActscopeError: there is nothing to say, as `begun` has it.
    """
    settings = json.loads(kind)
    return study.at_start(settings, at_hand(settings["dataset"]))
