"""The compiled time loop gives what the plain loop of torch operations gives."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import neurocl as ncl
from neurocl.nn import Spiking
from tests.nn.layers import CASES, make


def results(layer: Spiking, x: torch.Tensor, state: Any = None, **arguments: Any) -> tuple[torch.Tensor, ...]:
    """Spikes, last states, and the gradients of a function of both: of the input and of the raw parameters."""
    x = x.clone().requires_grad_()
    spikes, last = layer(x, state, **arguments)
    weights = torch.linspace(-1.0, 2.0, spikes.numel(), dtype=spikes.dtype).reshape(spikes.shape)
    floats = [part for part in last if part.is_floating_point() and part.ndim]
    loss = (weights * spikes).sum() + sum((part * weights[0]).sum() for part in floats)
    gradients = torch.autograd.grad(loss, [x, *layer.raw.values()])
    assert 0 < spikes.sum() < spikes.numel()
    return spikes, *last, *gradients


def both(case: str, **changes: Any) -> tuple[tuple[torch.Tensor, ...], tuple[torch.Tensor, ...]]:
    (plain, x), (fused, _) = make(case, fused=False, **changes), make(case, fused=True, **changes)
    return results(plain, x), results(fused, x)


def assert_equal(plain: tuple[torch.Tensor, ...], fused: tuple[torch.Tensor, ...], rtol: float = 1e-8) -> None:
    assert torch.equal(plain[0], fused[0])
    for a, b in zip(plain[1:], fused[1:], strict=True):
        torch.testing.assert_close(b, a, rtol=rtol, atol=0.01 * rtol)


@pytest.mark.parametrize("reset_gradient", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_fused_and_plain_loop_agree(case: str, reset_gradient: bool) -> None:
    assert_equal(*both(case, reset_gradient=reset_gradient))


@pytest.mark.parametrize("surrogate", ["fast_sigmoid", "sigmoid", "triangle", "straight_through_estimator"])
def test_every_surrogate_has_its_compiled_twin(surrogate: str) -> None:
    assert_equal(*both("leaky", surrogate=surrogate))


def test_a_foreign_surrogate_is_differentiated_by_torch() -> None:
    snntorch = pytest.importorskip("snntorch")
    surrogate = snntorch.surrogate.fast_sigmoid(slope=10)
    assert_equal(*both("leaky", surrogate=surrogate), rtol=1e-5)  # snnTorch computes in float32


LEARNED = [
    ("leaky", ["tau_mem", "v_th"]), ("LIF", ["tau_mem", "tau_syn", "v_th", "v_reset", "c_mem", "v_leak"]),
    ("exponential", ["tau_mem", "tau_syn", "v_th"]), ("LIF, input to i_ext", ["tau_mem", "c_mem"]),
]  # fmt: skip


@pytest.mark.parametrize("reset_gradient", [False, True])
@pytest.mark.parametrize(("case", "learn"), LEARNED, ids=[case for case, _ in LEARNED])
def test_gradients_of_learned_parameters_agree(case: str, learn: list[str], reset_gradient: bool) -> None:
    plain, fused = both(case, learn=learn, reset_gradient=reset_gradient)
    assert_equal(plain, fused)
    assert all(bool(gradient.abs().max() > 0) for gradient in fused[-len(learn) :])


def test_a_constant_input_is_a_repeated_one() -> None:
    layer, x = make("LIF", learn=["tau_mem"])
    constant = results(layer, x[0] + 400.0, n_steps=40)
    repeated = (x[0] + 400.0).requires_grad_()
    spikes, _ = layer(repeated.expand(40, 3, 7))
    assert torch.equal(constant[0], spikes)
    plain, _ = make("LIF", learn=["tau_mem"], fused=False)
    assert_equal(results(plain, x[0] + 400.0, n_steps=40), constant)


def test_float32_agrees_to_its_precision() -> None:
    plain, fused = both("leaky", dtype=torch.float32)
    assert torch.equal(plain[0], fused[0])
    torch.testing.assert_close(fused[-1], plain[-1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", ["leaky", "LIF"])
def test_any_number_of_batch_axes(case: str) -> None:
    layer, x = make(case, n=6)
    spikes, state = layer(x)
    single, last = layer(x[:, 1])
    assert torch.equal(single, spikes[:, 1]) and torch.equal(last.v, state.v[1])
    folded, after = layer(torch.stack([x, x], dim=1))
    assert torch.equal(folded[:, 1], spikes) and after.v.shape == (2, 3, 6)


def test_a_sequence_in_two_parts_is_the_whole() -> None:
    layer, x = make("LIF")
    whole, last = layer(x)
    first, middle = layer(x[:11])
    second, end = layer(x[11:], middle)
    assert torch.equal(torch.cat([first, second]), whole)
    for a, b in zip(end, last, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("model", "arguments", "reason"),
    [
        (ncl.models.LIFAlpha, {}, "3 states"), (ncl.models.AdEx, {}, "3 states"), (ncl.models.ALIF, {}, "4 states"),
        (ncl.models.QIF, {}, "not linear"), (ncl.models.LIF, {"output": "v"}, "output"),
    ],
)  # fmt: skip
def test_what_it_does_not_know_runs_in_the_plain_loop(model: Any, arguments: dict[str, Any], reason: str) -> None:
    layer = Spiking(model, 2, **arguments)
    assert reason in str(layer.fused.reason)
    assert layer(torch.zeros(2, 1, 2))[0].shape == (2, 1, 2)
    with pytest.raises(ncl.NeuroclError, match=reason):
        Spiking(model, 2, fused=True, **arguments)
