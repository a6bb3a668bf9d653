"""The neurons: outputs and gradients are those of the equations."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurocl.core.errors import NeuroclError
from neurocl.hlop import DSRIF, DSRLIF, OnlineLIF, SurrogateLIF, bptt
from neurocl.hlop.representation import rate
from tests.hlop import reference


def current(time: int, size: float, is_held: bool = False) -> torch.Tensor:
    numbers = np.random.default_rng(0)
    if is_held:
        return torch.from_numpy(size * numbers.normal(size=(1, 4, 9))).expand(time, -1, -1).requires_grad_()
    return torch.from_numpy(size * numbers.normal(0.3, 1.0, size=(time, 4, 9))).requires_grad_()


def in_float64(neuron: torch.nn.Module, v_th: float) -> torch.nn.Module:
    """With a threshold that is not rounded to float32."""
    neuron.double().v_th.data.fill_(v_th)
    return neuron


@pytest.mark.parametrize("is_held", [False, True])
@pytest.mark.parametrize("size", [1.0, 5.0])
def test_representation_lif_is_that_of_the_equations(is_held, size):
    neuron, I = in_float64(DSRLIF(), 0.3), current(20, size, is_held)
    out, g = neuron(I), torch.randn(20, 4, 9, dtype=torch.float64)
    out.backward(g)
    np.testing.assert_allclose(out.detach(), reference.dsr_forward(I.detach().numpy(), 0.3, 0.3, 1.0, 0.05))
    to_current, to_v = reference.dsr_backward(g.numpy(), I.detach().numpy(), 0.3, 1.0, 0.05)
    np.testing.assert_allclose(I.grad, to_current, atol=1e-12)
    assert float(neuron.v_th.grad) == pytest.approx(to_v)
    assert out.detach().unique().tolist() == pytest.approx([0.0, 6.0])


def test_representation_if_is_that_of_the_equations():
    neuron, I = in_float64(DSRIF(), 1.0), current(20, 1.0)
    out, g = neuron(I), torch.randn(20, 4, 9, dtype=torch.float64)
    out.backward(g)
    np.testing.assert_allclose(out.detach(), reference.if_forward(I.detach().numpy(), 1.0, 0.5))
    to_current, to_v = reference.if_backward(g.numpy(), I.detach().numpy(), 1.0)
    np.testing.assert_allclose(I.grad, to_current, atol=1e-12)
    assert float(neuron.v_th.grad) == pytest.approx(to_v)


def test_the_clamp_is_open_inside_alone_for_lif_and_closed_for_if():
    for neuron, ends in ((DSRLIF(tau=1.0, dt=0.5, v_th=0.5), 0.0), (DSRIF(v_th=1.0), 1.0)):
        I = torch.tensor([0.0, 0.5, 1.0, 1.5]).expand(1, 1, 4).clone().requires_grad_()
        neuron(I).sum().backward()
        assert I.grad[0, 0].tolist() == [ends, 1.0, ends, 0.0]


def test_the_threshold_keeps_above_its_bound():
    neuron = DSRLIF(bound=0.01)
    with torch.no_grad():
        neuron.v_th.fill_(-1.0)
    neuron(torch.ones(3, 1, 1))
    assert neuron.v_th.item() == pytest.approx(0.01)


def test_rates_weigh_late_steps_more():
    z = torch.randn(20, 4, dtype=torch.float64)
    expected = reference.rate_weights(20, 0.05, 1.0) @ z.numpy()
    np.testing.assert_allclose(rate(z, float(np.exp(-0.05))), expected)
    np.testing.assert_allclose(rate(z, 1.0), z.mean(0))


@pytest.mark.parametrize("is_held", [False, True])
def test_surrogate_neurons_are_those_of_the_equations(is_held):
    I = current(6, 2.0, is_held)
    s, u = reference.lif_forward(I.detach().numpy())
    g = torch.randn(6, 4, 9, dtype=torch.float64)
    for neuron, through_time in ((SurrogateLIF(), True), (OnlineLIF(), False)):
        I.grad = None
        out = neuron(I)
        spikes = out if through_time else out[0]
        spikes.backward(g)
        np.testing.assert_array_equal(spikes.detach(), s)
        np.testing.assert_allclose(I.grad, reference.lif_backward(g.numpy(), u, through_time), atol=1e-12)
        if not through_time:
            np.testing.assert_allclose(out[1], reference.traces(s))
            assert not out[1].requires_grad


def test_the_surrogate_slope_is_one_at_the_threshold_at_most():
    I = torch.linspace(0, 2, 201, dtype=torch.float64).reshape(1, 1, -1).requires_grad_()
    SurrogateLIF()(I).sum().backward()
    assert float(I.grad.max()) == pytest.approx(1.0) and int(I.grad.argmax()) == 100


def test_online_neurons_go_on_from_their_state():
    I, neuron = current(6, 2.0).detach(), OnlineLIF()
    spikes, traces, _ = neuron(I)
    state, parts = None, []
    for step in I:
        s, a, state = neuron(step[None], state)
        parts.append((s, a))
    assert torch.equal(spikes, torch.cat([s for s, _ in parts]))
    torch.testing.assert_close(traces, torch.cat([a for _, a in parts]))


def test_without_leak_traces_count_spikes():
    I = current(6, 2.0).detach()
    spikes, traces, _ = OnlineLIF(tau=float("inf"))(I)
    torch.testing.assert_close(traces, spikes.cumsum(0))


def test_representation_neurons_may_be_passed_again_before_the_backward_pass():
    neuron, first, second = DSRLIF(), current(20, 1.0), current(20, 3.0)
    apart = []
    for I in (first, second):
        neuron(I).square().sum().backward()
        apart.append(I.grad.clone())
    first.grad = second.grad = None
    (neuron(first).square().sum() + neuron(second).square().sum()).backward()
    assert torch.equal(first.grad, apart[0]) and torch.equal(second.grad, apart[1])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: DSRLIF(tau=0), "tau must be > 0"),
        (lambda: DSRIF(alpha=2), "alpha is a probability"),
        (lambda: SurrogateLIF(tau=-1), "tau must be > 0"),
        *((make, "must be >= 1, got 0.5") for make in (lambda: SurrogateLIF(0.5), lambda: OnlineLIF(0.5),
                                                       lambda: bptt(tau=0.5))),
    ],
)  # fmt: skip
def test_wrong_constants_are_told(wrong, told):
    with pytest.raises(NeuroclError, match=told):
        wrong()
