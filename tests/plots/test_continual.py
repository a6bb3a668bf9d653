"""Plots of continual learning show the numbers that they are given."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl import plots
from neurocl.core.errors import NeuroclError

MATRIX = [[1.0, 0.0, np.nan], [0.5, 0.9, 0.1], [0.25, 0.6, 0.8]]


def test_the_accuracy_matrix_writes_every_known_number_in_percent() -> None:
    ax = plots.accuracy_matrix(MATRIX)
    written = {(text.get_position()): text.get_text() for text in ax.texts}
    assert written[0, 2] == "25" and written[1, 1] == "90" and len(written) == 8
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("task", "after experience")


def test_learning_curves_are_means_over_seeds_with_whole_experiences_on_the_axis() -> None:
    ax = plots.learning_curves({"a": [[0.2, 0.4], [0.4, 0.8]], "b": [0.1, 0.3]})
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [30.0, 60.0])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [10.0, 30.0])
    ax.figure.canvas.draw()
    assert all(tick == round(tick) for tick in ax.get_xticks())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]


def test_no_curve_is_refused() -> None:
    with pytest.raises(NeuroclError, match="at least one curve"):
        plots.learning_curves({})
