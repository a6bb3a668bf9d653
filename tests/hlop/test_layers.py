"""HLOP layers: the output of the plain layer, and weight gradients outside of the old subspace."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from neurocl.core.errors import NeuroclError
from neurocl.hlop import HebbianSubspace, HLOPConv2d, HLOPLinear, convert, hlop_layers

GEOMETRIES = [(3, 1, 1), (3, 2, 1), (1, 2, 0), (5, 2, 2)]
"""Kernel, stride, padding."""


def old_rows(n: int, k: int = 4, **arguments: object) -> HebbianSubspace:
    """A subspace with k frozen rows."""
    subspace = HebbianSubspace(n, 0.01, **arguments)
    subspace.grow(k)
    subspace.merge()
    return subspace


def linear(subspace: HebbianSubspace | None = None, **arguments: object) -> HLOPLinear:
    torch.manual_seed(0)
    return HLOPLinear(12, 5, subspace=subspace, **arguments)


def with_subspace(layer: HLOPLinear, subspace: HebbianSubspace) -> HLOPLinear:
    layer.subspace = subspace
    return layer


def learning() -> HLOPLinear:
    """A layer with new rows alone."""
    layer = linear(HebbianSubspace(12))
    layer.subspace.grow(2)
    return layer


def gradients(layer: nn.Module, x: torch.Tensor, **arguments: object) -> tuple[torch.Tensor, ...]:
    """Output, and gradients of input, weight and bias, of a loss that weighs outputs in a fixed way."""
    layer.zero_grad()
    x = x.clone().requires_grad_()
    out = layer(x, **arguments)
    out.backward(torch.randn(out.shape, generator=torch.Generator().manual_seed(1)))
    return out.detach(), x.grad, layer.weight.grad, layer.bias.grad


@pytest.mark.parametrize("shape", [(8, 12), (6, 8, 12)])
def test_a_linear_layer_differs_from_the_plain_one_in_its_weight_gradient_alone(shape):
    x, layer = torch.randn(shape), linear(old_rows(12))
    plain = nn.Linear(12, 5)
    plain.load_state_dict({"weight": layer.weight, "bias": layer.bias})
    (out, to_x, to_w, to_b), expected = gradients(layer, x), gradients(plain, x)
    assert torch.equal(out, expected[0])
    torch.testing.assert_close((to_x, to_b), (expected[1], expected[3]), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(to_w, layer.subspace.project_weight_gradient(expected[2]), rtol=1e-5, atol=1e-5)
    assert not torch.allclose(to_w, expected[2])


@pytest.mark.parametrize("rows", [2, 300])
def test_projected_inputs_and_projected_gradients_are_one(rows):
    x, layer = torch.randn(rows, 12), linear(old_rows(12))
    G = torch.randn(rows, 5, generator=torch.Generator().manual_seed(1))
    expected = G.T @ layer.subspace.residual(x)
    torch.testing.assert_close(gradients(layer, x)[2], expected, rtol=1e-6, atol=1e-6 * float(expected.abs().max()))


@pytest.mark.parametrize("spiking", [None, (20.0, 40)])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_a_convolution_projects_its_patches(geometry, spiking):
    kernel, stride, padding = geometry
    torch.manual_seed(0)
    layer = HLOPConv2d(3, 4, kernel, stride, padding)
    x = 3 * torch.randn(2, 3, 9, 9)
    plain = gradients(layer, x)
    layer.subspace = old_rows(3 * kernel**2, 2, spiking=spiking)
    out, to_x, to_w, to_b = gradients(layer, x)
    U = functional.unfold(x, kernel, 1, padding, stride).transpose(1, 2)
    G = torch.randn(out.shape, generator=torch.Generator().manual_seed(1)).flatten(2)
    rest = layer.subspace.residual(U.reshape(-1, U.shape[-1])).view_as(U)
    expected = torch.einsum("bol,bln->on", G, rest).view_as(to_w)
    assert torch.equal(out, plain[0])
    torch.testing.assert_close((to_x, to_b), (plain[1], plain[3]))
    torch.testing.assert_close(to_w, expected, rtol=0, atol=1e-6 * float(expected.abs().max()))


def test_convolutions_take_time_and_learn_from_their_patches():
    torch.manual_seed(0)
    x = torch.randn(4, 2, 3, 8, 8)
    for subspace_stride, n_rows in ((None, 8 * 16), (1, 8 * 64)):
        layer = HLOPConv2d(
            3, 4, 3, 2, 1, subspace=HebbianSubspace(27, 0.01), subspace_stride=subspace_stride
        )
        layer.subspace.grow(5)
        before = HebbianSubspace(27, 0.01)
        before.grow(5)
        assert layer(x).shape == (4, 2, 4, 4, 4)
        rows = layer.patches(x)
        assert rows.shape == (n_rows, 27)
        before.update(rows)
        torch.testing.assert_close(layer.subspace.H, before.H)


@pytest.mark.parametrize("spiking", [None, (20.0, 40)])
@pytest.mark.parametrize("held", ["input", "gradient", "neither"])
@pytest.mark.parametrize("kind", ["linear", "convolution"])
def test_what_is_held_over_time_is_computed_once_with_the_same_result(kind, held, spiking):
    torch.manual_seed(0)
    if kind == "linear":
        layer, shape, to_shape = linear(old_rows(12, spiking=spiking)), (8, 12), (8, 5)
    else:
        layer = HLOPConv2d(3, 4, 3, padding=1, subspace=old_rows(27, spiking=spiking))
        shape, to_shape = (2, 3, 6, 6), (2, 4, 6, 6)
    x = 3 * (torch.randn(shape).expand(6, *shape) if held == "input" else torch.randn(6, *shape))
    x = x[0].expand(6, *shape) if held == "input" else x
    G = torch.randn(to_shape).expand(6, *to_shape) if held == "gradient" else torch.randn(6, *to_shape)
    found = []
    for form in (lambda z: z, torch.Tensor.contiguous):
        layer.zero_grad()
        z = form(x).detach().requires_grad_()
        layer(z).backward(form(G))
        found.append((layer.weight.grad.clone(), layer.bias.grad.clone(), z.grad.clone()))
    torch.testing.assert_close(found[0], found[1], rtol=1e-4, atol=1e-4)


def test_traces_take_the_inputs_place_in_the_weight_gradient_alone():
    x, trace, layer = torch.randn(8, 12), torch.randn(8, 12), linear(old_rows(12))
    out, to_x, to_w, _ = gradients(layer, x, trace=trace)
    plain, of_trace = gradients(layer, x), gradients(layer, trace)
    assert torch.equal(out, plain[0]) and torch.equal(to_x, plain[1]) and torch.equal(to_w, of_trace[2])


def test_one_step_of_a_loop_by_hand_learns_from_spikes_and_traces_together():
    x, trace = torch.randn(8, 12), torch.randn(8, 12)
    one, other = (linear(old_rows(12)) for _ in range(2))
    for layer in (one, other):
        layer.subspace.grow(3)
    found, expected = (gradients(one, x, trace=trace), gradients(other, x[None], trace=trace[None]))
    assert torch.equal(one.subspace.H, other.subspace.H) and torch.equal(found[2], expected[2])
    assert not torch.equal(one.subspace.new, linear(old_rows(12)).subspace.H)


@pytest.mark.parametrize("how", ["plain", "double", "autocast"])
@pytest.mark.parametrize("kind", ["linear", "convolution"])
def test_a_subspace_in_single_precision_goes_with_layers_in_double_precision_and_with_autocast(kind, how):
    layer, shape, n = (linear(), (8, 12), 12) if kind == "linear" else (HLOPConv2d(3, 4, 3), (2, 3, 8, 8), 27)
    twin, dtype = copy.deepcopy(layer), torch.float64 if how == "double" else torch.float32
    layer = layer.to(dtype)
    for one in (layer, twin):
        one.subspace = old_rows(n)
        one.subspace.grow(3)
    x = torch.randn(shape)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=how == "autocast"):
        out = layer(x.to(dtype))
    assert out.dtype == (torch.bfloat16 if how == "autocast" else dtype)
    for made in (out, twin(x)):
        made.backward(torch.randn(out.shape, generator=torch.Generator().manual_seed(1)).to(made))
    assert layer.weight.grad.dtype == dtype and layer.subspace.H.dtype == torch.float32
    tolerance = 0.01 * float(twin.weight.grad.norm()) if how == "autocast" else 1e-4
    torch.testing.assert_close(layer.weight.grad.float(), twin.weight.grad, rtol=0, atol=tolerance)
    torch.testing.assert_close(layer.subspace.H, twin.subspace.H)


def test_a_convolution_takes_one_image_as_the_plain_layer_does():
    torch.manual_seed(0)
    layer, x = HLOPConv2d(3, 4, 3, subspace=old_rows(27)), torch.randn(3, 8, 8)
    layer.subspace.grow(2)
    found, expected = gradients(layer, x), gradients(layer, x[None])
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b.view_as(a))
    assert layer.eval()(x).shape == (4, 6, 6)


@pytest.mark.parametrize(("momentum", "tolerance"), [(0.0, 1e-5), (0.9, 1e-4)])  # steps are ten times as long
def test_what_was_learned_is_kept_where_the_old_activity_lies_in_the_subspace(momentum, tolerance):
    torch.manual_seed(0)
    layer = nn.Sequential(HLOPLinear(20, 6, bias=False, subspace=HebbianSubspace(20, 0.01)))[0]
    old, new = torch.randn(200, 5) @ torch.randn(5, 20) / 3, torch.randn(200, 20)
    layer.subspace.grow(5)
    for _ in range(600):
        layer.subspace.update(old)
    layer.subspace.merge()
    before, before_new = layer(old).detach(), layer(new).detach()
    target = torch.randn(200, 6)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, momentum=momentum)
    for _ in range(100):
        optimizer.zero_grad()
        functional.mse_loss(layer(new), target).backward()
        optimizer.step()
    change = (layer(old) - before).detach().abs().max()
    assert float(change / before.abs().max()) < tolerance
    assert float((layer(new).detach() - before_new).norm()) > 0.3 * float(before_new.norm())


def test_a_subspace_of_all_directions_freezes_the_layer():
    layer = linear(old_rows(12, 12))
    assert float(gradients(layer, torch.randn(8, 12))[2].abs().max()) < 1e-5


def test_nothing_is_projected_or_learned_in_evaluation_or_at_rest():
    x, layer = torch.randn(8, 12), linear(old_rows(12))
    layer.subspace.grow(3)
    before, plain = layer.subspace.H.clone(), gradients(nn.Linear(12, 5), x)
    assert plain is not None
    layer.eval()
    layer(x)
    layer.train()
    with torch.no_grad():
        layer(x)
    layer.is_active = False
    to_w = gradients(layer, x)[2]
    G = torch.randn(8, 5, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(to_w, G.T @ x)
    assert torch.equal(layer.subspace.H, before)


def test_a_backward_pass_after_a_merge_projects_what_was_old_in_the_forward_pass():
    layer, x = linear(old_rows(12)), torch.randn(8, 12)
    layer.subspace.grow(3)
    expected = layer.subspace.project_weight_gradient(torch.ones(8, 5).T @ x)
    out = layer(x).sum()
    layer.subspace.merge()
    out.backward()
    torch.testing.assert_close(layer.weight.grad, expected)


def test_errors_may_travel_by_fixed_or_by_signed_weights():
    x = torch.randn(8, 12)
    G = torch.randn(8, 5, generator=torch.Generator().manual_seed(1))
    plain = gradients(linear(), x)
    fixed, signed = linear(feedback="alignment"), linear(feedback="sign")
    assert float(fixed.back.abs().max()) <= 1 / math.sqrt(12)
    torch.testing.assert_close(gradients(fixed, x)[1], G @ fixed.back)
    with torch.no_grad():
        signed.weight[0, 0] = 0.0
    torch.testing.assert_close(gradients(signed, x)[1], G @ signed.weight.sign() / math.sqrt(12))
    torch.testing.assert_close(gradients(fixed, x)[2], plain[2])
    assert "back" in fixed.state_dict() and "back" not in linear().state_dict()


def test_convolutions_may_use_signed_weights():
    torch.manual_seed(0)
    layer, plain = HLOPConv2d(3, 4, 3, feedback="sign"), nn.Conv2d(3, 4, 3)
    x = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        plain.weight.copy_(layer.weight.sign() * math.sqrt(2 / 36))
    torch.testing.assert_close(gradients(layer, x)[1], gradients(plain, x)[1])


def test_plain_layers_are_converted_with_their_parameters():
    model = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(36, 10, bias=False))
    x, parameters, names = torch.randn(2, 1, 8, 8), list(model.parameters()), list(model.state_dict())
    out = model(x)
    assert torch.equal(convert(model)(x), out)
    assert all(a is b for a, b in zip(model.parameters(), parameters, strict=True))
    assert list(model.state_dict()) == names and len(hlop_layers(model)) == 2
    assert isinstance(convert(nn.Linear(3, 2)), HLOPLinear) and isinstance(convert(nn.Conv2d(3, 2, 1)), HLOPConv2d)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: HLOPLinear(5, 2, subspace=HebbianSubspace(6)), "n=6 where the layer has 5 inputs"),
        (lambda: HLOPLinear(5, 2, feedback="random"), "feedback must be one of backprop, alignment, sign"),
        (lambda: HLOPConv2d(4, 4, 3, groups=2), "groups must be 1"),
        (lambda: HLOPConv2d(4, 4, 3, padding="same"), "padding a number"),
        (lambda: HLOPConv2d(4, 4, 3, padding_mode="reflect"), "padding_mode 'zeros'"),
        (lambda: convert(nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular")), "padding_mode 'zeros'"),
        (lambda: convert(nn.Sequential(*[nn.Linear(4, 4)] * 2)), "share a weight"),
        (lambda: HLOPLinear(5, 2, subspace=4), "subspace must be a HebbianSubspace or None, got 4"),
        (lambda: HLOPConv2d(4, 4, 3, subspace=4), "subspace must be a HebbianSubspace or None, got 4"),
        (lambda: with_subspace(linear(), old_rows(7))(torch.zeros(4, 12)), "n=7 where the layer has 12 inputs"),
        (lambda: learning()(torch.zeros(4, 12), activity=torch.zeros(12, 4)), r"rows \[row, 12\], got shape \(12, 4\)"),
        (lambda: learning()(torch.zeros(4, 24)), r"rows \[row, 12\], got shape \(4, 24\)"),
        (lambda: HLOPConv2d(4, 4, 3, feedback="alignment"), "feedback must be one of backprop, sign"),
        (lambda: HLOPConv2d(4, 4, 3, subspace=HebbianSubspace(4)), "n=4 where the layer has 36 inputs"),
        (lambda: convert(nn.Sequential(nn.Conv2d(4, 4, 3, groups=4))), "groups must be 1"),
        (lambda: linear(HebbianSubspace(12)).subspace.update(torch.zeros(1, 12)), "call grow"),
    ],
)
def test_wrong_input_is_told_in_one_sentence(wrong, told):
    with pytest.raises(NeuroclError, match=told):
        wrong()


def test_activity_that_is_not_finite_is_told():
    layer = learning()
    with pytest.raises(NeuroclError, match="NaN or infinite"):
        layer(torch.full((4, 12), math.inf))
