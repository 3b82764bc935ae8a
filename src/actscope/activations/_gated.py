"""Gated linear units: one half of what comes in decides how much of the other passes."""

from actscope.activations._activation import Activation

GATED: tuple[Activation, ...] = ()
