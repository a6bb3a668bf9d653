"""The categorical toy model: gradient descent, sums of networks, and Hopfield's fixed points."""

from __future__ import annotations

import numpy as np

from neurocl.memory import Hopfield
from neurocl.memory.categorical import Network, direct_sum, evolve, sum_of_gradients
from tests.memory.bits import bipolar


def two_layers(seed: int, sizes: tuple[int, int, int]) -> tuple[Network, object]:
    rng = np.random.default_rng(seed)
    n_in, n_hidden, n_out = sizes
    network = {"a": rng.normal(size=(n_hidden, n_in)), "b": rng.normal(size=(n_out, n_hidden))}
    x, y = rng.normal(size=(20, n_in)), rng.normal(size=(20, n_out))

    def gradient(state: Network) -> Network:
        hidden = x @ state["a"].T
        error = hidden @ state["b"].T - y
        return {"a": (error @ state["b"]).T @ x / 20, "b": error.T @ hidden / 20}

    return network, gradient


def test_steps_are_those_of_gradient_descent_bit_for_bit() -> None:
    network, gradient = two_layers(0, (4, 5, 2))
    expected = {edge: w.copy() for edge, w in network.items()}
    for _ in range(10):
        slope = gradient(expected)  # type: ignore[operator]
        expected = {edge: w - 0.01 * slope[edge] for edge, w in expected.items()}
    found = evolve(network, gradient, 0.01, 10)  # type: ignore[arg-type]
    assert all(np.array_equal(found[edge], expected[edge]) for edge in expected)


def test_the_direct_sum_evolves_as_its_parts() -> None:
    first, of_first = two_layers(1, (4, 5, 2))
    second, of_second = two_layers(2, (3, 2, 6))
    both = sum_of_gradients(first, second, of_first, of_second)  # type: ignore[arg-type]
    found = evolve(direct_sum(first, second), both, 0.02, 7)
    parts = evolve(first, of_first, 0.02, 7), evolve(second, of_second, 0.02, 7)  # type: ignore[arg-type]
    expected = direct_sum(*parts)
    assert all(np.array_equal(found[edge], expected[edge]) for edge in expected)


def test_descent_of_hopfields_energy_within_bounds_ends_in_a_state_of_the_hopfield_network() -> None:
    memory = Hopfield(60).store(bipolar(4, 60))
    weights = memory.weights
    start = {"s": 0.1 * bipolar(1, 60, seed=8).astype(float)}
    end = evolve(start, lambda state: {"s": -state["s"] @ weights}, 0.5, 400, bound=1.0)["s"]
    state = np.sign(end[0]).astype(int)
    assert (np.abs(end) == 1.0).all()
    found = memory.recall(state)
    assert found.steps == 1 and np.array_equal(found.state, state)
