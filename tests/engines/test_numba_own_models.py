"""A model that a user writes becomes the code that the library's model becomes: nothing is tuned to a name."""

from __future__ import annotations

import re

import neurocl as ncl

OWN_NEURON = ncl.NeuronModel(
    name="mine",
    equations="""
        dpotential/dt = (rest - potential) / tau + (current + extra) / capacity : mV (unless refractory)
        dcurrent/dt = -current / decay : pA
    """,
    threshold="potential >= limit", reset="potential = bottom", refractory="pause",
    parameters={
        "tau": 10.0, "capacity": 250.0, "rest": -65.0, "limit": -50.0, "bottom": -65.0, "pause": 2.0, "extra": 0.0,
        "decay": 2.0,
    },
)  # fmt: skip
OWN_RULE = ncl.SynapseModel(
    name="my_rule",
    pre="dp/dt = -p / tau_p", post="dq/dt = -q / tau_q",
    on_pre="w = clip(w - down * q, least, most); p += 1", on_post="w = clip(w + up * p, least, most); q += 1",
    parameters={"tau_p": 20.0, "tau_q": 20.0, "up": 0.01, "down": 0.0105, "least": 0.0, "most": 1.0},
)  # fmt: skip


def network(neuron: ncl.NeuronModel, rule: ncl.SynapseModel, target: str) -> ncl.Network:
    net = ncl.Network(dt=0.1)
    source = net.add(ncl.models.Poisson, 500, name="source", rate=20.0)
    cells = net.add(neuron, 1000, name="cells")
    net.connect(source, cells, ncl.FixedProbability(0.2), target=target, weight=30.0, name="dense")
    net.connect(cells, cells, ncl.FixedProbability(0.02), target=target, weight=0.5, synapse=rule, name="plastic")
    delay = ncl.uniform(0, 3)
    net.connect(cells, cells, ncl.FixedProbability(0.02), target=target, weight=1.0, delay=delay, name="late")
    return net


NAMES = {
    "v": "potential", "i_syn": "current", "tau_mem": "tau", "c_mem": "capacity", "v_leak": "rest", "v_th": "limit",
    "v_reset": "bottom", "i_ext": "extra", "tau_syn": "decay", "a_plus": "up", "a_minus": "down", "w_min": "least",
    "w_max": "most", "x": "p", "y": "q",
}  # fmt: skip


def words(line: str) -> list[str]:
    """The words of a line in alphabetical order: products and sums are written in the order of their names."""
    return sorted(re.findall(r"\w+|[^\w\s]", line))


def test_own_and_library_models_become_the_same_code() -> None:
    library = network(ncl.models.LIF, ncl.models.PairSTDP, "i_syn").build(seed=1)
    own = network(OWN_NEURON, OWN_RULE, "current").build(seed=1)
    expected = library.source
    for name in sorted(NAMES, key=len, reverse=True):
        expected = re.sub(rf"(?<![a-zA-Z]){name}(?![a-zA-Z])", f"<{NAMES[name]}>", expected)
    expected = expected.replace("<", "").replace(">", "")
    written = own.source.replace("<", "").replace(">", "")
    for mine, theirs in zip(written.splitlines(), expected.splitlines(), strict=True):
        assert words(mine) == words(theirs)
    assert "_count_bits(_bits" in written and "_ring_to" in written
