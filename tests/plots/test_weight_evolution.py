"""The weight evolution shows the histogram of each snapshot at its time."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Trace
from neurocl.plots import weight_evolution

VALUES = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.5, 1.0, 1.0]])
TRACE = Trace("w", VALUES, [10.0, 20.0, 40.0], [3, 5, 8])


def test_columns_are_the_histograms_in_percent():
    ax = weight_evolution(TRACE, bins=2, unit="mV")
    (image,) = ax.collections
    shares = image.get_array().reshape(2, 3)
    np.testing.assert_allclose(shares, np.array([[2, 1, 0], [1, 2, 3]]) * 100 / 3)
    np.testing.assert_allclose(np.unique(image.get_coordinates()[..., 0]), [10, 15, 30, 40])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "weight (mV)")
    assert ax.figure.axes[1].get_ylabel() == "synapses (%)"


def test_lines_are_the_median_and_the_named_synapses():
    median, *synapses = weight_evolution(TRACE, synapses=[8, 3]).lines
    np.testing.assert_array_equal(median.get_ydata(), [0, 1, 1])
    np.testing.assert_array_equal([line.get_ydata() for line in synapses], VALUES[:, [2, 0]].T)
    assert [line.get_label() for line in synapses] == ["synapse 8", "synapse 3"]


def test_snapshots_by_time_are_the_same_as_a_trace():
    by_time = weight_evolution({40.0: VALUES[2], 10.0: VALUES[0], 20.0: VALUES[1]}, bins=2)
    (first,), (second,) = by_time.collections, weight_evolution(TRACE, bins=2).collections
    np.testing.assert_array_equal(first.get_array(), second.get_array())
    assert by_time.get_ylabel() == "weight (dimensionless)"


@pytest.mark.parametrize(
    ("snapshots", "message"),
    [
        ({0.0: [1.0]}, "two snapshots or more, got 1"),
        ({0.0: [1.0], 1.0: [1.0, 2.0]}, "the same synapses"),
        ({0.0: [1.0], 1.0: [np.nan]}, "finite number"),
        ({}, "two snapshots"),
        ([1.0, 2.0], "expected a Trace or a mapping"),
    ],
)
def test_wrong_snapshots_are_told(snapshots, message):
    with pytest.raises(NeuroclError, match=message):
        weight_evolution(snapshots)
