"""Shrink and perturb, and the pull towards the initial weights."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from neurocl.continual import MLP, Plugin, Strategy
from neurocl.continual.strategies import L2Init, ShrinkPerturb
from neurocl.core.errors import NeuroclError
from tests.continual.learning import split_digits

LR = 0.1


def one_step(plugin: Plugin | None) -> tuple[list[torch.Tensor], list[torch.Tensor], list[torch.Tensor], Strategy]:
    """Weights before and after the first update, the gradient of the task's loss, and the learner."""
    problem, train, _ = split_digits("domain", n=1, samples=16)
    learner = Strategy(*([plugin] if plugin else []), model=MLP((12,)), lr=LR, batch_size=16).start(problem, 1)
    before = [p.detach().clone().requires_grad_() for p in learner.model.parameters()]
    names = [name for name, _ in learner.model.named_parameters()]
    steps = learner.steps(train[0])
    next(steps)
    outputs = torch.func.functional_call(learner.model, dict(zip(names, before, strict=True)), (learner.batch.x,))
    gradient = torch.autograd.grad(functional.cross_entropy(outputs, learner.batch.y), before)
    return [p.detach() for p in before], [p.detach() for p in learner.model.parameters()], list(gradient), learner


def test_shrink_and_perturb_is_its_formula() -> None:
    before, after, gradient, learner = one_step(ShrinkPerturb(decay=0.5, sigma=0.3))
    draw = torch.Generator().manual_seed(0)
    draw.set_state(Strategy(model=MLP((12,))).start(learner.problem, 1).generator.get_state())
    for old, new, g in zip(before, after, gradient, strict=True):
        # The gradient is that of the weights before they were shrunk.
        noise = torch.randn(old.shape, generator=draw)
        assert torch.allclose(new, (1 - LR * 0.5) * old - LR * (g + 0.3 * noise), atol=1e-6)


def test_the_first_step_of_l2_init_is_plain_and_later_ones_are_pulled_back() -> None:
    plain, pulled = one_step(None), one_step(L2Init(0.5))
    assert all(torch.equal(a, b) for a, b in zip(plain[1], pulled[1], strict=True))
    learner = pulled[3]
    plugin = learner.plugins[0]
    assert isinstance(plugin, L2Init)
    weights = learner.model.state_dict()
    distance = sum(float((weights[name] - there).square().sum()) for name, there in plugin.initial.items())
    assert float(plugin.penalty(learner).detach()) == pytest.approx(0.5 * distance, rel=1e-5)


@pytest.mark.parametrize("plugin", [ShrinkPerturb(0.0, 0.0), L2Init(0.0)])
def test_without_strength_they_change_nothing(plugin: Plugin) -> None:
    for a, b in zip(one_step(None)[1], one_step(plugin)[1], strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize(
    ("make", "word"), [(lambda: ShrinkPerturb(decay=-1.0), "decay"), (lambda: L2Init(float("nan")), "strength")]
)
def test_wrong_settings_are_named(make: object, word: str) -> None:
    with pytest.raises(NeuroclError, match=word):
        make()  # type: ignore[operator]
