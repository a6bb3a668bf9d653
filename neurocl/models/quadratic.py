"""Quadratic integrate-and-fire neuron, in mV and as the theta neuron: the canonical class I excitable cell.

Quadratic    c_mem dv/dt = k (v - v_leak) (v - v_t) + i_syn + i_ext;  v >= v_peak: v <- v_reset. Rheobase
             k (v_t - v_leak)^2 / 4. At constant current i, with m = (v_leak + v_t) / 2 and
             s^2 = i / k - (v_t - v_leak)^2 / 4, the interval is
             c_mem / (k s) (arctan((v_peak - m) / s) - arctan((v_reset - m) / s)).
Theta        tau_mem dtheta/dt = 1 - cos theta + (1 + cos theta) (i_syn + i_ext);  theta >= pi: theta <- theta - 2 pi.
             theta = 2 arctan(v) turns tau_mem dv/dt = v^2 + i, from -inf to inf, into it: interval pi tau_mem / sqrt(i)
Step         RK4; v is bounded by v_peak inside the stages
Units        quadratic: time ms, voltage mV, current pA, capacitance pF, k nS/mV; theta: time ms, theta rad, current 1
Source       Latham et al. (2000), J. Neurophysiol. 83:808; Izhikevich (2007), Dynamical Systems in Neuroscience
             (defaults, ch. 8); Ermentrout & Kopell (1986), SIAM J. Appl. Math. 46:233 (theta).
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["QIF", "ThetaNeuron"]

QIF = NeuronModel(
    name="QIF",
    doc="Quadratic integrate-and-fire neuron (Latham et al. 2000); target i_syn, pA.",
    equations="""
        v_in      = min(v, v_peak)                                              : mV
        dv/dt     = (k * (v_in - v_leak) * (v_in - v_t) + i_syn + i_ext) / c_mem : mV
        di_syn/dt = -i_syn / tau_syn                                            : pA
    """,
    threshold="v >= v_peak", reset="v = v_reset",
    parameters={
        "c_mem": 100.0, "k": 0.7, "v_leak": -60.0, "v_t": -40.0, "v_peak": 35.0, "v_reset": -50.0, "tau_syn": 5.0,
        "i_ext": 0.0,
    },
    require="c_mem > 0; k > 0; tau_syn > 0",
    initial={"v": "v_leak"},
)  # fmt: skip

ThetaNeuron = NeuronModel(
    name="ThetaNeuron",
    doc="Theta neuron (Ermentrout & Kopell 1986), the quadratic one on a circle; target i_syn, dimensionless.",
    equations="""
        dtheta/dt = (1 - cos(theta) + (1 + cos(theta)) * (i_syn + i_ext)) / tau_mem : rad
        di_syn/dt = -i_syn / tau_syn                                               : 1
    """,
    threshold="theta >= pi", reset="theta -= 2 * pi",
    parameters={"tau_mem": 10.0, "tau_syn": 5.0, "i_ext": 0.0},
    require="tau_mem > 0; tau_syn > 0",
    initial={"theta": -1.5707963267948966},
)  # fmt: skip
