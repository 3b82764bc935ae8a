"""actscope shows what activation functions do to a neural network.

Rooms: `activations`, `data`, `stats`, `sites`, `theory`, `networks`, `probing`, `training`,
`diagnosis`, `pytorch`, `study`, `answers`, `figures`, `pages`, `report`; and the verbs that most
begin with: `probe` of `diagnosis`, `probe_torch` of `pytorch`, `watch` of `probing`, `train` of
`study`. Each is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actscope import activations as activations
    from actscope import answers as answers
    from actscope import data as data
    from actscope import diagnosis as diagnosis
    from actscope import figures as figures
    from actscope import networks as networks
    from actscope import pages as pages
    from actscope import probing as probing
    from actscope import pytorch as pytorch
    from actscope import report as report
    from actscope import sites as sites
    from actscope import stats as stats
    from actscope import study as study
    from actscope import theory as theory
    from actscope import training as training
    from actscope.diagnosis import probe as probe
    from actscope.probing import watch as watch
    from actscope.pytorch import probe_torch as probe_torch
    from actscope.study import train as train

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "activations",
    "answers",
    "data",
    "diagnosis",
    "figures",
    "networks",
    "pages",
    "probe",
    "probe_torch",
    "probing",
    "pytorch",
    "report",
    "sites",
    "stats",
    "study",
    "theory",
    "train",
    "training",
    "watch",
]

_VERBS = {
    "probe": "actscope.diagnosis",
    "probe_torch": "actscope.pytorch",
    "train": "actscope.study",
    "watch": "actscope.probing",
}


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        return getattr(import_module(_VERBS[name]), name)
    if name in __all__:
        return import_module(f"actscope.{name}")
    raise AttributeError(f"module 'actscope' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
