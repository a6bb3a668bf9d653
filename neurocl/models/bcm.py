"""BCM rule: Hebbian learning with a threshold between depression and potentiation that slides with the activity.

Weight       dw = eta y (y - theta) x, one update per step
Threshold    tau_theta dtheta/dt = y^2 - theta, one per postsynaptic unit, from the y of the step before
Rates        x and y are the states (or parameters) r of the two units; the synapses also sum w x into i_syn
Result       For n orthonormal, equally frequent inputs a unit becomes selective: it answers n to one of them and 0 to
             the others, and theta = n. theta must be faster than the weights, or they oscillate.
Units        time ms (tau_theta = 50 is 50 steps of dt = 1 ms), the rest dimensionless; eta is per step
Source       Bienenstock, Cooper & Munro (1982), J. Neurosci. 2:32; Intrator & Cooper (1992), Neural Netw. 5:3 (y^2).
"""

from __future__ import annotations

from neurocl.core.model import SynapseModel

__all__ = ["BCM"]

BCM = SynapseModel(
    name="BCM",
    doc="Hebbian learning with a sliding threshold (Bienenstock, Cooper & Munro 1982).",
    post="dtheta/dt = (r_post**2 - theta) / tau_theta : 1",
    equations="i_syn_post = w * r_pre : 1 (summed)",
    update="w += eta * r_post * (r_post - theta) * r_pre",
    parameters={"eta": 5e-4, "tau_theta": 50.0},
    require="tau_theta > 0",
)
