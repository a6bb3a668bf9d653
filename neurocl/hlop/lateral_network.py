"""The lateral circuit of HLOP in spikes: principal neurons, subspace neurons, and plasticity by local events.

Neuron       v <- v + input in each step; |v| > 1/2: spike of the sign of v, v <- v - sign. It stands for a pair of
             cells, ON (side = 1) and OFF (side = -1). A drive a with |a| <= 1 gives round(T a) spikes in T steps
Activity     a burst of T = steps: number of spikes times scale / steps; so y is read as
             q(y) = scale round(T clip(y, -scale, scale) / scale) / T
Principal    drive x / scale; residual = own activity + feedback = x - H^T y, summed up over the burst
Subspace     drive H x / scale, by the spikes of the principal neurons through the lateral weights H
Feedback     weights -H^T: a spike of subspace neuron i adds -H_ij scale / steps to the residual of principal neuron j
Two bursts   a presentation is a response (gate = 1: residuals are summed up), then the same burst again for learning
             (gate = 0: residuals are held, and shown to the synapses as `trace`)
Plasticity   at each spike of subspace neuron i in the learning burst, for every principal neuron j,
             H_ij  += eta scale / steps side_i trace_j     (Hebbian by x, anti-Hebbian by the fed-back -H^T y)
             feedback_ji -= the same, so that forward and feedback weights stay opposite
Result       one presentation changes H by eta q(y) (x - H^T q(y))^T, Oja's subspace rule: H H^T -> 1, and the rows of H
             come to span the leading principal components of x. A neuron with eta = 0 is frozen and still feeds back
Units        steps of 1 ms; activities and weights dimensionless; eta per presentation
Source       Xiao et al. (2024), ICLR, arXiv:2402.11984; Oja (1989), Int. J. Neural Syst. 1:61. The two-sided
             neuron, the bursts and the rule for events are ours: the source computes with q, without membranes
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.components import Input
from neurocl.core.connectivity import AllToAll
from neurocl.core.model import NeuronModel, SynapseModel
from neurocl.core.network import Network

__all__ = ["ANTI_HEBBIAN", "HEBBIAN", "PRINCIPAL", "SETTLING", "SUBSPACE", "burst_inputs", "lateral_network"]

SETTLING = 2
"""Steps without drive at the end of a burst: a spike needs one step to each of the two populations."""

_SIDE = "side = int(v > 0.5) - int(v < -0.5)"

PRINCIPAL = NeuronModel(
    name="hlop_principal",
    doc="Fires its activity x, and compares it with what the subspace neurons feed back.",
    equations="v : 1; side : 1; feedback : 1; residual : 1; trace : 1",
    update=f"""
        v        = (1 - start) * v + clip(x / scale, -1, 1)
        {_SIDE}
        residual = where(gate > 0.5, (1 - start) * (residual + feedback) + scale / steps * side, residual)
        trace    = (1 - gate) * residual
        feedback = 0
    """,
    threshold="abs(side) > 0.5",
    reset="v -= side",
    parameters={"x": 0.0, "start": 0.0, "gate": 0.0, "scale": 20.0, "steps": 40.0},
    require="scale > 0; steps > 0",
)

SUBSPACE = NeuronModel(
    name="hlop_subspace",
    doc="Fires the component of the activity along its weights; y counts its spikes during a response.",
    equations="v : 1; side : 1; drive : 1; y : 1",
    update=f"""
        v     = (1 - start) * (v + drive)
        {_SIDE}
        y     = where(gate > 0.5, (1 - start) * y + scale / steps * side, y)
        drive = 0
    """,
    threshold="abs(side) > 0.5",
    reset="v -= side",
    parameters={"start": 0.0, "gate": 0.0, "scale": 20.0, "steps": 40.0, "eta": 1e-3},
    require="scale > 0; steps > 0; eta >= 0",
)

HEBBIAN = SynapseModel(
    name="hlop_hebbian",
    doc="Lateral weights H: at a postsynaptic spike they grow by the presynaptic residual (Xiao et al. 2024).",
    transmit="w * side_pre * scale_pre / scale_post",
    on_post="w += eta_post * scale_post / steps_post * side_post * trace_pre",
)

ANTI_HEBBIAN = SynapseModel(
    name="hlop_anti_hebbian",
    doc="Feedback weights -H^T: at a presynaptic spike they shrink by the postsynaptic residual (Xiao et al. 2024).",
    transmit="w * side_pre * scale_pre / steps_pre",
    on_pre="w -= eta_pre * scale_pre / steps_pre * side_pre * trace_post",
)


def lateral_network(
    weights: NDArray[np.float64], steps: int, scale: float, input_scale: float, eta: NDArray[np.float64] | float
) -> Network:
    """The circuit: populations "principal" and "subspace", projections "lateral" and "feedback".

    Parameters
    ----------
    weights : H at the beginning, array [subspace neuron, principal neuron].
    steps : length of a burst.
    scale, input_scale : activity of a subspace neuron, and of a principal one, that fires in every step.
    eta : learning rate, one for all or one per subspace neuron.

    Returns
    -------
    Network
        Drive it by `burst_inputs`.
    """
    k, n = weights.shape
    shared: dict[str, Any] = {"start": Input(0.0), "gate": Input(0.0), "steps": float(steps)}
    network = Network(dt=1.0)
    principal = network.add(PRINCIPAL, n, name="principal", x=Input(0.0), scale=input_scale, **shared)
    subspace = network.add(SUBSPACE, k, name="subspace", scale=scale, eta=eta, **shared)
    network.connect(principal, subspace, AllToAll(), target="drive", weight=weights, synapse=HEBBIAN, name="lateral")
    network.connect(
        subspace, principal, AllToAll(), target="feedback", weight=-weights.T, synapse=ANTI_HEBBIAN, name="feedback"
    )  # fmt: skip
    return network


def burst_inputs(x: NDArray[np.float64], steps: int, learn: bool) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Inputs of a run that presents the rows of `x`, one after the other.

    Parameters
    ----------
    x : activities [presentation, principal neuron].
    steps : length of a burst.
    learn : whether each response is followed by a learning burst.

    Returns
    -------
    inputs for `Simulator.run`, of (1 + learn) (steps + SETTLING) steps per presentation.
    """
    rows, bursts = len(x), 1 + learn
    drive = np.zeros((rows, bursts, steps + SETTLING, x.shape[1]))
    drive[:, :, :steps] = x[:, None, None]
    start, gate = np.zeros((2, *drive.shape[:3]))
    start[:, :, 0] = 1.0
    gate[:, 0] = 1.0
    shared = {"start": start.reshape(-1, 1), "gate": gate.reshape(-1, 1)}
    return {"principal": {"x": drive.reshape(-1, x.shape[1]), **shared}, "subspace": shared}
