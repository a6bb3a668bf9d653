"""The layer: gradients, states, learned parameters, compilation, and what it says to mistakes."""

from __future__ import annotations

import copy
import math
import shutil
from typing import Any

import numpy as np
import pytest
import torch

import neurocl as ncl
from neurocl.nn import Spiking, Surrogate, detach, unroll
from tests.nn.layers import EXPONENTIAL, make


def smooth(u: torch.Tensor) -> torch.Tensor:
    """A spike without a step: its derivative is no surrogate but its own."""
    return torch.sigmoid(4.0 * u)


@pytest.mark.parametrize("learn", [[], ["tau_mem", "tau_syn", "v_th"]])
def test_gradients_of_the_smoothed_model_are_finite_differences(learn: list[str]) -> None:
    layer = Spiking(
        EXPONENTIAL, 2, surrogate=smooth, reset_gradient=True, learn=learn, dtype=torch.float64, fused=False
    )  # fmt: skip
    x = torch.rand(4, 1, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    raw = list(layer.raw.values())

    def function(x: torch.Tensor, *raw: torch.Tensor) -> tuple[torch.Tensor, ...]:
        spikes, state = layer(x)
        return spikes, *state

    assert torch.autograd.gradcheck(function, (x, *raw))


@pytest.mark.parametrize("model", [ncl.models.AdEx, ncl.models.LIFAlpha, ncl.models.AdaptiveThresholdLIF])
def test_smoothed_gradients_hold_for_models_that_only_the_plain_loop_knows(model: ncl.NeuronModel) -> None:
    free = {"t_ref": 0.0} if "t_ref" in model.parameters else {}  # a refractory neuron has no smooth twin
    layer = Spiking(
        model, 2, surrogate=lambda u: torch.sigmoid(u / 10), reset_gradient=True, dtype=torch.float64, dt=0.1,
        learn=["v_reset"], **free,
    )  # fmt: skip
    x = 100 * torch.rand(4, 1, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert torch.autograd.gradcheck(lambda x, _: layer(x)[0], (x.requires_grad_(), layer.raw["v_reset"]))


def test_gradients_are_those_of_snntorch() -> None:
    snntorch = pytest.importorskip("snntorch")
    surrogate = snntorch.surrogate.fast_sigmoid(slope=10)
    reference = snntorch.Leaky(beta=0.9, spike_grad=surrogate, reset_mechanism="subtract")
    x = torch.randn(25, 16, 50, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.1
    weights = torch.randn(25, 16, 50, generator=torch.Generator().manual_seed(1))
    found = []
    for fused in (None, False, True):
        given = x.clone().requires_grad_()
        if fused is None:
            spikes, _ = unroll(lambda now, mem: reference(now, mem), given, reference.reset_mem())
        else:
            tau = -1 / math.log(0.9)
            spikes, _ = Spiking(ncl.models.Leaky, 50, surrogate=surrogate, tau_mem=tau, fused=fused)(given)
        (gradient,) = torch.autograd.grad((weights * spikes).sum(), given)
        found.append((spikes.detach(), gradient))
    for spikes, gradient in found[1:]:
        assert torch.equal(spikes, found[0][0])
        torch.testing.assert_close(gradient, found[0][1], rtol=1e-5, atol=5e-6)


def test_no_gradient_flows_through_the_reset_unless_asked_for() -> None:
    found = []
    for reset_gradient in (False, True):
        layer, x = make("leaky", reset_gradient=reset_gradient)
        x.requires_grad_()
        _, state = layer(x)
        (gradient,) = torch.autograd.grad(state.v.sum(), x)
        found.append(gradient)
    decay = math.exp(-1 / 10.0) ** torch.arange(29, -1, -1, dtype=torch.float64)
    torch.testing.assert_close(found[0], decay[:, None, None].expand(30, 3, 7))  # as if it had never fired
    assert not torch.allclose(found[1], found[0])


@pytest.mark.parametrize("case", ["leaky", "LIF", "exponential"])
def test_step_by_step_is_the_whole_sequence(case: str) -> None:
    layer, x = make(case, learn=["tau_mem"])
    spikes, state = layer(x)
    stepped, last = unroll(layer.step, x)
    assert torch.equal(stepped, spikes)
    for a, b in zip(last, state, strict=True):
        torch.testing.assert_close(a, b)


def test_truncation_cuts_gradients_between_blocks() -> None:
    layer, x = make("leaky")
    x.requires_grad_()
    _, state = unroll(layer.step, x, truncate=10)
    (gradient,) = torch.autograd.grad(state.v.sum(), x)
    assert gradient[20:].abs().min() > 0
    assert gradient[:20].abs().max() == 0
    assert detach(((state,), None))[0][0].v.grad_fn is None


def test_a_refractory_neuron_holds_for_exactly_its_steps() -> None:
    layer = Spiking(ncl.models.LIF, 1, t_ref=3.0, dtype=torch.float64, input="i_ext")
    spikes, _ = layer(torch.full((1, 1), 1e6, dtype=torch.float64), n_steps=12)
    assert spikes[:, 0, 0].tolist() == [1, 0, 0, 0] * 3


def test_learned_parameters_start_where_they_are_given_and_stay_allowed() -> None:
    values = np.linspace(5.0, 30.0, 7)
    layer, x = make("LIF", learn=["tau_mem", "v_th"], shared=["tau_syn"], tau_mem=values)
    torch.testing.assert_close(layer.value("tau_mem"), torch.as_tensor(values))
    assert layer.raw["tau_syn"].shape == ()
    optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
    layer(x)[0].sum().backward()
    optimizer.step()
    assert bool((layer.value("tau_mem") > 0).all())
    assert float((layer.value("tau_mem") - torch.as_tensor(values)).detach().abs().max()) > 0.1


def test_training_finds_the_time_constant_of_a_teacher() -> None:
    values: dict[str, Any] = {"output": "v", "input": "i_ext", "v_leak": 0.0, "dtype": torch.float64}
    teacher = Spiking(ncl.models.LeakyIntegrator, 1, tau_mem=17.0, **values)
    student = Spiking(ncl.models.LeakyIntegrator, 1, tau_mem=8.0, learn=["tau_mem"], **values)
    x = torch.rand(60, 4, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    optimizer = torch.optim.Adam(student.parameters(), lr=0.05)
    for _ in range(150):
        optimizer.zero_grad()
        (1e4 * (student(x)[0] - teacher(x)[0]).square().mean()).backward()
        optimizer.step()
    assert float(student.value("tau_mem").detach()) == pytest.approx(17.0, rel=0.01)


def test_state_dict_holds_all_of_a_layer() -> None:
    layer, x = make("LIF", learn=["tau_mem"], tau_mem=15.0, v_th=-56.0)
    other, _ = make("LIF", learn=["tau_mem"])
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other(x)[0], layer(x)[0])
    assert torch.equal(copy.deepcopy(layer)(x)[0], layer(x)[0])


def test_values_may_be_drawn_from_a_distribution() -> None:
    first, second, third = (
        Spiking(ncl.models.LIF, 20, tau_mem=ncl.uniform(10.0, 20.0), seed=seed).value("tau_mem") for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def compiled_agrees(layer: Spiking, x: torch.Tensor, backend: str) -> None:
    step = torch.compile(layer.step, fullgraph=True, backend=backend)
    spikes, state, reference = [], None, None
    for now in x:
        out, state = step(now, state if state is not None else layer.initial_state(len(now)))
        expected, reference = layer.step(now, reference)
        spikes.append(torch.equal(out, expected))
    assert all(spikes)


@pytest.mark.parametrize("case", ["leaky", "LIF"])
def test_a_step_is_one_graph_for_torch_compile(case: str) -> None:
    layer, x = make(case, dtype=torch.float32)
    compiled_agrees(layer, x[:4], "eager")


@pytest.mark.slow
def test_a_step_compiles() -> None:
    if not any(shutil.which(name) for name in ("g++", "c++", "clang++")):
        pytest.skip("torch.compile needs a C++ compiler on the CPU")
    layer, x = make("LIF", dtype=torch.float32)
    compiled_agrees(layer, x, "inductor")


NAN = torch.zeros(4, 2, 3)
NAN[2, 1, 0] = float("nan")
MISTAKES: list[tuple[str, dict[str, Any], Any]] = [
    ("no state or parameter", {"input": "i_sin"}, None),
    ("no parameter", {"learn": ["tau"]}, None),
    ("whole number of steps", {"learn": ["t_ref"]}, None),
    ("named twice", {"learn": ["tau_mem"], "shared": ["tau_mem"]}, None),
    ("receives the input", {"input": "i_ext", "learn": ["i_ext"]}, None),
    ("cannot be given", {"input": "i_ext", "i_ext": 3.0}, None),
    ("tau_mem > 0 must hold", {"tau_mem": -1.0}, None),
    ("give one number", {"shared": ["tau_mem"], "tau_mem": [1.0, 2.0, 3.0]}, None),
    ("no state", {"output": "w"}, None),
    ("no surrogate", {"surrogate": "fast_sigmoud"}, None),
    ("fused must be", {"fused": "yes"}, None),
    ("must be a tensor", {}, [[1.0]]),
    ("n = 3", {}, torch.zeros(4, 2, 5)),
    ("no time step", {}, torch.zeros(0, 2, 3)),
    ("must be float32", {}, torch.zeros(4, 2, 3, dtype=torch.int64)),
    (r"input\[2, 1, 0\] is nan", {}, NAN),
]


@pytest.mark.parametrize(("text", "arguments", "x"), MISTAKES, ids=[text for text, _, _ in MISTAKES])
def test_a_mistake_is_told_in_one_sentence(text: str, arguments: dict[str, Any], x: Any) -> None:
    with pytest.raises(ncl.NeuroclError, match=text):
        layer = Spiking(ncl.models.LIF, 3, **arguments)
        layer(torch.zeros(4, 2, 3) if x is None else x)


@pytest.mark.parametrize(
    "model", [ncl.models.Poisson, ncl.models.EscapeNoiseLIF, ncl.models.SpikeArray, ncl.models.EPropLIF]
)
def test_a_model_that_makes_no_layer_is_refused_with_the_reason(model: ncl.NeuronModel) -> None:
    with pytest.raises(ncl.NeuroclError, match=r"random numbers|say with input=|scheduled"):
        Spiking(model, 2)


def test_a_state_of_another_batch_is_refused() -> None:
    layer = Spiking(ncl.models.LIF, 3)
    _, state = layer(torch.zeros(4, 2, 3))
    with pytest.raises(ncl.NeuroclError, match=r"\[2, 3\], the input needs \[5, 3\]"):
        layer(torch.zeros(4, 5, 3), state)
    with pytest.raises(ncl.NeuroclError, match="must be what the layer returned"):
        layer(torch.zeros(4, 5, 3), (torch.zeros(5, 3),))


def test_a_surrogate_needs_a_positive_scale() -> None:
    with pytest.raises(ncl.NeuroclError, match="scale must be > 0"):
        Surrogate("atan", -1.0)


def test_a_state_or_input_of_another_type_or_device_is_refused() -> None:
    layer = Spiking(ncl.models.LIF, 3)
    x = torch.zeros(4, 2, 3)
    _, state = layer(x)
    with pytest.raises(ncl.NeuroclError, match=r"state 'v' is torch.float64 on cpu, the input torch.float32 on cpu"):
        layer(x, state._replace(v=state.v.double()))
    with pytest.raises(ncl.NeuroclError, match=r"input is on meta and the layer on cpu; use input.to\('cpu'\)"):
        layer(x.to("meta"))
    with pytest.raises(ncl.NeuroclError, match=r"state 'v' is torch\.float32 on meta"):
        layer.step(x[0], state._replace(v=state.v.to("meta")))
