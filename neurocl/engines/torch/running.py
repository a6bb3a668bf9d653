"""One run of a memory, from its first step to its recordings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
    with torch.no_grad(), memory_is_told("run", memory.build.device):
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
                    recorder.look_up(at, count)
                    at += count
                    bar.update(count)
            recordings = recorder.close()
        finally:
            driver.rest()
        check_finite(memory, stop * memory.build.plan.dt)
    return recordings
