"""Functions that a network shapes itself: it learns some of their settings."""

from actscope.activations._activation import Activation

TRAINABLE: tuple[Activation, ...] = ()
