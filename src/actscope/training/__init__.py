"""Training: a task, a recipe, one pure step, the loop around it, and checkpoints.

`fit(Job(network, dataset, recipe, seed))` gives the best network on validation and the history of
the run; `fit_all` trains many that share a program side by side. Nothing here knows what is
measured on the way: instruments are passed in as `observe`, and whoever shows progress as `watch`.
Saving a finished network is for `networks`.
"""

from actscope.training._checkpoint import CHECKPOINT as CHECKPOINT
from actscope.training._epoch import LaneWatch as LaneWatch
from actscope.training._epoch import Observe as Observe
from actscope.training._evaluate import Evaluation as Evaluation
from actscope.training._evaluate import evaluate as evaluate
from actscope.training._history import Epoch as Epoch
from actscope.training._history import History as History
from actscope.training._job import Job as Job
from actscope.training._lanes import Device as Device
from actscope.training._loop import Trained as Trained
from actscope.training._loop import fit as fit
from actscope.training._loop import fit_all as fit_all
from actscope.training._network import Network as Network
from actscope.training._optimizers import Settings as Settings
from actscope.training._optimizers import optimizers as optimizers
from actscope.training._optimizers import schedules as schedules
from actscope.training._progress import Progress as Progress
from actscope.training._progress import Watch as Watch
from actscope.training._recipe import Recipe as Recipe
from actscope.training._rule import Numbers as Numbers
from actscope.training._rule import Problem as Problem
from actscope.training._rule import Rule as Rule
from actscope.training._step import Carry as Carry
from actscope.training._step import Examples as Examples
from actscope.training._step import first_carry as first_carry
from actscope.training._step import step as step
from actscope.training._step import update as update
from actscope.training._task import Judgement as Judgement
from actscope.training._task import Task as Task
from actscope.training._task import task as task
from actscope.training._task import tasks as tasks
