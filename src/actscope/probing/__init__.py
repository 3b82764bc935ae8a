"""Probing: a network's activation sites, their signals and gradients, and its dead units.

A tapped function hands each site's input to `activate`; whoever passes `activate` in can look.
Nothing here knows an architecture, a data set or how a network was trained, and nothing judges:
that is for the diagnosis.
"""

from actscope._signal import Histogram as Histogram
from actscope._signal import Signal as Signal
from actscope.probing._dead import Dead as Dead
from actscope.probing._dead import dead_units as dead_units
from actscope.probing._finding import SEVERITIES as SEVERITIES
from actscope.probing._finding import Finding as Finding
from actscope.probing._glance import Bins as Bins
from actscope.probing._glance import Glance as Glance
from actscope.probing._glance import Glimpse as Glimpse
from actscope.probing._glance import glance as glance
from actscope.probing._look import Loss as Loss
from actscope.probing._measure import profile as profile
from actscope.probing._model import Model as Model
from actscope.probing._moments import summarise as summarise
from actscope.probing._opened import Injected as Injected
from actscope.probing._opened import Opened as Opened
from actscope.probing._opened import Place as Place
from actscope.probing._passes import Batches as Batches
from actscope.probing._probe import Names as Names
from actscope.probing._probe import Probe as Probe
from actscope.probing._probe import probe as probe
from actscope.probing._probe import profiled as profiled
from actscope.probing._profile import Profile as Profile
from actscope.probing._site import Parameter as Parameter
from actscope.probing._site import Site as Site
from actscope.probing._swap import swapped as swapped
from actscope.probing._trainable import joined as joined
from actscope.probing._trainable import named as named
from actscope.probing._trainable import trainable as trainable
from actscope.probing._watch import Watch as Watch
from actscope.probing._watch import watch as watch
