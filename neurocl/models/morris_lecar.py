"""Morris-Lecar neuron: a calcium and a potassium current, of class I or class II excitability.

Membrane     c_mem dv/dt = i_ext + i_syn - g_ca m (v - e_ca) - g_k w (v - e_k) - g_leak (v - v_leak)
Gates        m = (1 + tanh((v - v1) / v2)) / 2 at once;  dw/dt = phi cosh((v - v3) / (2 v4)) (w_inf - w),
             w_inf = (1 + tanh((v - v3) / v4)) / 2
Spike        upward crossing of v_th
Classes      II (default): rest loses stability in a Hopf bifurcation at 93.86 uA/cm2, the rate starts well above 0.
             I: rest vanishes in a saddle-node on the limit cycle at 39.96 uA/cm2, the rate starts at 0.
Step         RK4
Units        per cm2: uA, mS, uF; time ms, voltage mV
Source       Morris & Lecar (1981), Biophys. J. 35:193; parameter sets Rinzel & Ermentrout (1998), in Koch & Segev,
             Methods in Neuronal Modeling, ch. 7.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["MORRIS_LECAR_CLASSES", "MorrisLecar"]

MORRIS_LECAR_CLASSES: dict[str, dict[str, float]] = {
    "I": {"g_ca": 4.0, "v3": 12.0, "v4": 17.4, "phi": 1 / 15},
    "II": {"g_ca": 4.4, "v3": 2.0, "v4": 30.0, "phi": 0.04},
}
"""Parameters of the two classes of excitability."""

MorrisLecar = NeuronModel(
    name="MorrisLecar",
    doc="Morris-Lecar neuron (1981), class II by default, per cm2; target i_syn, uA/cm2.",
    equations="""
        m         = (1 + tanh((v - v1) / v2)) / 2                      : 1
        w_inf     = (1 + tanh((v - v3) / v4)) / 2                      : 1
        i_ion     = g_ca * m * (v - e_ca) + g_k * w * (v - e_k) + g_leak * (v - v_leak) : uA/cm2
        dv/dt     = (i_ext + i_syn - i_ion) / c_mem                    : mV
        dw/dt     = phi * cosh((v - v3) / (2 * v4)) * (w_inf - w)      : 1
        di_syn/dt = -i_syn / tau_syn                                   : uA/cm2
        v_before  : mV
    """,
    update="v_before = v",
    threshold="v > v_th and v_before <= v_th",
    parameters={
        "c_mem": 20.0, "g_k": 8.0, "g_leak": 2.0, "e_ca": 120.0, "e_k": -84.0, "v_leak": -60.0, "v1": -1.2, "v2": 18.0,
        **MORRIS_LECAR_CLASSES["II"], "v_th": 0.0, "tau_syn": 5.0, "i_ext": 0.0,
    },
    require="c_mem > 0; v2 > 0; v4 > 0; phi >= 0; tau_syn > 0",
    initial={"v": -60.85538223230949, "v_before": -60.85538223230949, "w": 0.014915024953999378},
)  # fmt: skip
