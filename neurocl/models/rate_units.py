"""Units for learning rules in discrete time: one sample per step, the answer in the same step.

Input        r is a parameter; drive it with a row of samples per step: net.add(InputUnit, n, r=Input())
Linear       r = i_syn + i_ext, i_syn summed over synapses from the r of the presynaptic units
Order        inputs, then sums over synapses, then units, then rules: a rule sees the r of an input and the answer of a
             linear unit to this very r. Each further layer is one step later.
Units        dimensionless
Source       Oja (1982), J. Math. Biol. 15:267, for the linear unit.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["InputUnit", "LinearUnit"]

InputUnit = NeuronModel(
    name="InputUnit",
    doc="A number given from outside, one per step; add it with r=Input().",
    parameters={"r": 0.0},
)

LinearUnit = NeuronModel(
    name="LinearUnit",
    doc="A unit that answers at once with the sum of its inputs.",
    equations="r : 1",
    update="r = i_syn + i_ext",
    parameters={"i_syn": 0.0, "i_ext": 0.0},
)
