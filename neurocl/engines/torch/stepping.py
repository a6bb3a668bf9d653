"""Going from step to step: by the host, or on a GPU by a captured graph that no host has to wait for."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import torch

from neurocl.engines.torch.driving import Driver, Now
from neurocl.engines.torch.kernels import row
from neurocl.engines.torch.memory import Memory
from neurocl.engines.torch.synapses import SynapseWriter

__all__ = ["DeviceSteps", "HostSteps", "needs_host"]


def needs_host(memory: Memory) -> bool:
    """Whether a step asks the device for something: lists of spikes, or the largest mean of a Poisson draw."""
    writers = memory.build.writers.values()
    by_lists = any(isinstance(w, SynapseWriter) and w.by_lists for w in writers)
    return by_lists or any(w.keys.needs_host for w in writers)


class HostSteps:
    """The host knows the number of the step and calls its functions."""

    def __init__(self, memory: Memory, driver: Driver) -> None:
        self.memory, self.driver, self.start = memory, driver, 0

    def begin(self, start: int) -> None:
        """Go to the first row of the tables, which is `start`."""
        self.start = start

    def advance(self, k: int) -> None:
        """The step with row k of the tables."""
        self.memory.build.functions["step"](self.memory.objects, self.driver.at(k, self.start + k))


class DeviceSteps:
    """The device counts the steps itself; on CUDA one step is captured, and then only replayed.

    A captured step holds addresses and plain numbers, so it is captured again when one of them has changed.
    """

    def __init__(self, memory: Memory) -> None:
        self.memory, device = memory, memory.build.device
        self.now = Now(*(torch.zeros(1, dtype=torch.int64, device=device) for _ in range(2)))
        self.driver: Driver | None = None
        self.graph: Any = None
        self.signature: Hashable = None

    def use(self, driver: Driver) -> DeviceSteps:
        """Read the tables of `driver`."""
        self.driver = driver
        return self

    def begin(self, start: int) -> None:
        """Go to the first row of the tables, which is `start`; they must be filled."""
        self.now.k.fill_(0)
        self.now.step.fill_(start)
        if self.memory.build.device.type == "cuda":
            signature = self._signature()
            if signature != self.signature:
                self._capture()
                self.signature = signature

    def advance(self, k: int) -> None:
        """One step; `k` is counted by the device."""
        if self.graph is not None:
            self.graph.replay()
        else:
            self._step()

    def _step(self) -> None:
        assert self.driver is not None
        self.now.t = row(self.driver.times, self.now.k)
        self.memory.build.functions["step"](self.memory.objects, self.now)
        self.now.k.add_(1)
        self.now.step.add_(1)

    def _capture(self) -> None:
        """Capture a step; those made to warm up are undone."""
        tensors = [t for fields in self.memory.objects.values() for t in vars(fields).values() if _is_strided(t)]
        tensors += [self.now.k, self.now.step]
        before = [t.clone() for t in tensors]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(2):
                self._step()
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self._step()
        for tensor, values in zip(tensors, before, strict=True):
            tensor.copy_(values)

    def _signature(self) -> Hashable:
        assert self.driver is not None
        found: list[Hashable] = [self.driver.times.data_ptr()]
        for name, fields in self.memory.objects.items():
            for key, value in vars(fields).items():
                if isinstance(value, torch.Tensor):
                    address = value.data_ptr() if _is_strided(value) else id(value)
                    found.append((name, key, address, tuple(value.shape)))
                elif isinstance(value, float | bool):
                    found.append((name, key, value))
        return tuple(found)


def _is_strided(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.layout == torch.strided
