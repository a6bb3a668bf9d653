"""Metrics against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from torch import nn

from neurocl.continual import metrics
from neurocl.continual.metrics.lifelong import Block, lifelong_metrics, smoothed
from neurocl.continual.strategies.sparse_networks import PairwiseReadout

R = [[0.9, 0.2, 0.1], [0.6, 0.8, 0.3], [0.5, 0.7, 0.95]]
B = [0.1, 0.15, 0.05]

EXPECTED = {
    "acc": (0.5 + 0.7 + 0.95) / 3,
    "bwt": ((0.5 - 0.9) + (0.7 - 0.8)) / 2,
    "fwt": ((0.2 - 0.15) + (0.3 - 0.05)) / 2,
    "forgetting": ((0.9 - 0.5) + (0.8 - 0.7)) / 2,
    "forgetting_first": ((0.9 - 0.5) + (0.8 - 0.7)) / 2,
    "learning_accuracy": (0.9 + 0.8 + 0.95) / 3,
    "average_incremental_accuracy": (0.9 + 0.7 + 2.15 / 3) / 3,
    "intransigence": (0.05 + 0.1 + 0.0) / 3,
    "a_all": (0.9 + 0.6 + 0.8 + 0.5 + 0.7 + 0.95) / 6,
    "bwt_all": ((0.6 - 0.9) + (0.5 - 0.9) + (0.7 - 0.8)) / 3,
    "fwt_all": (0.2 + 0.1 + 0.3) / 3,
    "remembering": 1 - 0.8 / 3,
    "positive_bwt": 0.0,
}


def test_every_metric_of_a_matrix() -> None:
    found = metrics.accuracy_matrix_metrics(R, b=B, joint=[0.95, 0.9, 0.95])
    assert found == pytest.approx(EXPECTED, abs=1e-9)


def test_denominator_and_range_of_forgetting_are_options() -> None:
    found = metrics.accuracy_matrix_metrics(R, B, denominator="T")
    assert found["bwt"] == pytest.approx(EXPECTED["bwt"] * 2 / 3, abs=1e-9)
    early = [[0.9, 0.95, 0.1], *R[1:]]
    own, first = (metrics.accuracy_matrix_metrics(early, forgetting_from=f)["forgetting"] for f in ("own", "first"))
    assert own == pytest.approx(0.25, abs=1e-9) and first == pytest.approx((0.4 + 0.25) / 2, abs=1e-9)
    lower = np.where(np.tri(3) == 1, early, np.nan)
    found = metrics.accuracy_matrix_metrics(lower, forgetting_from="first")
    assert found["forgetting"] == pytest.approx(own, abs=1e-9)


def test_intransigence_is_told_for_each_task() -> None:
    assert metrics.intransigence(R, [0.95, 0.9, 0.95]) == pytest.approx([0.05, 0.1, 0.0])


def test_one_task_has_no_transfer_and_future_entries_may_be_missing() -> None:
    found = metrics.accuracy_matrix_metrics([[0.8]], [0.1])
    assert found["acc"] == 0.8
    assert all(math.isnan(found[key]) for key in ("bwt", "fwt", "forgetting", "bwt_all", "remembering"))
    lower = np.where(np.tri(3) == 1, R, np.nan)
    found = metrics.accuracy_matrix_metrics(lower, B)
    assert math.isnan(found["fwt"]) and found["forgetting"] == pytest.approx(EXPECTED["forgetting"], abs=1e-9)


def test_windowed_plasticity_counts_starts_below_an_earlier_maximum() -> None:
    assert metrics.windowed_plasticity([0.8, 0.2, 0.9], 3) == pytest.approx(0.7)
    assert metrics.windowed_forgetting([0.8, 0.2, 0.9], 3) == pytest.approx(0.6)


def test_windowed_metrics_agree_with_all_pairs() -> None:
    trace = np.random.default_rng(0).random((30, 3))
    for window in (2, 5, 100):
        pairs = [(i, j) for i in range(30) for j in range(i + 1, min(i + window, 30))]
        gain = np.mean([max(trace[j, k] - trace[i, k] for i, j in pairs) for k in range(3)])
        assert metrics.windowed_plasticity(trace, window) == pytest.approx(gain)


def test_the_stability_gap_sees_only_learned_tasks() -> None:
    trace = [[0.5, 0.0], [0.9, 0.1], [0.3, 0.6], [0.7, 0.8]]
    found = metrics.stability_metrics(trace, [1, 2, 3, 4], [2, 4], windows=(10,))
    assert found["min_acc"] == pytest.approx(0.3)
    assert found["wc_acc"] == pytest.approx(0.5 * 0.8 + 0.5 * 0.3)


def test_future_evaluations_count_where_it_is_said() -> None:
    trace = [[0.9, 0.05, 0.0], [0.8, 0.9, 0.1], [0.1, 0.5, 0.9]]
    for count_future, second in ((False, 0.5), (True, 0.05)):
        found = metrics.stability_metrics(trace, [1, 2, 3], [1, 2, 3], (2,), count_future)
        assert found["min_acc"] == pytest.approx((0.1 + second) / 2)


def test_worst_cases_take_nothing_but_what_was_measured() -> None:
    nan = math.nan
    found = metrics.stability_metrics([[0.5, nan], [0.9, nan], [0.3, 0.6], [nan, 0.8]], [1, 2, 3, 4], [2, 4], (10,))
    assert found["min_acc"] == pytest.approx(0.3) and found["wc_acc"] == pytest.approx(0.5 * 0.8 + 0.5 * 0.3)
    assert found["wf_10"] == pytest.approx((0.6 + 0.0) / 2)
    late = metrics.stability_metrics([[0.5, 0.0], [0.3, 0.6]], [2, 3], [2, 4], (10,))
    assert late["min_acc"] == pytest.approx(0.3) and math.isnan(late["wc_acc"])
    assert math.isnan(metrics.stability_metrics([[0.5, 0.1]], [10], [2, 4])["min_acc"])


def test_dormancy_and_dead_units() -> None:
    layer = np.array([[0.0, 1.0, 0.02, 2.98], [0.0, -1.0, 0.02, 2.98]])  # mean |h| = 0, 1, 0.02, 2.98; their mean 1
    assert metrics.dormancy([layer], tau=0.0) == 0.25 == metrics.dead_units([layer])
    assert metrics.dormancy([layer], tau=0.025) == 0.5
    images = layer.T[:, :, None, None].transpose(1, 0, 2, 3) * np.ones((1, 1, 3, 3))
    assert metrics.dormancy([layer, images], tau=0.025) == 0.5


def test_activity_that_is_not_finite_gives_nan_and_gradients_do_not_matter() -> None:
    broken = [np.full((4, 3), np.nan)]
    for metric in (metrics.effective_rank, metrics.approximate_rank, metrics.numerical_rank):
        assert math.isnan(metric(broken[0]))
    assert math.isnan(metrics.dormancy(broken)) and math.isnan(metrics.dead_units(broken))
    tracked = torch.eye(3, requires_grad=True)
    assert metrics.dormancy([tracked]) == 0.0 and metrics.effective_rank(tracked) == pytest.approx(3.0)
    assert metrics.activation_sparsity([np.eye(2)]) == 0.5


def test_sizes_of_gradients_and_of_what_was_learned() -> None:
    assert metrics.gradient_norm([torch.tensor([3.0]), np.array([[0.0, 4.0]])]) == pytest.approx(5.0)
    assert metrics.parameter_distance([np.array([4.0, 1.0])], [np.array([1.0, 5.0])]) == pytest.approx(5.0)
    assert metrics.sample_plasticity([2.0, 1.0, 0.0], [0.5, 3.0, 1.0]) == pytest.approx((0.75 + 0.0) / 2)
    assert math.isnan(metrics.sample_plasticity([0.0], [0.0]))


def test_bytes_and_membrane_updates() -> None:
    state = {"buffer": {"x": torch.zeros(3, 2), "y": [torch.zeros(3, dtype=torch.int64)]}, "n_seen": 7}
    assert metrics.state_bytes(state) == 3 * 2 * 4 + 3 * 8
    potentials = [[[0.0, 0.0], [1.0, 0.0]], [[0.5, 0.0], [1.0, 0.0]], [[0.2, 0.0], [0.0, 0.0]]]
    assert metrics.membrane_updates(potentials) == 3 / 2


def test_ranks_of_known_matrices() -> None:
    assert metrics.effective_rank(np.eye(5)) == pytest.approx(5.0)
    assert metrics.effective_rank(np.outer([1, 2, 3], [1, 1])) == pytest.approx(1.0)
    p = np.array([0.75, 0.25])
    assert metrics.effective_rank(np.diag([3.0, 1.0])) == pytest.approx(np.exp(-np.sum(p * np.log(p))))
    assert metrics.approximate_rank(np.diag([10.0, 2.0, 0.1])) == 2
    assert metrics.approximate_rank(np.eye(4)) == 4
    assert metrics.numerical_rank(np.diag([10.0, 1.0, 0.0])) == 2
    assert metrics.effective_rank(np.zeros((3, 2))) == metrics.approximate_rank(np.zeros((3, 2))) == 0


def test_synaptic_operations_of_the_worked_example() -> None:
    layer = nn.Linear(3, 3)
    layer.weight.data = torch.tensor([[1.3, 0.0, -3.2], [0.0, 1.2, -5.1], [-1.1, 2.7, 0.0]])
    for x in (torch.tensor([[0.0, 1.3, -1.0]]), (0, 1.3, -1)):
        found = metrics.synaptic_operations(layer, x)
        assert found["dense"] == 9 and found["effective_macs"] == 4 and found["effective_acs"] == 0
    assert found["energy"] == pytest.approx(4 * 4.6)
    binary = metrics.synaptic_operations(layer, torch.tensor([[0.0, 1.0, -1.0]]))
    assert binary["effective_acs"] == 4 and binary["energy"] == pytest.approx(4 * 0.9)
    assert metrics.connection_sparsity(layer) == pytest.approx(3 / 9)
    assert metrics.footprint(layer) == 12 * 4


def test_a_pairwise_readout_multiplies_weights_and_products_of_units() -> None:
    readout = PairwiseReadout(3, n_classes=1, n_weights=3)  # the pairs (1, 0), (2, 0), (2, 1) in some order
    found = metrics.synaptic_operations(readout, torch.tensor([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0]]))
    assert found["dense"] == 3 and found["effective_macs"] == 1 / 2


def test_a_convolution_counts_as_the_matrix_it_is() -> None:
    layer = nn.Conv2d(2, 3, 3, padding=1, stride=2)
    layer.weight.data[torch.rand_like(layer.weight) < 0.5] = 0.0
    x = torch.rand(1, 2, 5, 5) * (torch.rand(1, 2, 5, 5) < 0.6)
    columns = torch.eye(50).view(50, 2, 5, 5)
    matrix = (layer(columns) - layer(torch.zeros(1, 2, 5, 5))).flatten(1)  # [input, output]
    effective = ((matrix.abs() > 1e-6) & (x.flatten()[:, None] != 0)).sum()
    assert metrics.synaptic_operations(layer, x)["effective_macs"] == float(effective)


def test_intervals_are_students_and_comparisons_are_paired() -> None:
    found = metrics.interval([1.0, 2.0, 3.0, 4.0])
    half = 3.182446305284263 * found.sd / 2  # t_{0.975, 3}
    assert found.mean == 2.5 and found.n == 4 and found.sd == pytest.approx(np.sqrt(5 / 3))
    assert (found.low, found.high) == pytest.approx((2.5 - half, 2.5 + half))
    assert math.isnan(metrics.interval([1.0]).low)
    resampled = metrics.interval(np.arange(50.0), bootstrap=True)
    assert resampled.low == pytest.approx(24.5 - 1.96 * resampled.sd / np.sqrt(50), rel=0.05)
    noise = np.random.default_rng(0).random(10)
    assert metrics.paired(noise + 0.1, noise)["low"] == pytest.approx(0.1)
    assert metrics.paired(noise + 0.1, noise)["p"] == pytest.approx(2 / 2**10)
    assert math.isnan(metrics.paired([1.0, 2.0], [0.0, 1.0])["p"])
    adjusted = {"a": 0.06, "b": 0.03, "c": 0.06}
    assert metrics.holm({"a": 0.04, "b": 0.01, "c": 0.03}) == pytest.approx(adjusted)
    found = metrics.holm({"a": 0.04, "n": math.nan, "b": 0.01, "c": 0.03})
    assert found == pytest.approx({**adjusted, "n": math.nan}, nan_ok=True)


def test_lifelong_metrics_by_hand() -> None:
    log = [
        Block("b", "test", 2.0), Block("a", "train", [1.0, 3.0]), Block("a", "test", 4.0), Block("b", "test", 6.0),
        Block("b", "train", [5.0, 8.0]), Block("a", "test", 3.0), Block("b", "test", 8.0),
    ]  # fmt: skip
    found = lifelong_metrics(log, normalise=False, experts={"a": [2.0, 2.0]})
    assert found["forward_transfer"] == pytest.approx((6 - 2) / (6 + 2))
    assert found["backward_transfer"] == pytest.approx((3 - 4) / (3 + 4))
    assert found["performance_maintenance"] == pytest.approx(-1.0)
    assert found["relative_performance"] == pytest.approx(1.0)
    ratio = lifelong_metrics(log, normalise=False, transfer="ratio")
    assert ratio["forward_transfer"] == pytest.approx(6 / 2) and ratio["backward_transfer"] == pytest.approx(3 / 4)
    terminal = lifelong_metrics(log, normalise=False, reference="mrtlp")
    assert terminal["performance_maintenance"] == pytest.approx(3.0 - 3.0)
    assert math.isnan(found["performance_recovery"])


def test_recovery_that_gets_faster_is_positive() -> None:
    up = np.linspace(0.0, 10.0, 11)
    log = [Block("a", "train", curve) for curve in (up, np.r_[np.zeros(6), 10.0], np.r_[0.0, 0.0, 10.0])]
    assert lifelong_metrics(log, normalise=False)["performance_recovery"] > 0


def test_training_may_be_smoothed_and_tests_are_not() -> None:
    zigzag = np.tile([0.0, 1.0, 0.0, 1.0, 1.0], 4)
    log = [Block("a", "train", zigzag), Block("a", "test", zigzag)]
    plain, smooth = (
        lifelong_metrics(log, experts={"a": smoothed(zigzag)}, normalise=False, smooth=smooth)
        for smooth in (False, True)
    )
    assert plain["relative_performance"] == pytest.approx(zigzag.sum() / smoothed(zigzag).sum())
    assert smooth["relative_performance"] == pytest.approx(smoothed(zigzag).sum() / smoothed(smoothed(zigzag)).sum())


def test_slope_of_online_accuracy() -> None:
    assert metrics.online_slope([0.0, 0.0, 0.9, 0.8, 0.7, 0.6]) == pytest.approx(-0.1)
