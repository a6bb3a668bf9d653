"""A small network with everything in it, for tests that run it.

Excitatory and inhibitory neurons with noise, driven from outside; sources that fire at random and as scheduled; static,
plastic and modulated synapses; delays of all kinds. Only its numbers vary, so that it is compiled once per dtype.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

import neurocl as ncl

DT = 0.1

NEURON = ncl.NeuronModel(
    name="noisy_lif",
    equations="""
        dv/dt     = (v_leak - v + i_syn + i_ext) / tau_mem + sigma * sqrt(2 / tau_mem) * xi : mV (unless refractory)
        di_syn/dt = -i_syn / tau_syn                                                        : mV
    """,
    threshold="v > v_th", reset="v = v_reset", refractory="t_ref",
    parameters={"tau_mem": 10.0, "tau_syn": 3.0, "v_leak": -52.0, "v_th": -50.0, "v_reset": -58.0, "t_ref": 0.5,
                "i_ext": 0.0, "sigma": 2.0},
)  # fmt: skip

SOURCE = ncl.NeuronModel(
    name="source", threshold="scheduled > 0 or rand() < rate * dt / 1000", parameters={"rate": 300.0}
)

STDP = ncl.SynapseModel(
    name="modulated_stdp",
    pre="dx/dt = -x / tau : 1",
    post="dy/dt = -y / tau : 1",
    on_pre="w = clip(w - 0.02 * y, 0, w_max); x += 1",
    on_post="w = clip(w + 0.03 * gain * x, 0, w_max); y += 1",
    parameters={"tau": 10.0, "w_max": 3.0, "gain": 1.0},
)

DOPAMINE = ncl.Modulator(
    name="dopamine",
    equations="dd/dt = (1 - d) / tau : 1",
    update="d += 0.05 * n_spikes + reward",
    counts=("n_spikes",),
    parameters={"tau": 20.0, "reward": 0.0},
    initial={"d": 1},
)


@dataclass(frozen=True)
class Case:
    """Sizes, delays (steps), first and stride of the neurons counted (None: a list), scheduled (step, neuron), seed."""

    n_exc: int = 12
    n_inh: int = 4
    n_inp: int = 8
    probability: float = 0.4
    delays: tuple[int, int] = (0, 15)
    inhibitory_delay: int = 8
    counted: tuple[int, int] | None = (0, 1)
    scheduled: frozenset[tuple[int, int]] = frozenset({(3, 0), (3, 1), (50, 2)})
    seed: int = 1

    @property
    def counted_part(self) -> slice | list[int]:
        """The neurons whose spikes dopamine counts."""
        if self.counted is None:
            n = self.n_exc + self.n_inh
            return list({-1, 0, (n - 1) // 2} if n > 2 else {-1})
        return slice(self.counted[0], None, self.counted[1])


def steps(n: int) -> float:
    """`n` steps in ms."""
    return n * DT


def network_of(case: Case) -> ncl.Network:
    net = ncl.Network(dt=DT)
    neurons = net.add(
        NEURON, case.n_exc + case.n_inh, name="neurons", v=ncl.uniform(-58, -50), i_ext=ncl.Input(1.0),
        tau_mem=ncl.normal(10, 1, low=5),
    )  # fmt: skip
    spikes = sorted((step, neuron % case.n_inp) for step, neuron in case.scheduled)
    spikes = [pair for k, pair in enumerate(spikes) if pair not in spikes[:k]]
    times, indices = [steps(step + 1) for step, _ in spikes], [neuron for _, neuron in spikes]
    inp = net.add(SOURCE, case.n_inp, name="inp", spikes=(times, np.array(indices, dtype=np.int64)))
    dopamine = net.add(DOPAMINE, name="dopamine", n_spikes=neurons[case.counted_part], reward=ncl.Input(0.0))
    exc, inh = neurons[: case.n_exc], neurons[case.n_exc :]
    delay = ncl.uniform(*(steps(d) for d in case.delays))
    rule = ncl.FixedProbability(case.probability)
    net.connect(inp, neurons, rule, target="i_syn", weight=ncl.lognormal(0.5, 0.5), delay=delay, name="static")
    plastic = net.connect(exc, neurons, rule, target="i_syn", weight=1.0, delay=delay, synapse=STDP, name="plastic")
    net.connect(
        inh, exc, ncl.FixedIndegree(2), target="i_syn", weight=-2.0, delay=steps(case.inhibitory_delay), name="inh"
    )  # fmt: skip
    net.modulate(plastic, gain=dopamine["d"])
    return net


def cases() -> st.SearchStrategy[Case]:
    delay = st.integers(0, 20)
    return st.builds(
        Case,
        n_exc=st.integers(1, 20),
        n_inh=st.integers(1, 8),
        n_inp=st.integers(1, 20),
        probability=st.sampled_from([0.0, 0.2, 1.0]),
        delays=st.tuples(delay, delay).map(lambda pair: (min(pair), max(pair))),
        inhibitory_delay=delay,
        counted=st.sampled_from([(0, 1), (1, 2), (-1, -3), None]),
        scheduled=st.frozensets(st.tuples(st.integers(0, 60), st.integers(0, 19)), max_size=8),
        seed=st.integers(0, 2**32),
    )


def everything(simulation: ncl.Simulator) -> dict[str, list[str]]:
    """A recording request for all spikes and states."""
    states = [name.split(".") for name in simulation.state]
    owners = {owner for owner, _ in states}
    wanted = {owner: [s for o, s in states if o == owner and s != "refractory"] for owner in sorted(owners)}
    for population in simulation.plan.populations:
        wanted[population] = ["spikes", "counts", *wanted.get(population, [])]
    return wanted


def same_state(first: ncl.Simulator, second: ncl.Simulator) -> bool:
    """Whether two simulations stand at the same step with the same states, to the bit."""
    names = first.state.keys()
    equal = [np.array_equal(first.state[name], second.state[name]) for name in names]
    return first.step == second.step and names == second.state.keys() and all(equal)


def same_recording(first: ncl.Recording, second: ncl.Recording) -> bool:
    """Whether two recordings hold the same spikes, counts and traces, to the bit."""
    if first.names != second.names or not np.isclose(first.duration, second.duration):
        return False
    for name in first.names:
        one, other = first[name], second[name]
        if one.quantities != other.quantities:
            return False
        pairs = [(one[q], other[q]) for q in one.quantities if q not in ("spikes", "counts")]
        pairs += [(one.trace(q).times, other.trace(q).times) for q in one.quantities if q not in ("spikes", "counts")]
        if "counts" in one:
            pairs.append((one.counts(), other.counts()))
        if "spikes" in one:
            pairs += [(one.spikes.times, other.spikes.times), (one.spikes.indices, other.spikes.indices)]
        if not all(np.array_equal(a, b) for a, b in pairs):
            return False
    return True
