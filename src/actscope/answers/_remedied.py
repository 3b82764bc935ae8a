"""What helps the networks of a study that begin with something wrong."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any

from actscope import study
from actscope.answers._begun import at_start, begun
from actscope.answers._kinds import at_hand, kind_of, texts
from actscope.answers._settings import Setting, best
from actscope.diagnosis import Remedies
from actscope.study import Record

MOST = 6  # kinds of networks: each is trained some dozens of times, which takes a minute or more

Observer = Callable[[str, str], None]


@dataclass(frozen=True, eq=False)
class Cure:
    """What was tried for one kind of network.

    Attributes:
        setting: whose network and recipe were taken: of those alike before training the one with
            the best validation score.
        rules: that spoke before training.
        remedies: what was tried against their findings.
    """

    setting: Setting
    rules: tuple[str, ...]
    remedies: Remedies


@dataclass(frozen=True, eq=False)
class Remedied:
    """What was tried for the networks of an answer.

    Attributes:
        cures: one a kind of network.
        kinds: how many began with something wrong, tried or not.
    """

    cures: tuple[Cure, ...]
    kinds: int


def remedied(
    settings: Sequence[Setting],
    record: Record,
    *,
    most: int = MOST,
    observe: Observer | None = None,
    **options: Any,
) -> Remedied:
    """Try what may help the kinds of networks that begin with something wrong.

    One kind of each activation first, then a second of each, and so on. As of `begun`, nothing is
    said of some settings; nothing is downloaded.

    Args:
        settings: of an answer.
        record: of the study.
        most: kinds that are tried.
        observe: called as `observe(setting, change)` before each change is tried.
        options: of `diagnosis.remedy`.
    """
    told = texts(settings, record)
    rules: dict[str, tuple[str, ...]] = {}
    alike: dict[str, list[Setting]] = {}
    for setting, found in zip(settings, begun(settings, record), strict=True):
        if found:
            kind = kind_of(told[id(setting)])
            rules[kind] = tuple(dict.fromkeys(each.rule for each in found))
            alike.setdefault(kind, []).append(setting)
    cures: list[Cure] = []
    for kind in _in_turn(alike)[:most]:
        setting = best(alike[kind])

        def watch(change: str, label: str = setting.label) -> None:
            if observe:
                observe(label, change)

        remedies = _tried(kind, json.loads(told[id(setting)]), watch=watch, **options)
        cures.append(Cure(setting, rules[kind], remedies))
    return Remedied(tuple(cures), len(alike))


def _in_turn(found: Mapping[str, Any]) -> list[str]:
    """The kinds, an activation after the other, again and again."""
    groups: dict[str, list[str]] = {}
    for kind in found:
        groups.setdefault(json.dumps(json.loads(kind)["activation"]), []).append(kind)
    return [kind for kind in chain(*zip_longest(*groups.values())) if kind is not None]


def _tried(kind: str, settings: Mapping[str, Any], **options: Any) -> Remedies:
    dataset = at_hand(settings["dataset"])
    return study.remedy(study.fresh(settings, dataset), dataset, at_start(kind), **options)
