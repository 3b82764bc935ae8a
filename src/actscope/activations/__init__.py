"""Activation functions: the record, the functions by family, and the one table.

Here is what is true of a function by itself. What it does to a signal under a Gaussian belongs to
theory, what it does in a network to probing.
"""

from actscope.activations._activation import Activation as Activation
from actscope.activations._activation import Facts as Facts
from actscope.activations._activation import slug as slug
from actscope.activations._cost import costs as costs
from actscope.activations._curve import Curve as Curve
from actscope.activations._curve import curve as curve
from actscope.activations._describe import describe as describe
from actscope.activations._elementwise import require_elementwise as require_elementwise
from actscope.activations._elu import elu as elu
from actscope.activations._gradient import gradient as gradient
from actscope.activations._rectified import leaky_relu as leaky_relu
from actscope.activations._rectified import relu as relu
from actscope.activations._saturating import sigmoid as sigmoid
from actscope.activations._saturating import tanh as tanh
from actscope.activations._smooth import swish as swish
from actscope.activations._table import get as get
from actscope.activations._table import names as names
from actscope.activations._table import register as register
