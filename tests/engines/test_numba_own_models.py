"""A model that a user writes becomes the code that the library's model becomes: nothing is tuned to a name."""

from __future__ import annotations

import re

import neurocl as ncl

OWN_NEURON = ncl.NeuronModel(
    name="mine",
    equations="""
        dpotential/dt = (rest - potential) / tau + (current + extra) / capacity : mV (unless refractory)
        dcurrent/dt = -current / tau_c : pA
    """,
    threshold="potential >= limit", reset="potential = bottom", refractory="pause",
    parameters={
        "capacity": 250.0, "tau": 10.0, "tau_c": 2.0, "rest": -65.0, "limit": -50.0, "bottom": -65.0, "pause": 2.0,
        "extra": 0.0,
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


def shape(source: str) -> str:
    """The code with every name of a model replaced by its number in order of appearance."""
    numbers: dict[str, str] = {}
    own = re.compile(r"(?<![\w.])(?!_|def\b|for\b|in\b|if\b|while\b|return\b|and\b|or\b)[a-z]\w*(?![\w.(])")
    text = source.partition("@njit")[2]
    return own.sub(lambda match: numbers.setdefault(match[0], f"n{len(numbers)}"), text)


def test_own_and_library_models_become_the_same_code() -> None:
    library = network(ncl.models.LIF, ncl.models.PairSTDP, "i_syn").build(seed=1)
    own = network(OWN_NEURON, OWN_RULE, "current").build(seed=1)
    for name in ("dense", "plastic", "late"):
        assert re.search(rf"{name}: .*delivered by (\w+)", str(own))[1] == (  # type: ignore[index]
            re.search(rf"{name}: .*delivered by (\w+)", str(library))[1]  # type: ignore[index]
        )
    assert len(own.source.splitlines()) == len(library.source.splitlines())
    mine, theirs = (sorted(shape(sim.source).splitlines()) for sim in (own, library))
    assert sum(a != b for a, b in zip(mine, theirs, strict=True)) == 0
