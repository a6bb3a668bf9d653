"""Neurons, synapses and astrocyte of NALSM, as descriptions.

Neuron       v <- v - v / tau_mem + u + i, tau_mem = 64 ms; fires at v >= 20, v <- 0; no second spike for t_ref = 2 ms,
             while v goes on integrating
Current      u = sum of w exp(-a), a = ms since the presynaptic neuron's last spike: earlier spikes do not count. g is
             exp(-a) before the spike of this step and h after it, so a spike adds w (1 - g) to u, and a change dw of a
             weight adds dw h, but only after the voltage has taken u (du waits until then)
Trace        x <- x_decay (x + 0.1 s), s = 1 in the step after a spike; one for both roles of a neuron
STDP         E, input   dw = a_plus x_pre s_post - a_minus x_post s_pre
             inhibitory dw = a_plus x_post s_pre - a_minus x_pre s_post, with traces that do not contain the spikes
             of the step, and one clip to [low, high]: a synapse with both events changes at the postsynaptic one
             (y is x, but 0 in a neuron that fired)
Gates        (activity-dependent STDP) c <- c - c / 1000 + s; an increase needs c_th < c_post < c_th + c_width, a
             decrease c_th - c_width < c_post < c_th
Astrocyte    a_minus <- a_minus + (w_astro (n_liquid - n_input) + bias - a_minus) / tau_astro, then a_plus, a_minus,
             w_astro and bias are multiplied by `decay`
Units        time ms (one step), the rest without unit
Source       Ivanov & Michmizos (2021), NeurIPS 34, and their published code (combra-lab/NALSM): constants, and the
             order of operations in a step.
"""

from __future__ import annotations

import math
from typing import Any

from neurocl.core.model import Modulator, NeuronModel, SynapseModel

__all__ = [
    "ASTROCYTE", "DT", "EXCITATORY_STDP", "GATED_EXCITATORY_STDP", "GATED_INHIBITORY_STDP", "GatedLiquidNeuron",
    "INHIBITORY_STDP", "InputNeuron", "LiquidNeuron", "STATIC_SYNAPSE", "TRACE_DECAY",
]  # fmt: skip

DT = 1.0
"""Time step, ms."""
TRACE_DECAY = 0.9047744744744745
"""Factor of a trace per step: of 1000 equally spaced numbers from 0.01 to 0.9999 the one whose tenth power is nearest
to 1/e, as in the published code; exp(-1/10) is larger by 7e-5."""
_KERNEL_DECAY = math.exp(-1.0)

_NEURON: Any = {"threshold": "v >= v_th", "refractory": "t_ref", "dt": DT}
_PARAMETERS = {
    "tau_mem": 64.0, "v_th": 20.0, "t_ref": 2.0, "x_step": 0.1, "x_decay": TRACE_DECAY, "g_decay": _KERNEL_DECAY,
}  # fmt: skip
_TRACES = "x = x_decay * (x + x_step * s); g = h * g_decay; h = g; s = 0"
_STATES = """
    v : 1
    x : 1
    s : 1
    g : 1
    h : 1
"""
_INTEGRATION = f"v = v - v / tau_mem + u; u = (u + du) * g_decay; du = 0; {_TRACES}; y = x"
_LIQUID_STATES = f"""{_STATES}
    u : 1
    du : 1
    y : 1
"""

LiquidNeuron = NeuronModel(
    name="LiquidNeuron",
    doc="Leaky integrate-and-fire neuron of a liquid; only the last spike of a presynaptic neuron counts.",
    equations=_LIQUID_STATES, update=_INTEGRATION, reset="v = 0; s = 1; h = 1; y = 0",
    parameters=_PARAMETERS, require="tau_mem > 1", **_NEURON,
)  # fmt: skip

_GATES = (
    "rises = int(c > c_th and c < c_th + c_width); falls = int(c > c_th - c_width and c < c_th)"
)
GatedLiquidNeuron = NeuronModel(
    name="GatedLiquidNeuron",
    doc="The same with calcium, which follows the neuron's rate in Hz and tells which changes of its synapses happen.",
    equations=_LIQUID_STATES + "c : 1\nrises : 1\nfalls : 1", update=f"{_INTEGRATION}; c = c - c / tau_c; {_GATES}",
    reset=f"v = 0; s = 1; h = 1; y = 0; c = c + 1; {_GATES}",
    parameters={**_PARAMETERS, "tau_c": 1000.0, "c_th": 37.0, "c_width": 22.0},
    require="tau_mem > 1; tau_c > 1; c_width > 0", **_NEURON,
)  # fmt: skip

InputNeuron = NeuronModel(
    name="InputNeuron",
    doc="The same neuron, driven by an event with probability p in each step; an event while it is refractory waits.",
    equations=_STATES, update=f"v = v - v / tau_mem + amplitude * int(rand() < p); {_TRACES}",
    reset="v = 0; s = 1; h = 1",
    parameters={**_PARAMETERS, "amplitude": 100.0, "p": 0.0}, require="tau_mem > 1; p >= 0; p <= 1", **_NEURON,
)  # fmt: skip

_ARRIVAL = "u_post += w * (1 - g_pre)"

STATIC_SYNAPSE = SynapseModel(
    name="last_spike", doc="A constant weight of which only the last spike counts.", on_pre=_ARRIVAL
)


def _stdp(name: str, doc: str, at_pre: str, at_post: str) -> SynapseModel:
    """STDP that changes a weight by `at_pre` times the postsynaptic trace, and `at_post` times the presynaptic one."""
    alone = f"clip(w + {at_pre} * y_post, low, high)"
    both = f"clip(w + {at_post} * x_pre + {at_pre} * x_post * s_pre, low, high)"
    return SynapseModel(
        name=name, doc=doc,
        on_pre=f"{_ARRIVAL}; du_post += {alone} - w; w = {alone}",
        on_post=f"du_post += ({both} - w) * h_pre; w = {both}",
        parameters={"a_plus": 0.15, "a_minus": 0.15, "low": 0.0, "high": 3.0}, require="low <= high",
    )  # fmt: skip


EXCITATORY_STDP = _stdp("excitatory_stdp", "STDP of excitatory and input synapses.", "(-a_minus)", "a_plus")
INHIBITORY_STDP = _stdp("inhibitory_stdp", "STDP of inhibitory synapses: signs mirrored.", "a_plus", "(-a_minus)")
_RISE, _FALL = "a_plus * rises_post", "(-a_minus) * falls_post"
GATED_EXCITATORY_STDP = _stdp(
    "gated_excitatory_stdp", "The same, gated by the postsynaptic calcium.", _FALL, _RISE
)
GATED_INHIBITORY_STDP = _stdp(
    "gated_inhibitory_stdp", "The same, gated by the postsynaptic calcium.", _RISE, _FALL
)

ASTROCYTE = Modulator(
    name="astrocyte",
    doc="Leaky integrator of the liquid's spikes less the input's; its state is the rate of depression.",
    equations="""
        a_plus  : 1
        a_minus : 1
        w_astro : 1
        bias    : 1
    """,
    update="""
        a_minus += (w_astro * (n_liquid - n_input) + bias - a_minus) / tau_astro
        a_plus *= decay
        a_minus *= decay
        w_astro *= decay
        bias *= decay
    """,
    counts=("n_liquid", "n_input"),
    parameters={"tau_astro": 100.0, "decay": 1.0},
    initial={"a_plus": 0.15, "a_minus": 0.15, "w_astro": 0.015, "bias": 0.15},
    require="tau_astro >= 1; decay >= 0",
)
