"""Separation and approximation of liquids."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl import analysis, data, lsm
from neurocl.core.errors import NeuroclError
from neurocl.lsm.encoding import encoding

DIGITS = data.digits().flat()
X, Y = DIGITS.x_train[:300], DIGITS.y_train[:300]
SMALL = {"n": 60, "steps": 60, "threads": 1}
FEW = {"per_class": 5, "draws": 10}


def test_ranks_are_those_of_the_counts_of_samples_without_and_with_noise():
    events = np.random.default_rng(0).random((20, 90, 30)) < 0.1
    labels = np.arange(20) % 2
    model = lsm.LSM(magnitude=2.0, encoding="events", **SMALL).prepare(events)
    found = lsm.liquid_ranks(model, events, labels, **FEW, seed=3)
    shifts = np.rint(10 * np.random.default_rng([3, 1]).standard_normal(20)).astype(int)
    noisy = data.shift_events(events, shifts)
    assert 5 < np.abs(shifts).mean() < 12
    for rank, shown in ((found.separation, events), (found.approximation, noisy)):
        counts = model.present(shown).counts
        assert rank == analysis.separation_rank(counts, labels, **FEW, rng=3) > 5


@pytest.mark.parametrize("norm", ["train", "split"])
def test_noisy_images_have_noise_in_their_pixels_before_they_are_scaled_and_in_every_step(norm):
    fitted = encoding("image", norm).fit(X)
    found = fitted.noisy_samples(X, 60, np.random.default_rng(0))[0:300]
    pixels = data.noisy_images(X, 125 / 255, np.random.default_rng(0))
    shares = pixels / pixels.sum(axis=1, keepdims=True)
    largest = fitted.encoder.largest_ if norm == "train" else shares.max()
    np.testing.assert_allclose(found, data.noisy_probabilities(np.minimum(shares / largest, 1.0), 0.025))


def test_a_liquid_separates_more_the_stronger_it_is_and_a_silent_one_nothing():
    silent, strong = (lsm.LSM(magnitude=w, **SMALL).prepare(X) for w in (0.01, 2.0))
    found = lsm.liquid_ranks(silent, X, Y, **FEW)
    assert found.separation == found.approximation == 0.0
    found = lsm.liquid_ranks(strong, X, Y, **FEW)
    assert found.separation > 20 and found.approximation > 20
    assert found == lsm.liquid_ranks(strong, X, Y, **FEW)


def test_mistakes_are_told_before_samples_are_presented(monkeypatch):
    model = lsm.LSM(**SMALL).prepare(X)
    monkeypatch.setattr(model, "present", None)
    with pytest.raises(NeuroclError, match="one label for each of 300 samples"):
        lsm.liquid_ranks(model, X, Y[:10])
    with pytest.raises(NeuroclError, match="expected a prepared liquid"):
        lsm.liquid_ranks(lsm.LSM(), X, Y)
