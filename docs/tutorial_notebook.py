# %% [markdown]
# # The tutorial, retold
#
# This is the third of the [UvA Deep Learning Tutorials](https://uvadlc-notebooks.readthedocs.io)
# in JAX, "Activation Functions" by Phillip Lippe, section by section, told with actscope. The
# questions are his: what does the choice of an activation function do to the gradients of a fresh
# network, to its accuracy, to the numbers inside it, and to the neurons that die? Each number that
# he publishes stands beside ours.
#
# The original has 475 lines of code, blank ones not counted. Here it has 109, about a fifth, since
# layers, training and measuring are the library's. What is left is the lesson: before each figure
# the text says what to look at, and then why it looks so. To change something and run it again,
# take [this page as a notebook](tutorial_notebook.py): Jupyter opens it with jupytext, and plain
# Python runs it too.

# %%
# %matplotlib inline
# %config InlineBackend.figure_formats = ["retina"]
import math
import textwrap

from actscope import activations, data, figures, networks, study, theory, training, tutorial

names = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")

# %% [markdown]
# Two things may be lacking on a machine: the images, and the six networks that the author trained.
# The next cell says which are here. Without the images the digits that scikit-learn carries take
# their place: all figures are drawn, but no published number can be compared. Without a trained
# network, one that we train below takes its place.

# %%
try:
    images, pretrained = data.load("fashion_mnist"), tutorial.pretrained()
except data.UnavailableError:
    images, pretrained = data.load("digits"), {}

theirs = {name: found.saved for name, found in pretrained.items() if found.saved}
print("images:", "FashionMNIST" if pretrained else "digits, since FashionMNIST CANNOT BE HAD HERE")
print("the author's networks:", ", ".join(theirs) or "none")
print("our own instead of his:", ", ".join(name for name in names if name not in theirs) or "none")

# %% [markdown]
# ## Common activation functions
#
# Sigmoid and tanh are the oldest of the six, and level off on both sides. ReLU does not level off
# where it is positive, and is 0 where it is negative. The other three repair that zero: LeakyReLU
# with a small slope, ELU with an exponential, Swish with a smooth dip that comes back to 0.

# %%
for name in names:
    slope = activations.describe(activations.get(name)).largest_slope
    print(f"{name:10}  largest slope {slope:.3f}   {activations.get(name).formula}")

# %% [markdown]
# ### What they look like
#
# **Look at the dashed lines**, the gradients: training sees nothing else of a function. How high
# do they get, and where are they 0? Sigmoid's never rises above ¼, so that each layer takes at
# least three quarters of what comes back through it, unless the weights make up for it. Tanh
# reaches 1, in the middle alone. ReLU's is 1 or 0 with nothing between. Swish's changes its sign,
# as it is the only one of them that falls before it rises.

# %%
curves = {name: activations.curve(activations.get(name)) for name in names}
figures.curves(curves)

# %% [markdown]
# A function of your own joins them with one line, `activations.register("mine", f)`; [62 are there
# already](catalogue.md).

# %% [markdown]
# ## Analysing the effect of activation functions
#
# ### Setup
#
# The network is plain: an image as one long vector, four hidden layers of 512, 256, 256 and 128
# units, the activation after each, and ten outputs. Weights and biases are uniform in ±1/√fan_in,
# PyTorch's default. `tutorial.initial_params` draws them from the random stream that JAX had when
# the tutorial was made, so that key 42 here is key 42 there, to the bit.


# %%
def untrained(name, key, hidden_sizes=(512, 256, 256, 128)):
    """The tutorial's network before training."""
    network = networks.FeedForward(activations.get(name), hidden_sizes)
    weights = tutorial.initial_params(network, seed=key, features=images.train.images[0].size)
    return networks.Saved(network, weights, {})


# %% [markdown]
# The images are grey clothes in ten classes. Pixels are brought to [-1, 1]; the split into 50,000
# and 10,000 is the tutorial's.

# %%
examples = images.train.first(12)
classes = [images.class_names[label] for label in examples.labels]
figures.image_grid(images.normalization(examples.images), classes, columns=6)

# %% [markdown]
# ### The gradient flow after initialisation
#
# One batch of 256 images goes forward and back through a network that has learned nothing yet. The
# figures show the gradient of the loss with respect to each weight matrix, from the input (left)
# to the output (right). One learning rate serves all layers, so their gradients should be of one
# size.

