"""Spike sources: rates, regularity and independence of Poisson spikes; scheduled spikes as given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.models import Poisson, PoissonDeadTime, SpikeArray
from tests.helpers import simulate

N, DURATION = 1000, 10_000.0  # sources, ms


def sources(model, rate, dt, n=N, duration=DURATION, **values):
    """Spikes of `n` sources of one rate in Hz."""
    return simulate(model, duration, dt=dt, n=n, rate=np.full(n, float(rate)), **values).spikes


def pooled_cv(spikes):
    """Coefficient of variation of the intervals of all sources together."""
    intervals = np.concatenate([np.diff(train) for train in spikes.trains()])
    return intervals.std() / intervals.mean()


def counts_in_windows(spikes, width, dt):
    """Number of spikes of each source in windows of `width` ms, [window, source]; the grid's times end their steps."""
    windows = np.floor((spikes.times - dt / 2) / width).astype(int)
    counts = np.zeros((round(DURATION / width), spikes.n))
    np.add.at(counts, (windows, spikes.indices), 1)
    return counts


@pytest.mark.parametrize("dt", [1.0, 0.1])
def test_poisson_statistics(dt):
    spikes = sources(Poisson, 20.0, dt)
    p = -np.expm1(-0.02 * dt)
    tolerance = 3 * np.sqrt(20 / (N * DURATION / 1000))  # 0.134 Hz
    assert spikes.mean_rate() == pytest.approx(1000 * p / dt, abs=tolerance)
    assert pooled_cv(spikes) == pytest.approx(1, abs=0.02)
    counts = counts_in_windows(spikes, 1000.0, dt)
    assert (counts.var(axis=0).mean() / counts.mean()) * 10 / 9 == pytest.approx(1, abs=0.05)
    # Independent sources: the spikes of all of them together fluctuate as those of one.
    together = counts_in_windows(spikes, 10.0, dt).sum(axis=1)
    assert together.var() / together.mean() == pytest.approx(1, abs=4 * np.sqrt(2 / together.size) + p)


def test_second_spikes_of_a_step_are_lost():
    spikes = sources(Poisson, 100.0, 1.0)
    expected = 1000 * -np.expm1(-0.1)  # 95.2 Hz of 100 Hz
    assert spikes.mean_rate() == pytest.approx(expected, abs=3 * np.sqrt(100 / (N * 10)))
    assert len(np.unique(np.stack([spikes.times, spikes.indices]), axis=1).T) == len(spikes)


def test_extreme_rates():
    assert len(sources(Poisson, 0.0, 1.0)) == 0
    assert len(sources(Poisson, 1e6, 1.0, duration=10.0)) == 10 * N


def test_spikes_depend_on_nothing_but_seed_and_neuron():
    spikes, again = (sources(Poisson, 20.0, 1.0, duration=1000.0) for _ in range(2))
    assert spikes == again
    fewer = sources(Poisson, 20.0, 1.0, n=10, duration=1000.0)
    for train, same in zip(fewer.trains(), spikes.trains(), strict=False):
        np.testing.assert_array_equal(train, same)


@pytest.mark.parametrize("dt", [1.0, 0.1])
@pytest.mark.parametrize(("rate", "t_ref"), [(20.0, 2.0), (100.0, 5.0)])
def test_dead_time_keeps_the_rate_and_regularises(rate, t_ref, dt):
    spikes = sources(PoissonDeadTime, rate, dt, t_ref=t_ref)
    intervals = np.concatenate([np.diff(train) for train in spikes.trains()])
    assert intervals.min() == pytest.approx(t_ref + dt, abs=1e-9)
    p = -np.expm1(-dt / (1000 / rate - t_ref))
    mean, deviation = t_ref + dt / p, dt * np.sqrt(1 - p) / p  # of an interval, ms
    tolerance = 4 * deviation / mean * np.sqrt(rate / (N * DURATION / 1000))
    assert spikes.mean_rate() == pytest.approx(1000 / mean, abs=tolerance)
    assert intervals.std() / intervals.mean() == pytest.approx(deviation / mean, abs=0.02)
    # A spike waits for the end of its step, dt/2 on average: the rate is the wanted one to first order in dt.
    assert spikes.mean_rate() == pytest.approx(rate, abs=rate * dt * rate / 2000 + tolerance)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 200), st.integers(0, 4)), unique=True, max_size=30))
def test_scheduled_spikes_come_as_given_in_any_order(events):
    times, indices = [0.1 * step for step, _ in events], [neuron for _, neuron in events]
    found = simulate(SpikeArray, 20.0, dt=0.1, n=5, spikes=(times, indices)).spikes
    assert [(round(t / 0.1), i) for t, i in zip(found.times, found.indices, strict=True)] == sorted(events)


@pytest.mark.parametrize(
    ("times", "message"),
    [([0.0], "0 ms comes too early"), ([0.15], "whole number of steps"), ([1.0, 1.0], "two scheduled spikes")],
)
def test_impossible_schedules_are_refused(times, message):
    with pytest.raises(NeuroclError, match=message):
        simulate(SpikeArray, 20.0, dt=0.1, n=5, spikes=(times, [0] * len(times)))
