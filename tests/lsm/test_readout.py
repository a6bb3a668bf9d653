"""Readouts of spike counts: logistic regression, and the published Adadelta training."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from neurocl.core.errors import NeuroclError
from neurocl.lsm.adadelta_readout import AdadeltaReadout, soft_targets
from neurocl.lsm.count_features import count_shares, features_by_batch
from neurocl.lsm.readout import LogisticReadout

READOUTS = [LogisticReadout(), AdadeltaReadout(epochs=40, batch_size=20)]


def samples(n=300, n_classes=10, seed=0):
    """Counts of 40 neurons, each class with rates of its own; labels."""
    rng = np.random.default_rng(seed)
    rates = np.random.default_rng(99).uniform(0, 8, (n_classes, 40))
    y = np.arange(n) % n_classes
    return rng.poisson(rates[y]), y


def test_shares_do_not_depend_on_how_much_a_sample_fires_and_a_silent_one_is_zero():
    shares = count_shares([[1, 3], [2, 6], [0, 0]])
    np.testing.assert_array_equal(shares, [[0.25, 0.75], [0.25, 0.75], [0.0, 0.0]])
    assert shares.dtype == np.float32


def test_features_by_batch_reach_one_in_every_batch_that_is_not_silent():
    counts, _ = samples(55)
    counts[20:40] = 0
    features = features_by_batch(counts, 20)
    assert [features[k : k + 20].max() for k in (0, 20, 40)] == [1.0, 0.0, 1.0]
    ratio = features[:20] / np.maximum(count_shares(counts[:20]), 1e-9)
    np.testing.assert_allclose(ratio[counts[:20] > 0], 1 / count_shares(counts[:20]).max(), rtol=1e-5)


@pytest.mark.parametrize("readout", READOUTS, ids=lambda r: type(r).__name__)
def test_learns_classes_with_any_labels(readout):
    counts, y = samples()
    test_counts, test_y = samples(seed=1)
    names = np.array([f"class {k}" for k in range(10)])
    fitted = clone(readout).fit(counts, names[y])
    assert fitted.score(test_counts, names[test_y]) > 0.95
    assert set(fitted.predict(test_counts)) <= set(names)


@pytest.mark.parametrize("readout", READOUTS, ids=lambda r: type(r).__name__)
def test_silent_samples_stay_finite(readout):
    counts, y = samples()
    counts[::7] = 0
    fitted = clone(readout).fit(counts, y)
    assert np.isfinite(fitted.coef_).all()
    assert np.isfinite(fitted.decision_function(np.zeros((3, 40)))).all()
    assert fitted.score(*samples(seed=1)) > 0.9
    if isinstance(fitted, AdadeltaReadout):
        assert np.isfinite(fitted.losses_).all()


@pytest.mark.parametrize("n_classes", [2, 10])
def test_logistic_readout_is_that_of_scikit_learn_on_standardised_shares(n_classes):
    counts, y = samples(n_classes=n_classes)
    counts[:, 7] = 0  # a neuron that never fires
    shares = count_shares(counts)
    shares[:, 7] = 1.0
    z = (shares - shares.mean(axis=0)) / np.where(shares.std(axis=0) > 0, shares.std(axis=0), 1)
    expected = LogisticRegression(C=0.1, max_iter=5000, tol=1e-6).fit(z, y).predict_log_proba(z)
    logits = LogisticReadout(strengths=(0.1,), max_iter=5000).fit(counts, y).decision_function(counts).astype(float)
    found = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_the_strength_is_chosen_on_the_last_samples():
    rng = np.random.default_rng(0)
    counts, y = samples(600, n_classes=3)
    counts = rng.poisson(3.0 + 0.1 * counts)
    readout = LogisticReadout(strengths=(1e-4, 1e-2, 1e2)).fit(counts, y)
    scores = []
    for c in (1e-4, 1e-2, 1e2):
        scores.append(LogisticReadout(strengths=(c,)).fit(counts[:500], y[:500]).score(counts[500:], y[500:]))
    # The features are standardised over all 600 samples there, over 500 here.
    assert readout.validation_accuracy_ == pytest.approx(max(scores), abs=0.03)
    assert scores[(1e-4, 1e-2, 1e2).index(readout.strength_)] >= max(scores) - 0.03


def test_the_validation_part_has_batches_of_its_own():
    counts, y = samples(60)
    changed = counts.copy()
    changed[50:] = 0
    changed[50:, 0] = 50  # would be the largest share of the batch of samples 40 to 59
    first, second = (AdadeltaReadout(epochs=2, batch_size=20).fit(c, y) for c in (counts, changed))
    np.testing.assert_array_equal(first.losses_, second.losses_)


def test_soft_targets_are_the_published_ones():
    targets = soft_targets(np.array([3]), 10)[0]
    assert targets[3] == pytest.approx(0.45085, abs=5e-6)
    np.testing.assert_allclose(np.delete(targets, 3), 0.06102, atol=5e-6)


def test_with_zero_weights_the_loss_is_ln_10():
    counts, y = samples(120)
    readout = AdadeltaReadout(epochs=2, batch_size=100).fit(counts, y)  # the first epoch has one batch
    assert readout.losses_[0] == pytest.approx(np.log(10), rel=1e-6)


def test_adadelta_is_that_of_torch():
    torch = pytest.importorskip("torch")
    counts, y = samples(60)
    readout = AdadeltaReadout(epochs=30, batch_size=10).fit(counts, y)
    x, t = torch.from_numpy(features_by_batch(counts, 10)).double(), torch.from_numpy(soft_targets(y, 10)).double()
    w = torch.zeros((10, 40), dtype=torch.float64, requires_grad=True)
    b = torch.zeros(10, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adadelta([w, b], lr=0.1, rho=0.95, eps=1e-8)
    for _ in range(readout.best_epoch_ + 1):
        for k in range(0, 50, 10):
            loss = torch.nn.functional.cross_entropy(x[k : k + 10] @ w.T + b, t[k : k + 10]) + 2.5e-10 * (w**2).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    np.testing.assert_allclose(readout.coef_, w.detach().numpy(), rtol=2e-3, atol=2e-5)
    np.testing.assert_allclose(readout.intercept_, b.detach().numpy(), rtol=2e-3, atol=2e-5)


def test_the_epoch_is_the_first_best_one_without_the_last():
    counts, y = samples()
    readout = AdadeltaReadout(epochs=12, batch_size=50).fit(counts, y)
    assert len(readout.validation_accuracies_) == 12
    assert readout.best_epoch_ == readout.validation_accuracies_[:-1].argmax()
    same = AdadeltaReadout(epochs=readout.best_epoch_ + 2, batch_size=50).fit(counts, y)
    np.testing.assert_array_equal(same.coef_, readout.coef_)


@pytest.mark.parametrize("readout", READOUTS, ids=lambda r: type(r).__name__)
@pytest.mark.parametrize(
    ("counts", "y", "complaint"),
    [
        (np.ones((4, 3)), [0, 1, 0], "one label for each of 4 samples"),
        (np.ones((4, 3)), [1, 1, 1, 1], "two classes or more"),
        (-np.ones((4, 3)), [0, 1, 0, 1], ">= 0"),
        (np.ones(4), [0, 1, 0, 1], r"\[sample, neuron\]"),
        ([[1, 2], [1]], [0, 1], "rows of unequal length"),
        (np.ones((4, 3)), [0, None, 0, None], "all numbers or all texts"),
        (np.ones((2, 3)), [[0], [0, 1]], "all numbers or all texts"),
        (np.ones((4, 3)), [0, 1, np.nan, 1], "NaN"),
    ],
)
def test_wrong_input_is_an_error(readout, counts, y, complaint):
    with pytest.raises(NeuroclError, match=complaint):
        clone(readout).fit(counts, y)


@pytest.mark.parametrize("readout", READOUTS, ids=lambda r: type(r).__name__)
def test_prediction_needs_a_fit_and_the_same_neurons(readout):
    with pytest.raises(NeuroclError, match="call fit first"):
        clone(readout).predict(np.ones((2, 3)))
    with pytest.raises(NeuroclError, match="expected 40 neurons"):
        clone(readout).fit(*samples()).predict(np.ones((2, 3)))