# %%
batch = images.split("first256")
gradients = {name: study.probe(untrained(name, key=0), images, batch) for name in names}


def flow(name):
    """The gradient of each weight matrix, from the input layer on."""
    matrices = [found for found in gradients[name].parameters if len(found.shape) == 2]
    return figures.gradient_distributions(name, [(each.name, each.gradient) for each in matrices])


# %% [markdown]
# **Look at the scale below each panel.** With sigmoid it shrinks with every layer towards the
# input, several thousandfold in all. The output layer would take large steps while the input layer
# stands still, and no learning rate suits both.

# %%
flow("sigmoid")

# %% [markdown]
# With the next four the norms of a network's matrices ("l2 norm") are alike, within a factor of
# three or so.

# %%
flow("tanh")

# %%
flow("leaky_relu")

# %%
flow("elu")

# %%
flow("swish")

# %% [markdown]
# **Look at the bar at 0** with ReLU. A unit that is off for an image passes no gradient to its
# weights; one that is off for all 256 leaves its whole row of entries exactly 0. The small print
# says how many these are.

# %%
flow("relu")

# %% [markdown]
# **Why.** On its way back through one layer a gradient is multiplied by the slopes f'(z) and by a
# matrix of random weights. Averaged over both, its squared norm changes by
#
# χ = σ_w² E[f'(z)²], where σ_w² = fan_in · Var W,
#
# and z is normal with the variance q that pre-activations have there. PyTorch's default has σ_w² =
# ⅓. ⅓. So the norm that a layer leaves is √χ, an integral that needs no network. The table has
# what three layers leave of the norm between the last hidden layer and the first, expected and
# measured in the networks just drawn; then what the same layers leave of the signal on its way
# forward. The last column is the σ_w that keeps the gradient's norm at variance 1: the backward
# gain, 1/√E[f'²].

# %%
for name, profile in gradients.items():
    *others, last = profile.sites
    chis = [theory.chi(name, site.pre.rms**2, sigma_w=3**-0.5) for site in others]
    expected, measured = math.prod(chis) ** 0.5, others[0].gradient.l2 / last.gradient.l2
    gain = theory.gain(name, "backward")
    print(f"{name:10}  gradient: expected {expected:.4f}, measured {measured:.4f}", end="   ")
    print(f"signal: {last.post.rms / others[0].post.rms:.3f}   gain: {gain:.2f}")

# %% [markdown]
# Sigmoid's slope is at most ¼, so its √χ is at most ¼ · √⅓ = 0.144, and three layers leave at most
# 0.003 of a gradient's norm. The other five leave between a third and a half or so in each layer,
# which four layers bear and forty would not.
#
# Why, then, were the figures of these five so even? The gradient of a weight is a product: the
# signal that comes in times the gradient that comes back. Their signals shrink on the way forward
# about as their gradients shrink on the way back, and the product stays. Sigmoid's outputs cannot
# shrink, as they lie around ½, so nothing makes up for its gradients.
#
# The default is too small for *all* six: its σ_w is 0.577, and every gain is above 1. What follows
# from that, and which start keeps signal and gradient alive, is in [theory](theory.md).

# %% [markdown]
# ### Training a model
#
# The recipe is SGD at 0.01 with momentum 0.9 in batches of 256. The author trains up to 50 epochs,
# with early stopping. That takes half an hour or more on two cores, so **this page trains each
# network for 585 steps, three epochs of FashionMNIST**, from one seed. It is enough to see the
# curves part, and not to say which ends highest.
#
# **Look at sigmoid.** It stays at chance, one in ten, while the others go most of their way: the
# plateau that the small gradients of its first layers foretold. The tutorial sees it leave the
# plateau after many epochs.

# %%
jobs = study.demo_jobs(images, seeds=1)
runs = {run.label: run for run in study.train_all(jobs, "actscope-runs/notebook").values()}
histories = {name: run.history.curve for name, run in runs.items()}
figures.learning_curves({name: figures.LearningCurve.of(*each) for name, each in histories.items()})

# %% [markdown]
# Now the networks that the author trained to the end, read from his own files and put to the test
# images. The published accuracies come from one file of the package, which nothing reads but this
# comparison.


