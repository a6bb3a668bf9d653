"""AdEx: the eight firing patterns against spike times of a high-order solver."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.models import ADEX_PATTERNS, AdEx
from tests.helpers import simulate

# First spike times (ms) of a step current from rest, by an eighth-order adaptive solver.
SPIKES = {
    "tonic": [14.222934, 23.151826, 32.242119, 41.457607],
    "adaptation": [14.904044, 26.171812, 40.547918, 60.158038, 89.580634, 137.324639],
    "initial burst": [5.463509, 8.882600, 16.201581, 70.948513, 135.067570],
    "regular bursting": [16.157984, 19.075636, 24.198430, 155.955996, 161.309941],
    "delayed accelerating": [33.573739, 54.167452, 73.247009, 91.182618],
    "delayed regular bursting": [57.179634, 60.394216, 64.703194, 72.124387, 128.981184],
    "transient": [30.289864],
    "irregular": [15.644588, 19.089722, 23.557557],
}
COUNTS = [51, 10, 10, 9, 36, 26, 1, 28]  # in 500 ms, in the order of SPIKES
COUNTS_AT_005 = [51, 10, 10, 9, 36, 27, 1, 28]  # with dt = 0.05 ms
LAST_ISI = {
    "tonic": 9.585249,
    "adaptation": 75.897122,
    "initial burst": 63.952038,
    "delayed accelerating": 10.695168,
}
PAIR = (5.350921, 133.175912)  # ms, within and between the pairs of "regular bursting"
DTS = (0.05, 0.01)


def patterns(dt, dtype="float64", method=None):
    """Spikes of the eight patterns in 500 ms, one neuron each."""
    values = {key: np.array([p[key] for p in ADEX_PATTERNS.values()]) for key in ADEX_PATTERNS["tonic"]}
    return simulate(AdEx.replace(method=method), 500.0, dt=dt, n=8, dtype=dtype, **values).spikes


def trains(dt):
    return dict(zip(ADEX_PATTERNS, patterns(dt).trains(), strict=True))


def test_the_table_covers_the_patterns_of_the_library():
    assert list(ADEX_PATTERNS) == list(SPIKES)


@pytest.mark.parametrize(("dt", "counts"), [(0.05, COUNTS_AT_005), (0.01, COUNTS)])
def test_number_of_spikes(dt, counts):
    assert patterns(dt).counts().tolist() == counts


@pytest.mark.parametrize("dt", DTS)
def test_first_spikes_come_at_the_reference_times(dt):
    found = trains(dt)
    for pattern, expected in SPIKES.items():
        # The end of its first burst hangs on the third decimal: it is tested below, by convergence.
        exact = expected[:3] if pattern == "delayed regular bursting" else expected
        late = found[pattern][: len(exact)] - exact
        # Every spike is rounded up to the grid and delays the next ones; the bound on v in the stages of the upstroke
        # can cost one step more.
        assert np.all((late >= 0) & (late <= dt * np.arange(2, len(exact) + 2))), pattern


def test_the_sensitive_burst_converges():
    expected = np.array(SPIKES["delayed regular bursting"])
    error = [np.abs(trains(dt)["delayed regular bursting"][:5] - expected).max() for dt in DTS]
    assert error[0] < 0.5 and error[1] < 0.17 and error[1] < error[0] / 2


def test_a_peak_of_0_in_place_of_20_mv_costs_less_than_a_hundredth_of_a_millisecond():
    values = {key: np.array([p[key] for p in ADEX_PATTERNS.values()] * 2) for key in ADEX_PATTERNS["tonic"]}
    values["v_peak"] = np.repeat([0.0, 20.0], 8)
    first = np.array([train[0] for train in simulate(AdEx, 60.0, dt=1e-3, n=16, **values).spikes.trains()])
    late = first[8:] - first[:8]
    assert np.all((late > -1e-9) & (late < 0.01))


@pytest.mark.parametrize("dt", DTS)
def test_steady_intervals(dt):
    found = trains(dt)
    for pattern, interval in LAST_ISI.items():
        assert np.diff(found[pattern])[-1] == pytest.approx(interval, abs=2 * dt), pattern
    intervals = np.diff(found["regular bursting"])[-4:]
    np.testing.assert_allclose(np.sort(intervals), np.sort([*PAIR, *PAIR]), atol=3 * dt)


def test_single_precision_counts_differ_by_one_at_most():
    counts = patterns(0.05, dtype="float32").counts()
    # The two bursting patterns that amplify rounding may gain or lose one spike more.
    assert np.all(np.abs(counts - COUNTS_AT_005) <= [1, 1, 1, 1, 1, 2, 1, 2])


@pytest.mark.parametrize(
    ("dt", "counts"), [(0.1, [50, 10, 10, 9, 35, 28, 1, 28]), (0.01, [51, 10, 10, 9, 36, 26, 1, 27])]
)
def test_euler_has_its_known_counts(dt, counts):
    assert patterns(dt, method="euler").counts().tolist() == counts
