"""The level of chance, and what the confusion matrix counts."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl import data
from neurocl.experiments.classification import chance, confusion


def test_chance_is_the_share_of_the_most_frequent_class() -> None:
    digits = data.digits()
    most = np.argmax(np.bincount(digits.y_train))
    assert chance(digits) == pytest.approx((digits.y_test == most).mean()) and 0.05 < chance(digits) < 0.2


def test_the_numbers_of_the_matrix_count_the_test_images() -> None:
    digits = data.digits()
    predicted = digits.y_test.copy()
    predicted[:10] = (predicted[:10] + 1) % 10
    ax = confusion(digits, predicted, "caption").figure.axes[0]
    shown = {text.get_position(): int(text.get_text()) for text in ax.texts}
    assert sum(shown.values()) == len(digits.y_test)
    assert sum(count for (answer, true), count in shown.items() if answer == true) == len(digits.y_test) - 10
