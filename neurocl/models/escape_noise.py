"""Neurons that spike by chance: escape noise at the threshold, and white noise in the membrane.

Escape       the hazard of a spike is exp((v - v_th) / delta_v) / tau_0, so in a step p = 1 - exp(-hazard dt)
Diffusion    dv = ((v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem) dt + sigma sqrt(2 / tau_mem) dW: without
             threshold, v has the standard deviation sigma, exactly at every dt. The threshold is tested on the grid
             only, which acts like one higher by 0.583 sigma sqrt(2 dt / tau_mem).
Units        time ms, voltage mV, current pA, capacitance pF
Source       Gerstner et al. (2014), Neuronal Dynamics, ch. 8 and 9; Jolivet, Rauch, Luescher & Gerstner (2006),
             J. Comput. Neurosci. 21:35 (escape); Siegert (1951), Phys. Rev. 81:617 (rate under white noise);
             Broadie, Glasserman & Kou (1997), Math. Finance 7:325 (threshold on a grid).
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["EscapeNoiseLIF", "StochasticLIF"]

_MEMBRANE = {
    "tau_mem": 10.0, "c_mem": 250.0, "v_leak": -70.0, "v_th": -55.0, "v_reset": -70.0, "t_ref": 2.0, "tau_syn": 2.0,
    "i_ext": 0.0,
}  # fmt: skip
_REQUIRE = "tau_mem > 0; c_mem > 0; tau_syn > 0"

EscapeNoiseLIF = NeuronModel(
    name="EscapeNoiseLIF",
    doc="Leaky integrate-and-fire neuron with exponential escape noise (Gerstner et al. 2014); target i_syn, pA.",
    equations="""
        hazard    = exp((v - v_th) / delta_v) / tau_0                : 1/ms
        dv/dt     = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem : mV (unless refractory)
        di_syn/dt = -i_syn / tau_syn                                 : pA
    """,
    threshold="rand() < -expm1(-hazard * dt)", reset="v = v_reset", refractory="t_ref",
    parameters={**_MEMBRANE, "delta_v": 4.0, "tau_0": 19.0}, require=f"{_REQUIRE}; delta_v > 0; tau_0 > 0",
    initial={"v": "v_leak"},
)  # fmt: skip

StochasticLIF = NeuronModel(
    name="StochasticLIF",
    doc="Leaky integrate-and-fire neuron with white noise of amplitude sigma (Siegert 1951); target i_syn, pA.",
    equations="""
        noise     = sigma * sqrt(2 / tau_mem) * xi                           : mV/ms
        dv/dt     = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem + noise : mV (unless refractory)
        di_syn/dt = -i_syn / tau_syn                                         : pA
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={**_MEMBRANE, "sigma": 3.0}, require=_REQUIRE, initial={"v": "v_leak"},
)  # fmt: skip
