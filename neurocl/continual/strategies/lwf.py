"""Learning without forgetting: on new inputs, old outputs are to stay what they were.

Loss         L = w_ce CE + w_d KD,  KD = T^2 KL(softmax(z_old / T) || softmax(z / T)), mean over the batch, over the
             units of old tasks; in the scenario "task" the sum over their heads. z_old is what a frozen copy of the
             model, made at the end of the last experience, answers to the same inputs
Weights      "classic": 1 and alpha; "balanced": 1 / t and 1 - 1 / t in the t-th experience
Defaults     T 2, alpha 1, classic
Source       Li & Hoiem (2018), IEEE TPAMI 40:2935; balanced weights as in van de Ven's code.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurocl.continual.plugin import Plugin
from neurocl.core._checks import flag, non_negative_number, positive_number
from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["LwF", "distillation"]


def distillation(now: Tensor, before: Tensor, temperature: float = 2.0, scale_T2: bool = True) -> Tensor:
    """KL divergence of softened outputs, mean over the batch.

    Parameters
    ----------
    now, before : logits [sample, unit] of the present and the old model.
    temperature : T.
    scale_T2 : whether it is multiplied by T^2, so that gradients do not shrink as T grows.
    """
    p = functional.log_softmax(before / temperature, dim=1)
    q = functional.log_softmax(now / temperature, dim=1)
    divergence = functional.kl_div(q, p, reduction="batchmean", log_target=True)
    return divergence * temperature**2 if scale_T2 else divergence


class LwF(Plugin):
    """Learning without forgetting.

    Parameters
    ----------
    alpha : weight of the distillation, with the weights "classic".
    temperature : T.
    weights : "classic" or "balanced".
    scale_T2 : as in `distillation`.

    Attributes
    ----------
    old_state : parameters and buffers of the frozen model; None before the end of the first experience.
    old_units : groups of units that compete: all learned so far, or one group for each head.
    n_learned : experiences learned.
    """

    state = ("old_state", "old_units", "n_learned")
    needs_boundaries = True

    def __init__(
        self, alpha: float = 1.0, temperature: float = 2.0, weights: str = "classic", scale_T2: bool = True
    ) -> None:
        self.alpha = non_negative_number("LwF", "alpha", alpha)
        self.temperature = positive_number("LwF", "temperature", temperature)
        self.scale_T2 = flag("LwF", "scale_T2", scale_T2)
        if weights not in ("classic", "balanced"):
            raise NeuroclError(f"LwF: weights must be 'classic' or 'balanced', got {shown(weights)}.")
        self.weights = weights

    def before_training(self, strategy: Strategy) -> None:
        """No model is frozen."""
        self.old_state: dict[str, Tensor] | None = None
        self.old_units: list[list[int]] = []
        self.n_learned = 0
        self._old: nn.Module | None = None

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """As `Plugin.load_state_dict`; the frozen model is made again when it is needed."""
        super().load_state_dict(state)
        self._old = None

    def before_backward(self, strategy: Strategy) -> None:
        """Weigh the task's loss and the distillation."""
        if self.old_state is None:
            return
        if self._old is None:
            self._old = copy.deepcopy(strategy.model).eval().requires_grad_(False)
            self._old.load_state_dict(self.old_state)
        with torch.no_grad():
            before = self._old(strategy.batch.x)
        now = strategy.outputs
        parts = [distillation(now[:, u], before[:, u], self.temperature, self.scale_T2) for u in self.old_units]
        kept = torch.stack(parts).sum()
        t = self.n_learned + 1
        new, old = (1.0, self.alpha) if self.weights == "classic" else (1.0 / t, 1.0 - 1.0 / t)
        strategy.loss = new * strategy.loss + old * kept

    def after_training_exp(self, strategy: Strategy) -> None:
        """Freeze a copy of the model."""
        self.old_state = {name: value.detach().clone() for name, value in strategy.model.state_dict().items()}
        self._add_units(strategy)
        self.n_learned += 1
        self._old = None

    def _add_units(self, strategy: Strategy) -> None:
        problem, experience = strategy.problem, strategy.experience
        if problem.scenario == "task" and problem.heads:
            heads = [list(problem.head(label)) for label in torch.unique(experience.task).tolist()]
            self.old_units = self.old_units + [head for head in heads if head not in self.old_units]
        elif problem.scenario == "class":
            known = {unit for group in self.old_units for unit in group}
            self.old_units = [sorted({*known, *experience.classes})]
        else:
            self.old_units = [list(range(problem.n_units))]
