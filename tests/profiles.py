"""Sites, findings and profiles made by hand."""

import numpy as np

from actscope.probing import Finding, Parameter, Profile, Site, summarise

RNG = np.random.default_rng(0)


def site(name, **changes):
    fields = {
        "name": name,
        "activation": "tanh",
        "function": None,
        "role": "hidden",
        "source": "net.py:7",
        "units": 4,
        "shape": (4,),
        "pre": summarise(RNG.normal(size=(9, 4))),
        "post": summarise(RNG.normal(size=(9, 4))),
        "gradient": summarise(RNG.normal(size=(9, 4))),
        "dead": np.array([False, True, False, True]),
        "dead_structural": np.array([False, False, False, True]),
        "always_zero": np.zeros(4, bool),
        "saturated_fraction": 0.25,
        "correlation": 0.5,
        "effective_rank": 3.5,
        "copies": 0.0,
    }
    return Site(**fields | changes)


def profile(**changes):
    fields = {
        "examples": 9,
        "loss": 1.5,
        "accuracy": 0.5,
        "outputs": (summarise(RNG.normal(size=(9, 3))),),
        "sites": (site("layers.0"), site("layers.1", dead=np.ones(4, bool))),
        "parameters": (Parameter("layers.0.kernel", (4, 3), summarise(RNG.normal(size=(4, 3)))),),
    }
    return Profile(**fields | changes)


def finding(rule="dead_units", severity="warning", site="layers.0", **changes):
    fields = {
        "source": "net.py:7",
        "evidence": {"dead": 0.5, "threshold": 0.25},
        "why": "It passes no gradient.",
        "advice": "another start",
    }
    return Finding(rule, severity, site, **fields | changes)
