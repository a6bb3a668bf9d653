"""The steps that are compared do the same work, but for the subspaces."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason='needs PyTorch: pip install "neurocl[torch]"')
pytestmark = pytest.mark.filterwarnings("ignore::neurocl.hlop.StabilityWarning")


@pytest.mark.parametrize("name", ["dsr", "ottt"])
def test_torch_layers_and_ours_learn_the_same_and_a_task_has_its_rows(name: str) -> None:
    import torch

    from benchmarks.hlop_step import METHODS, VARIANTS, make, measure

    torch.set_num_threads(1)
    networks = {}
    steps = {}
    for variant in VARIANTS:
        steps[variant], networks[variant] = make(METHODS[name], variant)
        steps[variant]()
    ours, torchs = networks["plain"], networks["linear"]
    for a, b in zip(ours.layers, torchs.layers, strict=True):
        assert float((a.weight.grad - b.weight.grad).norm()) < 1e-4 * float(a.weight.grad.norm())
    rows = [(layer.subspace.n_old, layer.subspace.n_new) for layer in networks["task 9"].layers]
    assert rows == [(460, 10), (580, 10), (480, 10)]
    assert set(measure({"plain": steps["plain"]}, 1)) == {"plain"}
    assert not torch.equal(networks["task 0"].layers[1].subspace.M, torch.zeros(200, 800))
