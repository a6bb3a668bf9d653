"""The lateral circuit in spikes: equal to the rule of the layer, local, and as good as its spike budget."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from neurocl import NeuroclError
from neurocl.hlop.circuit import LateralCircuit, principal_angles

SPECTRUM = np.concatenate([[10.0, 8.0, 6.0, 5.0, 4.0], np.full(45, 0.5)])


def quantised(y: NDArray[np.float64], scale: float, steps: int) -> NDArray[np.float64]:
    """The burst code: scale round(T clip(y, -scale, scale) / scale) / T."""
    return scale * np.round(steps * np.clip(y, -scale, scale) / scale) / steps


def eigenbasis(seed: int, n: int = 50) -> NDArray[np.float64]:
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))[0].T


def samples(rows: int, basis: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Gaussian activity with the spectrum of the published measurements, its eigenvectors the rows of `basis`."""
    return (np.random.default_rng(seed).standard_normal((rows, 50)) * np.sqrt(SPECTRUM)) @ basis


def layer(H: NDArray[np.float64], X: NDArray[np.float64], lr: float, batch: int = 64) -> NDArray[np.float64]:
    """The layer's rule: five iterations per batch, momentum 0.9, changes clipped at 10."""
    momentum = np.zeros_like(H)
    for rows in X.reshape(-1, batch, X.shape[1]):
        for _ in range(5):
            Y = rows @ H.T
            change = np.clip(Y.T @ (rows - Y @ H) / batch, -10, 10)
            momentum = 0.9 * momentum + 0.1 * change
            H = H + lr * momentum
    return H


@pytest.mark.parametrize("steps", [7, 40])
def test_a_response_is_the_quantised_projection(steps: int) -> None:
    circuit = LateralCircuit(30, 6, steps=steps, scale=10.0, input_scale=5.0, seed=1)
    X, H = 2 * np.random.default_rng(0).standard_normal((20, 30)), circuit.H
    found = circuit.present(X, learn=False)
    x = quantised(X, 5.0, steps)
    y = quantised(x @ H.T, 10.0, steps)
    np.testing.assert_allclose(found.y, y, atol=1e-12)
    np.testing.assert_allclose(found.residual, x - y @ H, atol=1e-12)
    assert found.principal_spikes == np.abs(steps * x / 5.0).round().sum()
    assert found.subspace_spikes >= np.abs(steps * y / 10.0).round().sum()  # some are taken back later in the burst
    np.testing.assert_array_equal(circuit.H, H)


def test_a_presentation_changes_the_weights_by_the_rule_of_the_layer() -> None:
    circuit = LateralCircuit(30, 6, seed=2, eta=1e-7)  # so small that the weights hardly change during the burst
    before, X = circuit.H, 3 * np.random.default_rng(3).standard_normal((1, 30))
    found = circuit.present(X)
    x = quantised(X, 20.0, 40)
    y = quantised(x @ before.T, 20.0, 40)
    assert np.abs(y).max() > 0
    np.testing.assert_allclose((circuit.H - before) / 1e-7, y.T @ (x - y @ before), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.residual, x - y @ before, atol=1e-12)


def test_tensors_that_training_is_about_may_be_presented() -> None:
    X = torch.full((2, 4), 3.0, requires_grad=True)
    found, expected = (LateralCircuit(4, 2).present(rows) for rows in (X, X.detach().numpy()))
    np.testing.assert_array_equal(found.residual, expected.residual)


def test_forward_and_feedback_weights_stay_exactly_opposite() -> None:
    circuit = LateralCircuit(50, 5, seed=3)
    before = circuit.H
    circuit.present(samples(300, eigenbasis(0), 1))
    assert np.abs(circuit.H - before).max() > 0.1
    np.testing.assert_array_equal(circuit.feedback, -circuit.H.T)


@pytest.mark.parametrize("seed", [0, 1])
def test_spikes_learn_the_principal_subspace_as_well_as_the_layer_does(seed: int) -> None:
    # 200 batches of 64 at lr 0.01: the layer's own noise is at most 10 degrees and its capture at least 0.99
    basis = eigenbasis(seed)
    X = samples(200 * 64, basis, seed + 10)
    circuit = LateralCircuit(50, 5, eta=5 * 0.01 / 64, seed=seed)
    start = circuit.H
    circuit.present(X)
    learned = layer(start, X, 0.01)
    angle, angle_of_layer = (principal_angles(H, basis[:5])[0] for H in (circuit.H, learned))
    assert principal_angles(start, basis[:5])[0] > 60
    assert angle <= 10
    assert angle <= 1.5 * angle_of_layer
    assert principal_angles(circuit.H, learned)[0] <= 10
    assert np.linalg.norm(circuit.H @ circuit.H.T - np.eye(5)) <= 0.05
    q = np.linalg.qr(circuit.H.T)[0]
    assert np.sum(SPECTRUM * np.square(basis @ q).sum(1)) / SPECTRUM[:5].sum() >= 0.985


