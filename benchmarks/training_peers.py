"""The network of `training_step` in other packages, as their users write it: one loop over time through all layers.

snntorch       snntorch.Leaky
spikingjelly   LIFNode in multi-step mode, the faster of its two; the spike is subtracted before the decay, not after
norse          LIFBoxCell, which has its input scaled by dt / tau_mem and the spike subtracted before the decay

The last two do the same work, but compute another function, so their gradients are others.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["PEERS", "SAME_GRADIENT", "Forward", "absent"]

Forward = Callable[[Tensor], Tensor]
"""From input to the output's spikes, [time, batch, n]."""
Builder = Callable[[torch.nn.Linear, torch.nn.Linear, float, float], Forward]
"""Makes it from two layers, the decay and the slope of the surrogate."""


def snntorch_network(first: torch.nn.Linear, second: torch.nn.Linear, decay: float, slope: float) -> Forward:
    import snntorch

    surrogate = snntorch.surrogate.fast_sigmoid(slope=slope)
    hidden, output = (snntorch.Leaky(beta=decay, spike_grad=surrogate).to(first.weight.device) for _ in range(2))

    def run(x: Tensor) -> Tensor:
        u, v, spikes = hidden.reset_mem(), output.reset_mem(), []
        for now in x:
            s, u = hidden(first(now), u)
            z, v = output(second(s), v)
            spikes.append(z)
        return torch.stack(spikes)

    return run


def norse_network(first: torch.nn.Linear, second: torch.nn.Linear, decay: float, slope: float) -> Forward:
    from norse.torch import LIFBoxCell
    from norse.torch.functional.lif_box import LIFBoxParameters

    device = first.weight.device

    def reset(z: Tensor, v: Tensor, _: Tensor, v_th: Tensor) -> Tensor:
        return v - z.detach() * v_th

    number: Any = lambda value: torch.as_tensor(value, device=device)  # noqa: E731 - as short as it is
    parameters = LIFBoxParameters(
        number((1 - decay) / 1e-3), number(0.0), number(1.0), number(0.0), "super", number(slope), reset
    )
    hidden, output = (LIFBoxCell(p=parameters, dt=1e-3) for _ in range(2))

    def run(x: Tensor) -> Tensor:
        u, v, spikes = None, None, []
        for now in x:
            s, u = hidden(first(now), u)
            z, v = output(second(s), v)
            spikes.append(z)
        return torch.stack(spikes)

    return run


def spikingjelly_network(first: torch.nn.Linear, second: torch.nn.Linear, decay: float, slope: float) -> Forward:
    from spikingjelly.activation_based import functional, neuron, surrogate

    layers = torch.nn.Sequential(*(
        neuron.LIFNode(
            tau=1 / (1 - decay), decay_input=False, v_threshold=1.0, v_reset=None, detach_reset=True, step_mode="m",
            surrogate_function=surrogate.SoftSign(alpha=slope),
        )
        for _ in range(2)
    ))  # fmt: skip

    def run(x: Tensor) -> Tensor:
        functional.reset_net(layers)
        spikes: Tensor = layers[1](second(layers[0](first(x))))
        return spikes

    return run


PEERS: dict[str, Builder] = {
    "snntorch": snntorch_network, "spikingjelly": spikingjelly_network, "norse": norse_network,
}  # fmt: skip
"""Builders by the name of the package."""
SAME_GRADIENT = ("snntorch",)
"""Peers that compute the same function."""
MODULES = {"snntorch": "snntorch", "spikingjelly": "spikingjelly.activation_based.neuron", "norse": "norse.torch"}


def absent(name: str) -> str | None:
    """Why a peer cannot be imported; None if it can."""
    try:
        importlib.import_module(MODULES[name])
    except Exception as error:  # a package may fail for many reasons, such as a missing one of its own
        return f"{type(error).__name__}: {error}"
    return None
