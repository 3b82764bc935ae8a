"""Pages: finished numbers in, one HTML file out that needs nothing else.

A page is made of parts, and a part of prose, tables and charts. Charts are Vega-Lite specifications
that one script draws; a still picture of each stands in its place without scripts and in print. All
words are text, whatever they hold. Nothing here knows what a number means, or writes a file.
"""

from actscope.pages._blocks import Beside as Beside
from actscope.pages._blocks import Block as Block
from actscope.pages._blocks import Chart as Chart
from actscope.pages._blocks import Control as Control
from actscope.pages._blocks import Page as Page
from actscope.pages._blocks import Part as Part
from actscope.pages._blocks import Prose as Prose
from actscope.pages._blocks import Row as Row
from actscope.pages._blocks import Table as Table
from actscope.pages._charts import curves as curves
from actscope.pages._charts import heat as heat
from actscope.pages._charts import histograms as histograms
from actscope.pages._dots import differences as differences
from actscope.pages._dots import intervals as intervals
from actscope.pages._dots import shares as shares
from actscope.pages._lines import Across as Across
from actscope.pages._lines import Upward as Upward
from actscope.pages._lines import bands as bands
from actscope.pages._lines import path as path
from actscope.pages._names import brief as brief
from actscope.pages._names import short as short
from actscope.pages._render import render as render
