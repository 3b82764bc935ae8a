"""What the record of a study answers: settings, comparisons, which factor matters, which ranks.

Numbers of members in, estimates with intervals and n out, each by `stats`, which knows no study,
and what they say in sentences. Test scores choose nothing. Nothing here prints or draws, and only
`remedied` trains.
"""

from actscope.answers._answer import Answer as Answer
from actscope.answers._answer import answers as answers
from actscope.answers._begun import begun as begun
from actscope.answers._comparisons import Comparisons as Comparisons
from actscope.answers._datasets import Ranks as Ranks
from actscope.answers._document import document as document
from actscope.answers._document import rows as rows
from actscope.answers._foretold import Foretold as Foretold
from actscope.answers._foretold import foretold as foretold
from actscope.answers._interaction import Interaction as Interaction
from actscope.answers._interaction import Mean as Mean
from actscope.answers._layers import Bars as Bars
from actscope.answers._layers import Layer as Layer
from actscope.answers._layers import layers as layers
from actscope.answers._matter import Matter as Matter
from actscope.answers._remedied import Cure as Cure
from actscope.answers._remedied import Remedied as Remedied
from actscope.answers._remedied import remedied as remedied
from actscope.answers._settings import Failures as Failures
from actscope.answers._settings import Setting as Setting
from actscope.answers._tuned import Tuned as Tuned
from actscope.answers._yardstick import Yardstick as Yardstick
