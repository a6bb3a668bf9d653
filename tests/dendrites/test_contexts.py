"""Contexts: prototypes, clusters with Hotelling's test, and those that are told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from neurocl.core.errors import NeuroclError
from neurocl.dendrites import (
    ClusterContext,
    Context,
    OneHotContext,
    PrototypeContext,
    RandomSparseContext,
    Sample,
    same_distribution,
)

TASK = torch.zeros(64, dtype=torch.int64)


def started(context: Context, n_features: int) -> Context:
    context.start(n_features, torch.Generator().manual_seed(0))
    return context


def test_hotelling_keeps_equals_together_and_separates_shifted_samples() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((60, 5)), rng.standard_normal((50, 5))
    assert same_distribution(Sample.of(x), Sample.of(y)) < 0.9
    assert same_distribution(Sample.of(x), Sample.of(y + 0.6)) > 0.999999


def test_hotelling_of_one_feature_is_the_t_test() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal(30), 0.3 + rng.standard_normal(40)
    expected = 1.0 - stats.ttest_ind(x, y).pvalue
    assert same_distribution(Sample.of(x[:, None]), Sample.of(y[:, None])) == pytest.approx(expected, rel=1e-9)


def test_hotelling_is_uniform_for_samples_of_one_distribution() -> None:
    rng = np.random.default_rng(2)
    found = [same_distribution(Sample.of(rng.normal(size=(20, 3))), Sample.of(rng.normal(size=(15, 3))))
             for _ in range(300)]  # fmt: skip
    assert stats.kstest(found, "uniform").pvalue > 0.01


def test_prototypes_are_means_and_the_nearest_is_found() -> None:
    torch.manual_seed(0)
    context, parts = started(PrototypeContext(), 10), [torch.randn(64, 10) + 2 * torch.eye(10)[k] for k in range(3)]
    for x in parts:
        context.begin(x, TASK, torch.Generator())
        assert torch.allclose(context.of_batch(x, TASK, torch.Generator()), x.mean(0))
    chosen = context.infer(torch.cat(parts), None)
    distances = torch.cdist(torch.cat(parts), torch.stack([x.mean(0) for x in parts]))
    assert torch.equal(chosen.which, distances.argmin(1))


def test_clusters_are_found_without_labels() -> None:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    context = started(ClusterContext(6), 10)
    means = 3.0 * torch.randn(3, 10)
    for k in [0] * 6 + [1] * 6 + [2] * 6:
        given = context.of_batch(torch.randn(64, 10) + means[k], TASK, generator)
        assert (given - means[k, context.features]).abs().max() < 0.7
    # one batch in ten of a known distribution opens a cluster of its own, as P < 0.9 says
    assert 3 <= len(context.counts) <= 7
    assert sum(context.counts) == 18 * 64
    assert all(len(rows) <= 256 for rows in context.exemplars)
    x = torch.randn(30, 10) + means[1]
    chosen = context.infer(x, None)
    assert (chosen.contexts[chosen.which] - means[1, context.features]).abs().max() < 1.0


def test_joining_weights_the_prototype_by_all_samples_seen_and_shares_the_exemplars() -> None:
    generator = torch.Generator().manual_seed(0)
    context = started(ClusterContext(2, level=1.0, n_exemplars=12), 2)
    batches = [torch.randn(size, 2) for size in (16, 8, 24)]
    for x in batches:
        context.of_batch(x, TASK, generator)
    rows = torch.cat(batches)[:, context.features]
    assert torch.allclose(context.prototypes[0], rows.mean(0), atol=1e-6)
    assert context.counts == [48]
    assert len(context.exemplars[0]) == 6 + 6


def test_told_contexts_need_the_task() -> None:
    one_hot, random = OneHotContext(3), RandomSparseContext(3, n_bits=200)
    for context in (started(one_hot, 5), started(random, 5)):
        assert context.needs_task_label
        with pytest.raises(NeuroclError, match="told at test"):
            context.infer(torch.zeros(2, 5), None)
        with pytest.raises(NeuroclError, match="unknown"):
            context.infer(torch.zeros(2, 5), torch.tensor([0, 3]))
    assert one_hot.of_batch(torch.zeros(64, 5), TASK + 2, torch.Generator()).tolist() == [0.0, 0.0, 1.0]
    assert random.vectors.sum(1).tolist() == [10.0] * 3


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: started(ClusterContext(11), 10), "at most the samples' 10 features"),
        (lambda: RandomSparseContext(2, 10, 0.01), "leaves no bit"),
        (lambda: same_distribution(Sample.of(np.eye(3)), Sample.of(np.eye(3)[:, :2])), "same features"),
        (lambda: same_distribution(Sample.of(np.eye(3)[:2]), Sample.of(np.eye(3)[:2])), "at least 5 rows"),
        (lambda: Sample.of(np.zeros((1, 3))), "at least two rows"),
        (lambda: Sample.of(np.full((9, 2), np.nan)), "NaN"),
        (
            lambda: started(ClusterContext(2), 3).of_batch(torch.full((9, 3), torch.nan), TASK, torch.Generator()),
            "NaN",
        ),
    ],
)
def test_wrong_settings_are_told_in_one_sentence(call: Any, words: str) -> None:
    with pytest.raises(NeuroclError, match=words):
        call()
