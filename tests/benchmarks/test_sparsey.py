"""The benchmark of single-trial Sparsey learns each image once and reports what it did."""

from __future__ import annotations

from benchmarks.sparsey import measure
from neurocl.data import digits


def test_each_image_is_learned_once_and_the_test_images_are_recognised() -> None:
    data = digits()
    found = measure(data, patch=3, cells=64, seed=0)
    assert (found["n_train"], found["n_test"]) == (len(data.y_train), len(data.y_test))
    assert found["test_accuracy"] > 0.7
    assert 0 < found["set_weights"] < 0.2
    assert 0 < found["learning_cpu_minutes"] < 5
