"""The cross-correlogram shows the counts at their lags."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.plots import cross_correlogram


def test_bars_stand_at_their_lags():
    ax = cross_correlogram([1, 5, 2], [-2.0, 0.0, 2.0], expected=1.5)
    counts, edges, _ = ax.patches[0].get_data()
    np.testing.assert_array_equal(counts, [1, 5, 2])
    np.testing.assert_allclose(edges, [-3, -1, 1, 3])
    np.testing.assert_array_equal(ax.lines[-1].get_ydata(), [1.5, 1.5])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("lag (ms)", "pairs of spikes")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["independent"]


def test_without_an_expectation_there_is_no_legend():
    assert cross_correlogram([1, 5], [0, 1]).get_legend() is None


@pytest.mark.parametrize(
    ("counts", "lags", "message"),
    [
        ([1, 2], [0, 1, 2], "equal length"),
        ([1], [0], "two bins"),
        ([1, 2, 3], [0, 1, 3], "one width"),
        ([1, 2], [1, 0], "ascending"),
    ],
)
def test_what_is_no_histogram_is_refused(counts, lags, message):
    with pytest.raises(NeuroclError, match=message):
        cross_correlogram(counts, lags)
