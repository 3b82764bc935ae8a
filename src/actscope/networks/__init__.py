"""Networks: layers, initialisers, architectures, and the file that a network is saved in.

An architecture is a frozen record of hyperparameters with two pure functions,
`init(key, x) -> (params, state)` and `apply(params, state, x) -> (outputs, state)`. The activation
is injected. Nothing here trains, measures or knows a data set.
"""

from actscope.networks._file import FILE_NAME as FILE_NAME
from actscope.networks._file import Saved as Saved
from actscope.networks._file import load as load
from actscope.networks._file import save as save
from actscope.networks._initialisers import Initialiser as Initialiser
from actscope.networks._initialisers import initialisations as initialisations
from actscope.networks._initialisers import initialiser as initialiser
from actscope.networks._mlp import MLP as MLP
from actscope.networks._mlp import Activate as Activate
from actscope.networks._mlp import Params as Params
from actscope.networks._mlp import State as State
from actscope.networks._mlp import build as build
from actscope.networks._mlp import plainly as plainly
