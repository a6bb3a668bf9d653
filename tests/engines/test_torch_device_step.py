"""A step on a GPU asks the device for nothing and copies nothing to it, as a captured graph needs.

Without a GPU this is seen on torch's "meta" device, whose tensors have a shape and no values: what asks for a value
fails there, and so does what mixes it with a tensor of the host. Single numbers of the host are let through by torch;
a few functions copy them to the device, which these tests look for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import neurocl as ncl
from neurocl import models
from neurocl.core.inputs import parse_inputs
from neurocl.experiments.validation import case_of
from tests.networks import Case, network_of

torch = pytest.importorskip("torch")

from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402 - after torch is found

from neurocl.engines.torch import simulation  # noqa: E402
from neurocl.engines.torch.driving import Driver, Now  # noqa: E402
from neurocl.engines.torch.stepping import needs_host  # noqa: E402

META = torch.device("meta")
COPIED = {"where", "copy_", "_to_copy", "index_put_", "index_copy_", "index_add_", "scatter_add_", "lift_fresh", "cat"}
"""Functions that would copy a number of the host to the device."""


class Watch(TorchDispatchMode):
    """Notes the functions of `COPIED` that get tensors of the host and of the device together."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = [a for a in (*args, *(kwargs or {}).values()) if isinstance(a, torch.Tensor)]
        name = func.overloadpacket.__name__
        if name in COPIED and len({t.device.type for t in given}) > 1:
            self.found.append(str(func))
        return func(*args, **(kwargs or {}))


def on_meta(value: Any) -> Any:
    """The same without values."""
    if isinstance(value, tuple):
        return tuple(on_meta(part) for part in value)
    if isinstance(value, torch.device):
        return META
    return value.to(META) if isinstance(value, torch.Tensor) else value


def step_on_meta(sim: Any) -> list[str]:
    """Run one step without values; returns the functions that copied a number."""
    memory = sim._memory
    assert not needs_host(memory)
    sim.run(2 * sim.dt)  # makes what is made once, as a GPU does before it captures a step
    driver = Driver(memory, [parse_inputs(sim.plan, {}, 4, 2)] * memory.batch, 2, 4)
    driver.fill(2, 4)
    for owner in memory.objects.values():
        links = getattr(owner, "_links", None)
        for fields in (owner, *([] if links is None else [links])):
            vars(fields).update({key: on_meta(value) for key, value in vars(fields).items()})
    now = Now(*(torch.zeros(1, dtype=torch.int64, device=META) for _ in range(2)), on_meta(driver.times[0]))
    with Watch() as watch, torch.no_grad():
        memory.build.functions["step"](memory.objects, now)
    return watch.found


def build(network: ncl.Network, batch: int) -> Any:
    return network.build(engine="torch", dtype="float32", delivery="all", batch=batch)


@pytest.fixture(autouse=True)
def no_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Masks instead of compressed matrices, which the meta device does not know."""
    choose: Callable[..., Any] = simulation.choose_form

    def chosen(*arguments: Any) -> Any:
        form = choose(*arguments)
        return type(form)("masks", form.by_lists) if form.kind in ("sparse", "fused") else form

    monkeypatch.setattr(simulation, "choose_form", chosen)


@pytest.mark.parametrize("name", models.catalogue())
def test_a_step_of_every_model_waits_for_nothing(name: str) -> None:
    assert step_on_meta(build(case_of(name).network, 1)) == []


@pytest.mark.parametrize("batch", [1, 3])
def test_a_step_of_a_network_with_everything_in_it_waits_for_nothing(batch: int) -> None:
    assert step_on_meta(build(network_of(Case(delays=(3, 7))), batch)) == []


def test_numbers_of_the_host_become_numbers_of_the_device() -> None:
    from neurocl.engines.torch.kernels import add_columns, store_where, where

    mask, x = torch.zeros(2, 3, dtype=torch.bool, device=META), torch.zeros(2, 3, device=META)
    number, index = torch.tensor(1.5), torch.zeros(4, dtype=torch.int64, device=META)
    with Watch() as watch:
        assert where(mask, 1.5, 0.0, torch.float32).device == META
        assert where(mask, number, x).dtype == torch.float32
        store_where(x, mask, number)
        add_columns(x, index, number)
    assert watch.found == []
    got = where(torch.tensor([True, False]), torch.tensor(2.0, dtype=torch.float64), torch.zeros(2))
    np.testing.assert_array_equal(got.numpy(), [2.0, 0.0])
