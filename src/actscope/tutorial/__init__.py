"""The tutorial, exactly: its random stream, its pickles, its figures and its words.

This is the annexe: quirks that exist only because the UvA Deep Learning Tutorial 3 (JAX, Phillip
Lippe) had them live here, and only the command line knows of it. `reproduce(measure(…))` puts
every figure that the tutorial publishes beside ours; the published ones stand in
`published.json`, which one module reads and no measurement does.
"""

from actscope.tutorial._exhibits import by_activation as by_activation
from actscope.tutorial._exhibits import exhibits_of_runs as exhibits_of_runs
from actscope.tutorial._exhibits import exhibits_of_tutorial as exhibits_of_tutorial
from actscope.tutorial._explained import explained as explained
from actscope.tutorial._gallery import Exhibits as Exhibits
from actscope.tutorial._gallery import gallery as gallery
from actscope.tutorial._measure import Dead as Dead
from actscope.tutorial._measure import Measured as Measured
from actscope.tutorial._measure import dead_neurons as dead_neurons
from actscope.tutorial._measure import measure as measure
from actscope.tutorial._pair import load as load
from actscope.tutorial._pair import save as save
from actscope.tutorial._pretrained import SOURCE as SOURCE
from actscope.tutorial._pretrained import Pretrained as Pretrained
from actscope.tutorial._pretrained import pretrained as pretrained
from actscope.tutorial._reproduce import Figure as Figure
from actscope.tutorial._reproduce import exit_status as exit_status
from actscope.tutorial._reproduce import reproduce as reproduce
from actscope.tutorial._reproduce import to_json as to_json
from actscope.tutorial._retrained import Retrained as Retrained
from actscope.tutorial._retrained import retrained as retrained
from actscope.tutorial._runs import accuracies as accuracies
from actscope.tutorial._runs import jobs as jobs
from actscope.tutorial._runs import learning as learning
from actscope.tutorial._stream import initial_params as initial_params
