"""Trace plots show states with their unit."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.core.recording import Trace
from neurocl.plots import trace

VALUES = np.arange(28.0).reshape(4, 7)
V = Trace("v", VALUES, [0.1, 0.2, 0.3, 0.4], np.arange(7) * 10, "mV")


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_lines_are_the_states_of_the_named_neurons():
    ax = trace(V, neurons=[30, 0])
    for line, column in zip(ax.lines, (3, 0), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), V.times)
        np.testing.assert_array_equal(line.get_ydata(), VALUES[:, column])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "v (mV)")
    assert legend(ax) == ["30", "0"]


def test_by_default_the_first_five_neurons_are_shown():
    assert legend(trace(V)) == ["0", "10", "20", "30", "40"]


def test_a_single_neuron_needs_no_legend():
    assert trace(V, neurons=[10]).get_legend() is None


def test_the_time_axis_begins_with_the_first_recorded_step():
    np.testing.assert_allclose(trace(V).get_xlim(), (0.0, 0.4), atol=1e-12)


@pytest.mark.parametrize("name", ["v", "w"])
def test_the_legend_claims_no_owner_since_w_may_be_a_weight_or_a_state_of_neurons(name):
    assert trace(Trace(name, VALUES, V.times, np.arange(7))).get_legend().get_title().get_text() == "index"


def test_numbers_without_unit_say_so():
    assert trace(Trace("w", VALUES, V.times, np.arange(7))).get_ylabel() == "w (dimensionless)"
