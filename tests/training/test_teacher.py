from dataclasses import replace

import numpy as np
import pytest

from actscope.training._teacher import NOISE, moments, teacher

PARTS = ("train", "validation", "test")


def flat(dataset, part):
    images = dataset.normalization(dataset.split(part).images)
    return images.reshape(len(images), -1).astype(np.float64)


def test_moments_are_those_of_the_training_set(digits):
    mean, variance = moments(digits)
    x = flat(digits, "train")
    np.testing.assert_allclose(mean, x.mean(axis=0), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(variance, x.var(axis=0), rtol=1e-8, atol=1e-12)


def test_it_is_the_stated_sum_of_cosines(digits):
    x = flat(digits, "train")
    generator = np.random.default_rng(42)
    directions = generator.standard_normal((64, 64)) / np.sqrt(x.var(axis=0).sum())
    phases = generator.uniform(0, 2 * np.pi, 64)

    def function(x):
        return np.sqrt(2 / 64) * sum(
            np.cos((x - flat(digits, "train").mean(axis=0)) @ directions[:, k] + phases[k])
            for k in range(64)
        )

    reference = function(x)
    for index, part in enumerate(PARTS):
        clean = (function(flat(digits, part)) - reference.mean()) / reference.std()
        noise = 0.1 * np.random.default_rng([42, index]).standard_normal(len(clean))
        # It is given as float32.
        np.testing.assert_allclose(teacher(digits, part), clean + noise, rtol=1e-6, atol=1e-6)


def test_signal_and_noise_have_the_stated_size(digits):
    assert NOISE == 0.1
    said = teacher(digits, "train").astype(np.float64)
    n = len(said)
    assert said.mean() == pytest.approx(0, abs=4 * 0.1 / np.sqrt(n))
    # Variance 1 + 0.01, and a correlation between signal and noise of size 1 / √n.
    assert said.var() == pytest.approx(1.01, abs=4 * (2 * 0.1 + 0.02) / np.sqrt(n))


def test_images_that_are_all_alike_are_met_without_nan(digits):
    grey = replace(digits.train, images=np.full_like(digits.train.images, 8))
    dataset = replace(digits, train=grey)
    assert np.isfinite(teacher(dataset, "train")).all()
