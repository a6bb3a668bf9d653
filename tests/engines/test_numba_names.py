"""Any name that a user may give can be generated: none collides with another, with Python's or with the generator's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

import neurocl as ncl

KEYS = [
    "population_a", "population_b", "projection_a", "projection_b", "modulator_a", "modulator_b",
    "state_a", "state_b", "parameter", "trace", "edge_state",
]  # fmt: skip
AWKWARD = [
    "x n_x E_x A_n_x pre_E_x steps_x np np_np math start slot",
    "step run count spikes_run new half v_e v e_v step end",
    "to from_ synapse pre_synapse a S S P C e E",
    "σ class lambda α Δ None print len τ size shape",
]


def final_states(names: Mapping[str, str]) -> dict[str, np.ndarray]:
    n = names
    cell = ncl.NeuronModel(
        name="cell", threshold=f"{n['state_a']} > 0.8", reset=f"{n['state_a']} = 0", refractory=1.0,
        equations=f"""
            d{n["state_a"]}/dt = ({n["state_b"]} - {n["state_a"]}) / {n["parameter"]} + xi : 1 (unless refractory)
            d{n["state_b"]}/dt = tanh(min(3, inf) - {n["state_b"]})                        : 1
        """,
        parameters={n["parameter"]: 4.0},
    )  # fmt: skip
    synapse = ncl.SynapseModel(
        name="synapse", pre=f"d{n['trace']}/dt = -{n['trace']} / 5",
        equations=f"d{n['edge_state']}/dt = -{n['edge_state']} * gain",
        on_pre=f"{n['trace']} += 1; {n['edge_state']} += w", on_post=f"w += 0.01 * {n['trace']} * {n['edge_state']}",
        parameters={"gain": 0.1},
    )  # fmt: skip
    pool = ncl.Modulator(name="pool", equations="dd/dt = (0.2 - d) / 10", update="d += 0.001 * n", counts=("n",))
    net = ncl.Network(dt=0.5)
    a, b = (net.add(cell, 5, name=n[f"population_{k}"], **{n["parameter"]: np.full(5, 4.0)}) for k in "ab")
    for k, (pre, post) in {"a": (a, b), "b": (b, a)}.items():
        options = {"target": n["state_b"], "weight": 0.1, "delay": 0.5 if k == "a" else 1.0, "synapse": synapse}
        projection = net.connect(pre, post, ncl.AllToAll(), name=n[f"projection_{k}"], **options)
        modulator = net.add(pool, name=n[f"modulator_{k}"], n=pre)
        net.modulate(projection, gain=modulator["d"])
    sim = net.build(dtype="float64")
    for population in (a, b):  # the noise is that of the population's name
        sim.set(population.name, **{n["state_a"]: np.linspace(-1, 1, 5)})
    out = sim.run(20.0, record={a.name: ["spikes", n["state_a"]], n["projection_a"]: "w"})
    assert len(out[a.name].spikes.times) > 20
    return {key: array.copy() for key, array in sim.state.items()}


@pytest.mark.parametrize("names", AWKWARD)
def test_awkward_names_run(names: str) -> None:
    n = dict(zip(KEYS, names.split(), strict=True))
    found = final_states(n)
    expected = {f"{n[f'population_{k}']}.{state}" for k in "ab" for state in (n["state_a"], n["state_b"], "refractory")}
    expected |= {f"{n[f'projection_{k}']}.{state}" for k in "ab" for state in ("w", n["trace"], n["edge_state"])}
    expected |= {f"{n[f'modulator_{k}']}.d" for k in "ab"}
    assert set(found) == expected
