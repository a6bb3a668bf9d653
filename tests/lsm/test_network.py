"""Wiring of a liquid: numbers of synapses, distances, signs."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl import Lattice, NeuroclError, lsm
from neurocl.lsm.network import PROBABILITIES

EXPECTED = {5: (706.3, 89.2, 267.5, 10.7), 10: (11029.2, 1380.4, 4141.1, 171.7)}
"""Mean number of synapses E -> E, E -> I, I -> E, I -> I, by the side of the cube."""


def static(n: int, n_inputs: int = 10, seed: int = 0, **options: object) -> lsm.Liquid:
    return lsm.Liquid(n, n_inputs, plasticity=lsm.Static(), seed=seed, **options)


def kinds(liquid: lsm.Liquid) -> dict[str, np.ndarray]:
    pre, post = liquid.recurrent_synapses
    from_e, to_e = pre < liquid.n_exc, post < liquid.n_exc
    return {"ee": from_e & to_e, "ei": from_e & ~to_e, "ie": ~from_e & to_e, "ii": ~from_e & ~to_e}


@pytest.mark.parametrize("side", EXPECTED)
def test_numbers_of_synapses_are_those_of_the_formula(side: int) -> None:
    found = [[part.sum() for part in kinds(static(side**3, seed=seed)).values()] for seed in range(3)]
    mean, expected = np.mean(found, axis=0), np.array(EXPECTED[side])
    # The variance of a sum of Bernoulli numbers is less than its mean.
    assert (np.abs(mean - expected) < 5 * np.sqrt(expected / 3)).all()


def test_a_lattice_of_the_user_is_filled_in_random_order_with_distances_in_sites() -> None:
    options = {"lattice": Lattice((10, 10, 10), spacing=2.0)}
    found = [part.sum() for part in kinds(static(1000, **options)).values()]
    expected = np.array(EXPECTED[10])
    assert (np.abs(found - expected) < 5 * np.sqrt(expected)).all()
    np.testing.assert_array_equal(static(1000, **options).recurrent_synapses, static(1000).recurrent_synapses)


def test_pairs_are_joined_the_less_the_farther_apart_they_are() -> None:
    liquid = static(1000)
    positions, (pre, post) = liquid.positions, liquid.recurrent_synapses
    all_pairs = ((positions[:, None] - positions[None]) ** 2).sum(axis=2)
    np.fill_diagonal(all_pairs, -1)
    for name, part in kinds(liquid).items():
        rows, columns = (slice(None, 800) if end == "e" else slice(800, None) for end in name)
        joined = ((positions[pre[part]] - positions[post[part]]) ** 2).sum(axis=1)
        for low, high in ((0.5, 3.5), (3.5, 9.5), (9.5, 20.5), (20.5, 40.5)):
            among = all_pairs[rows, columns]
            among = among[(among > low) & (among < high)]
            expected = (PROBABILITIES[name] * np.exp(-among / 9)).sum()
            found = ((joined > low) & (joined < high)).sum()
            assert abs(found - expected) < 5 * np.sqrt(expected) + 1, (name, low, found, expected)


def test_no_neuron_projects_to_itself_and_no_pair_is_joined_twice() -> None:
    pre, post = static(1000).recurrent_synapses
    assert (pre != post).all()
    assert len(np.unique(pre.astype(np.int64) * 1000 + post)) == len(pre)


@pytest.mark.parametrize(("n", "n_inputs"), [(1000, 784), (125, 64), (7, 3)])
def test_input_synapses_are_exactly_fifteen_percent_of_all_pairs(n: int, n_inputs: int) -> None:
    liquid = static(n, n_inputs)
    inp, neuron = liquid.input_synapses
    assert len(inp) == 15 * n * n_inputs // 100 == len(np.unique(inp.astype(np.int64) * n + neuron))
    share = (liquid.weights.input > 0).mean()
    assert abs(share - 0.5) <= 5 * 0.5 / np.sqrt(len(inp))
    to_inhibitory = (neuron >= liquid.n_exc).mean()
    assert abs(to_inhibitory - 0.2) <= 5 * 0.4 / np.sqrt(len(inp)) + 0.2 * (n < 100)


def test_weights_have_one_magnitude_and_the_sign_of_their_neuron() -> None:
    liquid = static(125, magnitude=0.5, input_magnitude=2.0)
    pre, _ = liquid.recurrent_synapses
    assert liquid.n_exc == 100
    np.testing.assert_array_equal(liquid.weights.recurrent, np.where(pre < 100, 0.5, -0.5).astype(np.float32))
    assert set(liquid.weights.input.tolist()) == {-2.0, 2.0}


def test_neurons_sit_on_different_sites_of_a_box_that_may_have_empty_ones() -> None:
    for n, shape in ((1000, (10, 10, 10)), (130, (6, 6, 4)), (125, (5, 5, 5))):
        positions = static(n).positions
        assert len(np.unique(positions, axis=0)) == n
        assert (positions.max(axis=0) < shape).all()
    with pytest.raises(NeuroclError, match=r"lattice \(4, 4, 4\) has 64 sites, too few for n = 65"):
        static(65, lattice=Lattice((4, 4, 4)))


def test_every_plasticity_has_the_same_wiring_and_every_seed_another() -> None:
    one, other = static(125), lsm.Liquid(125, 10, seed=0)
    np.testing.assert_array_equal(one.recurrent_synapses, other.recurrent_synapses)
    np.testing.assert_array_equal(one.input_synapses, other.input_synapses)
    for name in ("ee", "ei", "ie", "ii", "input"):
        np.testing.assert_array_equal(other._plastic.edges(name), other._frozen.edges(name))
    assert static(125, seed=1).recurrent_synapses[0].tolist() != one.recurrent_synapses[0].tolist()
