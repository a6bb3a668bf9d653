"""Which hidden units are of little use, and how one is replaced without disturbing the network.

Utility      y_j = mean |w_out,j| mean |h_j - h^_j|, h^ the running mean of the activity; adaptable: / mean |w_in,j|
Running      u <- eta u + (1 - eta) y,   u^ = u / (1 - eta^age); h^ likewise
Replacement  the next bias takes over w_out,j h^_j; input weights are drawn anew (Kaiming uniform, bound
             gain sqrt(3 / fan-in)), bias 0, outgoing weights 0, moments of the optimiser for all of these 0
Dormancy     s_j = E|h_j| / (mean over the layer's units of E|h|)
Source       Dohare et al. (2024), Nature 632:768 (utility); Sokar et al. (2023), ICML (dormancy).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from neurocl.continual.strategies.weight_layers import HiddenLayer

__all__ = ["contribution", "dormancy", "recycle"]


def contribution(layer: HiddenLayer, activity: Tensor, mean: Tensor, adaptable: bool = True) -> Tensor:
    """Present usefulness of each unit, [unit].

    Parameters
    ----------
    activity : [sample, unit, place].
    mean : running mean of the activity, [unit].
    adaptable : whether it is divided by the mean size of the input weights: units that can change quickly count more.
    """
    outgoing = layer.outgoing_weights().abs().mean((0, 2))
    deviation = (activity - mean[:, None]).abs().mean((0, 2))
    y = outgoing * deviation
    return y / layer.incoming_weights().abs().mean(1).clamp(min=1e-12) if adaptable else y


def dormancy(activity: Tensor) -> Tensor:
    """Score of each unit, [unit], from activity [sample, unit, place]; 0 for a dead unit, 1 on average."""
    size = activity.abs().mean((0, 2))
    return size / (size.mean() + 1e-9)


@torch.no_grad()
def recycle(
    layer: HiddenLayer,
    units: Tensor,
    generator: torch.Generator,
    optimizer: torch.optim.Optimizer | None = None,
    mean: Tensor | None = None,
    init: str = "kaiming",
) -> None:
    """Replace `units` (indices) of a hidden layer.

    Parameters
    ----------
    optimizer : whose moments for the replaced weights are set to 0.
    mean : running mean of the activity, [unit]: what the next layer received on average is kept in its bias.
    init : "kaiming" (uniform, for ReLU) or "xavier" (uniform).
    """
    if len(units) == 0:
        return
    incoming, outgoing = layer.incoming_weights(), layer.outgoing_weights()
    if mean is not None and layer.outgoing.bias is not None:
        layer.outgoing.bias += torch.einsum("oup,u->o", outgoing[:, units], mean[units])
    fan_in = incoming.shape[1]
    fan_out = layer.n * (incoming.shape[1] // layer.incoming.weight.shape[1])
    bound = math.sqrt(6.0 / fan_in) if init == "kaiming" else math.sqrt(6.0 / (fan_in + fan_out))
    drawn = torch.rand((len(units), fan_in), generator=generator).to(incoming)
    incoming[units] = (2.0 * drawn - 1.0) * bound
    outgoing[:, units] = 0.0
    if layer.incoming.bias is not None:
        layer.incoming.bias[units] = 0.0
    if optimizer is not None:
        _forget_moments(layer, units, optimizer)


def _forget_moments(layer: HiddenLayer, units: Tensor, optimizer: torch.optim.Optimizer) -> None:
    for parameter, is_outgoing in (
        (layer.incoming.weight, False),
        (layer.incoming.bias, False),
        (layer.outgoing.weight, True),
    ):
        if parameter is None:
            continue
        for value in optimizer.state.get(parameter, {}).values():
            if not isinstance(value, Tensor) or value.shape != parameter.shape:
                continue
            if is_outgoing:
                value.view(value.shape[0], layer.n, -1)[:, units] = 0.0
            else:
                value[units] = 0.0
