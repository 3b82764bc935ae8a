"""Sites: where in any JAX function a nonlinearity acts, number by number, on a signal.

A function is traced, its program laid out flat, and every stretch of elementwise operations
compared with the known activations by its values. What was traced can be run with its sites open.
Nothing here measures a signal or knows a framework.
"""

from actscope.sites._branches import Branch as Branch
from actscope.sites._run import Acted as Acted
from actscope.sites._spot import Excluded as Excluded
from actscope.sites._spot import Spot as Spot
from actscope.sites._tap import tap as tap
from actscope.sites._traced import Traced as Traced
from actscope.sites._traced import trace as trace
