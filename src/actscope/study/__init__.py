"""The hall: networks are trained here, one or many at a time, probed, and what they gave is kept.

The rooms below know nothing of each other; here a job of `training` meets `data`, `networks` and
`probing`. A study is a specification (`read`, `spec`), the `plan` of its members, an engine
(`run`), and the `Record` of what they gave. What many members say together is for `answers` and
`stats`, and nothing here draws.
"""

from actscope.study._axes import AXES as AXES
from actscope.study._axes import Shown as Shown
from actscope.study._cell import Cell as Cell
from actscope.study._engine import Engine as Engine
from actscope.study._engine import choices as choices
from actscope.study._engine import load as load
from actscope.study._engine import run as run
from actscope.study._estimate import Duration as Duration
from actscope.study._estimate import Estimate as Estimate
from actscope.study._estimate import Memory as Memory
from actscope.study._estimate import estimate as estimate
from actscope.study._fit import check as check
from actscope.study._folder import Folder as Folder
from actscope.study._foresight import Foreseen as Foreseen
from actscope.study._foresight import Foresight as Foresight
from actscope.study._foresight import at_start as at_start
from actscope.study._foresight import foresee as foresee
from actscope.study._foresight import foretell as foretell
from actscope.study._foresight import fresh as fresh
from actscope.study._foresight import in_theory as in_theory
from actscope.study._grid import demo_jobs as demo_jobs
from actscope.study._grid import grid as grid
from actscope.study._local import Bench as Bench
from actscope.study._local import local as local
from actscope.study._member import Combination as Combination
from actscope.study._member import Member as Member
from actscope.study._outcome import Outcome as Outcome
from actscope.study._plan import Plan as Plan
from actscope.study._plan import extends as extends
from actscope.study._plan import plan as plan
from actscope.study._probe import dead_units as dead_units
from actscope.study._probe import examine as examine
from actscope.study._probe import probe as probe
from actscope.study._probe import untrained as untrained
from actscope.study._problems import SpecError as SpecError
from actscope.study._ray import Ray as Ray
from actscope.study._record import Record as Record
from actscope.study._remarks import remarks as remarks
from actscope.study._remedy import remedy as remedy
from actscope.study._run import Run as Run
from actscope.study._runs import Observer as Observer
from actscope.study._runs import train_all as train_all
from actscope.study._spec import Spec as Spec
from actscope.study._spec import Tune as Tune
from actscope.study._spec import differences as differences
from actscope.study._specfile import MAX_MEMBERS as MAX_MEMBERS
from actscope.study._specfile import read as read
from actscope.study._specfile import spec as spec
from actscope.study._train import train as train
from actscope.study._tuning import Choice as Choice
from actscope.study._watch import Begun as Begun
from actscope.study._watch import Event as Event
from actscope.study._watch import Finished as Finished
from actscope.study._watch import Moment as Moment
from actscope.study._watch import Watcher as Watcher
