"""Short-term plasticity: depression and facilitation.

Between      du/dt = -u / tau_f,   dx/dt = (1 - x) / tau_d
At a spike   u <- u + U (1 - u); the synapse transmits w u x (u after, x before its jump); x <- x - u x
Units        time ms; u, x between 0 and 1. No facilitation (tau_f = 0 in the literature): give a tau_f far below the
             shortest interval, such as 1e-3.
Source       Tsodyks & Markram (1997), PNAS 94:719; Tsodyks, Pawelzik & Markram (1998), Neural Comput. 10:821.
"""

from __future__ import annotations

from neurocl.core.model import SynapseModel

__all__ = ["TsodyksMarkram"]

TsodyksMarkram = SynapseModel(
    name="TsodyksMarkram",
    doc="Short-term depression and facilitation (Tsodyks & Markram 1997); defaults of the depressing E-E synapse.",
    pre="du/dt = -u / tau_f : 1; dx/dt = (1 - x) / tau_d : 1",
    transmit="w * (u + U * (1 - u)) * x",
    on_pre="u += U * (1 - u); x -= u * x",
    parameters={"U": 0.5, "tau_d": 1100.0, "tau_f": 50.0},
    initial={"x": 1.0},
)
