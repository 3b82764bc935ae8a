"""What mean-field theory says of an activation function in a wide network before training.

In float64 on the host: moments under a Gaussian, gains, maps of variance and correlation, where
they are critical, and what to expect of a given network. What a network really does is measured by
probing; what a function is by itself belongs to activations.
"""

from actscope.theory._density import Atom as Atom
from actscope.theory._density import Distribution as Distribution
from actscope.theory._density import gradient_density as gradient_density
from actscope.theory._density import output_density as output_density
from actscope.theory._hosted import Hosted as Hosted
from actscope.theory._hosted import hosted as hosted
from actscope.theory._layer import Layer as Layer
from actscope.theory._layer import gaussian as gaussian
from actscope.theory._layer import law as law
from actscope.theory._layer import network as network
