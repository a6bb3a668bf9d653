"""Which output units compete: at training and at test, in the three scenarios (van de Ven, Tuytelaars & Tolias 2022).

Units that do not compete have the logit minus infinity.
"""

from __future__ import annotations

import torch
from torch import Tensor

from neurocl.continual.experience import Batch, Experience, Problem
from neurocl.core.errors import NeuroclError, shown

__all__ = ["Units"]


class Units:
    """The output units of a learner.

    Parameters
    ----------
    problem : says how many there are, and the scenario.
    device : of the masks.

    Attributes
    ----------
    seen, current : bool tensors [unit]: which may have occurred so far, and in this experience.
    """

    def __init__(self, problem: Problem, device: str) -> None:
        self.problem, self.device = problem, device
        self.seen = torch.zeros(problem.n_units, dtype=torch.bool, device=device)
        self.current = self.seen.clone()
        self._all_seen = False
        self._heads = torch.zeros(max(problem.heads, default=-1) + 1, problem.n_units, dtype=torch.bool, device=device)
        for label, units in problem.heads.items():
            self._heads[label] = self._mask(units)

    def check(self, experience: Experience) -> None:
        """NeuroclError if it is no experience, or does not fit the problem."""
        if not isinstance(experience, Experience):
            raise NeuroclError(f"train: expected an Experience such as benchmark.train[0], got {shown(experience)}")
        name, problem = f"experience {experience.index}", self.problem
        if experience.time_major != problem.time_major or experience.sample_shape != problem.sample_shape:
            raise NeuroclError(
                f"{name}: samples have shape {experience.sample_shape} where the learner was started for"
                f" {problem.sample_shape}"
            )
        if max(experience.classes) >= problem.n_units:
            raise NeuroclError(
                f"{name}: label {max(experience.classes)} is out of range; the learner has {problem.n_units} outputs,"
                f" 0 to {problem.n_units - 1}"
            )
        if problem.scenario == "task":
            for label in torch.unique(experience.task).tolist():
                head = problem.head(label)
                chosen = experience.y[experience.task == label]
                if not torch.isin(chosen, torch.tensor(head, device=chosen.device)).all():
                    raise NeuroclError(f"{name}: task {label} has labels outside its head {head}")

    def enter(self, experience: Experience) -> None:
        """An experience begins."""
        self.current = self._mask(experience.classes)
        if experience.boundary_known:
            self._add(self.current)

    def meet(self, batch: Batch) -> None:
        """A batch is seen: without known boundaries, new classes are noticed only now."""
        if not self._all_seen and not self.problem.boundary_known:
            seen = torch.zeros_like(self.seen)
            seen[batch.y] = True
            self._add(seen)

    def at_training(self, task: Tensor) -> Tensor | None:
        """Bool mask [unit] or [sample, unit] for samples of these tasks; None: all units compete."""
        problem = self.problem
        if problem.scenario == "task":
            return self._heads[task] if problem.heads else None
        if problem.scenario == "domain" or problem.active == "all":
            return None
        if problem.active == "current":
            return self.current
        return None if self._all_seen else self.seen

    def at_test(self, task: int | Tensor | None) -> Tensor | None:
        """As `at_training`, for predictions; `task` comes from `Problem.question`, and must be there in "task"."""
        problem = self.problem
        if problem.scenario == "task":
            if task is None:
                problem.head(None)
            return self._heads[task] if problem.heads else None
        if problem.scenario == "domain" or problem.active == "all" or self._all_seen or not self.seen.any():
            return None
        return self.seen

    @staticmethod
    def masked(logits: Tensor, mask: Tensor | None) -> Tensor:
        """Logits with minus infinity where the mask is false."""
        return logits if mask is None else logits.masked_fill(~mask, -torch.inf)

    def state_dict(self) -> dict[str, Tensor]:
        """Which units were seen."""
        return {"seen": self.seen}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from a state."""
        self.seen = torch.zeros_like(self.seen)
        self._add(state["seen"].to(self.device))

    def _add(self, mask: Tensor) -> None:
        self.seen = self.seen | mask
        self._all_seen = bool(self.seen.all())

    def _mask(self, units: tuple[int, ...]) -> Tensor:
        mask = torch.zeros(self.problem.n_units, dtype=torch.bool, device=self.device)
        mask[list(units)] = True
        return mask
