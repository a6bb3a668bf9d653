"""Voltage-based plasticity, and the neuron whose spikes have the shape that it needs.

Weight       dw/dt = -a_ltd X(t) [u_minus - th_minus]+ + a_ltp x [v - th_plus]+ [u_plus - th_minus]+
             X(t): the presynaptic spikes; clipped to [w_min, w_max] in every step
Traces       u_minus, u_plus: low-pass of the postsynaptic v with tau_minus, tau_plus; x: low-pass of X with tau_x
             (a spike adds 1 / tau_x)
Homeostasis  a_ltd u_mean^2 / u_ref2 in place of a_ltd, u_mean the low-pass of v - v_rest with tau_mean
Step         traces exact and w by RK4, with v held over the step
Neuron       c_mem dv/dt = -g_leak (v - v_leak) + g_leak delta_t exp((v - v_t) / delta_t) - w_ad + z + i_syn + i_ext;
             w_ad and i_syn as in AdEx, z decays with tau_z, v_t to v_t_rest with tau_t. v >= v_peak is held at v_peak
             for t_clamp, and w_ad, z, v_t hold with it; then v <- v_reset, w_ad <- w_ad + b, z <- z_spike,
             v_t <- v_t_spike. dt <= 0.05 ms
Units        time ms, voltage mV, current pA, conductance nS, capacitance pF; a_ltd 1/mV, a_ltp 1/mV^2, u_ref2 mV^2
Source       Clopath, Buesing, Vasilaki & Gerstner (2010), Nat. Neurosci. 13:344; defaults: visual cortex.
             The constants of z and of the moving v_t in ClopathAdEx are recalled from it (unverified).
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel, SynapseModel

__all__ = ["ClopathAdEx", "ClopathSTDP", "HomeostaticClopathSTDP"]

_PARAMETERS = {
    "tau_minus": 10.0, "tau_plus": 7.0, "tau_x": 15.0, "th_minus": -70.6, "th_plus": -45.3, "a_ltd": 14e-5,
    "a_ltp": 8e-5, "w_min": 0.0, "w_max": 1.0,
}  # fmt: skip
_REQUIRE = "tau_minus > 0; tau_plus > 0; tau_x > 0; w_min <= w_max"
_POST = "du_minus/dt = (v_post - u_minus) / tau_minus : mV; du_plus/dt = (v_post - u_plus) / tau_plus : mV"
_INITIAL = {"u_minus": "th_minus", "u_plus": "th_minus"}
_LTP = "dw/dt = a_ltp * x * max(v_post - th_plus, 0) * max(u_plus - th_minus, 0) : 1"
_LTD = "w -= {amplitude} * max(u_minus - th_minus, 0); x += 1 / tau_x"
_BOUND = "w = clip(w, w_min, w_max)"

ClopathSTDP = SynapseModel(
    name="ClopathSTDP",
    doc="Voltage-based plasticity (Clopath et al. 2010); the postsynaptic neuron needs a voltage v with spikes in it.",
    pre="dx/dt = -x / tau_x : 1/ms",
    post=_POST,
    equations=_LTP,
    on_pre=_LTD.format(amplitude="a_ltd"),
    update=_BOUND,
    parameters=_PARAMETERS,
    require=_REQUIRE,
    initial=_INITIAL,
)

HomeostaticClopathSTDP = SynapseModel(
    name="HomeostaticClopathSTDP",
    doc="Voltage-based plasticity whose depression grows with the mean depolarisation (Clopath et al. 2010).",
    pre="dx/dt = -x / tau_x : 1/ms",
    post=f"{_POST}; du_mean/dt = (v_post - v_rest - u_mean) / tau_mean : mV",
    equations=_LTP,
    on_pre=_LTD.format(amplitude="a_ltd * u_mean**2 / u_ref2"),
    update=_BOUND,
    parameters={**_PARAMETERS, "v_rest": -70.6, "tau_mean": 1000.0, "u_ref2": 60.0},
    require=f"{_REQUIRE}; tau_mean > 0; u_ref2 > 0",
    initial=_INITIAL,
)

# `left` counts the updates until the clamp ends; the update that sees it at 1 is the first free one.
ClopathAdEx = NeuronModel(
    name="ClopathAdEx",
    doc="AdEx with held spikes, afterdepolarisation and moving threshold (Clopath et al. 2010); target i_syn, pA.",
    equations="""
        v_in     = min(v, v_peak) : mV
        upstroke = g_leak * delta_t * exp(min((v_in - v_t) / delta_t, 60)) : pA
        dv/dt    = (-g_leak * (v_in - v_leak) + upstroke - w_ad + z + i_syn + i_ext) / c_mem : mV (unless refractory)
        dw_ad/dt = (a * (v_in - v_leak) - w_ad) / tau_w : pA (unless refractory)
        dz/dt    = -z / tau_z : pA (unless refractory)
        dv_t/dt  = (v_t_rest - v_t) / tau_t : mV (unless refractory)
        di_syn/dt = -i_syn / tau_syn : pA
        left     : 1
    """,
    update="""
        v    = where(left == 1, v_reset, v)
        w_ad = where(left == 1, w_ad + b, w_ad)
        z    = where(left == 1, z_spike, z)
        v_t  = where(left == 1, v_t_spike, v_t)
        left = max(left - 1, 0)
    """,
    threshold="v >= v_peak", reset="v = v_peak; left = floor(t_clamp / dt + 0.5) + 1", refractory="t_clamp",
    parameters={
        "c_mem": 281.0, "g_leak": 30.0, "v_leak": -70.6, "delta_t": 2.0, "tau_w": 144.0, "a": 4.0, "b": 80.5,
        "v_reset": -70.6, "v_peak": 20.0, "t_clamp": 2.0, "z_spike": 400.0, "tau_z": 40.0, "v_t_rest": -50.4,
        "v_t_spike": 30.4, "tau_t": 50.0, "tau_syn": 5.0, "i_ext": 0.0,
    },
    require="c_mem > 0; delta_t > 0; tau_w > 0; tau_z > 0; tau_t > 0; tau_syn > 0",
    initial={"v": "v_leak", "v_t": "v_t_rest"},
)  # fmt: skip
