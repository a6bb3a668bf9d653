"""Weight histograms count every synapse, several sets on the same bins."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.plots import weights


def test_bars_count_the_synapses():
    ax = weights(np.array([[0.0, 0.1], [0.9, 1.0]]), bins=2, unit="mV")
    counts, edges, _ = ax.patches[0].get_data()
    np.testing.assert_array_equal(counts, [2, 2])
    np.testing.assert_allclose(edges, [0.0, 0.5, 1.0])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("weight (mV)", "number of synapses")


def test_several_sets_share_bins_and_have_a_legend():
    sets = {"before": [0.0, 0.2], "after": [0.5, 1.0, 1.0]}
    ax = weights(sets, bins=4)
    drawn = [patch.get_data() for patch in ax.patches if not patch.get_fill()]
    for (counts, edges, _), values in zip(drawn, sets.values(), strict=True):
        np.testing.assert_array_equal(counts, np.histogram(values, bins=[0, 0.25, 0.5, 0.75, 1])[0])
        np.testing.assert_allclose(edges, [0, 0.25, 0.5, 0.75, 1])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["before", "after"]
    assert ax.get_xlabel() == "weight (dimensionless)"


@pytest.mark.parametrize("values", [[], [np.nan], {"after": [np.inf]}])
def test_weights_must_be_finite_numbers(values):
    with pytest.raises(NeuroclError, match="finite number"):
        weights(values)
