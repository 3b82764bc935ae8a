"""The hall: networks are trained here, one or many at a time, probed, and their runs kept.

The rooms below know nothing of each other; here a job of `training` meets `data`, `networks` and
`probing`. What many runs say together is for `stats`, and nothing here draws.
"""

from actscope.study._grid import demo_jobs as demo_jobs
from actscope.study._grid import grid as grid
from actscope.study._probe import dead_units as dead_units
from actscope.study._probe import probe as probe
from actscope.study._probe import untrained as untrained
from actscope.study._run import Run as Run
from actscope.study._runs import Observer as Observer
from actscope.study._runs import train_all as train_all
from actscope.study._train import train as train
