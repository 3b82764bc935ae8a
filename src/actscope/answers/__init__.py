"""What the record of a study answers: settings, comparisons, which factor matters, which ranks.

Numbers of members in, estimates with intervals and n out, each by `stats`, which knows no study.
Nothing here trains, prints or draws.
"""

from actscope.answers._answer import Answer as Answer
from actscope.answers._answer import answers as answers
from actscope.answers._comparisons import Comparisons as Comparisons
from actscope.answers._datasets import Ranks as Ranks
from actscope.answers._document import document as document
from actscope.answers._document import rows as rows
from actscope.answers._factors import Factor as Factor
from actscope.answers._factors import factors as factors
from actscope.answers._matter import Matter as Matter
from actscope.answers._scores import Scores as Scores
from actscope.answers._settings import Setting as Setting
