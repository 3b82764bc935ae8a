"""Statistics of many runs: plain numbers in, an estimate with its interval and n out.

A number of one network is a measure and lives in `probing`; n counts seeds here.
"""

from actscope.stats._balanced import Balanced as Balanced
from actscope.stats._balanced import balanced as balanced
from actscope.stats._bootstrap import bca_interval as bca_interval
from actscope.stats._correction import benjamini_hochberg as benjamini_hochberg
from actscope.stats._correction import holm as holm
from actscope.stats._curves import curve_intervals as curve_intervals
from actscope.stats._family import Comparison as Comparison
from actscope.stats._family import Family as Family
from actscope.stats._family import compare as compare
from actscope.stats._flip import flip_test as flip_test
from actscope.stats._importance import Component as Component
from actscope.stats._importance import Importance as Importance
from actscope.stats._importance import importance as importance
from actscope.stats._interval import Interval as Interval
from actscope.stats._interval import mean_interval as mean_interval
from actscope.stats._interval import prediction_interval as prediction_interval
from actscope.stats._learning import Reached as Reached
from actscope.stats._learning import area_under as area_under
from actscope.stats._learning import epochs_to as epochs_to
from actscope.stats._nemenyi import cliques as cliques
from actscope.stats._nemenyi import critical_difference as critical_difference
from actscope.stats._nemenyi import nemenyi as nemenyi
from actscope.stats._paired import Paired as Paired
from actscope.stats._paired import paired as paired
from actscope.stats._power import SeedsRange as SeedsRange
from actscope.stats._power import seeds_for as seeds_for
from actscope.stats._power import seeds_for_exact as seeds_for_exact
from actscope.stats._power import seeds_range as seeds_range
from actscope.stats._ranking import RankingChange as RankingChange
from actscope.stats._ranking import Reversal as Reversal
from actscope.stats._ranking import ranking_changes as ranking_changes
from actscope.stats._ranks import Friedman as Friedman
from actscope.stats._ranks import average_ranks as average_ranks
from actscope.stats._ranks import friedman as friedman
from actscope.stats._share import Share as Share
from actscope.stats._share import share_interval as share_interval
from actscope.stats._share import with_failures as with_failures
from actscope.stats._summary import Summary as Summary
from actscope.stats._summary import summarise as summarise
