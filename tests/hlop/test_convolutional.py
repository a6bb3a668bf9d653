"""Spiking convolutional networks of HLOP layers."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch", reason='needs PyTorch: pip install "neurocl[torch]"')

import torch

from neurocl import NeuroclError
from neurocl.continual import Problem
from neurocl.hlop import HebbianSubspace, SpikingCNN, SpikingMLP, dsr, hlop_layers
from neurocl.hlop.representation import rate

PROBLEM = Problem((3, 8, 8), 4)


def network(seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    return SpikingCNN((4, 6), dsr(5))(PROBLEM)


def images(n: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(n, 3, 8, 8, generator=torch.Generator().manual_seed(seed))


def logits_step_by_step(net: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    """The network as it is defined: the image is given at every step, time and samples are one batch for the norms."""
    s = x.expand(5, *x.shape)
    for layer, norm, neuron in zip(net.layers[:-1], net.norms, net.activations, strict=True):
        maps = torch.stack([layer(step) for step in s])
        spikes = neuron(norm(maps.flatten(0, 1)).view_as(maps))
        s = torch.stack([torch.nn.functional.avg_pool2d(step, 2) for step in spikes])
    return rate(torch.stack([net.layers[-1](step.flatten(1)) for step in s]), net.method.decay)


def test_the_first_convolution_once_is_the_first_convolution_at_every_step() -> None:
    x = images(7)
    torch.testing.assert_close(network()(x), logits_step_by_step(network(), x), rtol=1e-4, atol=1e-6)


def test_many_images_are_evaluated_in_pieces() -> None:
    net, x = network().train(), images(150)
    for _ in range(3):
        net(x)
    net.eval()
    torch.testing.assert_close(net(x), torch.cat([net(part) for part in x.split(50)]), rtol=1e-4, atol=1e-6)


def test_subspaces_learn_patches_of_rates_and_weights_move_outside_of_them() -> None:
    net, x = network(), images(16)
    for layer in hlop_layers(net)[:-1]:
        layer.subspace = HebbianSubspace(layer.weight[0].numel(), lr=0.01)
        layer.subspace.grow(5)
        before = layer.subspace.H.clone()
        net(x)
        assert not torch.equal(layer.subspace.H, before)
        layer.subspace.merge()
    net(x).square().sum().backward()
    for layer in hlop_layers(net)[:-1]:
        gradient, H = layer.weight.grad.flatten(1), layer.subspace.H
        q = torch.linalg.qr(H.T)[0]
        # orthonormal rows to about 0.1: what is left inside the subspace is small
        assert (gradient @ q).norm() < 0.3 * gradient.norm()


@pytest.mark.parametrize("learn_from", ["rates", "spikes"])
def test_subspaces_learn_from_rates_or_from_all_steps(learn_from: str) -> None:
    net, x = network(), 3 * images(8)
    net.method = dsr(5, learn_from=learn_from)
    seen: list[torch.Tensor] = []
    for index, n in ((1, 36), (2, 24)):
        layer = net.layers[index]
        layer.subspace = HebbianSubspace(n)
        layer.subspace.grow(3)
        layer.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach()))
    maps, _ = net.layers[1], net(x)
    expected = HebbianSubspace(36)
    expected.grow(3)
    expected.update(maps.patches(seen[0] if learn_from == "spikes" else rate(seen[0], net.method.decay)))
    torch.testing.assert_close(maps.subspace.H, expected.H)


def test_a_shared_head_with_spiking_lateral_neurons_projects_every_step() -> None:
    net, x = network(), 3 * images(8)
    head, steps = net.layers[-1], []
    head.subspace = HebbianSubspace(24, spiking=(20.0, 40))
    head.subspace.grow(4)
    head.subspace.merge()
    head.register_forward_pre_hook(lambda module, inputs: steps.append(inputs[0].detach()))
    G = torch.randn(8, 4, generator=torch.Generator().manual_seed(2))
    net(x).backward(G)
    weights = rate(torch.eye(5)[:, :, None], net.method.decay)[:, 0]
    expected = sum(w * G.T @ head.subspace.residual(s) for w, s in zip(weights, steps[0], strict=True))
    torch.testing.assert_close(head.weight.grad, expected)


def test_dsr_steps_train_it_also_by_adam() -> None:
    net, x, y = network(), images(8), torch.arange(8) % 4
    before = [layer.weight.detach().clone() for layer in net.layers]
    for layer in net.layers:
        layer.subspace = HebbianSubspace(layer.weight[0].numel(), orthonormalise_on_merge=True)
        layer.subspace.grow(3)
        layer.subspace.merge()
    net.method.step(net, x, y, torch.optim.Adam(net.parameters(), lr=0.01))
    for layer, weight in zip(net.layers, before, strict=True):
        change = (layer.weight.detach() - weight).flatten(1)
        assert float((change @ layer.subspace.H.T).abs().max()) < 1e-5 < float(change.abs().max())


def test_heads_have_biases_and_a_shared_head_has_none() -> None:
    several = replace(PROBLEM, scenario="task", heads={0: (0, 1), 1: (2, 3)})
    for model in (SpikingCNN((4, 6)), SpikingMLP((5,))):
        assert [model(problem).layers[-1].bias is None for problem in (PROBLEM, several)] == [True, False]
    assert SpikingMLP((5,))(several).layers[0].bias is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SpikingCNN(()), "channels must be a tuple"),
        (lambda: SpikingCNN((8,), method="bptt"), "method must be dsr, got 'bptt'"),
        (lambda: network()(images(2) * torch.nan), "SpikingCNN: the samples hold NaN"),
        (lambda: SpikingCNN((8, 8))(Problem((3, 3, 3), 2)), r"sides of at least 4, got \(3, 3, 3\)"),
    ],
)
def test_wrong_input_is_told(make: object, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()  # type: ignore[operator]
