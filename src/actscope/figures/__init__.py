"""Figures: finished numbers in, a `matplotlib.figure.Figure` out.

Nothing here loads, trains, computes an interval, shows or saves: resolution and file format are
the caller's (`figure.savefig("curves.svg")`). No figure touches pyplot, a backend or the user's
own settings, so they are drawn without a display and in threads. The look is that of seaborn's
default style, which the tutorial used, written out in `_style.py`; seaborn itself is not needed.

Every mapping goes from a label to numbers, in the order in which it is to be drawn: whatever is in
it takes part, a user's own activation as well.
"""

from actscope.figures._colours import colour as colour
from actscope.figures._comparison import Scores as Scores
from actscope.figures._comparison import comparison as comparison
from actscope.figures._critical import critical_difference as critical_difference
from actscope.figures._curves import curves as curves
from actscope.figures._dead import dead_units as dead_units
from actscope.figures._densities import Densities as Densities
from actscope.figures._densities import densities as densities
from actscope.figures._depth import Passage as Passage
from actscope.figures._depth import through_depth as through_depth
from actscope.figures._depth_profile import depth_profile as depth_profile
from actscope.figures._distribution_profile import distribution_profile as distribution_profile
from actscope.figures._distributions import activation_distributions as activation_distributions
from actscope.figures._distributions import gradient_distributions as gradient_distributions
from actscope.figures._forecast import Foretold as Foretold
from actscope.figures._forecast import forecast_against_measured as forecast_against_measured
from actscope.figures._forest import Difference as Difference
from actscope.figures._forest import forest as forest
from actscope.figures._gains import GainRow as GainRow
from actscope.figures._gains import gain_table as gain_table
from actscope.figures._heat import Cell as Cell
from actscope.figures._heat import interaction as interaction
from actscope.figures._images import image_grid as image_grid
from actscope.figures._importance import Effect as Effect
from actscope.figures._importance import importance as importance
from actscope.figures._learning import LearningCurve as LearningCurve
from actscope.figures._learning import learning_curves as learning_curves
from actscope.figures._overlay import overlay as overlay
from actscope.figures._phases import CriticalLine as CriticalLine
from actscope.figures._phases import Phases as Phases
from actscope.figures._phases import phase_diagram as phase_diagram
from actscope.figures._reading import Reading as Reading
from actscope.figures._scale import ACCURACY as ACCURACY
from actscope.figures._scale import R_SQUARED as R_SQUARED
from actscope.figures._scale import Scale as Scale
