"""One run of a memory, from its first step to its recordings."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import torch
from tqdm import tqdm

from neurocl.core.inputs import Inputs
from neurocl.core.recording import Recording, ResolvedRecord
from neurocl.engines.torch.devices import memory_is_told
from neurocl.engines.torch.driving import Driver, check_finite
from neurocl.engines.torch.memory import Memory
from neurocl.engines.torch.preparing import prepare
from neurocl.engines.torch.recording import Recorder
from neurocl.engines.torch.stepping import DeviceSteps, HostSteps

__all__ = ["advance"]


class Interrupt:
    """Within this context Ctrl-C waits for the end of a step, so that no state is left between two times.

    Only the main thread is told of Ctrl-C; in another one nothing changes.
    """

    def __init__(self) -> None:
        self.is_asked = False
        self._before: Any = None

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
            if callable(self._before):
                signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *error: object) -> None:
        if callable(self._before):
            signal.signal(signal.SIGINT, self._before)

    def _ask(self, *_: object) -> None:
        self.is_asked = True

    def raise_if_asked(self) -> None:
        """Stop here if Ctrl-C was pressed."""
        if self.is_asked:
            raise KeyboardInterrupt


def advance(
    memory: Memory, first: int, steps: int, requests: Mapping[str, list[ResolvedRecord]],
    units: Mapping[str, Mapping[str, str]], inputs: list[Inputs], device_steps: DeviceSteps | None = None,
    done: Callable[[int], None] = lambda step: None,
) -> list[Recording]:  # fmt: skip
    """Advance `memory` by `steps` from step `first`; returns a recording for each of its members.

    Parameters
    ----------
    inputs : one per member.
    device_steps : None where the host has to go from step to step.
    done : called with the number of steps since the build, whenever some are done.
    """
    stop, at = first + steps, first
    device = memory.build.device
    # Streams, graphs and kernels of Triton belong to the current GPU, which need not be the first.
    current = torch.cuda.device(device) if device.type == "cuda" else nullcontext()
    with torch.no_grad(), current, memory_is_told("run", device), Interrupt() as interrupt:
        driver = Driver(memory, inputs, first, steps)
        try:
            recorder = Recorder(memory, requests, units, first, steps, driver.length)
            prepare(memory, first)
            stepper = HostSteps(memory, driver) if device_steps is None else device_steps.use(driver)
            with tqdm(total=steps, unit="step", disable=None, delay=1.0, leave=False) as bar:
                while at < stop:
                    count = min(driver.length, stop - at)
                    driver.fill(at, count)
                    stepper.begin(at)
                    for k in range(count):
                        stepper.advance(k)
                        recorder.keep(k, at + k)
                        done(at + k + 1)
                        interrupt.raise_if_asked()
                    recorder.look_up(at, count)
                    at += count
                    bar.update(count)
            recordings = recorder.close()
        finally:
            driver.rest()
        check_finite(memory, stop * memory.build.plan.dt)
    return recordings
