"""Measures of criticality of a liquid, and what the source reports of its liquids' dynamics."""

from __future__ import annotations

import math

import numpy as np
import pytest

from neurocl import analysis, data, lsm
from neurocl.core.errors import NeuroclError
from neurocl.lsm import criticality

X = data.digits().flat().x_train
N = 250


def recorded(model, count=10):
    return lsm.record_samples(model.prepare(X), X, count)


def test_the_branching_factor_of_a_static_liquid_grows_with_its_weights():
    factors = [recorded(lsm.LSM(N, w)).branching_factor() for w in (0.5, 1.0, 1.5)]
    assert factors == sorted(factors)
    assert factors[0] < 0.5 and factors[2] > 1.0


def test_pre_phases_from_weak_and_strong_weights_end_at_one_branching_factor():
    found = [recorded(lsm.NALSM(N, start, pre_samples=1000)) for start in (1.0, 3.0)]
    assert abs(found[0].branching_factor() - found[1].branching_factor()) < 0.1
    assert found[0].liquid_rate == pytest.approx(found[1].liquid_rate, rel=0.1)


def test_the_branching_factor_and_the_activity_fall_with_w_astro():
    found = [recorded(lsm.NALSM(N, w_astro=w, pre_samples=600)) for w in (0.002, 0.1, 1.0)]
    for measure in (lambda r: r.branching_factor(), lambda r: r.liquid_rate):
        values = [measure(r) for r in found]
        assert values == sorted(values, reverse=True) and values[0] > 1.1 * values[2]


def test_stdp_without_an_astrocyte_runs_away():
    plain, nalsm = (recorded(model(1000), 4) for model in (lsm.LSMSTDP, lsm.NALSM))
    assert plain.liquid_rate > 200  # the refractory limit is 333
    assert nalsm.liquid_rate < 45


def test_recorded_samples_are_those_of_a_presentation():
    model = lsm.NALSM(60, steps=80, pre_samples=50).prepare(X)
    found = lsm.record_samples(model, X[:30], 3)
    shown = model.present(X[[0, 10, 20]], first_sample=0)
    np.testing.assert_array_equal(found.rasters.sum(axis=1), shown.counts)
    assert found.input_rate == pytest.approx(shown.input_counts.sum() / 240)
    assert found.branching_factor() == analysis.branching_factor(found.rasters, model.liquid_.recurrent_synapses)
    assert found.a_minus.shape == (3, 80)
    assert lsm.record_samples(lsm.LSM(60, steps=80).prepare(X), X, 1).a_minus is None
    assert len(lsm.record_samples(model, X[:2], 5).rasters) == 2


def test_all_measures_of_one_liquid():
    model = lsm.NALSM(100, pre_samples=300).prepare(X)
    found = lsm.liquid_criticality(model, X, 3, duration=20.0)
    assert found.branching_factor > 0.5 and 0.0 < found.mr.m < 1.0
    assert len(found.avalanches) >= 3 and math.isfinite(found.lyapunov.exponent)
    assert found.liquid_rate > 1.0 and found.divergence >= 0.0
    assert "branching factor" in str(found) and "Lyapunov" in str(found)


def test_the_lyapunov_exponent_of_a_liquid_without_spikes_is_that_of_its_leak():
    model = lsm.LSM(40, magnitude=0.01).prepare(X)  # no neuron of the liquid ever fires
    found = lsm.liquid_lyapunov(model, X, duration=300.0, burn_in=100.0)
    # Voltages are left of the difference: a factor 63/64 per step, but for inputs that fire and reset.
    assert found.exponent == pytest.approx(math.log(63 / 64), rel=0.05)


def test_copies_part_after_one_spike_more_in_a_strong_liquid_and_not_in_a_weak_one():
    found = []
    for magnitude in (0.5, 2.0):
        model = lsm.LSM(N, magnitude).prepare(X)
        copies = [lsm.liquid_divergence(model, X, k) for k in range(4)]
        found.append(np.mean([copy.differing[-1] / copy.n_spikes for copy in copies]))
    assert found[0] < 0.3 and found[1] > 1.0


def test_the_spikes_that_a_divergence_is_compared_with_are_those_of_the_liquid():
    silent = lsm.LSM(40, magnitude=0.01).prepare(X)  # its inputs fire 20 spikes per ms
    assert lsm.liquid_divergence(silent, X).n_spikes == 0
    model = lsm.LSM(N, 2.0, steps=150, threads=1).prepare(X)
    times = model.present(X, chosen=[3], record=[0]).recorded[0].liquid.times
    assert lsm.liquid_divergence(model, X, 3).n_spikes == pytest.approx(((times >= 50) & (times < 150)).sum(), rel=0.1)


def test_events_are_measured_as_images_are():
    events = np.random.default_rng(0).random((4, 150, 30)) < 0.3
    model = lsm.LSM(60, 2.0, steps=80, encoding="events", threads=1).prepare(events)
    found = lsm.liquid_criticality(model, events, 2, duration=40.0)
    assert found.branching_factor > 0.0 and math.isfinite(found.lyapunov.exponent)
    # The events that follow the burn-in are those of the same sample.
    sim, p = criticality._frozen(model.liquid_), events[1, :90].astype(float)
    spikes = sim.run(90.0, record={"liquid": "spikes"}, inputs={"inp": {"p": p}})["liquid"].spikes
    assert lsm.liquid_divergence(model, events, 1, burn_in=50.0, duration=40.0).n_spikes == (spikes.times > 50.5).sum()
    with pytest.raises(NeuroclError, match="at least 250 steps"):
        lsm.liquid_lyapunov(model, events)


