"""Raster plots hold every spike at its time and row."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import GroupRecording, Recording, Spikes
from neurocl.plots import raster

EXC = Spikes([1.0, 2.0, 3.0], [0, 2, 1], 3, 0, 10)
INH = Spikes([4.0], [1], 2, 0, 10)


def points(line):
    return list(zip(*line.get_data(), strict=True))


def labels(axis_labels):
    return [text.get_text() for text in axis_labels]


def test_one_population_is_drawn_at_its_neurons():
    ax = raster(EXC)
    assert points(ax.lines[0]) == [(1.0, 0), (2.0, 2), (3.0, 1)]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "neuron")
    assert ax.get_xlim() == (0, 10) and ax.get_ylim() == (-0.5, 2.5)


def test_populations_are_stacked_with_the_first_on_top():
    ax = raster({"exc": EXC, "inh": INH})
    exc, inh = (line for line in ax.lines if line.get_linestyle() == "None")
    assert points(exc) == [(1.0, 2), (2.0, 4), (3.0, 3)]  # above the 2 rows of inh
    assert points(inh) == [(4.0, 1)]
    assert exc.get_color() != inh.get_color()
    assert labels(ax.get_yticklabels()) == ["exc\n(3)", "inh\n(2)"]
    assert ax.get_ylabel() == "population (neurons)"


@pytest.mark.parametrize("layout", [(1, 2), (2, 1)])
def test_axes_may_share_their_rows(layout):
    figure, axes = plt.subplots(*layout, sharey=True)
    for ax in axes:
        raster({"exc": EXC, "inh": INH}, ax)
    figure.canvas.draw()
    assert labels(axes[0].get_yticklabels()) == ["exc\n(3)", "inh\n(2)"]
    colors = [text.get_color() for text in axes[0].get_yticklabels()]
    assert colors == [line.get_color() for line in axes[0].lines if line.get_linestyle() == "None"]


def test_a_recording_shows_the_populations_whose_spikes_it_holds():
    out = Recording(10, 0.1, [GroupRecording("exc", EXC), GroupRecording("inh", counts=[1, 2])])
    assert labels(raster(out).get_yticklabels()) == ["exc\n(3)"]
    with pytest.raises(NeuroclError, match='add "spikes" to record'):
        raster(Recording(10, 0.1, [GroupRecording("inh", counts=[1, 2])]))


def test_selected_neurons_keep_their_numbers_on_the_axis():
    ax = raster(EXC.select([2, 1]))
    assert points(ax.lines[0]) == [(2.0, 0), (3.0, 1)]
    formatter = ax.yaxis.get_major_formatter()
    assert [formatter(row, 0) for row in (0, 1, 0.5, 2)] == ["2", "1", "", ""]


def test_a_million_spikes_are_one_rasterized_artist_of_dots():
    rng = np.random.default_rng(0)
    n_spikes = 1_000_000
    many = Spikes(rng.uniform(0, 1000, n_spikes), rng.integers(0, 5000, n_spikes), 5000, 0, 1000)
    (line,) = raster(many).lines
    assert line.get_rasterized() and line.get_xdata().size == n_spikes
    assert line.get_marker() == "." and raster(EXC).lines[0].get_marker() == "|"


def test_the_given_axes_are_used_and_returned():
    _, ax = plt.subplots()
    before = plt.get_fignums()
    assert raster(EXC, ax) is ax and plt.get_fignums() == before


def test_marker_size_and_colors_are_obeyed():
    (line,) = raster(EXC, colors=["red"], marker_size=5).lines
    assert line.get_color() == "red" and line.get_markersize() == 5
    with pytest.raises(NeuroclError, match="expected a list of 1"):
        raster(EXC, colors=["red", "blue"])


def test_anything_else_than_spikes_is_refused():
    with pytest.raises(NeuroclError, match=r"got list"):
        raster([1.0, 2.0])


def test_no_spikes_give_an_empty_plot():
    assert raster(Spikes([], [], 3, 0, 10)).lines[0].get_xdata().size == 0
