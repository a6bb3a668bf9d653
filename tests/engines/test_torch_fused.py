"""The kernel that delivers spikes on a GPU; without one it runs in Triton's interpreter."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

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
    n_post, length, step = 30, 8, 13
    lengths = rng.integers(0, 200, n_pre)
    start = np.concatenate([[0], np.cumsum(lengths)])
    pre, post = np.repeat(np.arange(n_pre), lengths), rng.integers(0, n_post, start[-1])
    delays = np.full(start[-1], delay) if delay is not None else rng.integers(0, length, start[-1])
    amounts = np.full(start[-1], amount) if amount is not None else rng.normal(size=start[-1])
    spiked = rng.random((batch, n_pre)) < 0.3
    for at_least in (0, 4):
        expected = np.ones((length, batch, n_post))
        for b, e in zip(*np.nonzero(spiked[:, pre] & (delays >= at_least)), strict=True):
            expected[(step + 1 + delays[e]) % length, b, post[e]] += amounts[e]
        ring = torch.ones(length, batch, n_post, dtype=torch.float64, device=DEVICE)
        tensors: Any = (torch.tensor(start), torch.tensor(post, dtype=torch.int32))
        late = delay if delay is not None else torch.tensor(delays, dtype=torch.int32, device=DEVICE)
        send(
            ring, torch.tensor(spiked, device=DEVICE), torch.tensor([step], device=DEVICE),
            (*(t.to(DEVICE) for t in tensors), late),
            torch.tensor(amounts if amount is None else amount, dtype=torch.float64, device=DEVICE), at_least,
        )  # fmt: skip
        np.testing.assert_allclose(ring.cpu().numpy(), expected, rtol=1e-12)


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
