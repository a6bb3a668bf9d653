"""CA3 as a content-addressable memory: eight populations of spiking neurons, two plastic projections, steps of 1 ms.

Neuron      i is what has arrived and decays by exp(-dt / tau_syn) per step; its mean over a step, i s with
            s = tau_syn / dt (1 - exp(-dt / tau_syn)), drives v for that step:
            v <- v_inf + (v - v_inf) exp(-dt / tau_m),  v_inf = v_rest + i s tau_m / c_m
Plasticity  additive pairs with the postsynaptic spike one step late: dw = a (exp(-1 / tau) x) at that moment, and
            dw = -a y at a presynaptic spike, which acts after a postsynaptic one that has its delay behind it. So a
            postsynaptic spike pairs with a presynaptic one of the same step, and a presynaptic spike one step later
            only depresses: this erases what a cue held before. w stays in [0, w_max]; what is sent is the new w
Delays      those of the source less one step: a spike of one step arrives at the beginning of the next without a delay
Units       ms, mV, nA, nF
Source      Casanueva-Morato et al. (2024), Neural Networks 178:106474, arXiv:2310.05868
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.connectivity import Edges, OneToOne
from neurocl.core.model import NeuronModel, SynapseModel
from neurocl.core.network import Network
from neurocl.models.sources import SpikeArray

__all__ = ["W_MAX", "CA3Neuron", "CA3Plasticity", "Groups", "hippocampal_network"]

W_MAX = 6.0
"""Weight of one synapse that makes a neuron fire, nA."""

CA3Neuron = NeuronModel(
    name="CA3Neuron",
    doc="Leaky neuron whose decaying current is constant within a step; `fired` is 1 for the step after a spike.",
    equations="""
        dv/dt = (v_rest - v) / tau_m + i_mean / c_m : mV (unless refractory)
        i_syn  : nA
        i_mean : nA
        fired  : 1
    """,
    update="""
        i_mean = i_syn * tau_syn / dt * (1 - exp(-dt / tau_syn))
        i_syn = i_syn * exp(-dt / tau_syn)
        fired = 0
    """,
    threshold="v >= v_th",
    reset="v = v_rest; fired = 1",
    refractory="t_ref",
    parameters={"tau_m": 3.0, "c_m": 0.27, "tau_syn": 0.3, "v_rest": -60.0, "v_th": -57.0, "t_ref": 1.0},
    initial={"v": "v_rest"},
)

# `y` before the events of a step has decayed once since the postsynaptic spike counts, one step late: hence the factor.
CA3Plasticity = SynapseModel(
    name="CA3Plasticity",
    doc="Additive pair plasticity; the postsynaptic spike counts one step late and before a presynaptic one.",
    pre="dx/dt = -x / tau : 1",
    post="dy/dt = -y / tau : 1",
    on_pre="w = clip(w - a * exp(dt / tau) * y, 0, w_max); x += 1",
    on_post="w = clip(w + a * exp(-dt / tau) * (x + fired_pre), 0, w_max); y += 1",
    transmit="clip(w - a * exp(dt / tau) * y, 0, w_max)",
    parameters={"a": W_MAX, "tau": 3.0, "w_max": W_MAX},
)


@dataclass(frozen=True)
class Groups:
    """Which cells belong to which group; the order is that of the groups below.

    Parameters
    ----------
    n_cues : A, cells of the cue.
    n_content : C, cells of the content.
    """

    n_cues: int
    n_content: int

    @property
    def sizes(self) -> dict[str, int]:
        """Cells of each group. The output only relays what was merged."""
        a, c = self.n_cues, self.n_content
        return {
            "cue_cue": a, "content_cue": c, "gate": c, "gate_drive": 1, "content_content": c, "cue_content": a,
            "merge_cue": a, "merge_content": c, "cue_out": a, "content_out": c,
        }  # fmt: skip

    @property
    def slices(self) -> dict[str, slice]:
        """Place of each group among the cells."""
        ends = np.cumsum(list(self.sizes.values())).tolist()
        return {name: slice(end - n, end) for (name, n), end in zip(self.sizes.items(), ends, strict=True)}

    def parameter(self, usual: float, **values: float) -> NDArray[np.float64]:
        """A parameter of all cells that differs in some groups."""
        return np.concatenate([np.full(n, values.get(name, usual)) for name, n in self.sizes.items()])

    def pairs(self, pre: str, post: str, rule: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Cells of two groups that are connected: "one" to one, "all" to all, or to all the "others"."""
        wanted = np.ones((self.sizes[pre], self.sizes[post]), dtype=np.bool_)
        if rule != "all":
            wanted = np.eye(self.sizes[pre], dtype=np.bool_) ^ (rule == "others")
        i, j = np.nonzero(wanted)
        return i + self.slices[pre].start, j + self.slices[post].start


