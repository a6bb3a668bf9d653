"""Layers one after the other: the same as a loop over time, states in and out, snnTorch's neurons among them."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import neurocl as ncl
from neurocl.nn import Spiking, SpikingRecurrent, SpikingSequential, unroll


def network() -> SpikingSequential:
    torch.manual_seed(0)
    return SpikingSequential(
        torch.nn.Linear(5, 8), Spiking(ncl.models.Leaky, 8), torch.nn.Linear(8, 6),
        SpikingRecurrent(Spiking(ncl.models.Leaky, 6)), torch.nn.Linear(6, 3), Spiking(ncl.models.Leaky, 3),
    )  # fmt: skip


def inputs(n_steps: int = 12) -> torch.Tensor:
    return 3 * torch.rand(n_steps, 4, 5, generator=torch.Generator().manual_seed(1))


def test_layer_by_layer_is_step_by_step() -> None:
    model, x = network(), inputs()
    out, state = model(x)

    def step(now: torch.Tensor, before: Any) -> tuple[torch.Tensor, Any]:
        after, found = [], now
        for k, layer in enumerate(model.layers):
            if hasattr(layer, "step"):
                found, state = layer.step(found, before[k] if before else None)
                after.append(state)
            else:
                found = layer(found)
                after.append(None)
        return found, after

    stepped, last = unroll(step, x)
    assert out.sum() > 0
    assert torch.equal(stepped, out)
    torch.testing.assert_close(last[3].neurons.v, state[3].neurons.v)
    torch.testing.assert_close(last[3].spikes, state[3].spikes)


def test_a_sequence_in_two_parts_is_the_whole() -> None:
    model, x = network(), inputs()
    whole, _ = model(x)
    first, state = model(x[:5])
    second, _ = model(x[5:], state)
    assert torch.equal(torch.cat([first, second]), whole)


def test_a_constant_input_is_a_repeated_one() -> None:
    model, x = network(), inputs()[0]
    constant, _ = model(x, n_steps=9)
    repeated, _ = model(x.expand(9, 4, 5))
    assert torch.equal(constant, repeated)
    for a, b in zip(
        *(torch.autograd.grad(y.sum(), list(model.parameters())) for y in (constant, repeated)), strict=True
    ):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def test_images_pass_convolutions() -> None:
    model = SpikingSequential(
        torch.nn.Conv2d(1, 2, 3), torch.nn.Flatten(), Spiking(ncl.models.Leaky, 72), torch.nn.Linear(72, 3)
    )
    x = torch.rand(5, 2, 1, 8, 8)
    assert model(x)[0].shape == (5, 2, 3)
    assert torch.equal(model(x[0], n_steps=5)[0], model(x[0].expand(5, 2, 1, 8, 8))[0])


@pytest.mark.parametrize("kind", ["Leaky", "Synaptic", "RLeaky", "Lapicque"])
def test_neurons_of_snntorch_run_among_ours(kind: str) -> None:
    snntorch = pytest.importorskip("snntorch")
    arguments = {"Leaky": {}, "Synaptic": {"alpha": 0.8}, "RLeaky": {"linear_features": 8}, "Lapicque": {}}[kind]
    torch.manual_seed(0)
    neuron = getattr(snntorch, kind)(beta=0.9, **arguments)
    model = SpikingSequential(torch.nn.Linear(5, 8), neuron, torch.nn.Linear(8, 3), Spiking(ncl.models.Leaky, 3))
    x = inputs()
    whole, _ = model(x)
    again, _ = model(x)  # nothing is left over from the first call
    first, state = model(x[:5])
    second, _ = model(x[5:], state)
    assert torch.equal(whole, again)
    assert torch.equal(torch.cat([first, second]), whole)
    model(x)[0].sum().backward()
    assert model.layers[0].weight.grad is not None  # type: ignore[union-attr]


def test_layers_nest() -> None:
    inner = network()
    outer = SpikingSequential(inner, torch.nn.Linear(3, 2))
    out, state = outer(inputs())
    assert torch.equal(out, outer.layers[1](inner(inputs())[0]))
    assert len(state[0]) == len(inner.layers)


def test_a_recurrent_layer_hears_its_own_spikes_one_step_later() -> None:
    layer = SpikingRecurrent(Spiking(ncl.models.Leaky, 2))
    with torch.no_grad():
        layer.connection.weight.copy_(torch.tensor([[0.0, 0.0], [5.0, 0.0]]))  # type: ignore[union-attr, operator]
    x = torch.zeros(4, 1, 2)
    x[1, 0, 0] = 2.0
    spikes, _ = layer(x)
    assert spikes[:, 0].tolist() == [[0, 0], [1, 0], [0, 1], [0, 1]]  # 5 take two spikes to discharge


def test_mistakes_are_told() -> None:
    with pytest.raises(ncl.NeuroclError, match="layer 0 must be a torch module"):
        SpikingSequential(ncl.models.LIF)  # type: ignore[arg-type]
    with pytest.raises(ncl.NeuroclError, match="one entry for each of its 6"):
        network()(inputs(), (None,))
    with pytest.raises(ncl.NeuroclError, match="expected a Spiking layer"):
        SpikingRecurrent(torch.nn.Linear(2, 2))  # type: ignore[arg-type]
    snntorch = pytest.importorskip("snntorch")
    with pytest.raises(ncl.NeuroclError, match="init_hidden=False"):
        SpikingSequential(snntorch.Leaky(beta=0.9, init_hidden=True))
