"""k winners, classifier, anomaly likelihood and metrics: closed forms of small cases."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurocl.sdr import (
    SDR,
    ActivationFrequency,
    AnomalyLikelihood,
    KWinners,
    MersenneTwister,
    Metrics,
    Predictor,
    SDRClassifier,
    duty_cycle_entropy,
    k_winners,
    log_likelihood,
)
from tests.bad_input import Mistake, cases, check


def test_ties_are_kept_or_broken() -> None:
    row = [[1.0, 1.0, 1.0, 0.0, -1.0]]
    assert k_winners(row, 2).tolist() == [[1, 1, 1, 0, 0]]
    assert k_winners(row, 2, break_ties=True).tolist() == [[1, 1, 0, 0, 0]]
    assert k_winners(row, 5).tolist() == row
    assert k_winners(row, 5, relu=True).tolist() == k_winners(row, 5, relu=True, break_ties=True).tolist()
    assert k_winners(row, 0).tolist() == [[0] * 5]


def test_boosting_lets_idle_units_win_with_their_own_value() -> None:
    assert k_winners([[1.0, 0.9]], 1, duty_cycle=[0.5, 0.0], boost_strength=1.0).tolist() == [[0.0, 0.9]]


def test_duty_cycles_are_running_fractions() -> None:
    layer = KWinners(4, 0.5, duty_cycle_period=4, boost_strength=0.0)
    assert (layer.k, layer.k_inference) == (2, 3)
    layer([[4.0, 3, 2, 1]] * 2, training=True)
    assert layer.duty_cycle.tolist() == [1, 1, 0, 0]
    layer([[1.0, 2, 3, 4]] * 2, training=True)
    assert layer.duty_cycle.tolist() == [0.5] * 4 and layer.entropy == 4.0
    layer([[-1.0, -2, -3, 4]] * 2, training=True)  # a winner below 0 does not count
    assert layer.duty_cycle.tolist() == [0.25, 0.25, 0.25, 0.75]
    assert np.count_nonzero(layer([[4.0, 3, 2, 1]])) == 3


def test_boosting_raises_the_entropy() -> None:
    rng = np.random.default_rng(1)
    bias = np.linspace(1.0, 3.0, 50)
    entropies = []
    for strength in (0.0, 5.0):
        layer = KWinners(50, 0.1, boost_strength=strength, duty_cycle_period=200)
        for _ in range(100):
            layer(bias + rng.random((10, 50)), training=True)
        entropies.append(layer.entropy)
    assert entropies[1] > 1.5 * entropies[0]
    assert entropies[1] <= 50 * duty_cycle_entropy([0.1]) + 1e-9
    layer.end_epoch()
    assert layer.boost_strength == pytest.approx(4.5)


def test_the_classifier_makes_one_gradient_step() -> None:
    classifier = SDRClassifier(6, alpha=0.5)
    a, b = SDR(6, [0, 1]), SDR(6, [1, 4])
    assert classifier.infer(a).size == 0
    classifier.learn(a, 2)
    assert classifier.weights[0].tolist() == pytest.approx([-1 / 6, -1 / 6, 1 / 3])
    shared = classifier.infer(b)
    assert shared == pytest.approx(np.exp([-1 / 6, -1 / 6, 1 / 3]) / np.exp([-1 / 6, -1 / 6, 1 / 3]).sum())
    for _ in range(200):
        classifier.learn(a, 2)
        classifier.learn(b, [0, 1])
    assert classifier.infer(a)[2] > 0.95 and classifier.infer(b)[:2] == pytest.approx([0.5, 0.5], abs=0.05)


def test_a_saved_classifier_answers_alike(tmp_path: Path) -> None:
    classifier = SDRClassifier(6)
    classifier.learn(SDR(6, [0, 1]), 2)
    classifier.save(tmp_path / "classifier")
    again = SDRClassifier.load(tmp_path / "classifier")
    assert np.array_equal(again.weights, classifier.weights) and again.alpha == classifier.alpha


def test_the_predictor_knows_what_comes_later() -> None:
    predictor = Predictor(12, steps=[0, 1, 3], alpha=0.5)
    ring = [SDR(12, range(3 * k, 3 * k + 3)) for k in range(4)]
    for step in range(120):
        predictor.learn(ring[step % 4], step % 4)
    for k, sdr in enumerate(ring):
        best = {ahead: int(p.argmax()) for ahead, p in predictor.infer(sdr).items()}
        assert best == {0: k, 1: (k + 1) % 4, 3: (k + 3) % 4}


def test_after_a_reset_the_predictor_pairs_nothing_with_the_steps_before() -> None:
    predictor = Predictor(4, steps=[1])
    predictor.learn(SDR(4, [0]), 0)
    predictor.reset()
    predictor.learn(SDR(4, [1]), 1)
    assert predictor.infer(SDR(4, [0]))[1].size == 0


def test_a_saved_predictor_goes_on_as_if_never_saved(tmp_path: Path) -> None:
    predictor = Predictor(6, steps=[1, 2], alpha=0.3)
    for label in (0, 1, 2, 0, 1):
        predictor.learn(SDR(6, [label, label + 3]), label)
    predictor.save(tmp_path / "predictor")
    again = Predictor.load(tmp_path / "predictor")
    for one in (predictor, again):
        one.learn(SDR(6, [2, 5]), 2)
    for step in (1, 2):
        assert np.array_equal(predictor.infer(SDR(6, [0]))[step], again.infer(SDR(6, [0]))[step])


def test_only_the_beginning_of_an_anomaly_is_news() -> None:
    likelihood = AnomalyLikelihood(learning_period=20, estimation_samples=30)
    rng = np.random.default_rng(1)
    calm = [likelihood.compute(score) for score in rng.uniform(0.0, 0.1, 80)]
    assert calm[:50] == [0.5] * 50 and min(calm[50:]) >= 0.5 and max(calm[50:]) < 0.999
    storm = [likelihood.compute(1.0) for _ in range(6)]
    first = next(k for k, value in enumerate(storm) if value > 1 - 1e-5)
    assert first <= 2 and storm[first + 1] == 1 - 1e-3
    assert log_likelihood(storm[first]) > 0.5 > log_likelihood(storm[first + 1]) > log_likelihood(0.5)


def test_likelihood_is_a_normal_tail_with_its_floors() -> None:
    likelihood = AnomalyLikelihood(0, 10, averaging_window=1, reestimation_period=1000)
    for _ in range(11):
        value = likelihood.compute(0.0)
    assert value == pytest.approx(1 - 0.5 * math.erfc(0.03 / math.sqrt(0.0003) / math.sqrt(2)))  # below the mean
    assert likelihood.compute(0.05) == pytest.approx(1 - 0.5 * math.erfc(0.02 / math.sqrt(0.0003) / math.sqrt(2)))


def test_what_was_saved_goes_on_as_if_never_saved(tmp_path: Path) -> None:
    def advance(things: tuple[Any, ...], seed: int) -> list[Any]:
        likelihood, layer, metrics, twister = things
        rng, found = np.random.default_rng(seed), []
        for score in rng.uniform(0.0, 0.3, 20):
            metrics.add(SDR.random(6, 0.5, twister))
            found.append((likelihood.compute(score), layer(rng.random((4, 6)), training=True).tolist()))
        layer.end_epoch()
        frequency = metrics.frequency.frequency.tolist()
        return [*found, twister.real(), vars(metrics.sparsity), vars(metrics.overlap), frequency]

    things = (
        AnomalyLikelihood(5, 10, reestimation_period=7), KWinners(6, 0.5, duty_cycle_period=50), Metrics(6, period=4),
        MersenneTwister(3),
    )  # fmt: skip
    advance(things, 1)
    for thing in things:
        thing.save(tmp_path / type(thing).__name__)
    again = tuple(type(thing).load(tmp_path / type(thing).__name__) for thing in things)
    assert advance(again, 2) == advance(things, 2)


def test_metrics_of_a_short_stream() -> None:
    metrics = Metrics(8, period=100)
    stream = [SDR(8, [0, 1]), SDR(8, [1, 2, 3, 4]), SDR(8)]
    for sdr in (*stream, SDR(8)):
        metrics.add(sdr)
    found = metrics.sparsity
    assert (found.minimum, found.maximum) == (0.0, 0.5)
    assert found.mean == pytest.approx(np.mean([0.25, 0.5, 0, 0])) and found.std == pytest.approx(
        np.std([0.25, 0.5, 0, 0])
    )
    assert metrics.frequency.frequency == pytest.approx(np.array([1, 2, 1, 1, 1, 0, 0, 0]) / 4)
    frequency = metrics.frequency
    assert (frequency.minimum, frequency.maximum, frequency.mean) == (0.0, 0.5, pytest.approx(6 / 32))
    assert frequency.std == pytest.approx(np.std(np.array([1, 2, 1, 1, 1, 0, 0, 0]) / 4))
    assert metrics.overlap.n == 3 and metrics.overlap.mean == pytest.approx((0.25 + 0 + 1) / 3)


def test_bits_used_alike_have_full_entropy() -> None:
    frequency = ActivationFrequency(4, period=2, initial=0.25)
    assert frequency.entropy == pytest.approx(1.0)
    frequency.add(SDR(4, [0]))
    assert frequency.frequency.tolist() == [0.625, 0.125, 0.125, 0.125]
    assert ActivationFrequency(4, 2).entropy == 0.0


@cases(
    [
        (lambda: k_winners([[1.0, 2.0]], 3), "k must be at most the 2 units", "3"),
        (lambda: k_winners([1.0, 2.0], 1), "[batch, unit]", "[2]"),
        (lambda: k_winners([[1.0, math.nan]], 1), "NaN"),
        (lambda: k_winners([[1.0, 2.0], [1.0]], 1), "rows of one length"),
        (lambda: k_winners([["a", "b"]], 1), "numbers", "'a'"),
        (lambda: k_winners([[1.0, 2.0]], 1, duty_cycle=[0.0] * 3, boost_strength=1.0), "duty_cycle", "2 units", "3"),
        (lambda: k_winners([[1.0, 2.0]], 1, duty_cycle=[math.nan, 0], boost_strength=1.0), "duty_cycle", "NaN"),
        (lambda: KWinners(10, 1.0), "k_inference_factor", "15"),
        (lambda: KWinners(10, 0.1)([[1.0] * 9]), "[batch, 10]", "[1, 9]"),
        (lambda: KWinners(2, 0.5, duty_cycle_period=2)([[1.0, 2.0]] * 3, training=True), "duty_cycle_period"),
        (lambda: SDRClassifier(5).infer(SDR(6)), "5 bits", "6"),
        (lambda: SDRClassifier(5).learn(SDR(5), -1), "label", "-1"),
        (lambda: SDRClassifier(5).learn(SDR(5), []), "one label"),
        (lambda: SDRClassifier(5).learn(SDR(5), 1.0), "label", "1.0"),
        (lambda: SDRClassifier(5).learn(SDR(5), None), "label", "None"),
        (lambda: Predictor(5, 3), "list", "3"),
        (lambda: Predictor(5, steps=[]), "at least one"),
        (lambda: Predictor(5, steps=[1, 1]), "different", "[1, 1]"),
        (lambda: Predictor(5, steps=[1]).learn(SDR(6), 0), "5 bits", "6"),
        (lambda: AnomalyLikelihood().compute(1.5), "score", "1.5"),
        (lambda: Metrics(5, 0), "period", "0"),
    ]
)
def test_bad_input_is_named(mistake: Mistake, words: tuple[str, ...]) -> None:
    check(mistake, *words)
