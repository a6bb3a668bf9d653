"""Whole training steps agree with the independent NumPy code: losses, gradients and subspaces."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurocl import NeuroclError, hlop
from neurocl.hlop.representation import rate
from tests.hlop.reference import Net, update

SIZES, ETA, STEPS = (30, 16, 16, 5), (0.002, 0.01, 0.01), {"dsr": 20, "bptt": 6, "ottt": 6}


def made(method, old, new, seed=0):
    """A network in float64 with so many old and new rows in each layer, and its twin in NumPy."""
    network = hlop.SpikingMLP(SIZES[1:3], method).build(SIZES[0], SIZES[3], seed=seed).double()
    with torch.no_grad():
        for layer in network.layers:
            layer.weight.mul_(2.0)  # so that neurons fire
        for neuron in network.activations:
            for threshold in neuron.parameters():
                threshold.fill_(0.3)  # not rounded to float32
    for layer, eta in zip(network.layers, ETA, strict=True):
        layer.subspace = hlop.HebbianSubspace(layer.in_features, eta, dtype=torch.float64)
        if old:
            layer.subspace.grow(old)
            layer.subspace.merge()
        if new:
            layer.subspace.grow(new)
    states = [layer.subspace for layer in network.layers]
    twin = Net(
        [layer.weight.detach().numpy() for layer in network.layers], [s.H.numpy() for s in states],
        [s.M.numpy() for s in states], [old] * 3, ETA, method, STEPS[method],
    )  # fmt: skip
    return network, twin


@pytest.mark.parametrize("method", ["dsr", "bptt", "ottt"])
@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 4), (3, 4), (3, 0)])
def test_a_training_step_is_that_of_the_equations(method, old, new):
    network, twin = made(method, old, new)
    numbers = np.random.default_rng(1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.0)
    for _ in range(3):
        x, y = numbers.normal(size=(8, SIZES[0])), numbers.integers(0, SIZES[3], 8)
        loss = network.method.step(network, torch.from_numpy(x), torch.from_numpy(y), optimizer)
        expected, gradients, thresholds = twin.step(x, y)
        assert float(loss) == pytest.approx(expected, rel=1e-6)
        for layer, gradient in zip(network.layers, gradients, strict=True):
            np.testing.assert_allclose(layer.weight.grad.numpy(), gradient, rtol=1e-6, atol=1e-9)
            assert np.abs(gradient).max() > 0.0
        for neuron, gradient in zip(network.activations, thresholds, strict=bool(thresholds)):
            assert float(neuron.v_th.grad) == pytest.approx(gradient, rel=1e-6, abs=1e-9)
        for layer, H, M in zip(network.layers, twin.H, twin.M, strict=True):
            np.testing.assert_allclose(layer.subspace.H.numpy(), H, atol=1e-9)
            np.testing.assert_allclose(layer.subspace.M.numpy(), M, atol=1e-9)


def test_ottt_step_by_step_gives_the_same_gradients_and_subspaces_as_all_steps_together():
    x, y = torch.randn(8, SIZES[0], dtype=torch.float64), torch.randint(5, (8,))
    together, _ = made("ottt", 3, 4)
    one_by_one, _ = made("ottt", 3, 4)
    together.method.loss(together.training_logits(x), y).backward()
    for logits in one_by_one.time_steps(x):
        (one_by_one.method.loss(logits, y) / 6).backward()
    for a, b in zip(together.layers, one_by_one.layers, strict=True):
        torch.testing.assert_close(a.weight.grad, b.weight.grad)
        torch.testing.assert_close(a.subspace.H, b.subspace.H)


def test_ottt_online_moves_the_weights_at_every_step():
    network = hlop.SpikingMLP((16, 16), hlop.ottt(online=True)).build(30, 5)
    optimizer, seen = torch.optim.SGD(network.parameters(), lr=0.5), []
    optimizer.register_step_post_hook(lambda *_: seen.append(network.layers[-1].weight.detach().clone()))
    hlop.ottt(online=True).step(network, 2 * torch.randn(8, 30), torch.randint(5, (8,)), optimizer)
    assert len(seen) == 6
    assert not torch.equal(seen[-1], seen[-2])


@pytest.mark.parametrize("method", ["dsr", "bptt"])
def test_the_subspace_may_learn_from_rates_or_from_all_spikes(method):
    other = {"dsr": "spikes", "bptt": "rates"}[method]
    make = {"dsr": hlop.dsr, "bptt": hlop.bptt}[method]
    x, y = torch.randn(8, 30, dtype=torch.float64), torch.randint(5, (8,))
    learned = []
    for learn_from in ("rates", "spikes"):
        network, _ = made(method, 0, 4)
        network.method = make(learn_from=learn_from)
        s = network.activations[0]((2 * x @ network.layers[0].weight.T).expand(network.method.n_steps, -1, -1)).detach()
        before = network.layers[1].subspace.H.clone()
        optimizer = torch.optim.SGD(network.parameters(), lr=0.0)
        network.method.step(network, 2 * x, y, optimizer)
        decay = network.method.decay
        X = s.flatten(0, 1) if learn_from == "spikes" else rate(s, decay)
        H, _ = update(before.numpy(), 0 * before.numpy(), X.numpy(), ETA[1], 0)
        np.testing.assert_allclose(network.layers[1].subspace.H.numpy(), H, atol=1e-9)
        learned.append(H)
    assert not np.allclose(*learned), other


@pytest.mark.parametrize("method", ["dsr", "bptt", "ottt"])
def test_a_step_of_adam_stays_in_the_allowed_subspace(method):
    network, _ = made(method, 3, 2)
    x, y = torch.randn(8, SIZES[0], dtype=torch.float64), torch.randint(5, (8,))
    before = [layer.weight.detach().clone() for layer in network.layers]
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(3):
        network.method.step(network, x, y, optimizer)
    for layer, weight in zip(network.layers, before, strict=True):
        change = layer.weight.detach() - weight
        assert float(change.norm()) > 0.01
        assert float((change @ layer.subspace.old.T).abs().max()) < 1e-12
    network.layers[0].subspace.rule = network.layers[0].subspace.rule._replace(code=hlop.RateCode(20.0, 40))
    with pytest.raises(NeuroclError, match="spiking lateral neurons"):
        network.method.step(network, x, y, optimizer)


def test_a_network_of_spiking_neurons_refuses_samples_that_are_not_finite():
    for method in STEPS:
        network, _ = made(method, 0, 0)
        with pytest.raises(NeuroclError, match="SpikingMLP: the samples hold NaN"):
            network(torch.full((2, SIZES[0]), np.nan, dtype=torch.float64))


def test_constant_input_and_head_are_computed_once():
    network = hlop.SpikingMLP((16, 16), "dsr").build(30, 5)
    shapes = []
    for layer in network.layers:
        layer.register_forward_hook(lambda module, inputs, out: shapes.append(tuple(out.shape)))
    network(torch.randn(8, 30))
    assert shapes == [(8, 16), (20, 8, 16), (8, 5)]
