"""Sites: where in any JAX function a nonlinearity acts, number by number, on a signal.

A function is traced, its program laid out flat, and every stretch of elementwise operations
compared with the known activations by its values. Nothing here runs the function, measures a
signal or knows a framework.
"""

from actscope.sites._find import Found as Found
from actscope.sites._spot import Excluded as Excluded
from actscope.sites._spot import Spot as Spot
from actscope.sites._traced import trace as trace
