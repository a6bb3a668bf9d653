"""Short-term plasticity: depression and facilitation.

Between      du/dt = -u / tau_f,   dx/dt = (1 - x) / tau_d
At a spike   u <- u + U (1 - u); the synapse transmits w u x (u after, x before its jump); x <- x - u x
Units        time ms; u, x between 0 and 1. No facilitation (tau_f = 0 in the literature): give a tau_f far below the
             shortest interval, such as 1e-3.
Source       Tsodyks & Markram (1997), PNAS 94:719; Tsodyks, Pawelzik & Markram (1998), Neural Comput. 10:821. Sets by
             the kinds of the two neurons: Gupta, Wang & Markram (2000), Science 287:273; Maass, Natschlager & Markram
             (2002), Neural Comput. 14:2531.
"""

from __future__ import annotations

from neurocl.core.model import SynapseModel

__all__ = ["TSODYKS_MARKRAM_SETS", "TsodyksMarkram"]

TsodyksMarkram = SynapseModel(
    name="TsodyksMarkram",
    doc="Short-term depression and facilitation (Tsodyks & Markram 1997); defaults of the depressing E-E synapse.",
    pre="du/dt = -u / tau_f : 1; dx/dt = (1 - x) / tau_d : 1",
    transmit="w * (u + U * (1 - u)) * x",
    on_pre="u += U * (1 - u); x -= u * x",
    parameters={"U": 0.5, "tau_d": 1100.0, "tau_f": 50.0},
    require="0 <= U <= 1; tau_d > 0; tau_f > 0",
    initial={"x": 1.0},
)

TSODYKS_MARKRAM_SETS: dict[str, dict[str, float]] = {
    "E-E": {"U": 0.5, "tau_d": 1100.0, "tau_f": 50.0},
    "E-I": {"U": 0.05, "tau_d": 125.0, "tau_f": 1200.0},
    "I-E": {"U": 0.25, "tau_d": 700.0, "tau_f": 20.0},
    "I-I": {"U": 0.32, "tau_d": 144.0, "tau_f": 60.0},
    "depressing": {"U": 0.5, "tau_d": 800.0, "tau_f": 1e-3},
    "facilitating": {"U": 0.15, "tau_d": 50.0, "tau_f": 750.0},
}
"""Parameters by the kinds of pre- and postsynaptic neuron, excitatory or inhibitory; two typical synapses."""
