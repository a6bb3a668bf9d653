"""The benchmark of a training step compares like with like."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason='needs PyTorch: pip install "neurocl[torch]"')
pytest.importorskip("snntorch")


def test_variants_agree_in_their_gradients_and_are_timed() -> None:
    from benchmarks import training_step

    steps = {kind: training_step.make(kind, 5) for kind in training_step.kinds()}
    norms = training_step.check_gradients(steps)
    assert norms["fused"] == pytest.approx(norms["snntorch"], rel=1e-5)
    seconds = training_step.measure(steps, 2)
    assert all(len(values) == 2 and min(values) > 0 for values in seconds.values())


def test_a_peer_that_is_not_there_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import training_peers, training_step

    monkeypatch.setitem(training_peers.MODULES, "norse", "no_such_package")
    assert training_peers.absent("norse") == "ModuleNotFoundError: No module named 'no_such_package'"
    assert "norse" not in training_step.kinds()
