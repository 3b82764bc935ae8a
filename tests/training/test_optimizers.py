import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from actscope._errors import ActscopeError
from actscope.training import Settings, optimizers, schedules
from actscope.training._optimizers import learning_rate, optimizer

# optax's own alias for each of our names, at its own defaults.
PEERS = {
    "sgd": lambda rate, decay: coupled(optax.sgd(rate, momentum=0.9), decay),
    "nesterov": lambda rate, decay: coupled(optax.sgd(rate, momentum=0.9, nesterov=True), decay),
    "adam": lambda rate, decay: coupled(optax.adam(rate), decay),
    "adamw": lambda rate, decay: optax.adamw(rate, weight_decay=decay),
    "nadam": lambda rate, decay: coupled(optax.nadam(rate), decay),
    "nadamw": lambda rate, decay: optax.nadamw(rate, weight_decay=decay),
    "amsgrad": lambda rate, decay: coupled(optax.amsgrad(rate), decay),
    "adamax": lambda rate, decay: coupled(optax.adamax(rate), decay),
    "adabelief": lambda rate, decay: coupled(optax.adabelief(rate), decay),
    "radam": lambda rate, decay: coupled(optax.radam(rate), decay),
    "yogi": lambda rate, decay: coupled(optax.yogi(rate), decay),
    "adagrad": lambda rate, decay: coupled(optax.adagrad(rate), decay),
    "adadelta": lambda rate, decay: coupled(optax.adadelta(rate), decay),
    "rmsprop": lambda rate, decay: coupled(optax.rmsprop(rate), decay),
    "lion": lambda rate, decay: optax.lion(rate, weight_decay=decay),
    "sign_sgd": lambda rate, decay: coupled(optax.sign_sgd(rate), decay),
}
START = {"kernel": jnp.array([[1.0, -2.0], [0.5, 3.0]]), "bias": jnp.array([0.1, -0.1])}


def coupled(rule, decay):
    """Weight decay as the gradient of half the squared norm."""
    return optax.chain(optax.add_decayed_weights(decay), rule)


def settings(rate=0.1, *, decay=0.0, clip=0.0, steps=100.0):
    return Settings(*map(jnp.float32, (rate, 0.9, decay, clip, steps)))


def gradient(params):
    """Of a bowl that is steeper along some axes."""
    return jax.tree.map(lambda x: jnp.arange(1.0, x.size + 1).reshape(x.shape) * x, params)


def descend(rule, params, rate=1.0):
    """Ten steps."""
    memory = rule.init(params)
    for _ in range(10):
        change, memory = rule.update(gradient(params), memory, params)
        params = jax.tree.map(lambda x, dx: x + rate * dx, params, change)
    return params


def test_every_optimizer_has_a_peer():
    assert set(optimizers()) == set(PEERS)


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_ten_steps_equal_those_of_optax(name, decay):
    rate = 0.05
    ours = descend(optimizer(name, clips=False, settings=settings(decay=decay)), START, -rate)
    theirs = descend(PEERS[name](rate, decay), START)
    # Ten float32 steps on numbers of size 1.
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6), ours, theirs)


@pytest.mark.parametrize("clip", [0.5, 1e6])
def test_clipping_is_by_the_norm_of_the_whole_gradient(clip):
    rule = optimizer("sgd", clips=True, settings=settings(clip=clip))
    change, _ = rule.update(gradient(START), rule.init(START), START)
    flat = np.concatenate([np.ravel(x) for x in jax.tree.leaves(gradient(START))])
    scale = min(1.0, clip / np.linalg.norm(flat))
    jax.tree.map(
        lambda new, old: np.testing.assert_allclose(new, scale * old, rtol=1e-6),
        change,
        gradient(START),
    )


@pytest.mark.heavy
def test_settings_may_be_traced_and_batched():
    @jax.vmap
    def run(numbers):
        return descend(optimizer("adamw", clips=True, settings=numbers), START, -0.1)

    each = [settings(decay=decay, clip=clip) for decay, clip in ((0.0, 1.0), (0.5, 2.0))]
    together = run(jax.tree.map(lambda *x: jnp.stack(x), *each))
    for lane, one in enumerate(each):
        alone = descend(optimizer("adamw", clips=True, settings=one), START, -0.1)
        jax.tree.map(
            lambda a, b, lane=lane: np.testing.assert_allclose(a[lane], b, rtol=1e-5),
            together,
            alone,
        )


@pytest.mark.parametrize(
    ("schedule", "peer"),
    [
        ("constant", optax.constant_schedule(0.2)),
        ("cosine", optax.cosine_decay_schedule(0.2, 100)),
        # Ours begins with a fifth of the way, not at 0 with a step that changes nothing.
        ("warmup", lambda step: optax.linear_schedule(0.0, 0.2, 5)(step + 1)),
    ],
)
def test_schedules_equal_those_of_optax(schedule, peer):
    for step in range(100):
        found = learning_rate(schedule, jnp.int32(step), settings(0.2))
        assert float(found) == pytest.approx(float(peer(step)), rel=1e-5, abs=1e-9)


def test_warm_up_and_cosine_multiply():
    for step in (0, 3, 50, 99):
        product = [
            float(learning_rate(name, jnp.int32(step), settings(1.0)))
            for name in ("warmup", "cosine", "warmup_cosine")
        ]
        assert product[2] == pytest.approx(product[0] * product[1], rel=1e-6)


def test_a_short_run_is_not_warmed_up_for_less_than_a_step():
    rates = [float(learning_rate("warmup", jnp.int32(s), settings(1.0, steps=4))) for s in range(4)]
    assert rates == [1.0] * 4


def test_unknown_names():
    assert set(schedules()) == {"constant", "cosine", "warmup", "warmup_cosine"}
    with pytest.raises(ActscopeError, match=r"unknown optimizer 'adm'.*did you mean 'adam'"):
        optimizer("adm", clips=False, settings=settings())
    with pytest.raises(ActscopeError, match=r"unknown schedule 'cosin'.*did you mean 'cosine'"):
        learning_rate("cosin", jnp.int32(0), settings())