PREPARED = lsm.LSM(20, steps=80, threads=1).prepare(X[:40])


@pytest.mark.parametrize("measure", [lsm.liquid_lyapunov, lsm.liquid_divergence])
@pytest.mark.parametrize(
    ("arguments", "options", "complaint"),
    [
        ((lsm.NALSM(), X), {}, "expected a prepared liquid"),
        ((None, X), {}, "expected a prepared liquid"),
        ((PREPARED, None), {}, "X must be images"),
        ((PREPARED, X[:40], 100), {}, "sample=100 is no sample; there are 40"),
        ((PREPARED, X[:40], -1), {}, "sample must be a whole number >= 0"),
        ((PREPARED, X[:40]), {"duration": -60.0}, "duration must be > 0"),
        ((PREPARED, X[:40]), {"duration": math.nan}, "duration must be a finite number"),
        ((PREPARED, X[:40]), {"burn_in": -1.0}, "burn_in must be >= 0"),
    ],
)
def test_mistakes_are_told_in_one_sentence(measure, arguments, options, complaint):
    with pytest.raises(NeuroclError, match=complaint):
        measure(*arguments, **options)


def test_only_a_prepared_liquid_is_recorded():
    for model in (lsm.NALSM(), None):
        with pytest.raises(NeuroclError, match="record_samples: expected a prepared liquid"):
            lsm.record_samples(model, X)


def test_a_sample_that_is_too_short_for_a_branching_factor_is_an_error():
    with pytest.raises(NeuroclError, match="too few, expected 59"):
        recorded(lsm.LSM(40, steps=50), 1).branching_factor()


@pytest.fixture(scope="module")
def digits_of_mnist():
    try:
        return data.mnist().flat()
    except NeuroclError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def mnist(digits_of_mnist):
    return digits_of_mnist.x_train


@pytest.fixture(scope="module")
def runaway(mnist):
    return lsm.LSMSTDP(1000, pre_samples=3000).prepare(mnist)


def mean_factor_and_rate(make, images):
    """Mean branching factor and liquid spikes per ms of three networks, at the drive of the training images."""
    found = [lsm.record_samples(make(seed).prepare(images), images) for seed in range(3)]
    return np.mean([(r.branching_factor(), r.liquid_rate) for r in found], axis=0)


@pytest.mark.slow
@pytest.mark.parametrize(("weight", "published"), [(0.4, 0.37), (0.8, 1.00), (1.0, 1.24)])
def test_static_liquids_have_the_published_branching_factors(mnist, weight, published):
    factor, _ = mean_factor_and_rate(lambda seed: lsm.LSM(1000, weight, seed=seed), mnist)
    assert factor == pytest.approx(published, abs=0.08)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("w_astro", "factors", "rates"),
    [(0.002, (1.35, 1.45), (0, 333)), (0.015, (1.17, 1.33), (0, 45)), (0.1, (0.91, 1.07), (16, 24))],
)
def test_liquids_with_an_astrocyte_have_the_published_branching_factors_and_rates(mnist, w_astro, factors, rates):
    factor, rate = mean_factor_and_rate(
        lambda seed: lsm.NALSM(1000, w_astro=w_astro, pre_samples=3000, seed=seed), mnist
    )
    assert factors[0] < factor < factors[1] and rates[0] < rate < rates[1]


@pytest.mark.slow
def test_stdp_without_an_astrocyte_has_the_published_branching_factor(runaway, mnist):
    found = lsm.record_samples(runaway, mnist)
    assert 1.30 < found.branching_factor() < 1.55 and found.liquid_rate > 200


@pytest.mark.slow
def test_stdp_without_an_astrocyte_is_worse_than_a_liquid_that_does_not_learn(runaway, digits_of_mnist):
    shown, x_test, y_test = digits_of_mnist, digits_of_mnist.x_test[:5000], digits_of_mnist.y_test[:5000]
    scores = []
    for model in (runaway, lsm.LSM(1000, 0.8).prepare(shown.x_train)):
        counts = model.present(shown.x_train[:2000], first_sample=0).counts
        readout = lsm.LogisticReadout(strengths=(0.01,)).fit(counts, shown.y_train[:2000])
        scores.append(readout.score(model.present(x_test).counts, y_test))
    assert scores[0] < scores[1] - 0.005, scores  # 0.04 with all images


@pytest.mark.slow
def test_pre_phases_from_weak_and_strong_weights_meet(mnist):
    def make(weight):
        return lambda seed: lsm.NALSM(1000, weight, pre_samples=3000, seed=seed)

    factors = [mean_factor_and_rate(make(weight), mnist)[0] for weight in (0.5, 1.0, 3.0)]
    assert np.ptp(factors) < 0.1
