"""The four liquid state machines as classifiers of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

from neurocl import lsm
from neurocl.core.errors import NeuroclError
from neurocl.data import digits, nmnist
from neurocl.lsm.encoding import EventEncoding
from tests.data.nmnist_bytes import write_recordings

DIGITS = digits().flat()
X, Y = DIGITS.x_train[:300], DIGITS.y_train[:300]
SMALL = {"n": 60, "steps": 80, "threads": 1}
TINY = {"n": 6, "steps": 5, "threads": 1}
MODELS = [lsm.LSM(magnitude=1.5, **SMALL), lsm.LSMSTDP(**SMALL), lsm.LSMAPSTDP(**SMALL), lsm.NALSM(**SMALL)]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)


@every_model
def test_recognises_digits_better_than_chance(model):
    fitted = clone(model).fit(X, Y)
    assert fitted.score(DIGITS.x_test, DIGITS.y_test) > 0.5
    np.testing.assert_array_equal(fitted.classes_, np.arange(10))


@every_model
def test_labels_depend_on_the_seed_alone(model):
    fitted = clone(model).fit(X, Y)
    again = clone(model).set_params(threads=2).fit(X, Y)
    np.testing.assert_array_equal(fitted.predict(DIGITS.x_test), again.predict(DIGITS.x_test))
    counts = clone(model).set_params(seed=1).prepare(X).present(X).counts
    assert not np.array_equal(counts, fitted.present(X).counts)


def test_images_of_any_shape_and_scale_are_one_and_the_same():
    flat = lsm.NALSM(**SMALL).fit(X, Y)
    square = lsm.NALSM(**SMALL).fit((16 * X).round().astype(int).reshape(-1, 8, 8), Y)
    np.testing.assert_array_equal(flat.predict(X), square.predict(16 * X.reshape(-1, 8, 8)))


def test_takes_images_of_28_by_28_pixels():
    images = np.pad(X.reshape(-1, 8, 8), [(0, 0), (10, 10), (10, 10)])
    fitted = lsm.NALSM(**SMALL).fit(images[:200], Y[:200])
    assert fitted.n_features_in_ == 784 and fitted.score(images[200:], Y[200:]) > 0.4


def test_all_models_are_wired_alike_and_get_the_same_input_spikes():
    prepared = [clone(model).prepare(X) for model in MODELS]
    for model in prepared[1:]:
        for kind in ("recurrent_synapses", "input_synapses"):
            ends, expected = getattr(model.liquid_, kind), getattr(prepared[0].liquid_, kind)
            assert all(map(np.array_equal, ends, expected))
        np.testing.assert_array_equal(model.present(X).input_counts, prepared[0].present(X).input_counts)


def test_the_pre_phase_needs_no_labels_and_shows_as_many_samples_as_asked():
    start, some, all_ = (lsm.NALSM(pre_samples=k, **SMALL).prepare(X).liquid_.weights for k in (0, 30, None))
    assert set(np.unique(np.abs(start.recurrent))) == {3.0}
    assert not np.array_equal(some.recurrent, start.recurrent)
    assert not np.array_equal(some.recurrent, all_.recurrent)
    order = lsm.NALSM().pre_phase_order(50, None)
    np.testing.assert_array_equal(np.sort(order), np.arange(50))
    np.testing.assert_array_equal(lsm.NALSM().pre_phase_order(50, 20), order[:20])


def test_saved_weights_take_the_place_of_the_pre_phase():
    model = lsm.NALSM(**SMALL).prepare(X)
    again = lsm.NALSM(**SMALL).prepare(X, weights=model.liquid_.weights)
    np.testing.assert_array_equal(model.present(X).counts, again.present(X).counts)


def test_stdp_is_static_in_presentations_unless_asked_for():
    model = lsm.LSMSTDP(**SMALL).prepare(X)
    weights = model.liquid_.weights
    frozen = lsm.LSM(magnitude=3.0, **SMALL).prepare(X, weights=weights)
    np.testing.assert_array_equal(model.present(X).counts, frozen.present(X).counts)
    plastic = lsm.LSMSTDP(plastic_at_presentation=True, **SMALL).prepare(X, weights=weights)
    assert not np.array_equal(model.present(X).counts, plastic.present(X).counts)


def test_parity_scales_a_set_by_its_own_largest_share_and_trains_by_adadelta():
    model = lsm.NALSM(parity=True, readout=lsm.AdadeltaReadout(epochs=100, batch_size=20), **SMALL).fit(X, Y)
    assert model.pre_phase_order(600, None).max() < 500
    pale = 0.5 + DIGITS.x_test[:50]  # small shares
    drives = [m.present(pale).input_counts.sum() for m in (model, lsm.NALSM(**SMALL).prepare(X))]
    assert drives[0] > 1.2 * drives[1]
    assert model.score(X, Y) > 0.3


def test_with_parity_batches_have_the_size_that_is_asked_for():
    parts = {}
    for batch in (250, 50):
        small = {"n": 30, "steps": 40, "pre_samples": 5, "threads": 1}
        model = lsm.LSMSTDP(plastic_at_presentation=True, parity=True, batch=batch, **small)
        parts[batch] = model.prepare(X).present(X[:80]).counts
        assert isinstance(model._new_readout(), lsm.AdadeltaReadout) and model._new_readout().batch_size == batch
    # Traces go on to sample 50 from sample 0 in batches of 50 only.
    np.testing.assert_array_equal(parts[50][:50], parts[250][:50])
    assert (parts[50][50:] != parts[250][50:]).any()


def test_black_images_are_silent_and_get_a_label():
    images = X.copy()
    images[::10] = 0.0
    model = lsm.NALSM(**SMALL).fit(images, Y)
    assert not model.present(np.zeros((2, 64))).counts.any()
    assert np.isin(model.predict(np.zeros((2, 64))), np.arange(10)).all()


def test_events_of_a_camera_are_taken_as_they_are():
    rng = np.random.default_rng(0)
    rates = rng.random((2, 30)) * 0.3
    y = np.arange(60) % 2
    events = rng.random((60, 90, 30)) < rates[y][:, None]
    model = lsm.NALSM(encoding="events", **SMALL).fit(events[:40], y[:40])
    assert model.n_features_in_ == 30 and model.score(events[40:], y[40:]) > 0.8
    with pytest.raises(NeuroclError, match="at least 80 steps and 30 channels"):
        model.predict(events[:, :70])


def test_n_mnist_is_read_file_by_file(tmp_path):
    write_recordings(tmp_path, per_digit=8)
    parts = nmnist(tmp_path)
    model = lsm.NALSM(n=30, steps=60, pre_samples=10, encoding="events", threads=1)
    model.fit(parts["train"], parts["train"].labels)
    assert model.n_features_in_ == 2312 and model.score(parts["test"], parts["test"].labels) > 0.8
    np.testing.assert_array_equal(model.predict(parts["test"]), model.predict(parts["test"].rasters()))


@pytest.mark.parametrize("steps", [30, 31, 32, 33, 300])
def test_windows_of_the_pre_phase_begin_at_any_step_but_the_first_and_the_last_two(steps):
    part = EventEncoding().fit(np.zeros((1, steps, 2), dtype=bool))
    windows = part.pre_phase(np.zeros((1, steps, 2), dtype=bool), np.zeros(5000, int), 30, np.random.default_rng(0))
    first = min(1, steps - 30)
    assert set(windows.starts.tolist()) == set(range(first, max(first + 1, steps - 30 - 1)))


@every_model
@pytest.mark.parametrize(
    ("changes", "images", "labels", "complaint"),
    [
        ({}, -np.ones((4, 3)), [0, 1, 0, 1], "must be >= 0"),
        ({}, np.full((4, 3), np.nan), [0, 1, 0, 1], "NaN"),
        ({}, np.zeros((4, 3)), [0, 1, 0, 1], "all images are black"),
        ({}, np.ones(4), [0, 1, 0, 1], r"\[image, ...\]"),
        ({}, np.ones((4, 3)), [0, 1, 0], "one label for each of 4"),
        ({}, np.ones((4, 3)), [1, 1, 1, 1], "two classes"),
        ({}, 3, [1], "X must be images"),
        ({}, {1, 2}, [0, 1], "X must be images"),
        ({}, np.ones((0, 3)), [], "two classes or more, there are no samples"),
        ({}, [[1, 2], [1]], [0, 1], "images must be an array"),
        ({}, np.ones((4, 3)), [0, None, 0, None], "all numbers or all texts"),
        ({}, np.ones((4, 3)), [[0], [0, 1], [0], [1]], "all numbers or all texts"),
        ({"readout": "logistic"}, np.ones((4, 3)), [0, 1, 0, 1], "readout must be a classifier of scikit-learn"),
        ({"readout": lsm.LogisticReadout}, np.ones((4, 3)), [0, 1, 0, 1], "readout must be a classifier of scikit"),
        ({"readout": lsm.LogisticReadout(strengths=0.1), **TINY}, np.eye(4), [0, 1, 0, 1], "strengths must be"),
        ({"encoding": "sound"}, np.ones((4, 3)), [0, 1, 0, 1], "'image' or 'events'"),
        ({"n": 2}, np.ones((4, 3)), [0, 1, 0, 1], "n must be"),
        ({"parity": 1}, np.ones((4, 3)), [0, 1, 0, 1], "parity"),
    ],
)
def test_mistakes_are_told_in_one_sentence(model, changes, images, labels, complaint):
    with pytest.raises(NeuroclError, match=complaint):
        clone(model).set_params(**changes).fit(images, labels)


def test_prediction_needs_a_fit_and_samples_of_the_same_size():
    with pytest.raises(NeuroclError, match="call fit first"):
        lsm.NALSM().predict(X)
    with pytest.raises(NeuroclError, match="call fit, or prepare, first"):
        lsm.NALSM().present(X)
    with pytest.raises(NeuroclError, match="expected images of 64 pixels"):
        lsm.NALSM(**SMALL).prepare(X).present(X[:, :60])


@pytest.mark.parametrize(
    ("chosen", "complaint"),
    [
        ([100, 300], "chosen=300 is no sample; there are 300"),
        ([1.5], "each of chosen must be a whole number"),
        ([-1], "each of chosen must be a whole number >= 0"),
        (3, "chosen must be a sequence of numbers"),
    ],
)
def test_only_samples_that_there_are_can_be_chosen(chosen, complaint):
    model = lsm.LSM(**SMALL).prepare(X)
    with pytest.raises(NeuroclError, match=complaint):
        model.present(X, chosen=chosen)


def test_a_score_needs_labels_before_samples_are_presented(monkeypatch):
    model = lsm.LSM(**SMALL, readout=FAST).fit(X, Y)
    monkeypatch.setattr(model, "present", None)
    for labels in (None, Y[:5]):
        with pytest.raises(NeuroclError, match="expected one label for each of 300 samples"):
            model.score(X, labels)


FAST = lsm.LogisticReadout(strengths=(0.1,), max_iter=20)
CHECKS = {
    "check_classifiers_classes", "check_dict_unchanged", "check_do_not_raise_errors_in_init_or_set_params",
    "check_dont_overwrite_parameters", "check_estimator_cloneable", "check_estimator_repr", "check_estimators_dtypes",
    "check_estimators_fit_returns_self", "check_estimators_nan_inf", "check_estimators_overwrite_params",
    "check_f_contiguous_array_estimator", "check_fit1d", "check_fit_check_is_fitted", "check_fit_idempotent",
    "check_get_params_invariance", "check_mixin_order", "check_n_features_in", "check_no_attributes_set_in_init",
    "check_parameters_default_constructible", "check_readonly_memmap_input", "check_set_params",
    "check_valid_tag_types",
}  # fmt: skip
"""Of the checks of scikit-learn, those that do not ask for its own words in errors, for pickle or for sparse arrays."""


@every_model
def test_keeps_the_contract_of_scikit_learn(model):
    done = set()
    for estimator, check in estimator_checks_generator(clone(model).set_params(n=12, steps=20, readout=FAST)):
        name = getattr(check, "func", check).__name__
        if name in CHECKS:
            check(estimator)
            done.add(name)
    assert len(done) > 15  # names may change with its version
