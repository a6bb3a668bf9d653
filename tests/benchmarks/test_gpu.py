"""The benchmarks of a GPU run on a CPU, too, where only their path is of interest."""

from __future__ import annotations

import sys

import pytest

from neurocl.networks import cuba

torch = pytest.importorskip("torch", reason='needs PyTorch: pip install "neurocl[torch]"')


def test_a_network_is_run_timed_and_counted() -> None:
    from benchmarks import gpu

    found = gpu.simulate(cuba(100), 50.0, "cpu", 2, settle=50.0, rates={"neurons": 5.0})
    assert found["neurons"] == 100 and found["synapses"] > 100
    assert found["real_time_factor"]["median"] * 100 == pytest.approx(found["microseconds_per_step"]["median"])
    assert found["rates_over_published"]["neurons"] == pytest.approx(found["rates_hz"]["neurons"] / 5.0)
    assert found["joules_per_second"] is None


def test_a_training_step_is_timed_beside_its_peers() -> None:
    from benchmarks import gpu

    found = gpu.train(3, "cpu", 2, ("products", "fused", "plain"))
    assert set(found["ratio_to_plain"]) == {"products", "fused"}
    assert 0 < gpu.launch_seconds("cpu", 10) < 1


def test_without_a_gpu_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import gpu

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["gpu"])
    with pytest.raises(SystemExit, match="finds no CUDA GPU on this machine"):
        gpu.main()