# %%
def beside(kind, **measured):
    """Print what the tutorial publishes of a kind beside what was just measured."""
    for figure in tutorial.reproduce(tutorial.Measured(**measured)) if pretrained else ():
        if figure.id.startswith(kind):
            print(f"{figure.id}: {figure.status}")
            print(f"    published   {figure.published}\n    reproduced  {figure.reproduced}")


accuracy = {
    name: training.evaluate(saved.network, saved.params, saved.state, images).score
    for name, saved in theirs.items()
}
beside("test_accuracy", accuracy=accuracy)
for name, run in runs.items():
    print(f"{name:10}  ours after 585 steps {run.test.score:.4f}")

# %% [markdown]
# Five of the six published accuracies lie within half a point of each other. On 10,000 test images
# the accuracy of one network is known to about ±0.6 points, and another seed moves it as well. So
# this table cannot say which of the five is best; the author says as much.

# %% [markdown]
# ### The activation distribution
#
# What numbers are in a trained network? For each layer a pair of panels: the pre-activation, and
# what the function makes of it. Below each figure stands whose network it is.

# %%
shown = {name: run.saved for name, run in runs.items()} | theirs
signals = {name: study.probe(saved, images, batch) for name, saved in shown.items()}


def distributions(name):
    """Histograms of every layer of a trained network."""
    whose = "the author's network" if name in theirs else "our network after 585 steps"
    panels = list(signals[name].signals().items())
    return figures.activation_distributions(name, panels, caption=whose)


# %% [markdown]
# Sigmoid: **look at the comb in the last panels.** A network on its plateau gives all 256 images
# nearly the same outputs, a spike for each of the ten classes, and its units stay around ½. The
# author's network leaves the plateau in the end; the tutorial then finds the last layer at 0 and 1
# and the middle ones hardly moved: the layers with the large gradients learn first.

# %%
distributions("sigmoid")

# %% [markdown]
# Tanh: **compare the last hidden layer with those before.** It is the first to form humps near -1
# and 1, where the slope is nearly 0: the classification pushes its units to one side or the other.
# In the author's network, trained to the end, the input layer has many values there too.

# %%
distributions("tanh")

# %% [markdown]
# ReLU: **look at the share of exact zeros**, written in the panels, as its bar would flatten all
# others. From the second layer on the pre-activations are no bell curve: a negative one gets no
# gradient, so training shapes the positive side, into a long tail. The first layer's tail points
# the other way.

# %%
distributions("relu")

# %% [markdown]
# LeakyReLU does as ReLU does, with the zeros spread over small negative numbers.

# %%
distributions("leaky_relu")

# %% [markdown]
# ELU has a floor at -1 that it comes to smoothly; pre-activations are more like a bell again.

# %%
distributions("elu")

# %% [markdown]
# Swish lies between. The tutorial finds its values the largest of all; near 0 it is x/2, half of
# ReLU's slope, and larger weights make up for that.

# %%
distributions("swish")

# %% [markdown]
# ### Finding dead neurons in ReLU networks
#
# A ReLU unit whose pre-activation is negative for *every* training image has output 0 and slope 0:
# no gradient reaches its weights, and it is of no use. So we count, over all training images: in
# the fresh network, in the trained one that began with the same weights, and in a fresh one of ten
# layers.

# %%
deep = (*[256] * 5, *[128] * 5)
dead = {}
for name in ("relu", "leaky_relu", "elu", "swish"):
    nets = {"untrained": untrained(name, key=42), "deep": untrained(name, 42, deep)}
    nets |= {"trained": theirs[name]} if name in theirs else {}
    dead |= {f"{name}.{which}": tutorial.dead_neurons(net, images) for which, net in nets.items()}
beside("dead", dead=dead)

# %%
layers = {name: list(zip(each.counts, each.widths, strict=True)) for name, each in dead.items()}
relu = {name: layers[name] for name in layers if name.startswith("relu.")}
figures.dead_units(relu, examples=len(images.train))

# %% [markdown]
# **In four layers** few units are dead, and the deeper, the more. A dead unit in a *later* layer
# may wake: its own weights get no gradient, but the layers before it change, and with them its
# inputs. A dead unit in the first layer is dead for good, since the images do not change.

# %%
if "relu.trained" in dead:
    both = zip(dead["relu.untrained"].masks, dead["relu.trained"].masks, strict=True)
    for layer, (before, after) in enumerate(both, start=1):
        print(f"layer {layer}: {sum(before & ~after)} woke up, {sum(after & ~before)} died")

