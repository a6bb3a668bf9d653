"""FitzHugh-Nagumo neuron: two states, the smallest model of excitability.

Equation     dv/dt = v - v^3 / 3 - r + i_syn + i_ext,   tau_r dr/dt = v + a - b r
Spike        upward crossing of v_th; there is no reset
Rest         stable for currents outside [0.3313, 1.4187] (the Hopf points of the defaults: v^2 = 1 - b / tau_r)
Step         RK4; one unit of the paper's time is 1 ms
Units        dimensionless; time ms
Source       FitzHugh (1961), Biophys. J. 1:445; Nagumo, Arimoto & Yoshizawa (1962), Proc. IRE 50:2061.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["FitzHughNagumo"]

FitzHughNagumo = NeuronModel(
    name="FitzHughNagumo",
    doc="FitzHugh-Nagumo neuron (1961), dimensionless, one unit of time is 1 ms; target i_syn.",
    equations="""
        dv/dt     = v - v**3 / 3 - r + i_syn + i_ext : 1
        dr/dt     = (v + a - b * r) / tau_r          : 1
        di_syn/dt = -i_syn / tau_syn                 : 1
        v_before  : 1
    """,
    update="v_before = v",
    threshold="v > v_th and v_before <= v_th",
    parameters={"a": 0.7, "b": 0.8, "tau_r": 12.5, "v_th": 1.0, "tau_syn": 2.0, "i_ext": 0.0},
    require="tau_r > 0; tau_syn > 0",
    initial={"v": -1.1994080352440348, "v_before": -1.1994080352440348, "r": -0.6242600440550435},
)