def hippocampal_network(groups: Groups) -> Network:
    """The populations "input" (cue cells, then content cells) and "ca3", and the projections between them.

    What is learned is the projection "memory": from cue_cue to content_cue, then from content_content to cue_content.
    """
    net = Network(dt=1.0)
    cells = net.add(
        CA3Neuron, sum(groups.sizes.values()), name="ca3",
        tau_m=groups.parameter(3.0, cue_content=0.5, gate=0.5, gate_drive=0.5),
        c_m=groups.parameter(0.27, cue_content=0.14, gate=0.14, gate_drive=0.14),
        v_th=groups.parameter(-57.0, cue_out=-57.5, content_out=-57.5),
    )  # fmt: skip
    n_input = groups.n_cues + groups.n_content
    source = net.add(SpikeArray, n_input, name="input")
    # Cue and content are the first two groups.
    net.connect(source, cells[:n_input], OneToOne(), target="i_syn", weight=W_MAX, delay=0.0, name="drive")
    pre, post, weight, delay = _wiring(groups)
    net.connect(cells, cells, Edges(pre, post), target="i_syn", weight=weight, delay=delay, name="fixed")
    learned = [groups.pairs(*ends, "all") for ends in LEARNED]
    rule = Edges(*map(np.concatenate, zip(*learned, strict=True)))
    zeros = np.zeros(2 * groups.n_cues * groups.n_content)
    net.connect(
        cells, cells, rule, target="i_syn", synapse=CA3Plasticity, weight=zeros, delay=0.0, name="memory"
    )  # fmt: skip
    return net


LEARNED = (("cue_cue", "content_cue"), ("content_content", "cue_content"))


def _wiring(groups: Groups) -> tuple[NDArray[Any], ...]:
    """Pre, post, weight and delay of the synapses that do not change; delays of the table are the source's."""
    w, strong = W_MAX, W_MAX * groups.n_content
    table = (
        ("cue_cue", "cue_content", "one", w, 2),
        ("cue_cue", "cue_content", "others", -strong, 3),
        ("cue_cue", "gate", "all", -w, 2),
        ("content_cue", "gate", "one", 1.5 * w, 1),
        ("content_cue", "gate_drive", "all", w, 1),
        ("gate_drive", "gate", "all", w / 3.0, 1),
        ("gate", "content_content", "one", w, 1),
        ("cue_content", "cue_content", "others", -strong, 2),
        ("cue_cue", "merge_cue", "one", w, 3),
        ("cue_content", "merge_cue", "one", w, 1),
        ("content_cue", "merge_content", "one", w, 3),
        ("content_content", "merge_content", "one", w, 1),
        ("merge_cue", "cue_out", "one", w, 1),
        ("merge_content", "content_out", "one", w, 1),
    )
    parts = []
    for before, after, rule, weight, delay in table:
        pre, post = groups.pairs(before, after, rule)
        parts.append((pre, post, np.full(pre.size, weight), np.full(pre.size, delay - 1.0)))
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))