# %% [markdown]
# **In ten layers** about half of the units of the last ones are dead. Why half? **Look at the
# panel of the correlation**, the mean cosine between the pre-activations of two images. It climbs
# to 1: after a few layers all images look alike to the network, because of the biases, which all
# images share, and of ReLU, whose outputs are never negative. Once every image gives a unit the
# same number, one sign decides for all of them, and a random sign is negative half of the time.
# (The figure sees 4,096 images, so a few more units are dead than on all 50,000: with more images
# there is more that may wake a unit.)

# %%
study.probe(untrained("relu", 42, deep), images, images.train.first(4096)).plot()

# %% [markdown]
# [Theory](theory.md#the-tutorials-words-explained) predicts the share of dead units in each of the
# ten layers, and what would have helped: weights of σ_w² = 2 without biases keep the images apart
# for longer.
#
# The functions that leave some slope on the negative side have nothing to die of:

# %%
for name, each in dead.items():
    print(f"{name:20}  {sum(each.counts):3} dead of {sum(each.widths)}")

# %% [markdown]
# ## Conclusion
#
# The tutorial concludes that sigmoid fails in deep networks because of its small slope, that all
# the ReLU-like functions do well, and that all of them but ReLU itself are free of dead neurons.
# Its sentences can be checked one by one, each by a criterion that was fixed before its result was
# known. "?" means that a network, or its training to the end, is lacking here. Under a "NO" stands
# the evidence.

# %%
measured = tutorial.Measured(
    accuracy=accuracy,
    dead=dead,
    gradients=gradients,
    signals={name: signals[name] for name in theirs},
    curves=curves,
)
found = tutorial.reproduce(measured) if pretrained else ()
for claim in (figure for figure in found if figure.is_claim):
    print({True: "yes", False: "NO", None: "?"}[claim.holds].ljust(4), f"“{claim.published}”")
    if claim.holds is False:
        why = "; ".join(filter(None, (claim.reproduced, claim.note)))
        print(textwrap.indent(textwrap.fill(why, 90), " " * 8))

# %% [markdown]
# The sentences about long tails stumble over the first layer, whose tail is the other one. Those
# about the ten layers stumble over the numbers that the tutorial itself prints above them: they
# say more than half where it prints about half. No conclusion hangs on that. Last, the count of
# all published figures:

# %%
for status in ("match", "mismatch", "unavailable"):
    ids = [figure.id for figure in found if figure.status == status and not figure.is_claim]
    print(f"{len(ids)} published figures: {status}", *ids, sep="\n    ")

# %% [markdown]
# ## What one seed does not show
#
# The tutorial trains each network once, and says itself that several seeds would be needed. A
# figure that is reproduced to the last digit is still the figure of one network. What it cannot
# tell:
#
# - **Which of the five is best.** Their accuracies differ by less than seeds do. A
#   [study](studies.md) of ten seeds gives paired differences with intervals, and says how many
#   seeds would tell what it cannot. `actscope reproduce --retrain --seeds 10` trains the six by
#   the author's recipe, and asks whether his run lies where one more of ours would.
# - **Whether sigmoid fails.** It fails from this start at this depth. The start that theory
#   recommends trains it in ten layers ([theory](theory.md#the-tutorials-words-explained)).
# - **What depends on depth, optimizer, layers or data.** Each is an axis of a study, which says
#   whether the ranking changes along it.
# - **How many units die.** The counts above are of one key; with another, other units are dead.
#   Theory and [the probe](probe.md) give the expected share with its scatter.
#
# ```toml
# [study]
# name = "tutorial"
# seeds = 10
# epochs = 50
#
# [axes]
# activation = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish"]
# initialization = ["pytorch", "critical"]
# ```
#
# ## References
#
# - Phillip Lippe, UvA Deep Learning Tutorials, tutorial 3 (JAX): Activation Functions. What is
#   exact about the reproduction: [the tutorial, exactly](tutorial.md).
# - Prajit Ramachandran, Barret Zoph, Quoc V. Le, 2017: Searching for activation functions.
# - Samuel S. Schoenholz, Justin Gilmer, Surya Ganguli, Jascha Sohl-Dickstein, 2017: Deep
#   information propagation.
