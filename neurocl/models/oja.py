"""Hebbian learning between rate units: plain, and with the terms that turn it into principal component analysis.

Hebb         dw_ij = eta y_i x_j
Oja          dw_ij = eta y_i (x_j - y_i w_ij): w_i becomes the leading eigenvector of E[x x^T], of length 1
Sanger       dw_ij = eta y_i (x_j - sum over k <= i of y_k w_kj): unit i finds the i-th eigenvector
Subspace     dw_ij = eta y_i (x_j - sum over all k of y_k w_kj): the units span the leading eigenvectors
Rates        x and y are the states (or parameters) r of the two units, one update per step; the synapses also sum w x
             into the parameter i_syn of the postsynaptic units. Models: InputUnit and LinearUnit, or any rate unit.
Units        dimensionless; eta is per step
Source       Hebb (1949); Oja (1982), J. Math. Biol. 15:267; Sanger (1989), Neural Netw. 2:459; Oja (1989), Int. J.
             Neural Syst. 1:61 (subspace).
"""

from __future__ import annotations

from neurocl.core.model import SynapseModel

__all__ = ["Hebb", "Oja", "Sanger", "Subspace"]


def _rule(name: str, doc: str, change: str, total: str = "") -> SynapseModel:
    return SynapseModel(
        name=name,
        doc=doc,
        equations=f"i_syn_post = w * r_pre : 1 (summed)\n{total}",
        update=f"w += eta * r_post * {change}",
        parameters={"eta": 0.01},
    )


Hebb = _rule("Hebb", "Plain Hebbian learning; weights grow without bound.", "r_pre")
Oja = _rule("Oja", "Hebbian learning with weights of length 1 onto each unit (Oja 1982).", "(r_pre - r_post * w)")
Sanger = _rule(
    "Sanger",
    "Generalised Hebbian algorithm: principal components in order (Sanger 1989).",
    "(r_pre - explained)",
    "explained = w * r_post : 1 (summed pre, in order)",
)
Subspace = _rule(
    "Subspace",
    "Subspace rule: the units share the space of the principal components (Oja 1989).",
    "(r_pre - explained)",
    "explained = w * r_post : 1 (summed pre)",
)
