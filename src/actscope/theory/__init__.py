"""What mean-field theory says of an activation function in a wide network before training.

In float64 on the host: moments under a Gaussian, gains, maps of variance and correlation, where
they are critical, and what to expect of a given network. What a network really does is measured by
probing; what a function is by itself belongs to activations.
"""

from actscope.theory._critical import Critical as Critical
from actscope.theory._critical import CriticalPoint as CriticalPoint
from actscope.theory._critical import critical as critical
from actscope.theory._critical import edge_of_chaos as edge_of_chaos
from actscope.theory._dead import DeadShare as DeadShare
from actscope.theory._dead import dead_share as dead_share
from actscope.theory._density import Atom as Atom
from actscope.theory._density import Distribution as Distribution
from actscope.theory._density import gradient_density as gradient_density
from actscope.theory._density import output_density as output_density
from actscope.theory._fixed import FixedPoint as FixedPoint
from actscope.theory._fixed import fixed_points as fixed_points
from actscope.theory._forecast import Estimate as Estimate
from actscope.theory._forecast import Forecast as Forecast
from actscope.theory._forecast import LayerForecast as LayerForecast
from actscope.theory._forecast import forecast as forecast
from actscope.theory._gain import gain as gain
from actscope.theory._gaussian import expectation as expectation
from actscope.theory._gaussian import joint_expectation as joint_expectation
from actscope.theory._hosted import Hosted as Hosted
from actscope.theory._hosted import hosted as hosted
from actscope.theory._initializer import Start as Start
from actscope.theory._initializer import bias_initializer as bias_initializer
from actscope.theory._initializer import critical_network as critical_network
from actscope.theory._initializer import initializer as initializer
from actscope.theory._initializer import start as start
from actscope.theory._layer import Law as Law
from actscope.theory._layer import Layer as Layer
from actscope.theory._layer import gaussian as gaussian
from actscope.theory._layer import law as law
from actscope.theory._layer import network as network
from actscope.theory._maps import chi as chi
from actscope.theory._maps import correlation_map as correlation_map
from actscope.theory._maps import correlation_slope as correlation_slope
from actscope.theory._maps import variance_map as variance_map
from actscope.theory._maps import variance_slope as variance_slope
from actscope.theory._moments import Moments as Moments
from actscope.theory._moments import moments as moments
from actscope.theory._phases import chi_plane as chi_plane
from actscope.theory._summary import Summary as Summary
from actscope.theory._summary import summary as summary
from actscope.theory._torch_gain import TorchGain as TorchGain
from actscope.theory._torch_gain import beside_torch as beside_torch
from actscope.theory._weight_gradient import weight_gradients as weight_gradients
