"""Benchmarks: the invariants that make comparisons fair."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")
import torch

from neurocl import continual
from neurocl.continual.benchmarks.rotated import rotate
from neurocl.continual.benchmarks.schedules import gaussian_schedule, linear_schedule
from neurocl.continual.benchmarks.shift import n_events
from neurocl.continual.rehearsal_shares import rehearsal_shares
from neurocl.continual.samples import as_samples
from neurocl.core.errors import NeuroclError

ROOT = Path(__file__).resolve().parents[2]

SMALL = {
    "split": lambda seed=0: continual.split("digits", seed=seed),
    "permuted": lambda seed=0: continual.permuted("digits", 3, seed=seed),
    "rotated": lambda seed=0: continual.rotated("digits", 3, seed=seed),
    "online": lambda seed=0: continual.online(continual.split("digits", seed=seed)),
    "fuzzy": lambda seed=0: continual.fuzzy(continual.split("digits", seed=seed)),
    "gaussian": lambda seed=0: continual.fuzzy(continual.permuted("digits", 3, seed=seed), schedule="gaussian"),
    "blurry": lambda seed=0: continual.blurry(continual.split("digits", seed=seed)),
    "power_law": lambda seed=0: continual.power_law(continual.permuted("digits", 3, seed=seed)),
    "label_permuted": lambda seed=0: continual.label_permuted("digits", 3, 500, seed=seed),
    "input_permuted": lambda seed=0: continual.input_permuted("digits", 3, 500, seed=seed),
    "loss_of_plasticity": lambda seed=0: continual.loss_of_plasticity("digits", n_experiences=3, seed=seed),
    "concept_shift": lambda seed=0: continual.concept_shift("digits", 0.01, n_experiences=3, seed=seed),
}

_DIGITS = as_samples("digits")
DIGITS = (_DIGITS.x_train, _DIGITS.y_train, _DIGITS.x_test, _DIGITS.y_test)


def digest(benchmark: continual.Benchmark) -> str:
    found = hashlib.sha256()
    for stream in (benchmark.train, benchmark.test):
        for experience in [] if stream is None else [stream[k] for k in range(3)]:
            for tensor in (experience.x, experience.y, experience.task):
                found.update(tensor.contiguous().numpy().tobytes())
    return found.hexdigest()


def rows(x: torch.Tensor) -> set[bytes]:
    return {row.numpy().tobytes() for row in x}


@pytest.mark.parametrize("name", SMALL)
def test_one_seed_gives_the_same_arrays_another_seed_gives_others(name: str) -> None:
    benchmark = SMALL[name]()
    assert digest(benchmark) == digest(SMALL[name]()) == digest(benchmark.with_seed(1).with_seed(0))
    assert digest(benchmark) != digest(SMALL[name](1)) == digest(benchmark.with_seed(1))


@pytest.mark.parametrize("name", SMALL)
def test_the_spec_rebuilds_the_benchmark_after_a_round_trip_through_json(name: str) -> None:
    benchmark = SMALL[name](2)
    assert digest(continual.rebuild(json.loads(json.dumps(benchmark.spec)))) == digest(benchmark)


def test_another_process_makes_the_same_arrays() -> None:
    code = (
        "import hashlib; from neurocl import continual;"
        "b = continual.fuzzy(continual.rotated('digits', 2));"
        "print(hashlib.sha256(b.train[1].x.contiguous().numpy().tobytes()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    benchmark = continual.fuzzy(continual.rotated("digits", 2))
    here = hashlib.sha256(benchmark.train[1].x.contiguous().numpy().tobytes()).hexdigest()
    assert done.stdout.strip() == here


@pytest.mark.parametrize("name", ["split", "online", "fuzzy", "blurry"])
def test_no_test_sample_is_in_a_train_stream(name: str) -> None:
    test = rows(as_samples("digits").x_test)
    for experience in SMALL[name]().train:
        assert not test & rows(experience.x)


@pytest.mark.parametrize("scenario", ["task", "domain", "class"])
def test_the_experiences_of_split_hold_every_sample_once(scenario: continual.experience.Scenario) -> None:
    benchmark = continual.split("digits", scenario=scenario)
    x = torch.cat([experience.x for experience in benchmark.train])
    samples = as_samples("digits")
    assert len(x) == len(samples.x_train) and rows(x) == rows(samples.x_train)


def test_task_and_class_differ_only_in_the_units_that_compete() -> None:
    task, cls = (continual.split("digits", scenario=s) for s in ("task", "class"))
    assert digest(task) == digest(cls)
    assert task.problem.n_units == cls.problem.n_units == 10
    learner = continual.Strategy().start(task.problem)
    chosen = learner.predict(task.test[2].x, 2)  # type: ignore[index]
    assert set(chosen.tolist()) <= set(task.train[2].classes)


def test_permutations_are_bijections_shared_by_training_and_test() -> None:
    benchmark = continual.permuted("digits", 3, first_identity=True)
    samples = as_samples("digits")
    torch.testing.assert_close(benchmark.train[0].x, samples.x_train)
    permutation = benchmark.train[2].meta["permutation"]
    assert sorted(permutation.tolist()) == list(range(64))
    torch.testing.assert_close(benchmark.test[2].x.flatten(1), samples.x_test.flatten(1)[:, permutation])  # type: ignore[index]


def test_a_border_of_zeros_is_permuted_with_the_image() -> None:
    benchmark = continual.permuted("digits", 2, first_identity=True, pad=2, normalise=(0.5, 0.25))
    samples = as_samples("digits")
    first, second = benchmark.train[0].x, benchmark.train[1]
    assert benchmark.problem.sample_shape == (12, 12)
    torch.testing.assert_close(first[:, 2:-2, 2:-2], (samples.x_train - 0.5) / 0.25)
    assert (first.sum((1, 2)) - first[:, 2:-2, 2:-2].sum((1, 2)) + 2.0 * 80).abs().max() < 1e-3
    permutation = second.meta["permutation"]
    assert sorted(permutation.tolist()) == list(range(144))
    torch.testing.assert_close(second.x.flatten(1), first.flatten(1)[:, permutation])
    flat = samples.x_train.flatten(1)
    with pytest.raises(NeuroclError, match=r"pad=1 needs images \[height, width\]"):
        continual.permuted((flat, samples.y_train, flat, samples.y_train), pad=1)


def test_right_angles_are_exact_and_a_turn_is_counter_clockwise() -> None:
    benchmark = continual.rotated("digits", 4, angles=(0.0, 90.0, 180.0, 270.0))
    x = as_samples("digits").x_train
    for k in range(4):
        torch.testing.assert_close(benchmark.train[k].x, torch.rot90(x, k, (1, 2)))
    image = torch.zeros(1, 9, 9)
    image[0, 4, 7] = 1.0  # right of the centre
    turned = rotate(image, 89.999)
    assert turned[0].argmax() == 1 * 9 + 4  # above it


def test_digits_are_turned_by_right_angles_unless_something_else_is_asked_for() -> None:
    x = as_samples("digits").x_train
    plain = continual.rotated("digits")
    assert len(plain.train) == 4 and all(
        torch.equal(plain.train[k].x, torch.rot90(x, k, (1, 2))) for k in range(4)
    )
    assert digest(plain) == digest(continual.make("rotated-digits"))
    for other in (continual.rotated("digits", interpolation="bilinear"), continual.rotated(DIGITS)):
        assert len(other.train) == 20
        assert all(9 * k <= other.train[k].meta["angle"] < 9 * (k + 1) for k in (0, 7, 19))
    assert len(continual.rotated("digits", angles=np.array([0.0, 45.0])).train) == 2


@pytest.mark.parametrize("angle", [1.0, 10.0, 63.5, 140.0])
def test_nearest_pixels_are_those_of_pillow_and_no_border_is_lost(angle: float) -> None:
    pytest.importorskip("PIL")
    from PIL import Image

    images = torch.cat([as_samples("digits").x_test[:50] + 1.0, torch.ones(1, 8, 8)])
    expected = [np.array(Image.fromarray(image.numpy()).rotate(angle, Image.Resampling.NEAREST)) for image in images]
    np.testing.assert_array_equal(rotate(images, angle, "nearest").numpy(), expected)
    assert rotate(torch.ones(1, 8, 8), 1.0).min() > 0.8


def test_a_name_may_begin_with_what_modifies_the_benchmark() -> None:
    made = continual.make("fuzzy-power_law-split-digits", scenario="domain", n_experiences=2, batch=5)
    by_hand = continual.fuzzy(continual.power_law(continual.split("digits", 2, "domain")), 5)
    assert made.spec == by_hand.spec and torch.equal(made.train[1].x, by_hand.train[1].x)


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_an_online_stream_shows_every_sample_once(batch: int) -> None:
    benchmark = continual.online(continual.split("digits"), batch)
    seen = []

    class Watch(continual.Plugin):
        def before_training_iteration(self, strategy: continual.Strategy) -> None:
            assert len(strategy.batch.y) <= batch
            seen.append(strategy.batch.x)

    learner = continual.Strategy(Watch(), epochs=5).start(benchmark.problem)
    for experience in benchmark.train:
        learner.train(experience)
    assert len(torch.cat(seen)) == len(as_samples("digits").x_train)
    assert rows(torch.cat(seen)) == rows(as_samples("digits").x_train)


@given(st.integers(2, 6), st.integers(1, 30), st.data())
def test_fuzzy_probabilities_sum_to_one_and_begin_and_end_in_context_zero(t: int, n: int, data: st.DataObject) -> None:
    width = data.draw(st.integers(0, n // 2))
    found = linear_schedule(t, n, width)
    assert found.shape == (t * n, t)
    np.testing.assert_allclose(found.sum(1), 1.0, atol=1e-12)
    assert (found >= 0).all()
    if width < n // 2:
        assert found[0, 0] == 1.0 and found[-1, 0] == 1.0
    np.testing.assert_allclose(gaussian_schedule(t, n, 1 + width).sum(1), 1.0, atol=1e-12)


def test_a_transition_rises_in_the_published_steps() -> None:
    found = linear_schedule(3, 10, 2)
    np.testing.assert_allclose(found[3:7, 1], [0.125, 0.375, 0.625, 0.875])
    np.testing.assert_allclose(found[3:7, 0], [0.875, 0.625, 0.375, 0.125])


def test_drawn_contexts_follow_the_schedule() -> None:
    benchmark = continual.fuzzy(continual.permuted("digits", 2), batch=200, iterations=20, half_width=10)
    tasks = torch.cat([experience.task for experience in benchmark.train]).view(40, 200).double().mean(1)
    expected = linear_schedule(2, 20, 10)[:, 1]
    assert np.abs(tasks.numpy() - expected).max() < 5 * np.sqrt(0.25 / 200)


def test_blurry_replaces_the_share_and_keeps_the_size() -> None:
    base = continual.split("digits")
    benchmark = continual.blurry(base, 0.2)
    for index in range(5):
        experience = benchmark.train[index]
        assert len(experience) == len(base.train[index])
        assert int((experience.task != index).sum()) == round(0.2 * len(experience))


def test_power_law_adds_the_rehearsal_budget() -> None:
    base = continual.permuted("digits", 3)
    experience = continual.power_law(base, rho=0.5, budget=100).train[2]
    assert torch.bincount(experience.task).tolist() == [*rehearsal_shares(2, 50).tolist(), 100]


def test_label_mappings_stay_bijections_and_start_at_the_identity() -> None:
    benchmark = continual.label_permuted("digits", 4, 100)
    assert benchmark.train[0].meta["labels"].tolist() == list(range(10))
    for experience in benchmark.train:
        assert sorted(experience.meta["labels"].tolist()) == list(range(10))


def test_concept_shift_swaps_two_labels_per_event_at_the_rate() -> None:
    samples = as_samples("digits")
    benchmark = continual.concept_shift("digits", rate=0.01, n_experiences=5, samples_per_experience=250)
    truth = samples.y_test
    mappings = []
    for index in range(5):
        shifted = benchmark.test[index].y  # type: ignore[index]
        mapping = [set(shifted[truth == c].tolist()) for c in range(10)]
        assert all(len(labels) == 1 for labels in mapping)
        mappings.append([labels.pop() for labels in mapping])
        assert sorted(mappings[-1]) == list(range(10))
    assert int(benchmark.train[4].meta["events"][-1]) == 12  # floor(1249 * 0.01)


def test_two_rates_take_turns() -> None:
    events = n_events(np.arange(4000), [0.001, 0.01], 1000)
    assert [int(events[k]) for k in (999, 1999, 2999, 3999)] == [0, 10, 11, 21]


def test_streams_and_experiences_also_have_their_names_in_avalanche() -> None:
    benchmark = continual.split("digits", fixed_class_order=True)
    assert benchmark.train_stream is benchmark.train and benchmark.test_stream is benchmark.test
    assert (benchmark.n_classes, benchmark.scenario) == (10, "class")
    third = benchmark.train_stream[2]
    assert third.current_experience == 2 and third.classes_in_this_experience == (4, 5)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_classes_of_an_experience_may_be_a_list_an_array_or_a_tensor(kind: type) -> None:
    experience = continual.Experience(torch.rand(4, 3), torch.tensor([0, 1, 1, 0]), 0, classes=kind([0, 1, 2]))
    assert experience.classes == (0, 1, 2)


def test_own_tensors_and_time_major_spikes_make_benchmarks() -> None:
    numbers = torch.Generator().manual_seed(0)
    spikes = (torch.rand(5, 40, 6, generator=numbers) < 0.3).float()
    y = torch.arange(40) % 4
    samples = continual.Samples(spikes, y, spikes[:, :20], y[:20], "trains", time_major=True)
    split = continual.split(samples, 2)
    for benchmark in (split, continual.permuted(samples, 2), continual.fuzzy(split)):
        experience = benchmark.train[1]
        assert experience.x.shape[0] == 5 and experience.x.shape[1] == len(experience)
        assert benchmark.problem.time_major
    own = continual.split((spikes[0], y, spikes[0], y), 2, scenario="domain")
    assert own.problem.n_units == 2 and own.train[0].y.max() == 1


def test_a_generator_without_end_is_a_benchmark() -> None:
    def train(seed: int):  # type: ignore[no-untyped-def]
        numbers, index = torch.Generator().manual_seed(seed), 0
        while True:
            y = torch.arange(20) % 2
            yield continual.Experience(torch.rand(20, 3, generator=numbers) + y[:, None], y, index, online=5)
            index += 1

    benchmark = continual.from_stream(train, continual.Problem((3,), 2, "domain", boundary_known=False))
    results = continual.run(benchmark, continual.Strategy(lr=0.5), seeds=[0, 1], n_experiences=30)
    assert results.online[:, 20:].mean() > 0.9
    torch.testing.assert_close(benchmark.train[3].x, benchmark.train[3].x)
    with pytest.raises(continual.samples.NeuroclError, match="no end"):
        continual.run(benchmark, continual.Strategy())
