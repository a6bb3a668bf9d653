"""The kernel that delivers spikes on a GPU; without one it runs in Triton's interpreter."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import neurocl as ncl
from tests.networks import Case, network_of, same_recording, steps

torch = pytest.importorskip("torch")
HAS_GPU = torch.cuda.is_available()
if not HAS_GPU:
    os.environ["TRITON_INTERPRET"] = "1"  # read when Triton is imported, which nothing does without a GPU
pytest.importorskip("triton", reason="needs Triton, which a CUDA build of torch brings")

DEVICE = "cuda" if HAS_GPU else "cpu"


@pytest.mark.parametrize("delay", [3, None])
@pytest.mark.parametrize("amount", [0.5, None])
@pytest.mark.parametrize(("n_pre", "batch"), [(5, 1), (50, 2)])
def test_every_spike_is_added_in_the_row_of_its_arrival(
    n_pre: int, batch: int, delay: int | None, amount: float | None
) -> None:
    from neurocl.engines.torch.fused import send

    rng = np.random.default_rng(n_pre)
    width, length, step, n = 30, 8, 13, 2  # n projections
    lengths = rng.integers(0, 200, n * n_pre)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    begin = np.stack([ends[: n_pre + 1], ends[n_pre:]])
    pre, projection = (np.repeat(a, lengths) for a in (np.arange(n * n_pre) % n_pre, np.arange(n * n_pre) // n_pre))
    target, both = rng.integers(0, width, ends[-1]), np.array([1, 2])
    late = rng.integers(0, length, ends[-1]) if delay is None else delay * both[:, None]
    amounts = rng.normal(size=ends[-1]) if amount is None else amount * both[:, None]
    delays, values = (a if a.ndim == 1 else a[projection, 0] for a in (late, amounts))
    spiked = rng.random((batch, n_pre)) < 0.3
    for at_least in (0, 4):
        expected = np.ones((length, batch, width))
        for b, e in zip(*np.nonzero(spiked[:, pre] & (delays >= at_least)), strict=True):
            expected[(step + 1 + delays[e]) % length, b, target[e]] += values[e]
        for now in (step, torch.tensor([step], device=DEVICE)):
            source = SimpleNamespace(_ring=torch.ones(length, batch, width, dtype=torch.float64, device=DEVICE))
            tables = {"_begin": (begin, torch.int64), "_column": (target, torch.int32), "_late": (late, torch.int32),
                      "_transmitted": (amounts, torch.float64)}  # fmt: skip
            vars(source).update({k: torch.tensor(v, dtype=t, device=DEVICE) for k, (v, t) in tables.items()})
            send(source, torch.tensor(spiked, device=DEVICE), now, at_least)
            np.testing.assert_allclose(source._ring.cpu().numpy(), expected, rtol=1e-12)


def joint_network() -> ncl.Network:
    """Several projections from one population, of one and of many weights and delays, onto two states of two kinds."""
    net = ncl.Network(dt=0.1)
    source = net.add(ncl.models.Poisson, 20, name="source", rate=np.linspace(100.0, 400.0, 20))
    exc = net.add(ncl.models.ConductanceLIF, 12, name="exc")
    inh = net.add(ncl.models.LIFDelta, 8, name="inh")
    half = ncl.FixedProbability(0.5)
    net.connect(source, exc, half, target="g_e", weight=ncl.uniform(0.0, 9.0), delay=1.5, name="a")
    net.connect(source, exc[3:], half, target="g_e", weight=4.0, delay=ncl.uniform(0.0, 2.0), name="b")
    net.connect(source, inh, half, target="v", weight=1.5, delay=0.3, name="c")
    net.connect(exc, inh, half, target="v", weight=2.0, delay=0.1, name="d")
    net.connect(inh, exc, ncl.AllToAll(), target="g_i", weight=1.0, delay=ncl.choice([0.2, 1.0]), name="e")
    return net


def test_projections_that_share_a_ring_give_the_spikes_of_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    from neurocl.engines.torch import forms, simulation

    monkeypatch.setattr(simulation, "choose_form", lambda p, b, d, on_cpu: forms.choose_form(p, b, d, False))
    net = joint_network()
    sims = [net.build(engine=engine, seed=3, dtype="float64") for engine in ("torch", "numba")]
    record = dict.fromkeys(net.populations, "spikes")
    for _ in range(2):
        outs = [sim.run(5.0, record=record) for sim in sims]
        for name in net.populations:
            assert outs[0][name].spikes.equals(outs[1][name].spikes), name
        for sim in sims:  # for spikes under way, too
            sim.rewire("c", remove=[0, 1], pre=[3], post=[2])
    assert sum(len(outs[1][name].spikes) for name in net.populations) > 20


@pytest.mark.parametrize("batch", [1, 2])
def test_a_network_with_the_kernel_fires_the_same_spikes(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from neurocl.engines.torch import forms, simulation

    case = Case(n_exc=6, n_inh=3, n_inp=5, delays=(0, 6), inhibitory_delay=2)
    record = {"neurons": "spikes", "inp": "spikes"}
    outs = []
    for on_cpu in (True, False):

        def chosen(plan: Any, batch: int, delivery: str, _: bool, on_cpu: bool = on_cpu) -> forms.Form:
            return forms.choose_form(plan, batch, delivery, on_cpu)

        monkeypatch.setattr(simulation, "choose_form", chosen)
        sim: Any = network_of(case).build(engine="torch", dtype="float64", batch=batch, device=DEVICE)
        assert ("_send_fused" in sim.source) != on_cpu
        sim.run(steps(40))
        sim.set("static", w=1.5 * np.asarray(sim.state["static.w"]))  # also for the spikes under way
        outs.append(sim.run(steps(60), record=record))
    for one, two in zip(*(out if batch > 1 else [out] for out in outs), strict=True):
        assert same_recording(one, two) and len(one["neurons"].spikes)
