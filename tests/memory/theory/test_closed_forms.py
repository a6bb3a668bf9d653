"""Closed forms of the other members against their tables and against direct counting."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.memory import theory

DENSE = [
    (2, 200, 20, 0.00078),
    (3, 100, 500, 0.00491),
    (3, 100, 1000, 0.0339),
    (4, 60, 3000, 0.0142),
    (4, 60, 6000, 0.0607),
]
CLIQUES = [  # c, l, erased, messages, density, error of one round
    (4, 64, 1, 500, 0.1149, 0.091),
    (4, 64, 1, 1000, 0.2166, 0.475),
    (8, 64, 4, 500, 0.1149, 0.043),
    (8, 64, 4, 1000, 0.2166, 0.426),
    (8, 64, 4, 1500, 0.3067, 0.893),
    (8, 256, 4, 5000, 0.0735, 0.029),
    (8, 256, 4, 10000, 0.1415, 0.336),
    (8, 256, 4, 15000, 0.2046, 0.833),
]


@pytest.mark.parametrize(("degree", "n", "patterns", "error"), DENSE)
def test_dense_error(degree: int, n: int, patterns: int, error: float) -> None:
    assert theory.dense_error(n, patterns, degree) == pytest.approx(error, rel=0.01)


def test_quadratic_capacity_is_that_of_the_hopfield_network() -> None:
    assert round(theory.dense_capacity(2000, 2)) == 132
    assert round(theory.dense_capacity(10_000, 2)) == 543
    assert theory.dense_error(1000, 100, 2) == pytest.approx(theory.one_step_error(0.1), rel=1e-12)


def test_exponential_load_for_flipped_bits() -> None:
    found = [theory.exponential_load(rho) for rho in (0.0, 0.10, 0.25)]
    assert found == pytest.approx([np.log(2) / 2, 0.184, 0.0654], abs=5e-4)
    with pytest.raises(NeuroclError, match=r"flipped must lie in \[0, 1/2\)"):
        theory.exponential_load(0.5)


@pytest.mark.parametrize(
    ("n", "k", "patterns", "ones"), [(1000, 10, 6931, 0.97), (2000, 11, 22913, 0.97), (4096, 12, 80757, 1.0)]
)
def test_willshaw_at_half_load(n: int, k: int, patterns: int, ones: float) -> None:
    assert theory.willshaw_load(n, k, patterns) == pytest.approx(0.5, abs=1e-4)
    assert theory.willshaw_capacity(n, k) == pytest.approx(patterns, rel=1e-4)
    assert theory.willshaw_false_ones(n, k, patterns) == pytest.approx(ones, abs=0.006)


def test_willshaw_stores_less_than_ln_2_bits_per_synapse() -> None:
    small, large = (
        theory.willshaw_information(n, k, round(theory.willshaw_capacity(n, k))) for n, k in ((10**3, 10), (10**9, 30))
    )
    assert 0.4 < small < large < np.log(2)


@pytest.mark.parametrize(("c", "l", "erased", "messages", "density", "error"), CLIQUES)
def test_clique_density_and_error(c: int, l: int, erased: int, messages: int, density: float, error: float) -> None:
    assert theory.clique_density(l, messages) == pytest.approx(density, abs=6e-5)
    assert theory.clique_error(c, l, messages, erased) == pytest.approx(error, abs=6e-4)


def test_clique_efficiency_is_one_at_capacity() -> None:
    capacity = theory.clique_capacity(8, 256)
    assert capacity == 7 * 256**2 / 16
    assert theory.clique_efficiency(8, 256, round(capacity)) == pytest.approx(1.0, rel=1e-4)
    assert theory.clique_false_acceptance(4, 64, 1000) == pytest.approx(0.2166**6, rel=0.01)


def test_consolidation_finds_true_edges_only() -> None:
    tails = theory.consolidation(10, 3, erasure=0.1, insertion=0.01)
    assert tails.true_edge > 0.999
    assert tails.one_inactive < 1.2e-4
    assert tails.both_inactive < 1e-9


@pytest.mark.parametrize(
    ("k", "dilution"), [(2, 1.0), (3, 0.61803), (4, 0.54369), (5, 0.51879), (6, 0.50866), (8, 0.50202)]
)
def test_critical_dilution(k: int, dilution: float) -> None:
    assert theory.critical_dilution(k) == pytest.approx(dilution, abs=6e-6)


OVERLAPS = [
    (0.3, (0.700, 0.210, 0.063), (0.5285, 0.3815, 0.2345)),
    (0.5, (0.500, 0.250, 0.125), (0.4375, 0.3125, 0.1875)),
    (0.6, (0.400, 0.240, 0.144), (0.368, 0.272, 0.176)),
    (0.7, (0.2865, 0.2235, 0.1605), (0.2865, 0.2235, 0.1605)),
    (0.8, (0.196, 0.164, 0.132), (0.196, 0.164, 0.132)),
    (0.9, (0.0995, 0.0905, 0.0815), (0.0995, 0.0905, 0.0815)),
]


@pytest.mark.parametrize(("d", "hierarchical", "equal"), OVERLAPS)
def test_multitasking_overlaps_of_three_patterns(d: float, hierarchical: tuple[float], equal: tuple[float]) -> None:
    assert theory.multitask_overlaps(3, d) == pytest.approx(hierarchical, abs=2e-4)
    nearly_equal = (1 - d) * np.array([1.0, 0.99, 0.98])
    assert theory.multitask_overlaps(3, d, start=nearly_equal) == pytest.approx(equal, abs=2e-4)


@pytest.mark.parametrize(
    ("d", "overlaps"),
    [
        (0.5, (0.5, 0.25, 0.125, 0.0625, 0.03125)),
        (0.7, (0.2586, 0.2155, 0.1812, 0.1423, 0.1100)),
        (0.9, (0.0975, 0.0901, 0.0827, 0.0754, 0.0681)),
    ],
)
def test_multitasking_overlaps_of_five_patterns(d: float, overlaps: tuple[float]) -> None:
    assert theory.multitask_overlaps(5, d) == pytest.approx(overlaps, abs=2e-4)


def test_more_good_examples_are_less_noise() -> None:
    assert theory.example_noise(0.5, 3) == pytest.approx(1.0)
    assert theory.example_noise(1.0, 1) == 0.0


@pytest.mark.parametrize("alpha", [1.5, 2.0])
def test_unseen_mass_follows_the_sample_law(alpha: float) -> None:
    samples = np.logspace(2, 4, 9).astype(int)
    p = theory.zipf(1_000_000, alpha)
    slope = np.polyfit(np.log(samples), np.log([theory.unseen_mass(p, int(t)) for t in samples]), 1)[0]
    assert slope == pytest.approx(theory.sample_exponent(alpha), abs=0.02)


@pytest.mark.parametrize(
    ("scheme", "rho", "tolerance"), [("power", 1.0, 0.03), ("power", 0.6, 0.03), ("threshold", 1.0, 0.03)]
)
def test_the_signal_to_noise_rule_has_the_predicted_exponent(scheme: str, rho: float, tolerance: float) -> None:
    p, dimensions = theory.zipf(300_000, 2.0), 2 ** np.arange(9, 16)
    error = []
    for d in dimensions:
        q = p**rho if scheme == "power" else (np.arange(p.size) < d // 8).astype(float)
        error.append(p[~theory.recalled(q, int(d), 5)].sum())
    slope = np.polyfit(np.log(dimensions), np.log(error), 1)[0]
    assert slope == pytest.approx(theory.memory_exponent(2.0, scheme, rho), abs=tolerance)


def test_exponential_storage_has_the_published_constants() -> None:
    first, second = theory.exponential_storage(20, 1.0, 3.0, 0.001), theory.exponential_storage(75, 1.0, 1.0, 0.001)
    assert (first.c, second.c) == pytest.approx((3.1546, 1.3719), abs=5e-5)
    assert (first.patterns, second.patterns) == pytest.approx((7.4, 11.0), abs=0.05)
    assert first.holds and second.holds


@pytest.mark.parametrize(
    ("d", "n", "beta", "threshold"), [(64, 100, 1.0, 14.1), (64, 1000, 0.5, 36.0), (128, 1000, 0.25, 71.9)]
)
def test_separation_threshold(d: int, n: int, beta: float, threshold: float) -> None:
    assert theory.separation_threshold(n, beta, d**0.5) == pytest.approx(threshold, abs=0.06)
    assert theory.retrieval_bound(n, beta, d**0.5, threshold) < d**0.5
