"""The benchmark of batches compares runs that fired alike."""

from __future__ import annotations

import pytest

from neurocl.networks import izhikevich

torch = pytest.importorskip("torch", reason='needs PyTorch: pip install "neurocl[torch]"')


def test_both_engines_are_timed_on_the_same_work() -> None:
    from benchmarks import batches

    torch.set_num_threads(1)
    found = batches.measure(lambda: izhikevich(1000), 60.0, 2, 2)
    assert found["spikes"]["numba"] > 100 and found["ratio"]["min"] > 0
    lines = batches.table({"izhikevich": [found]})
    assert lines[-1].startswith("| izhikevich, 2 | ") and lines[-1].count("|") == 5


def test_runs_that_fire_otherwise_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import batches

    monkeypatch.setattr(batches, "TOLERANCE", -1.0)
    with pytest.raises(SystemExit, match="different numbers of spikes"):
        batches.measure(lambda: izhikevich(1000), 20.0, 1, 1)
