"""Training: a recipe, one pure step, the loop around it, and a checkpoint that a run goes on from.

`fit(Job(network, dataset, recipe, seed))` gives the best network on validation and the history of
the run. Nothing here knows what is measured on the way: instruments are passed in as `observe`,
and whoever shows progress as `watch`. Saving a finished network is for `networks`.
"""

from actscope.training._checkpoint import CHECKPOINT as CHECKPOINT
from actscope.training._evaluate import Evaluation as Evaluation
from actscope.training._evaluate import evaluate as evaluate
from actscope.training._history import Epoch as Epoch
from actscope.training._history import History as History
from actscope.training._job import Job as Job
from actscope.training._loop import Observe as Observe
from actscope.training._loop import Trained as Trained
from actscope.training._loop import fit as fit
from actscope.training._network import Network as Network
from actscope.training._progress import Progress as Progress
from actscope.training._progress import Watch as Watch
from actscope.training._recipe import Recipe as Recipe
from actscope.training._snapshot import Device as Device
