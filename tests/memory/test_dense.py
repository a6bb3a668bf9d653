"""Dense memories against their definition, the Hopfield network and the signal-to-noise formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.memory import DenseHopfield, Hopfield, theory
from tests.memory.bits import bipolar, flipped

pytestmark = pytest.mark.filterwarnings("ignore:DenseHopfield")
FUNCTIONS: dict[str, Any] = {
    "polynomial": lambda x: x**3,
    "rectified": lambda x: max(x, 0) ** 3,
    "exponential": lambda x: np.exp(x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_synchronous_step_follows_the_definition(name: Any) -> None:
    f, x = FUNCTIONS[name], bipolar(9, 15).astype(int)
    cue = bipolar(1, 15, seed=4)[0].astype(int)
    expected = []
    for i in range(15):
        s = x @ cue - x[:, i] * cue[i]
        field = sum(f(float(x[mu, i] + s[mu])) - f(float(-x[mu, i] + s[mu])) for mu in range(9))
        expected.append(cue[i] if abs(field) < 1e-9 else np.sign(field))
    memory = DenseHopfield(15, 3, name).store(x)
    assert memory.recall(cue, update="synchronous", max_steps=1).state.tolist() == expected


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(list(FUNCTIONS)), st.integers(2, 5), st.integers(1, 40), st.integers(0, 10**6))
def test_asynchronous_recall_never_raises_the_energy(name: Any, degree: int, p: int, seed: int) -> None:
    memory = DenseHopfield(25, degree, name).store(bipolar(p, 25, seed))
    state = bipolar(3, 25, seed + 1)
    energies = [memory.energy(state)]
    for step in range(4):
        state = memory.recall(state, max_steps=1, seed=step).state
        energies.append(memory.energy(state))
    assert (np.diff(energies, axis=0) <= 1e-9 * np.abs(energies[0])).all()
    assert memory.recall(state).converged.all()


def test_degree_two_is_the_hopfield_network() -> None:
    x, cues = bipolar(8, 101), bipolar(6, 101, seed=3)
    dense, pairs = DenseHopfield(101, 2).store(x), Hopfield(101).store(x)
    for update in ("asynchronous", "synchronous"):
        assert np.array_equal(dense.recall(cues, update=update).state, pairs.recall(cues, update=update).state)  # type: ignore[arg-type]


# degree, units, patterns, simulated error, states of that many units
ERRORS = [
    (2, 200, 20, 0.00050),
    (3, 100, 500, 0.00450),
    (3, 100, 1000, 0.0403),
    (4, 60, 3000, 0.0155),
    (4, 60, 6000, 0.0592),
]


@pytest.mark.parametrize(("degree", "n", "patterns", "known"), ERRORS)
def test_one_step_error_is_the_measured_one_and_near_the_formula(
    degree: int, n: int, patterns: int, known: float
) -> None:
    rows = min(patterns, 100)
    wrong = []
    for seed in range(4 if patterns > 100 else 40):
        x = bipolar(patterns, n, seed)
        state = DenseHopfield(n, degree).store(x).recall(x[:rows], update="synchronous", max_steps=1).state
        wrong.append((state != x[:rows]).mean())
    error = 3.5 * np.sqrt(known / (len(wrong) * rows * n)) + 0.1 * known
    assert np.mean(wrong) == pytest.approx(known, abs=error)
    # The formula takes the noise for Gaussian; at these sizes it is within a third, but for the first row.
    assert np.mean(wrong) == pytest.approx(theory.dense_error(n, patterns, degree), rel=0.4)


@pytest.mark.parametrize(("share", "patterns"), [(0.0, 4000), (0.1, 3000), (0.25, 40)])
def test_exponential_energy_repairs_below_its_load(share: float, patterns: int) -> None:
    assert np.log(patterns) / 60 < theory.exponential_load(share)
    x = bipolar(patterns, 60)
    memory = DenseHopfield(60, energy_function="exponential").store(x)
    found = memory.recall(flipped(x[:50], share), update="synchronous", max_steps=1).state
    assert (found == x[:50]).all(axis=1).mean() > 0.9


def test_exponential_energy_of_many_units_does_not_overflow() -> None:
    x = bipolar(5, 3000)
    memory = DenseHopfield(3000, energy_function="exponential").store(x)
    found = memory.recall(flipped(x, 0.2))
    assert np.array_equal(found.state, x)
    assert found.energy == pytest.approx(-3000.0)


def test_forgetting_equals_never_having_learned() -> None:
    x, cues = bipolar(10, 40), bipolar(5, 40, seed=2)
    memory, expected = DenseHopfield(40).store(x).forget(x[4]), DenseHopfield(40).store(np.delete(x, 4, axis=0))
    assert np.array_equal(memory.energy(cues), expected.energy(cues))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DenseHopfield(5, 1), "degree must be a whole number >= 2"),
        (lambda: DenseHopfield(1000, 200), r"1000\^200 is beyond floating point"),
        (lambda: DenseHopfield(5, energy_function="cubic"), "energy_function must be one of polynomial"),  # type: ignore[arg-type]
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()
