"""What a device lacks is told in one sentence: a GPU, or memory, with what was needed and what is left."""

from __future__ import annotations

from typing import Any

import pytest

import neurocl as ncl
from tests.networks import Case, network_of, steps

torch = pytest.importorskip("torch")

from neurocl.engines.torch import devices  # noqa: E402 - after torch is found
from neurocl.engines.torch.sizes import needed_memory  # noqa: E402

CPU = torch.device("cpu")


def build(**options: Any) -> Any:
    return network_of(Case()).build(engine="torch", **options)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that has 1 KiB left."""
    monkeypatch.setattr(devices, "free_memory", lambda device: 1024)


def test_a_gpu_that_is_not_there_is_told_by_networks_and_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for device in ("cuda", "cuda:1"):
        with pytest.raises(ncl.NeuroclError, match=rf"device='{device}' needs a CUDA GPU .* finds none; use"):
            build(device=device)
    with pytest.raises(ncl.NeuroclError, match=r"layer of .*LIF.*: device='cuda' needs a CUDA GPU"):
        from neurocl.nn import Spiking

        Spiking(ncl.models.LIF, 3, device="cuda")


def held(fields: Any) -> int:
    """Bytes of an object's tensors and of those of its links."""
    links = vars(getattr(fields, "_links", None) or object)
    parts = [*vars(fields).values(), *links.values()]
    flat = [t for part in parts for t in (part if isinstance(part, tuple | list) else [part])]
    tensors = {id(t): t for t in flat if isinstance(t, torch.Tensor) and t.layout == torch.strided}
    return sum(t.numel() * t.element_size() for t in tensors.values())


@pytest.mark.parametrize(("batch", "delivery"), [(1, "events"), (20, "events"), (1, "all")])
def test_the_estimate_is_about_what_a_network_holds(batch: int, delivery: str) -> None:
    net = ncl.Network(dt=0.1)
    one, two = (net.add(ncl.models.LIF, 400, name=name, i_ext=9000.0) for name in ("one", "two"))
    net.connect(one, two, ncl.FixedIndegree(100), target="i_syn", weight=ncl.uniform(0.0, 1.0), delay=1.5)
    net.connect(two, one, ncl.FixedIndegree(50), target="i_syn", weight=ncl.uniform(0.0, 1.0), delay=ncl.uniform(1, 2))
    net.connect(two, two, ncl.FixedIndegree(20), target="i_syn", synapse=ncl.models.PairSTDP, weight=0.1)
    sim: Any = net.build(engine="torch", batch=batch, delivery=delivery)
    sim.run(2.0)
    build = sim._memory.build
    estimate = needed_memory(build.plan, build.layouts, build.forms, build.dtype, batch)
    # A compressed matrix is left out of `held`, what lives during a step alone too.
    assert 0.6 < sum(held(fields) for fields in sim._memory.objects.values()) / estimate < 1.4


@pytest.mark.usefixtures("full")
def test_a_network_that_cannot_fit_says_so_before_it_is_made() -> None:
    message = r"net.build: the network needs about [\d.]+ MiB, and cpu has 0.000977 MiB left; use a smaller batch"
    with pytest.raises(ncl.NeuroclError, match=message):
        build(batch=1000)


def test_presentations_and_traces_that_cannot_fit_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    sim = build()
    monkeypatch.setattr(devices, "free_memory", lambda device: 1024)
    with pytest.raises(ncl.NeuroclError, match="run_batch: the network needs about"):
        sim.run_batch(steps(10), 8)
    with pytest.raises(ncl.NeuroclError, match=r"record: the traces need .* MiB, and cpu has .*every=n"):
        sim.run(steps(1000), record={"neurons": "v"})
    assert sim.step == 0


ERRORS = {
    "CUDA out of memory. Tried to allocate 20.50 GiB. GPU 0 has a total capacity of 139.81 GiB of which 5.00 GiB is "
    "free. Process 7 has 130.00 GiB memory in use.": "20.50 GiB more were asked for, and 3 GiB are left",
    "CUDA out of memory": "torch could not take more, and 3 GiB are left",
}


@pytest.mark.parametrize("text", ERRORS)
def test_an_error_of_the_gpu_says_what_was_asked_for_and_left(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "free_memory", lambda device: 3 * 2**30)
    expected = f"^run: cuda:0 has too little memory: {ERRORS[text]}; use a smaller batch or network, or record less$"
    with pytest.raises(ncl.NeuroclError, match=expected), devices.memory_is_told("run", torch.device("cuda:0")):
        raise torch.OutOfMemoryError(text)


def test_an_error_of_the_cpu_says_what_was_asked_for_and_left() -> None:
    message = r"^run: cpu has too little memory: 1.05e\+06 GiB more were asked for, and .* left; .*$"
    with pytest.raises(ncl.NeuroclError, match=message), devices.memory_is_told("run", CPU):
        torch.empty(2**50, dtype=torch.uint8)


def test_other_errors_pass() -> None:
    with pytest.raises(RuntimeError, match="must match"), devices.memory_is_told("run", CPU):
        torch.zeros(2) + torch.zeros(3)
