"""Diagnosis: rules that say what is wrong with a network, on what evidence, and what to do.

A rule reads what the probe found, and may try things out on the model. Nothing here knows an
architecture, a framework or a data set.
"""

from actscope.diagnosis._diagnose import diagnose as diagnose
from actscope.diagnosis._diagnose import examined as examined
from actscope.diagnosis._diagnose import probe as probe
from actscope.diagnosis._remedy import Remedies as Remedies
from actscope.diagnosis._remedy import Tried as Tried
from actscope.diagnosis._remedy import remedy as remedy
from actscope.diagnosis._rule import Rule as Rule
from actscope.diagnosis._table import RULES as RULES
from actscope.diagnosis._table import rule as rule
