"""Presentations are independent of each other, of threads and of how they are split; bad samples are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurocl import NeuroclError, lsm
from neurocl.engines.numba import NumbaSimulation

N, N_INPUTS = 60, 40


def liquid(plasticity: Any = None, **options: Any) -> lsm.Liquid:
    return lsm.Liquid(N, N_INPUTS, plasticity=plasticity or lsm.Astrocyte(), seed=2, **options)


def images(n: int = 7) -> Any:
    return np.random.default_rng(0).random((n, N_INPUTS)) * 0.6


def events(n: int = 7, steps: int = 30) -> Any:
    return np.random.default_rng(1).random((n, steps, N_INPUTS)) < 0.4


def test_samples_may_come_in_any_order() -> None:
    shown, order, one = events(), np.random.default_rng(0).permutation(7), liquid()
    counts = one.present(shown, 30).counts
    assert counts.sum() > 500 and len(np.unique(counts, axis=0)) == 7
    np.testing.assert_array_equal(one.present(shown[order], 30).counts, counts[order])


def test_presentations_leave_the_weights_and_a_pre_phase_changes_them() -> None:
    one = liquid()
    before = one.weights
    one.present(images(), 30)
    assert one.weights is before
    after = one.pre_phase(images())
    assert one.weights is after
    assert (after.recurrent != before.recurrent).any() and (after.input != before.input).any()


def test_results_do_not_depend_on_threads_or_parts() -> None:
    one, shown = liquid(), images()
    whole = one.present(shown, 30, threads=1, record=[1, 5])
    for threads in (2, 3):
        found = one.present(shown, 30, threads=threads, record=[5, 1])
        np.testing.assert_array_equal(found.counts, whole.counts)
        np.testing.assert_array_equal(found.input_counts, whole.input_counts)
        assert found.recorded[5].liquid == whole.recorded[5].liquid
        np.testing.assert_array_equal(found.recorded[1].a_minus, whole.recorded[1].a_minus)
    assert whole.recorded[5].liquid.t_stop - whole.recorded[5].liquid.t_start == 30.0
    parts = [one.present(shown[:3], 30), one.present(shown[3:], 30, first_sample=3)]
    np.testing.assert_array_equal(np.concatenate([p.counts for p in parts]), whole.counts)
    np.testing.assert_array_equal(whole.recorded[5].liquid.counts(), whole.counts[5])
    assert len(whole.recorded[5].input) == whole.input_counts[5]


@pytest.mark.parametrize("plasticity", [lsm.Astrocyte(), lsm.APSTDP(c_th=5.0, c_width=4.0)])
def test_a_pre_phase_in_parts_is_one_pre_phase(plasticity: Any) -> None:
    whole, parts, shown = liquid(plasticity=plasticity), liquid(plasticity=plasticity), images()
    whole.pre_phase(shown)
    parts.pre_phase(shown[:4])
    parts.present(shown, 30)
    parts.pre_phase(shown[4:], first_sample=4)
    np.testing.assert_array_equal(parts.weights.recurrent, whole.weights.recurrent)


def test_weights_of_one_liquid_make_another_the_same() -> None:
    trained, other = liquid(), liquid()
    trained.pre_phase(images())
    assert (other.present(images(), 30).counts != trained.present(images(), 30).counts).any()
    other.weights = trained.weights
    np.testing.assert_array_equal(other.present(images(), 30).counts, trained.present(images(), 30).counts)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: None, r"weights must be lsm.Weights\(recurrent, input\), got None"),
        (lambda w: w.recurrent, "weights must be lsm.Weights"),
        (lambda w: lsm.Weights("a", w.input), "recurrent weights must be an array of numbers"),
        (lambda w: lsm.Weights(w.recurrent[:5], w.input), r"expected .* recurrent weights"),
        (lambda w: lsm.Weights(w.recurrent, w.input * np.nan), "input weights contain NaN"),
        (lambda w: lsm.Weights(-w.recurrent, w.input), ">= 0 from excitatory neurons"),
        (lambda w: lsm.Weights(w.recurrent, 2 * w.input), "between -3 and 3, got input weights up to 6"),
    ],
)
def test_wrong_weights_are_refused_in_one_sentence(change: Any, message: str) -> None:
    one = liquid()
    before = one.weights
    with pytest.raises(NeuroclError, match=message):
        one.weights = change(before)
    assert one.weights is before


def test_stdp_may_rest_during_presentations() -> None:
    frozen, static = liquid(lsm.STDP(in_presentation=False)), liquid(lsm.Static())
    static.weights = frozen.pre_phase(images())
    np.testing.assert_array_equal(frozen.present(images(), 30).counts, static.present(images(), 30).counts)
    assert (liquid(lsm.STDP()).present(images(), 30).counts != static.present(images(), 30).counts).any()


def test_a_static_liquid_has_no_pre_phase() -> None:
    one = liquid(lsm.Static())
    assert one.pre_phase(images()) is one.weights


def test_a_black_image_and_a_silent_liquid_count_nothing() -> None:
    shown = liquid().present(np.zeros((2, N_INPUTS)), 30, record=[0])
    assert shown.counts.sum() == 0 == shown.input_counts.sum() and len(shown.recorded[0].liquid) == 0
    weak = liquid(lsm.Static(), magnitude=0.001).present(images(), 30)
    assert weak.counts.sum() == 0 < weak.input_counts.min()


def test_a_strong_astrocyte_turns_negative_and_the_liquid_goes_on() -> None:
    weak = liquid(lsm.Astrocyte(w_astro=0.5), magnitude=0.5)
    found = weak.present(images(), 60, record=[0])
    assert found.recorded[0].a_minus.min() < 0 and np.isfinite(found.recorded[0].a_minus).all()


def test_long_samples_have_counts_of_two_bytes() -> None:
    one = liquid(lsm.Static())
    assert one.present(images(1), 765).counts.dtype == np.uint8
    assert one.present(images(1), 766).counts.dtype == np.uint16


class Lazy:
    """Samples that are made when asked for; tells how many at a time."""

    def __init__(self) -> None:
        self.largest = 0

    def __len__(self) -> int:
        return 7

    def __getitem__(self, part: slice) -> Any:
        made = images()[part]
        self.largest = max(self.largest, len(made))
        return made


def test_samples_may_be_made_when_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neurocl.lsm.samples.LARGEST_PART", 3 * 8 * N_INPUTS)
    lazy = Lazy()
    np.testing.assert_array_equal(liquid().present(lazy, 30).counts, liquid().present(images(), 30).counts)
    assert lazy.largest == 3


def test_tensors_that_need_a_gradient_are_samples_too() -> None:
    torch = pytest.importorskip("torch")
    shown = torch.tensor(images(), requires_grad=True)
    numbers = np.array([0, 2])  # may be an array, too
    found = liquid().present(shown, 30, record=numbers)
    np.testing.assert_array_equal(found.counts, liquid().present(images(), 30).counts)
    assert sorted(found.recorded) == [0, 2]


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros((2, 5)), r"expected samples \[sample, 40\] .* got \['sample', 5\]; flatten images"),
        (np.zeros((2, 8, 5)), "flatten images"),
        (np.zeros(40), "flatten images"),
        (np.full((2, 40), 255), r"from 0 to 1, got 255 to 255; encode the images first"),
        (np.full((2, 40), -0.1), "from 0 to 1"),
        (np.full((2, 40), np.nan), "from 0 to 1"),
        (np.zeros((2, 20, 40)), "events have 20 steps, expected 30; give steps=20"),
        (np.full((2, 30, 40), 0.5), "must be 0 or 1"),
        (np.zeros((0, 40)), "there are no samples"),
        ("digits", "must be an array"),
        (7, "must be an array"),
        (np.array([["a"] * 40]), "must be an array"),
        (np.zeros((2, 40)) + 1j, "they are complex"),
    ],
)
def test_other_samples_are_refused_in_one_sentence(samples: Any, message: str) -> None:
    one = liquid()
    for show in (one.present, one.pre_phase):
        with pytest.raises(NeuroclError, match=message) as error:
            show(samples, 30)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lsm.Liquid(4), "n must be a whole number >= 5"),
        (lambda: lsm.Liquid(50, 0), "n_inputs must be a whole number >= 1"),
        (lambda: lsm.Liquid(50, plasticity="stdp"), r"plasticity must be Static\(\)"),
        (lambda: lsm.Liquid(50, magnitude=-1), "magnitude must be >= 0"),
        (lambda: lsm.Liquid(50, magnitude=5.0), "magnitude must be at most 3, the bound of plastic weights, got 5"),
        (lambda: lsm.Liquid(50, input_magnitude=3.5), "input_magnitude must be at most 3"),
        (lambda: lsm.Astrocyte(w_astro=-1), "w_astro must be >= 0"),
        (lambda: lsm.Astrocyte(density=1.5), r"density must lie in \(0, 1\]"),
        (lambda: lsm.STDP(decay=1.5), "decay is a probability"),
        (lambda: lsm.APSTDP(c_width=0), "c_width must be > 0"),
        (lambda: liquid().present(images(), record=[7]), "record=7 is no sample; there are 7"),
        (lambda: liquid().present(images(), record=1), "record must be a sequence of numbers of samples, got 1"),
        (lambda: liquid().present(images(), record=None), "record must be a sequence"),
        (lambda: liquid().present(images(), record=[1.5]), "each of record must be a whole number"),
        (lambda: liquid().present(images(), folder=3), "folder must be a path, got 3"),
        (lambda: liquid().present(images(), folder=__file__), "test_liquid.py cannot be made .* give another folder"),
    ],
)
def test_bad_settings_are_refused(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()


@pytest.mark.parametrize("parity", [False, True])
def test_an_interrupted_presentation_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parity: bool
) -> None:
    monkeypatch.setattr("neurocl.lsm.samples.LARGEST_PART", 2 * 8 * N_INPUTS)
    one, shown = liquid(parity=parity), images()
    whole = one.present(shown, 30, batch=3)
    run_batch, calls = NumbaSimulation.run_batch, iter([None] * 2)

    def impatient(*arguments: Any, **options: Any) -> Any:
        try:
            next(calls)
        except StopIteration:
            raise KeyboardInterrupt from None
        return run_batch(*arguments, **options)

    monkeypatch.setattr(NumbaSimulation, "run_batch", impatient)
    with pytest.raises(KeyboardInterrupt):
        one.present(shown, 30, batch=3, folder=tmp_path / "run")
    left = []
    monkeypatch.setattr(NumbaSimulation, "run_batch", lambda *a, **o: left.append(a[2]) or run_batch(*a, **o))
    found = one.present(shown, 30, batch=3, folder=tmp_path / "run")
    assert sum(left) == len(shown) - (3 if parity else 4)
    np.testing.assert_array_equal(found.counts, whole.counts)
    np.testing.assert_array_equal(found.input_counts, whole.input_counts)
    again = one.present(shown, 30, batch=3, folder=tmp_path / "run")  # all are there
    np.testing.assert_array_equal(again.counts, whole.counts)
    with pytest.raises(NeuroclError, match="holds a presentation of other samples, weights or settings"):
        one.present(shown, 31, batch=3, folder=tmp_path / "run")
    changed = shown.copy()
    changed[1] = 0.0  # neither the first nor the last
    with pytest.raises(NeuroclError, match="holds a presentation of other samples"):
        one.present(changed, 30, batch=3, folder=tmp_path / "run")
    with pytest.raises(NeuroclError, match="a folder keeps counts only"):
        one.present(shown, 30, record=[0], folder=tmp_path / "run")


def test_a_folder_of_a_liquid_with_other_plasticity_is_refused(tmp_path: Path) -> None:
    liquid().present(images(), 30, folder=tmp_path)
    for plasticity in (lsm.STDP(), lsm.Astrocyte(decay=0.9), lsm.Astrocyte(density=0.5)):
        with pytest.raises(NeuroclError, match="holds a presentation of other samples, weights or settings"):
            liquid(plasticity).present(images(), 30, folder=tmp_path)


def test_a_profile_names_the_parts_of_a_step() -> None:
    parts = liquid().profile(images()[0], 30).parts
    expected = {("plasticity", "input"), ("plasticity", "ee"), ("update", "liquid"), ("modulators", "astrocyte")}
    assert expected <= set(parts)
    assert set(liquid().profile(events()[0], 30).parts) == set(parts)
