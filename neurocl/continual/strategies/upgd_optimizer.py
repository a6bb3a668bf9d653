"""Utility-based perturbed gradient descent, an optimiser: useful weights move little, useless ones are perturbed.

Utility      u <- beta u + (1 - beta) (-g theta),   u^ = u / (1 - beta^t)
             feature-wise: one u for each hidden unit j, of a gate of 1 that multiplies its output, for all weights into
             it and its bias: -dL/dgate_j = -sum of g theta over the weights out of j
Scaled       S = sigmoid(u^ / eta), eta = max of u over all parameters (as in the authors' code, not of u^); "local":
             S = sigmoid(u^ / ||u^||_2 along the last dimension; feature-wise: over the layer's units)
Step         theta <- (1 - lr wd) theta - k lr (g + xi) (1 - S),   xi ~ N(0, sigma^2)
             not protecting: theta <- (1 - lr wd) theta - k lr (g + xi (1 - S))
             k = step_scale; with k = 2 a weight of utility 0 makes an ordinary gradient step
             feature-wise, weights into the outputs: theta <- (1 - lr wd) theta - lr g
Defaults     lr 0.01, beta 0.999, sigma 0.001, wd 0.001, k = 1
Source       Elsayed & Mahmood (2024), ICLR.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from neurocl.core._checks import flag, non_negative_number, positive_number, probability
from neurocl.core.errors import NeuroclError

if TYPE_CHECKING:
    from neurocl.continual.strategies.weight_layers import HiddenLayer

__all__ = ["UPGDOptimizer"]

_SMALLEST_MAXIMUM = 1e-12


class UPGDOptimizer(torch.optim.Optimizer):
    """First-order UPGD, weight-wise or feature-wise.

    Parameters
    ----------
    params : parameters to train.
    lr : learning rate, > 0.
    beta : decay of the running utility, in [0, 1).
    sigma : standard deviation of the perturbation.
    weight_decay : wd.
    step_scale : k, 1 (the authors' experiments) or 2 (their stand-alone version).
    scaling : "global" or "local".
    protecting : whether the gradient, too, is scaled by 1 - S.
    features : the hidden layers whose units have a utility, feature-wise. None: every weight has its own.
    generator : of the perturbations, on the CPU; its state is part of `state_dict`. None: a new one of seed 0.

    Attributes
    ----------
    n_guarded : steps at which no utility was positive, so that eta was replaced by 1e-12.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.01,
        *,
        beta: float = 0.999,
        sigma: float = 0.001,
        weight_decay: float = 0.001,
        step_scale: float = 1.0,
        scaling: str = "global",
        protecting: bool = True,
        features: Sequence[HiddenLayer] | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        if scaling not in ("global", "local"):
            raise NeuroclError(f"UPGD: scaling must be 'global' or 'local', got '{scaling}'.")
        if probability("UPGD", "beta", beta) == 1.0:
            raise NeuroclError("UPGD: beta must be < 1, got 1.")
        defaults = {
            "lr": positive_number("UPGD", "lr", lr),
            "beta": beta,
            "sigma": non_negative_number("UPGD", "sigma", sigma),
            "weight_decay": non_negative_number("UPGD", "weight_decay", weight_decay),
            "step_scale": positive_number("UPGD", "step_scale", step_scale),
            "protecting": flag("UPGD", "protecting", protecting),
        }
        super().__init__(params, defaults)
        self.scaling = scaling
        self._unit_of = None if features is None else {
            p: layer for layer in features for p in (layer.incoming.weight, layer.incoming.bias) if p is not None
        }
        self.generator = torch.Generator().manual_seed(0) if generator is None else generator
        self.n_guarded = 0

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        trained = [(p, group) for group in self.param_groups for p in group["params"] if p.grad is not None]
        useful = [(p, group) for p, group in trained if self._unit_of is None or p in self._unit_of]
        for p, group in useful:
            present, state = self._present_utility(p), self.state[p]
            if not state:
                state["step"], state["utility"] = 0, torch.zeros_like(present)
            state["step"] += 1
            state["utility"].mul_(group["beta"]).add_(present, alpha=1.0 - group["beta"])
        largest = self._largest_utility([self.state[p]["utility"] for p, _ in useful])
        for p, group in trained:
            self._update(p, group, largest)

    def _present_utility(self, p: Tensor) -> Tensor:
        """-g theta of each weight; feature-wise, of each unit that the parameter goes into."""
        assert p.grad is not None
        if self._unit_of is None:
            return -p.grad * p
        layer = self._unit_of[p]
        w = layer.outgoing.weight
        if w.grad is None:
            return w.new_zeros(layer.n)
        return -(w.grad * w).reshape(len(w), layer.n, -1).sum((0, 2))

    def _largest_utility(self, utilities: list[Tensor]) -> Tensor:
        found = torch.stack([u.max() for u in utilities]).max() if utilities else torch.zeros(())
        if self.scaling == "global" and utilities and bool(found <= 0.0):
            self.n_guarded += 1  # all utilities negative: dividing by their maximum would turn their order round
        return found.clamp(min=_SMALLEST_MAXIMUM)

    def scaled_utility(self, p: Tensor, largest: Tensor) -> Tensor:
        """S of one parameter, in a shape that broadcasts to its own."""
        state = self.state[p]
        unbiased = state["utility"] / (1.0 - self._beta_of(p) ** state["step"])
        if self.scaling == "global":
            scaled = torch.sigmoid(unbiased / largest)
        else:
            scaled = torch.sigmoid(torch.nn.functional.normalize(unbiased, dim=-1))
        return scaled if self._unit_of is None else scaled.view(-1, *[1] * (p.ndim - 1))

    def _beta_of(self, p: Tensor) -> float:
        for group in self.param_groups:
            if any(p is q for q in group["params"]):
                return float(group["beta"])
        raise NeuroclError("UPGD: this parameter is not trained by this optimiser.")

    def _update(self, p: Tensor, group: dict[str, Any], largest: Tensor) -> None:
        assert p.grad is not None
        p.mul_(1.0 - group["lr"] * group["weight_decay"])
        if self._unit_of is not None and p not in self._unit_of:
            p.sub_(p.grad, alpha=group["lr"])
            return
        free = 1.0 - self.scaled_utility(p, largest)
        noise = torch.randn(p.shape, generator=self.generator).to(p) * group["sigma"]
        change = (p.grad + noise) * free if group["protecting"] else p.grad + noise * free
        p.sub_(change, alpha=group["lr"] * group["step_scale"])

    def state_dict(self) -> dict[str, Any]:
        """As in torch, with the state of the generator."""
        return {**super().state_dict(), "generator": self.generator.get_state(), "n_guarded": self.n_guarded}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        rest = copy.deepcopy(state_dict)  # torch would share the tensors with whoever saved them
        self.generator.set_state(rest.pop("generator"))
        self.n_guarded = int(rest.pop("n_guarded"))
        super().load_state_dict(rest)