def test_more_spikes_give_a_better_subspace_until_the_noise_of_the_samples() -> None:
    basis, angles, spikes = eigenbasis(5), [], []
    X = samples(100 * 64, basis, 6)
    for steps in (4, 8, 40, 80):
        circuit = LateralCircuit(50, 5, steps=steps, eta=5 * 0.01 / 64, seed=7)
        spikes.append(circuit.present(X).subspace_spikes)
        angles.append(principal_angles(circuit.H, basis[:5])[0])
    assert angles[0] > 40  # nothing below half a spike per burst is seen
    assert angles[0] > angles[1] > angles[2]
    assert abs(angles[2] - angles[3]) < 2  # 40 steps, as in the paper, are enough
    assert spikes == sorted(spikes)


def test_frozen_neurons_keep_their_weights_and_new_ones_find_what_they_leave() -> None:
    first, second = eigenbasis(8), eigenbasis(9)
    circuit = LateralCircuit(50, 5, eta=5 * 0.01 / 64, seed=4)
    circuit.present(samples(100 * 64, first, 1))
    circuit.merge()
    old = circuit.H
    circuit.grow(5)
    circuit.present(samples(200 * 64, second, 2))
    np.testing.assert_array_equal(circuit.H[:5], old)
    residual = (np.eye(50) - old.T @ old) @ second.T
    left = np.linalg.eigh((residual * SPECTRUM) @ residual.T)[1][:, -5:].T
    assert principal_angles(circuit.H[5:], left)[0] <= 12
    assert np.abs(circuit.H[5:] @ old.T).max() <= 0.02


def test_the_learned_circuit_removes_what_it_has_learned() -> None:
    basis = eigenbasis(1)
    X = samples(100 * 64, basis, 2)
    circuit = LateralCircuit(50, 5, eta=5 * 0.01 / 64)
    circuit.present(X)
    power = [np.square(rows @ basis.T).mean(0) for rows in (X[:500], circuit.present(X[:500], learn=False).residual)]
    assert power[1][:5].sum() < 0.05 * power[0][:5].sum()
    assert power[1][5:].sum() > 0.9 * power[0][5:].sum()


@pytest.mark.parametrize("engine", ["torch", "brian2"])
def test_other_engines_learn_the_same_weights(engine: str) -> None:
    if importlib.util.find_spec(engine) is None:
        pytest.skip(f"{engine} is not installed")
    X = 2 * np.random.default_rng(0).standard_normal((3, 12))
    circuits = [LateralCircuit(12, 3, steps=10, scale=10.0, seed=1, engine=name) for name in ("numba", engine)]
    found = [circuit.present(X) for circuit in circuits]
    assert np.abs(circuits[0].H - LateralCircuit(12, 3, seed=1).H).max() > 1e-3
    np.testing.assert_allclose(circuits[1].H, circuits[0].H, atol=1e-12)
    np.testing.assert_allclose(found[1].residual, found[0].residual, atol=1e-12)
    np.testing.assert_array_equal(circuits[1].feedback, -circuits[1].H.T)


@pytest.mark.parametrize(
    ("do", "message"),
    [
        (lambda: LateralCircuit(4, 0), "k must be a whole number >= 1, got 0"),
        (lambda: LateralCircuit(4, 5), "5 subspace neurons are more than the 4 principal ones"),
        (lambda: LateralCircuit(4, 2, eta=-1.0), "eta must be > 0"),
        (lambda: LateralCircuit(4, 2).grow(1), "2 neurons are still learning; call merge()"),
        (lambda: LateralCircuit(4, 2).present(np.ones((3, 5))), r"row of 4 finite numbers, got shape \[3, 5\]"),
        (lambda: LateralCircuit(4, 2).present([[np.inf] * 4]), "finite numbers"),
        (lambda: principal_angles(np.ones((1, 3)), np.ones((1, 4))), r"with one n, got shapes \[1, 3\] and \[1, 4\]"),
    ],
)
def test_wrong_input_is_told(do: object, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        do()  # type: ignore[operator]
