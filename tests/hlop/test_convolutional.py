"""Spiking convolutional networks of HLOP layers."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason='needs PyTorch: pip install "neurocl[torch]"')

import torch

from neurocl import NeuroclError
from neurocl.continual import Problem
from neurocl.hlop import HebbianSubspace, SpikingCNN, dsr, hlop_layers
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


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SpikingCNN(()), "channels must be a tuple"),
        (lambda: SpikingCNN((8,), method="bptt"), "method must be dsr, got 'bptt'"),
        (lambda: SpikingCNN((8, 8))(Problem((3, 3, 3), 2)), r"sides of at least 4, got \(3, 3, 3\)"),
    ],
)
def test_wrong_input_is_told(make: object, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()  # type: ignore[operator]
