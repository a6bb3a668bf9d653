"""Accuracy bars show what they are given, in percent."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.plots import accuracy_bars


def test_bars_are_the_scores_in_percent_first_on_top():
    ax = accuracy_bars(["naive", "joint"], [0.2, 0.975])
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [20.0, 97.5])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["naive", "joint"]
    assert ax.yaxis_inverted() and ax.get_xlim() == (0, 100)
    assert ax.get_xlabel() == "accuracy (%)"
    assert [text.get_text() for text in ax.texts] == ["20.0", "97.5"]


@pytest.mark.parametrize("errors", [[0.05, 0.01], [[0.1, 0.02], [0.05, 0.01]]])
def test_error_bars_have_the_given_half_widths(errors):
    ax = accuracy_bars(["naive", "joint"], [0.2, 0.9], errors=errors)
    below, above = np.broadcast_to(100 * np.asarray(errors), (2, 2))
    (segments,) = (container.get_segments() for container in ax.collections)
    ends = [(segment[0, 0], segment[1, 0]) for segment in segments]
    np.testing.assert_allclose(ends, np.stack([[20, 90] - below, [20, 90] + above], axis=1))


def test_chance_is_a_labelled_line():
    ax = accuracy_bars(["naive"], [0.2], chance=0.1)
    np.testing.assert_allclose(ax.lines[-1].get_xdata(), [10, 10])
    assert ax.texts[-1].get_text() == "chance (10 %)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scores": [97.5]}, r"scores must be fractions from 0 to 1, got \[97.5\]"),
        ({"scores": [np.nan]}, "fractions"),
        ({"scores": [0.1, 0.2]}, r"scores must have the shape \(1,\), got \(2,\)"),
        ({"errors": [0.1, 0.2]}, "errors must have the shape"),
        ({"chance": 10}, "chance must be fractions"),
    ],
)
def test_wrong_numbers_are_named(arguments, message):
    with pytest.raises(NeuroclError, match=message):
        accuracy_bars(["naive"], **{"scores": [0.5], **arguments})
