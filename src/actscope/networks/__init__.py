"""Networks: layers, initialisers, architectures, and the file that a network is saved in.

An architecture is a frozen record of hyperparameters with two pure functions,
`init(key, x) -> (params, state)` and `apply(params, state, x) -> (outputs, state)`. The activation
is injected. Nothing here trains, measures or knows a data set.
"""

from actscope.networks._activate import Activate as Activate
from actscope.networks._activate import Learned as Learned
from actscope.networks._activate import plainly as plainly
from actscope.networks._feed_forward import FeedForward as FeedForward
from actscope.networks._feed_forward import Params as Params
from actscope.networks._feed_forward import State as State
from actscope.networks._feed_forward import build as build
from actscope.networks._file import FILE_NAME as FILE_NAME
from actscope.networks._file import Saved as Saved
from actscope.networks._file import load as load
from actscope.networks._file import save as save
from actscope.networks._initialisers import Initialiser as Initialiser
from actscope.networks._initialisers import initialisations as initialisations
from actscope.networks._initialisers import initialiser as initialiser
from actscope.networks._layers import layers as layers
from actscope.networks._layers import normalizations as normalizations
