"""The benchmark of a liquid's step times what it says."""

from __future__ import annotations

import numpy as np

from benchmarks import nalsm_step
from neurocl import lsm


def test_a_plastic_liquid_is_timed_with_its_pre_phase_threads_and_profile() -> None:
    case = nalsm_step.Case("tiny", 60, lsm.Astrocyte(), None, 3, 60.0, 25.0)
    shown = np.random.default_rng(0).random((20, 784)) * 0.05
    found = nalsm_step.measure(case, shown, samples=1, repeats=2)
    assert found["samples"] == 16 and len(found["microseconds"]) == 2
    assert found["pre_phase"] > 0 and min(found["microseconds"]) > 0
    assert found["spikes_per_ms"]["input"] > 10
    assert found["wall_seconds_by_threads"].keys() == {"1", "2"}
    assert {"plasticity input", "update liquid", "modulators astrocyte"} <= found["profile"].keys()
