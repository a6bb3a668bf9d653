"""Any name that a user may give can be generated: none collides with another, with Python's or with the generator's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

import neurocl as ncl

AWKWARD = [
    {"population_a": "x", "population_b": "n_x", "projection_a": "E_x", "projection_b": "A_n_x", "modulator_a": "pre_E_x",
     "modulator_b": "steps_x", "state_a": "np", "state_b": "np_np", "parameter": "math", "trace": "start", "edge_state": "slot"},
    {"population_a": "step", "population_b": "run", "projection_a": "count", "projection_b": "spikes_run", "modulator_a": "new",
     "modulator_b": "half", "state_a": "v_e", "state_b": "v", "parameter": "e_v", "trace": "step", "edge_state": "end"},
    {"population_a": "to", "population_b": "from_", "projection_a": "synapse", "projection_b": "pre_synapse", "modulator_a": "a",
     "modulator_b": "S", "state_a": "S", "state_b": "P", "parameter": "C", "trace": "e", "edge_state": "E"},
    {"population_a": "σ", "population_b": "class", "projection_a": "lambda", "projection_b": "α", "modulator_a": "Δ", "modulator_b": "None",
     "state_a": "print", "state_b": "len", "parameter": "τ", "trace": "size", "edge_state": "shape"},
]  # fmt: skip


def final_states(names: Mapping[str, str]) -> dict[str, np.ndarray]:
    n = names
    cell = ncl.NeuronModel(
        name="cell", equations=f"d{n['state_a']}/dt = ({n['state_b']} - {n['state_a']}) / {n['parameter']} + xi : 1 "
        f"(unless refractory)\n d{n['state_b']}/dt = tanh(min(3, inf) - {n['state_b']}) : 1", threshold=f"{n['state_a']} > 0.8",
        reset=f"{n['state_a']} = 0", refractory=1.0, parameters={n["parameter"]: 4.0},
    )  # fmt: skip
    synapse = ncl.SynapseModel(
        name="synapse", pre=f"d{n['trace']}/dt = -{n['trace']} / 5", equations=f"d{n['edge_state']}/dt = -{n['edge_state']} * gain",
        on_pre=f"{n['trace']} += 1; {n['edge_state']} += w", on_post=f"w += 0.01 * {n['trace']} * {n['edge_state']}",
        parameters={"gain": 0.1},
    )  # fmt: skip
    pool = ncl.Modulator(name="pool", equations="dd/dt = (0.2 - d) / 10", update="d += 0.001 * n", counts=("n",))
    net = ncl.Network(dt=0.5)
    a, b = (net.add(cell, 5, name=n[f"population_{k}"], **{n["parameter"]: np.full(5, 4.0)}) for k in "ab")
    for k, (pre, post) in {"a": (a, b), "b": (b, a)}.items():
        projection = net.connect(pre, post, ncl.AllToAll(), target=n["state_b"], weight=0.1, delay=0.5 if k == "a" else 1.0,
                                 synapse=synapse, name=n[f"projection_{k}"])  # fmt: skip
        modulator = net.add(pool, name=n[f"modulator_{k}"], n=pre)
        net.modulate(projection, gain=modulator["d"])
    sim = net.build(dtype="float64")
    for population in (a, b):  # the noise is that of the population's name
        sim.set(population.name, **{n["state_a"]: np.linspace(-1, 1, 5)})
    out = sim.run(20.0, record={a.name: ["spikes", n["state_a"]], n["projection_a"]: "w"})
    assert len(out[a.name].spikes.times) > 20
    return {key: array.copy() for key, array in sim.state.items()}


@pytest.mark.parametrize("names", AWKWARD, ids=lambda names: names["population_a"])
def test_awkward_names_run(names: dict[str, str]) -> None:
    found = final_states(names)
    n = names
    expected = {f"{n[f'population_{k}']}.{state}" for k in "ab" for state in (n["state_a"], n["state_b"], "refractory")}
    expected |= {f"{n[f'projection_{k}']}.{state}" for k in "ab" for state in ("w", n["trace"], n["edge_state"])}
    expected |= {f"{n[f'modulator_{k}']}.d" for k in "ab"}
    assert set(found) == expected
