"""The digit learner's network: constants, normalisation, one winner, thresholds, the learning rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.networks.diehl_cook import EXCITATORY, INHIBITORY, TRIPLET, diehl_cook, input_weights, normalise
from tests.helpers import pair_up


def build(seed: int = 1, **changes: Any) -> Any:
    return diehl_cook(20, 30, **changes).build(seed=seed, dtype="float64")


def test_constants_are_those_of_the_published_code() -> None:
    exc = {
        "v_rest": -65, "v_reset": -65, "v_th": -52, "offset": 20, "tau_mem": 100, "t_ref": 5, "e_e": 0, "e_i": -100,
        "tau_e": 1, "tau_i": 2, "theta_plus": 0.05, "tau_theta": 1e7,
    }  # fmt: skip
    inh = {
        "v_rest": -60, "v_reset": -45, "v_th": -40, "tau_mem": 10, "t_ref": 2, "e_e": 0, "e_i": -85, "tau_e": 1,
        "tau_i": 2,
    }  # fmt: skip
    stdp = {"tau_plus": 20, "tau_minus": 20, "tau_y": 40, "a_minus": 1e-4, "a_plus": 1e-2, "w_max": 1}
    assert (dict(EXCITATORY.parameters), dict(INHIBITORY.parameters), dict(TRIPLET.parameters)) == (exc, inh, stdp)
    network = diehl_cook()
    assert network.dt == 0.5 and (network.populations["exc"].n, network.populations["inp"].n) == (400, 784)
    assert (network.projections["excitation"].weight, network.projections["inhibition"].weight) == (10.4, 17.0)


def test_inhibition_reaches_all_but_the_own_excitatory_neuron() -> None:
    sim = build()
    pre, post = sim.edges("inhibition")
    assert len(pre) == 20 * 19 and not np.any(pre == post)
    assert all(np.array_equal(end, range(20)) for end in sim.edges("excitation"))
    assert len(sim.edges("input")[0]) == 30 * 20


def test_network_with_and_without_plasticity_has_the_same_weights() -> None:
    assert np.array_equal(input_weights(build()), input_weights(build(plastic=False)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.1, 25.0))
def test_normalisation_gives_every_neuron_the_asked_sum_and_keeps_proportions(seed: int, total: float) -> None:
    weights = input_weights(SHARED)
    weights[...] = np.random.default_rng(seed).random(weights.shape) ** 3
    before = weights.copy()
    normalise(SHARED, total)
    assert np.allclose(weights.sum(axis=0, dtype=float), total, rtol=1e-12)
    ratio = weights / before
    assert np.allclose(ratio, ratio[0], rtol=1e-12)


def test_default_sum_is_78_for_784_inputs_in_proportion() -> None:
    sim = build()
    normalise(sim)
    assert np.allclose(input_weights(sim).sum(axis=0), 78 * 30 / 784, rtol=1e-12)


def test_normalisation_leaves_a_neuron_without_weight_alone() -> None:
    sim = build()
    input_weights(sim)[:, 3] = 0
    normalise(sim)
    sums = input_weights(sim).sum(axis=0)
    assert sums[3] == 0 and np.allclose(np.delete(sums, 3), 78 * 30 / 784, rtol=1e-12)


def test_threshold_grows_by_theta_plus_per_spike_and_only_then() -> None:
    sim = build()
    normalise(sim, 10.0)
    sim.set("inp", rate=200.0)
    counts = sim.run(300.0, record={"exc": "counts"})["exc"].counts()
    assert counts.max() > 3 and counts.min() < counts.max()
    assert np.allclose(sim.state["exc.theta"], 20 + 0.05 * counts, atol=1e-3)  # decays by 3e-5
    silent = build()
    assert silent.run(500.0, record={"exc": "counts"})["exc"].counts().sum() == 0
    assert np.allclose(silent.state["exc.theta"], 20 * np.exp(-500 / 1e7), rtol=1e-10)


def test_the_neuron_with_the_best_input_takes_it_all() -> None:
    sim = build(plastic=False)
    weights = input_weights(sim)
    weights[...] = 0.1
    weights[:15, 7] = 0.6
    normalise(sim, 10.0)
    rates = np.zeros(30)
    rates[:15] = 300.0
    sim.set("inp", rate=rates)
    counts = sim.run(350.0, record={"exc": "counts"})["exc"].counts()
    assert counts[7] >= 5 and counts[7] > 0.9 * counts.sum()


def test_an_excitatory_spike_silences_the_others() -> None:
    sim = build(plastic=False)
    sim.set("exc", v=np.where(np.arange(20) == 4, -40.0, -53.0))
    out = sim.run(5.0, record={"exc": ["counts", "v"], "inh": "counts"})
    assert np.array_equal(out["exc"].counts(), np.arange(20) == 4)
    assert np.array_equal(out["inh"].counts(), np.arange(20) == 4)
    assert np.all(np.delete(out["exc"]["v"][-1], 4) < -60)  # 17 for 2 ms: a third of the way to -100 mV


def nearest_triplets(pre: list[float], post: list[float], w: float) -> float:
    """The weight after both trains, from the times of the last spikes; what coincides is not yet seen."""

    def trace(train: list[float], now: float, tau: float) -> float:
        before = [t for t in train if t < now]
        return float(np.exp((before[-1] - now) / tau)) if before else 0.0

    for now in sorted({*pre, *post}):
        if now in pre:
            w = max(w - 1e-4 * trace(post, now, 20.0), 0.0)
        if now in post:
            w = min(w + 1e-2 * trace(pre, now, 20.0) * trace(post, now, 40.0), 1.0)
    return w


def test_weights_follow_the_nearest_spikes_of_triplets() -> None:
    rng = np.random.default_rng(1)
    trains = [[sorted(rng.choice(400, 20, replace=False) * 0.5 + 0.5) for _ in range(60)] for _ in range(2)]
    start = np.concatenate([np.full(30, 0.5), rng.choice([0.0005, 0.9995], 30)])
    sim = pair_up(TRIPLET, *trains, dt=0.5, weight=start)  # type: ignore[arg-type]
    sim.run(210.0)
    expected = [nearest_triplets(pre, post, w) for pre, post, w in zip(*trains, start, strict=True)]
    assert np.allclose(sim.state["synapses.w"], expected, rtol=0, atol=1e-12)
    assert np.ptp(expected) > 0.4


@pytest.mark.parametrize("bad", [{"n": 1}, {"n_inputs": 0}, {"dt": 0.0}, {"delay": -1.0}, {"theta_plus": -0.1}])
def test_wrong_numbers_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ncl.NeuroclError):
        diehl_cook(**bad)


SHARED = build()
