"""Fixed points: all of them, with their stability, for systems where they are known; slow points; errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.analysis.fixed_points import find_fixed_points
from neurocl.core.errors import NeuroclError


def test_a_double_well_has_two_attractors_and_a_saddle_between():
    found = find_fixed_points(lambda x: x - x**3, np.linspace(-2.0, 2.0, 41)[:, None], kind="flow")
    np.testing.assert_allclose(found.points.ravel(), [-1.0, 0.0, 1.0], atol=1e-8)
    np.testing.assert_allclose(found.eigenvalues.ravel(), [-2.0, 1.0, -2.0], atol=1e-6)
    assert found.is_fixed.all() and found.is_stable.tolist() == [True, False, True]
    assert found.n_starts.sum() == 41
    assert str(found).startswith("3 fixed points of the flow (2 stable), 0 slow points")


@given(seed=st.integers(0, 10_000), n=st.integers(1, 6), kind=st.sampled_from(["map", "flow"]))
@settings(max_examples=30)
def test_an_affine_system_has_one_fixed_point_with_the_eigenvalues_of_its_matrix(seed, n, kind):
    rng = np.random.default_rng(seed)
    M, c = rng.standard_normal((n, n)), rng.standard_normal(n)
    operator = M - np.eye(n) if kind == "map" else M
    if np.linalg.cond(operator) > 100.0:
        return
    found = find_fixed_points(lambda x: x @ M.T + c, rng.standard_normal((5, n)), kind=kind)
    np.testing.assert_allclose(found.points, [-np.linalg.solve(operator, c)], atol=1e-7)
    eigenvalues = np.linalg.eigvals(M)
    np.testing.assert_allclose(np.sort(np.abs(found.eigenvalues[0])), np.sort(np.abs(eigenvalues)), atol=1e-6)
    growth = np.abs(eigenvalues) - 1.0 if kind == "map" else eigenvalues.real
    assert found.n_unstable[0] == np.count_nonzero(growth >= 0.0)
    assert found.n_starts.tolist() == [5]


@pytest.mark.parametrize("with_jacobian", [True, False])
def test_a_network_that_stores_patterns_has_them_as_attractors(with_jacobian):
    rng = np.random.default_rng(1)
    patterns = np.sign(rng.standard_normal((3, 40)))
    W = 2.0 * patterns.T @ patterns / 40

    def step(x):
        return np.tanh(x @ W.T)

    def jacobian(x):
        return (1.0 - step(x) ** 2)[:, :, None] * W

    visited = np.concatenate([patterns, -patterns]).repeat(10, axis=0) + 0.3 * rng.standard_normal((60, 40))
    states = np.concatenate([visited, 0.01 * rng.standard_normal((10, 40))])
    found = find_fixed_points(step, states, jacobian=jacobian if with_jacobian else None)
    attractors = found.points[found.is_fixed & found.is_stable]
    signs = {tuple(np.sign(point)) for point in attractors}
    assert {tuple(row) for row in (*patterns, *-patterns)} <= signs
    np.testing.assert_allclose(step(found.points), found.points, atol=1e-9)
    origin = np.linalg.norm(found.points, axis=1) < 1e-6
    assert origin.sum() == 1 and found.n_unstable[origin][0] == 3  # one direction per pattern


def test_the_ghost_of_a_saddle_node_is_a_slow_point():
    found = find_fixed_points(lambda x: x**2 + 0.01, np.linspace(-1.0, 1.0, 9)[:, None], kind="flow")
    np.testing.assert_allclose(found.points, [[0.0]], atol=1e-3)
    assert found.q[0] == pytest.approx(0.5 * 0.01**2, rel=1e-6)
    assert not found.is_fixed[0] and "1 slow points" in str(found)


def test_a_limit_cycle_leaves_only_its_unstable_centre():
    def van_der_pol(s):
        x, y = s.T
        return np.stack([y, (1.0 - x * x) * y - x], axis=1)

    states = np.random.default_rng(0).uniform(-2.0, 2.0, (50, 2))
    found = find_fixed_points(van_der_pol, states, kind="flow")
    np.testing.assert_allclose(found.points, [[0.0, 0.0]], atol=1e-8)
    expected = 0.5 + 0.5j * np.sqrt(3) * np.array([-1, 1])
    np.testing.assert_allclose(np.sort_complex(found.eigenvalues[0]), expected, atol=1e-6)
    assert found.n_unstable.tolist() == [2]


def test_a_system_without_slow_regions_has_no_points():
    found = find_fixed_points(lambda x: np.ones_like(x), [[0.0, 1.0]], kind="flow")
    assert len(found) == 0 and found.eigenvalues.shape == (0, 2)
    assert str(found).startswith("0 fixed points")


def test_the_initial_states_are_left_as_they_are():
    states = np.array([[0.5], [0.7]])
    find_fixed_points(np.tanh, states)
    np.testing.assert_array_equal(states, [[0.5], [0.7]])


@pytest.mark.parametrize(
    ("function", "states", "options", "message"),
    [
        (np.tanh, [0.1, 0.2], {}, r"finite numbers \[batch, n\]"),
        (np.tanh, [[0.1, np.nan]], {}, r"finite numbers \[batch, n\]"),
        (np.tanh, np.zeros((0, 2)), {}, r"finite numbers \[batch, n\]"),
        (lambda x: x[0], [[0.1, 0.2]], {}, "called with all states at once"),
        (lambda x: x * np.nan, [[0.1, 0.2]], {}, "NaN or infinity at an initial state"),
        (np.tanh, [[0.1, 0.2]], {"kind": "ode"}, "kind must be 'map' or 'flow', got 'ode'"),
        (None, [[0.0]], {}, "find_fixed_points: function must be a function, .*got None"),
        (np.tanh, [[0.0]], {"jacobian": 1.0}, "find_fixed_points: jacobian must be a function"),
        (np.tanh, [[0.1, 0.2]], {"tolerance": 0.0}, "tolerance must be > 0"),
        (np.tanh, [[0.1, 0.2]], {"jacobian": np.tanh}, r"jacobian must return \[1, 2, 2\]"),
        (np.tanh, [[0.1, 0.2]], {"max_iterations": 0}, "max_iterations"),
    ],
)
def test_a_mistake_is_named_in_one_sentence(function, states, options, message):
    with pytest.raises(NeuroclError, match=message):
        find_fixed_points(function, states, **options)
