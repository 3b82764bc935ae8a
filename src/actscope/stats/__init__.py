"""Statistics of many runs: plain numbers in, an estimate with its interval and n out.

A number of one network is a measure and lives in `probing`; n counts seeds here.
"""

from actscope.stats._interval import Interval as Interval
from actscope.stats._interval import mean_interval as mean_interval
from actscope.stats._interval import prediction_interval as prediction_interval
