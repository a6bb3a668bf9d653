"""Going from step to step: by the host, or on a GPU by a captured graph that no host has to wait for."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import torch

from neurocl.engines.torch.driving import Driver, Now
from neurocl.engines.torch.kernels import row
from neurocl.engines.torch.links import Links
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

    A captured step holds addresses and plain numbers, so it is captured again when one of them has changed. They do
    not change during a run, so that only its beginning looks.
    """

    def __init__(self, memory: Memory) -> None:
        self.memory, device = memory, memory.build.device
        self.now = Now(*(torch.zeros(1, dtype=torch.int64, device=device) for _ in range(2)))
        self.driver: Driver | None = None
        self.graph: Any = None
        self.signature: Hashable = None
        self.captures, self.is_checked = device.type == "cuda", False

    def use(self, driver: Driver) -> DeviceSteps:
        """Read the tables of `driver`, in a new run; the table of the times stays where it is."""
        if self.driver is not None:
            driver.times = self.driver.times
        self.driver, self.is_checked = driver, False
        return self

    def begin(self, start: int) -> None:
        """Go to the first row of the tables, which is `start`; they must be filled."""
        self.now.k.fill_(0)
        self.now.step.fill_(start)
        if self.captures and not self.is_checked:
            signature = self._signature()
            if signature != self.signature:
                self._capture()
                self.signature = signature
            self.is_checked = True

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
        # What a step writes has members, so two axes at least. The others are large, and writing them would count as a
        # change of weights.
        fields = [value for owner in self.memory.objects.values() for value in vars(owner).values()]
        tensors = [t for t in fields if _is_strided(t) and t.dim() > 1]
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
                    is_matrix = not _is_strided(value)
                    parts = [value.crow_indices(), value.col_indices(), value.values()] if is_matrix else [value]
                    found.append((name, key, *((part.data_ptr(), tuple(part.shape)) for part in parts)))
                elif isinstance(value, float | bool | Links):  # links are compared by identity
                    found.append((name, key, value))
        return tuple(found)


def _is_strided(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.layout == torch.strided
