"""Sparse coding by local anti-Hebbian learning.

Unit         tau da/dt = 1 / (1 + exp(-slope (i_syn - theta))) - a, r = 1 if a > 1/2 else 0
Threshold    theta += gamma (r - p) in every step: each unit is active with probability p
Feedforward  dq_ij = beta y_i (x_j - q_ij): the weights onto a unit become the mean input while it is active
Lateral      dw_ij = -alpha (y_i y_j - p^2), w_ij <= 0: units come to be active together as often as by chance. Connect
             each unit with each other one, not with itself.
Rates        x and y are the states (or parameters) r; feedforward synapses sum q x, lateral ones w a into i_syn
Result       mean y_i = p, and E[y_i y_j] = p^2 where w_ij < 0
Units        time ms; rates of learning per step. The source learns once per pattern, with alpha = 0.1 and beta = gamma
             = 0.02; here every step learns, so the defaults are for patterns shown for about 50 steps.
Source       Foldiak (1990), Biol. Cybern. 64:165.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel, SynapseModel

__all__ = ["AntiHebbian", "FoldiakFeedforward", "FoldiakUnit"]

FoldiakUnit = NeuronModel(
    name="FoldiakUnit",
    doc="Binary unit with graded activity a and a threshold that keeps its mean at p (Foldiak 1990).",
    equations="""
        da/dt = (1 / (1 + exp(-slope * (i_syn - theta))) - a) / tau : 1
        theta : 1
        r     : 1
    """,
    update="r = int(a > 0.5); theta += gamma * (r - p)",
    parameters={"slope": 10.0, "tau": 5.0, "p": 0.125, "gamma": 4e-4, "i_syn": 0.0},
    require="tau > 0; 0 <= p <= 1",
    initial={"theta": 0.5},
)

FoldiakFeedforward = SynapseModel(
    name="FoldiakFeedforward",
    doc="Hebbian learning of the mean input of a unit's active times (Foldiak 1990).",
    equations="i_syn_post = w * r_pre : 1 (summed)",
    update="w += beta * r_post * (r_pre - w)",
    parameters={"beta": 4e-4},
)

AntiHebbian = SynapseModel(
    name="AntiHebbian",
    doc="Inhibition between units that are active together too often (Foldiak 1990).",
    equations="i_syn_post = w * a_pre : 1 (summed)",
    update="w = min(w - alpha * (r_pre * r_post - p**2), 0)",
    parameters={"alpha": 2e-3, "p": 0.125},
    require="0 <= p <= 1",
)
