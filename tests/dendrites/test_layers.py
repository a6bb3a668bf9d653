"""Layers with active dendrites: formulas, gradients, initial weights, masks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from neurocl.core.errors import NeuroclError
from neurocl.dendrites import (
    GATES,
    ActiveDendriteConv2d,
    ActiveDendriteLinear,
    DendriteSegments,
    DendriticMLP,
    SparseLinear,
    rezero,
)
from neurocl.dendrites.initialisation import half_width

X, CONTEXTS = torch.zeros(2, 6).double(), torch.zeros(2, 4).double()


def layer_of(**changes: Any) -> ActiveDendriteLinear:
    torch.manual_seed(0)
    settings = {"n_in": 6, "n_out": 5, "n_segments": 3, "context_size": 4, **changes}
    return ActiveDendriteLinear(**settings).double()


@pytest.mark.parametrize("gate", GATES)
def test_the_gate_follows_its_formula(gate: str) -> None:
    layer = layer_of(gate=gate)
    x, context = torch.randn(7, 6).double(), torch.randn(4).double()
    layer.requires_grad_(False)
    expected = torch.empty(7, 5).double()
    v = layer.segments.weight.view(5, 3, 4)
    for b in range(7):
        for u in range(5):
            t = layer.weight[u] @ x[b] + layer.bias[u]
            d = [float(v[u, j] @ context) for j in range(3)]
            best = max(d, key=abs) if gate == "absolute_max" else max(d)
            expected[b, u] = t + best if gate == "bias" else t / (1 + math.exp(-best))
    assert torch.allclose(layer(x, context=context), expected, atol=1e-12)


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("sparse_gradient", [False, True])
def test_gradients_are_those_of_finite_differences(gate: str, sparse_gradient: bool) -> None:
    layer = layer_of(gate=gate, sparse_gradient=sparse_gradient)
    x, context = torch.randn(4, 6).double(), torch.randn(4).double()
    layer(x, context=context).square().sum().backward()
    weight = layer.segments.weight
    found, expected = weight.grad.to_dense(), torch.zeros_like(weight)
    with torch.no_grad():
        for k in range(weight.numel()):
            values = []
            for step in (1e-6, -2e-6):
                weight.view(-1)[k] += step
                values.append(layer(x, context=context).square().sum())
            weight.view(-1)[k] += 1e-6
            expected.view(-1)[k] = (values[0] - values[1]) / 2e-6
    assert torch.allclose(found, expected, atol=1e-7)
    moved = found.view(5, 3, 4).abs().amax(-1) > 0
    assert (moved.sum(1) == 1).all()  # only the winning segment of each unit


@pytest.mark.parametrize("sparse_gradient", [False, True])
def test_the_context_and_the_input_get_their_gradients(sparse_gradient: bool) -> None:
    layer = layer_of(sparse_gradient=sparse_gradient, sparsity=0.0)
    x, context = torch.randn(3, 6).double().requires_grad_(), torch.randn(4).double().requires_grad_()
    layer.segments.weight.requires_grad_(False)
    assert torch.autograd.gradcheck(lambda x, c: layer(x, context=c), (x, context))


def test_of_equal_segments_the_first_wins_and_without_activation_the_factor_is_a_half() -> None:
    segments = DendriteSegments(1, 3, 1)
    with torch.no_grad():
        segments.weight.copy_(torch.tensor([[-2.0], [2.0], [1.0]]))
    assert segments(torch.ones(1)).item() == -2.0
    layer = layer_of()
    x = torch.randn(2, 6).double()
    t = functional.linear(x, layer.weight, layer.bias)
    assert torch.allclose(layer(x, context=torch.zeros(4).double()), 0.5 * t)


def test_shared_indexed_and_own_contexts_agree() -> None:
    layer = layer_of()
    x, contexts, index = torch.randn(6, 6).double(), torch.randn(2, 4).double(), torch.tensor([0, 1, 1, 0, 1, 0])
    own = layer(x, context=contexts[index])
    assert torch.allclose(layer(x, context=contexts, index=index), own)
    for k in range(2):
        assert torch.allclose(layer(x[index == k], context=contexts[k]), own[index == k])


def test_without_segments_the_layer_is_linear() -> None:
    layer = layer_of(n_segments=0)
    x = torch.randn(2, 6).double()
    assert torch.equal(layer(x), functional.linear(x, layer.weight, layer.bias))


def test_a_convolution_has_one_factor_for_each_channel() -> None:
    torch.manual_seed(0)
    layer = ActiveDendriteConv2d(2, 3, 3, n_segments=2, context_size=4)
    x, context = torch.randn(5, 2, 6, 6), torch.randn(4)
    plain = functional.conv2d(x, layer.weight, layer.bias)
    ratio = layer(x, context=context) / plain
    assert torch.allclose(ratio, torch.sigmoid(layer.segments(context)).view(1, 3, 1, 1).expand_as(ratio), atol=1e-4)


def test_initial_weights_have_the_published_widths() -> None:
    assert half_width(784, 1.0, 0.5) == pytest.approx(0.0505, abs=5e-5)
    assert half_width(256, 0.05, 0.5) == pytest.approx(0.3953, abs=5e-5)
    assert half_width(784, 0.1, 1.0) == pytest.approx(0.11294, abs=5e-6)
    network = DendriticMLP(784, 10, 2, hidden=(256, 128))
    for weight, h in (
        (network.layers[0].weight, half_width(784, 1.0, 0.5)),
        (network.layers[1].weight, half_width(256, 0.05, 0.5)),
        (network.output.weight, half_width(128, 0.05, 0.5)),
        (network.layers[1].segments.weight, half_width(784, 0.1, 1.0)),
        (network.layers[1].bias, 1 / 16),
    ):
        assert 0.96 * h < weight.abs().max() <= h


def test_every_unit_keeps_its_share_of_weights_for_life() -> None:
    torch.manual_seed(0)
    layer = SparseLinear(21, 8, 0.7)
    kept = layer.weight != 0
    assert (kept.sum(1) == round(0.3 * 21)).all()
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.1)
    layer(torch.randn(4, 21)).square().sum().backward()
    optimizer.step()
    rezero(layer)
    assert torch.equal(layer.weight != 0, kept)


def test_sparse_segments_keep_their_share_and_both_gradients_agree() -> None:
    networks = []
    for sparse_gradient in (False, True):
        torch.manual_seed(0)
        networks.append(DendriticMLP(12, 3, 2, hidden=(20, 20), percent_on=0.25, segment_sparsity=0.5,
                                     sparse_gradient=sparse_gradient))  # fmt: skip
    x, context = torch.randn(9, 12), torch.rand(12)
    for network in networks:
        functional.cross_entropy(network(x, context=context), torch.arange(9) % 3).backward()
    for a, b in zip(*(network.parameters() for network in networks), strict=True):
        assert torch.allclose(a.grad.to_dense(), b.grad.to_dense(), atol=1e-7)
    assert (networks[0].layers[0].segments.weight != 0).sum(1).eq(6).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: layer_of(gate="min"), "gate must be one of"),
        (lambda: layer_of(sparsity=1.0), "no weight would be left"),
        (lambda: SparseLinear(10, 3, 0.99), "sparsity 0.99 .* no weight would be left"),
        (lambda: DendriteSegments(2, 2, 4, sparsity=0.9), "no weight would be left"),
        (lambda: layer_of()(torch.zeros(2, 7), context=torch.zeros(4).double()), r"\[batch, 6\], got \[2, 7\]"),
        (lambda: layer_of()([[0.0] * 6], context=torch.zeros(4).double()), r"x must be a tensor \[batch, 6\]"),
        (lambda: layer_of()(X, context=[0.0] * 4), r"context must be a tensor, got \[0.0"),
        (lambda: layer_of(sparse_gradient=True)(X, context=np.zeros(4)), "context must be a tensor, got array"),
        (lambda: layer_of()(X, context=torch.tensor(1.0).double()), r"4 elements, got \[\]"),
        (lambda: layer_of()(X, context=torch.zeros(4)), "torch.float64 like the weights, got torch.float32"),
        (lambda: layer_of()(X, CONTEXTS, torch.tensor([0, 5])), "from 0 to 1"),
        (lambda: layer_of()(X, CONTEXTS, torch.tensor([0, 1, 1])), r"each of the 2 samples.* got index \[3\]"),
        (lambda: layer_of()(X, CONTEXTS, torch.tensor([0.0, 1.0])), "whole number for each"),
        (lambda: layer_of()(X, CONTEXTS[0], torch.tensor([0, 0])), r"context \[4\]"),
        (lambda: DendriticMLP(4, 2, hidden=10), "hidden must be a list"),
        (lambda: layer_of(n_segments=-1), "n_segments must be a whole number"),
        (lambda: layer_of()(torch.zeros(2, 6).double()), "needs a context"),
        (lambda: layer_of()(torch.zeros(2, 6).double(), context=torch.zeros(5).double()), "must have 4 elements"),
        (lambda: layer_of()(torch.zeros(2, 6).double(), context=torch.zeros(3, 4).double()), "each of the 2 samples"),
        (lambda: DendriticMLP(4, 2, hidden=()), "at least one layer"),
        (lambda: DendriticMLP(4, 2, percent_on=0.0), "no unit would win"),
        (lambda: DendriteSegments(2, 2, 4, context_density=0.0), "no input would be active"),
    ],
)
def test_wrong_settings_are_told_in_one_sentence(call: Any, words: str) -> None:
    with pytest.raises(NeuroclError, match=words):
        call()


def test_gradients_between_winners_are_those_of_dense_products(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    network = DendriticMLP(40, 5, 3, context_size=7, hidden=(60, 50), percent_on=0.1)
    x, context, found = torch.randn(16, 40), torch.rand(7), []
    for share in (0.2, -1.0):  # the second makes every product dense
        monkeypatch.setattr("neurocl.dendrites._linear_of_winners.DENSE", share)
        network.zero_grad()
        functional.cross_entropy(network(x, context=context), torch.arange(16) % 5).backward()
        found.append([p.grad.clone() for p in network.parameters()])
    for a, b in zip(*found, strict=True):
        assert torch.allclose(a, b, rtol=1e-5, atol=1e-8)
