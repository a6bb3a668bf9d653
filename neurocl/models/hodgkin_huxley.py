"""Hodgkin-Huxley squid axon, shifted to a rest of -65 mV.

Membrane     c_mem dv/dt = i_ext + i_syn - g_na m^3 h (v - e_na) - g_k n^4 (v - e_k) - g_leak (v - v_leak)
Gates        dx/dt = alpha_x(v) (1 - x) - beta_x(v) x for x = m, h, n
Spike        upward crossing of v_th
Step         RK4; with dt = 0.01 ms spike times are within 2e-5 ms. z / (1 - exp(-z/y)) is written y / exprel(-z/y),
             which has no singularity.
Units        per cm2: uA, mS, uF; time ms, voltage mV
Source       Hodgkin & Huxley (1952), J. Physiol. 117:500.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["HodgkinHuxley"]

HodgkinHuxley = NeuronModel(
    name="HodgkinHuxley",
    doc="Hodgkin-Huxley squid axon (1952), rest at -65 mV, per cm2; target i_syn, uA/cm2. dt <= 0.025 ms.",
    equations="""
        alpha_m   = 1 / exprel(-(v + 40) / 10)       : 1/ms
        beta_m    = 4 * exp(-(v + 65) / 18)          : 1/ms
        alpha_h   = 0.07 * exp(-(v + 65) / 20)       : 1/ms
        beta_h    = 1 / (1 + exp(-(v + 35) / 10))    : 1/ms
        alpha_n   = 0.1 / exprel(-(v + 55) / 10)     : 1/ms
        beta_n    = 0.125 * exp(-(v + 65) / 80)      : 1/ms
        i_na      = g_na * m**3 * h * (v - e_na)     : uA/cm2
        i_k       = g_k * n**4 * (v - e_k)           : uA/cm2
        i_leak    = g_leak * (v - v_leak)            : uA/cm2
        dv/dt     = (i_ext + i_syn - i_na - i_k - i_leak) / c_mem : mV
        dm/dt     = alpha_m * (1 - m) - beta_m * m   : 1
        dh/dt     = alpha_h * (1 - h) - beta_h * h   : 1
        dn/dt     = alpha_n * (1 - n) - beta_n * n   : 1
        di_syn/dt = -i_syn / tau_syn                 : uA/cm2
        v_before  : mV
    """,
    update="v_before = v",
    threshold="v > v_th and v_before <= v_th",
    parameters={
        "c_mem": 1.0, "g_na": 120.0, "g_k": 36.0, "g_leak": 0.3, "e_na": 50.0, "e_k": -77.0, "v_leak": -54.387,
        "v_th": 0.0, "tau_syn": 2.0, "i_ext": 0.0,
    },
    require="c_mem > 0; tau_syn > 0",
    initial={
        "v": -65.0, "v_before": -65.0, "m": 0.05293248525724958, "h": 0.5961207535084603, "n": 0.31767691406069737,
    },
)  # fmt: skip
