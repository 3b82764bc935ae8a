"""Which jobs a study has."""

from actscope import activations, study
from actscope.training import Recipe


def test_a_grid_crosses_activations_and_seeds(digits):
    functions = [activations.get("relu"), activations.get("elu", alpha=2)]
    jobs = study.grid(digits, functions, Recipe(epochs=4), 3)
    assert list(jobs) == [f"{name}-seed-{k}" for name in ("relu", "elu-alpha-2") for k in range(3)]
    assert [job.seed for job in jobs.values()] == [0, 1, 2, 0, 1, 2]
    assert jobs["elu-alpha-2-seed-1"].network.activation == functions[1]
    assert all(job.network.num_outputs == 10 for job in jobs.values())


def test_the_demo_compares_the_six_of_the_tutorial(digits):
    names = [job.network.activation.name for job in study.demo_jobs(digits, seeds=1).values()]
    assert names == ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish"]


def test_a_small_data_set_gets_as_many_steps_as_a_large_one(digits):
    recipe = next(iter(study.demo_jobs(digits).values())).recipe
    steps = recipe.epochs * (len(digits.train) // recipe.batch_size)
    assert 550 <= steps <= 620
