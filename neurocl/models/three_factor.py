"""Three-factor learning: an eligibility trace per synapse, times a learning signal per postsynaptic neuron (e-prop).

Neuron       dv/dt = -v / tau_mem, v += w at an arriving spike; v >= v_th: spike, v <- v - v_th
Trace        z_bar: low-pass of the arriving spikes with tau_mem, the exact derivative of v by w (but for the reset)
Derivative   psi = dampening / v_th max(0, 1 - |v - v_th| / v_th), v before the reset
Eligibility  e <- kappa e + psi z_bar in every step, kappa = exp(-dt / tau_out)
Weight       w <- w - eta learning_signal e in every step
Signal       learning_signal is a parameter of the postsynaptic neuron: drive it (learning_signal=Input()), or let
             EPropFeedback sum B error over readouts, error = y - y_target, in each step
Readout      y <- kappa y + sum of what arrived, kappa = exp(-dt / tau_out); its error is made in the same step, and
             reaches the neurons in the next one
Units        time ms; v, w and v_th in the same unit (dimensionless by default); eta per step
Source       Bellec et al. (2020), Nat. Commun. 11:3625, e-prop 1 for LIF neurons. In the neuron here an arriving spike
             decays along with v in its first step, in the source from the next one on; z_bar does the same.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel, SynapseModel

__all__ = ["EProp", "EPropFeedback", "EPropLIF", "EPropReadout"]

EPropLIF = NeuronModel(
    name="EPropLIF",
    doc="LIF neuron with reset by subtraction and a learning signal (Bellec et al. 2020); target v.",
    equations="dv/dt = -v / tau_mem : 1",
    threshold="v >= v_th",
    reset="v -= v_th",
    parameters={"tau_mem": 20.0, "v_th": 1.0, "learning_signal": 0.0},
    require="tau_mem > 0; v_th > 0",
)

EProp = SynapseModel(
    name="EProp",
    doc="e-prop (Bellec et al. 2020): eligibility trace times learning signal; tau_mem as in the neuron.",
    pre="dz_bar/dt = -z_bar / tau_mem : 1",
    equations="""
        psi = dampening / v_th_post * max(0, 1 - abs(v_post - v_th_post) / v_th_post) : 1
        e : 1
    """,
    on_pre="z_bar += 1",
    update="e = exp(-dt / tau_out) * e + psi * z_bar; w -= eta * learning_signal_post * e",
    parameters={"tau_mem": 20.0, "tau_out": 20.0, "dampening": 0.3, "eta": 1e-3},
    require="tau_mem > 0; tau_out > 0",
)

EPropReadout = NeuronModel(
    name="EPropReadout",
    doc="Leaky readout of spikes with its error against a driven target (Bellec et al. 2020); target y.",
    equations="dy/dt = -y / tau_out : 1; error : 1",
    update="error = y - y_target",
    parameters={"tau_out": 20.0, "y_target": 0.0},
    require="tau_out > 0",
)

EPropFeedback = SynapseModel(
    name="EPropFeedback",
    doc="Brings the readouts' errors, times fixed weights, to the neurons as their learning signal.",
    equations="learning_signal_post = w * error_pre : 1 (summed)",
)
