"""Labels of neurons and their votes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from neurocl.experiments.neuron_labels import label_neurons, predict


def test_a_neuron_is_labelled_by_its_highest_mean_response_not_by_its_highest_sum() -> None:
    responses = np.array([[3], [2], [2], [2], [0]])
    assert label_neurons(responses, np.array([1, 0, 0, 0, 2]), 3).tolist() == [1]


def test_silent_neurons_have_no_label_and_no_vote() -> None:
    responses = np.array([[0, 4], [0, 1]])
    labels = label_neurons(responses, np.array([0, 1]), 2)
    assert labels.tolist() == [-1, 0]
    assert predict(responses, labels, 2).tolist() == [0, 0]


def test_classes_with_many_neurons_are_not_preferred() -> None:
    labels = np.array([0, 0, 0, 1])
    assert predict(np.array([[2, 2, 2, 3]]), labels, 2).tolist() == [1]


def test_without_any_label_the_lowest_class_is_predicted() -> None:
    assert predict(np.zeros((2, 3)), np.full(3, -1), 4).tolist() == [0, 0]


@given(st.integers(0, 2**31), st.integers(2, 8), st.integers(1, 5))
def test_neurons_that_answer_one_class_each_predict_without_error(seed: int, n_classes: int, each: int) -> None:
    rng = np.random.default_rng(seed)
    classes = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, 30)])
    preferred = rng.permutation(np.repeat(np.arange(n_classes), each))
    responses = np.where(classes[:, None] == preferred, rng.integers(1, 9, (len(classes), len(preferred))), 0)
    labels = label_neurons(responses, classes, n_classes)
    assert np.array_equal(labels, preferred)
    assert np.array_equal(predict(responses, labels, n_classes), classes)
