"""Generalised leaky integrate-and-fire neurons: currents that a spike leaves behind, and a threshold that moves.

Membrane     c_mem dv/dt = g_leak (v_leak - v) + after-spike currents + i_syn + i_ext
Mihalas-Niebur   di1/dt = -k1 i1, di2/dt = -k2 i2, dtheta/dt = a (v - v_leak) - b (theta - theta_inf);  v >= theta:
             i1 <- r1 i1 + a1, i2 <- r2 i2 + a2, v <- v_reset, theta <- max(theta, theta_reset)
Allen GLIF5  threshold v_th + theta_s + theta_v: dtheta_s/dt = -b_s theta_s, theta_s += delta_s at a spike, and
             dtheta_v/dt = a_v (v - v_leak) - b_v theta_v, which a spike leaves. At a spike also
             v <- v_leak + f_v (v - v_leak) - delta_v and i_j <- r_j i_j + a_j, with i_j free to decay while v, theta_v
             hold for t_ref; f_v (v - v_leak) - delta_v is the reset of the cells fitted by the Allen Institute.
             GLIF1 to 4 are the same with delta_s, a_v or the a_j set to 0.
Step         exact (matrix exponential)
Units        time ms, voltage mV, current pA, conductance nS, capacitance pF, rate constants 1/ms
Source       Mihalas & Niebur (2009), Neural Comput. 21:704; Teeter et al. (2018), Nat. Commun. 9:709 (GLIF);
             defaults of GLIF: NEST's glif_psc.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["GLIF", "MIHALAS_NIEBUR_PATTERNS", "MihalasNiebur"]

MihalasNiebur = NeuronModel(
    name="MihalasNiebur",
    doc="Generalised leaky integrate-and-fire neuron (Mihalas & Niebur 2009); target i_syn, pA.",
    equations="""
        dv/dt     = (g_leak * (v_leak - v) + i1 + i2 + i_syn + i_ext) / c_mem : mV
        dtheta/dt = a * (v - v_leak) - b * (theta - theta_inf)                : mV
        di1/dt    = -k1 * i1                                                  : pA
        di2/dt    = -k2 * i2                                                  : pA
        di_syn/dt = -i_syn / tau_syn                                          : pA
    """,
    threshold="v >= theta",
    reset="i1 = r1 * i1 + a1; i2 = r2 * i2 + a2; v = v_reset; theta = max(theta, theta_reset)",
    parameters={
        "c_mem": 100.0, "g_leak": 5.0, "v_leak": -70.0, "v_reset": -70.0, "theta_inf": -50.0, "theta_reset": -60.0,
        "a": 0.0, "b": 0.01, "k1": 0.2, "k2": 0.02, "r1": 0.0, "r2": 1.0, "a1": 0.0, "a2": 0.0, "tau_syn": 5.0,
        "i_ext": 0.0,
    },
    require="c_mem > 0; tau_syn > 0; b >= 0; k1 >= 0; k2 >= 0",
    initial={"v": "v_leak", "theta": "theta_inf"},
)  # fmt: skip

GLIF = NeuronModel(
    name="GLIF",
    doc="Generalised leaky integrate-and-fire neuron of the Allen Institute, GLIF5 (Teeter et al. 2018); target i_syn.",
    equations="""
        dv/dt       = (g_leak * (v_leak - v) + i1 + i2 + i_syn + i_ext) / c_mem : mV (unless refractory)
        dtheta_v/dt = a_v * (v - v_leak) - b_v * theta_v                        : mV (unless refractory)
        dtheta_s/dt = -b_s * theta_s                                            : mV
        di1/dt      = -k1 * i1                                                  : pA
        di2/dt      = -k2 * i2                                                  : pA
        di_syn/dt   = -i_syn / tau_syn                                          : pA
    """,
    threshold="v >= v_th + theta_s + theta_v",
    reset="i1 = r1 * i1 + a1; i2 = r2 * i2 + a2; theta_s += delta_s; v = v_leak + f_v * (v - v_leak) - delta_v",
    refractory="t_ref",
    parameters={
        "c_mem": 58.72, "g_leak": 9.43, "v_leak": -78.85, "v_th": -51.68, "t_ref": 3.75, "f_v": 0.2, "delta_v": 18.51,
        "delta_s": 0.37, "b_s": 0.009, "a_v": 0.005, "b_v": 0.09, "k1": 0.003, "k2": 0.1, "r1": 1.0, "r2": 1.0,
        "a1": -9.18, "a2": -198.94, "tau_syn": 2.0, "i_ext": 0.0,
    },
    require="c_mem > 0; tau_syn > 0; b_s >= 0; b_v >= 0; k1 >= 0; k2 >= 0",
    initial={"v": "v_leak"},
)  # fmt: skip


def _pattern(a: float, a1: float, a2: float, i_ext: float) -> dict[str, float]:
    return {"a": a, "a1": a1, "a2": a2, "i_ext": i_ext}


MIHALAS_NIEBUR_PATTERNS: dict[str, dict[str, float]] = {
    "tonic spiking": _pattern(0, 0, 0, 150),
    "class 1": _pattern(0, 0, 0, 100.0001),
    "spike frequency adaptation": _pattern(0.005, 0, 0, 200),
    "phasic spiking": _pattern(0.005, 0, 0, 150),
    "hyperpolarisation-induced spiking": _pattern(0.03, 0, 0, -100),
    "hyperpolarisation-induced bursting": _pattern(0.03, 1000, -60, -100),
    "tonic bursting": _pattern(0.005, 1000, -60, 200),
    "phasic bursting": _pattern(0.005, 1000, -60, 150),
    "mixed mode": _pattern(0.005, 500, -30, 200),
}
"""Parameters of the patterns of Mihalas & Niebur (2009), table 1, that a constant current shows, with that current."""
