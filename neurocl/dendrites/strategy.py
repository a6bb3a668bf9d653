"""Active dendrites as a method of `neurocl.continual`: a network, and the plug-in that gives it contexts.

Training   all samples of a batch share the context of their task, so that each layer computes its gates once
Update     absent weights are set to 0 again after every step of the optimizer
Test       the context is found from each sample, or told
Source     Iyer et al. (2022), Front. Neurorobotics 16:846219
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from neurocl.continual import Plugin, Problem
from neurocl.core.errors import NeuroclError, shown
from neurocl.dendrites.contexts import Chosen, Context
from neurocl.dendrites.mlp import DendriticMLP
from neurocl.dendrites.segments import DendriteSegments
from neurocl.dendrites.sparse_linear import rezero

if TYPE_CHECKING:
    from neurocl.continual import Strategy

__all__ = ["ActiveDendrites", "DendriticModel"]

_DENSE_ONLY = (torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop)


@dataclass(frozen=True)
class DendriticModel:
    """A `DendriticMLP` for ``Strategy(model=...)``; called with a problem, it makes the network.

    Parameters
    ----------
    n_segments : segments of each hidden unit, usually the number of tasks; 0: no dendrites.
    context : the same as the plug-in's; it gives the size of the contexts. None: as many elements as features.
    hidden, percent_on, weight_sparsity, context_density, gate, sparse_gradient : of `DendriticMLP`.
    """

    n_segments: int = 10
    context: Context | None = None
    hidden: tuple[int, ...] = (2048, 2048)
    percent_on: float = 0.05
    weight_sparsity: float = 0.5
    context_density: float = 0.1
    gate: str = "absolute_max"
    sparse_gradient: bool = False

    def __call__(self, problem: Problem) -> DendriticMLP:
        """The network for a problem with static samples."""
        if problem.time_major:
            raise NeuroclError("DendriticModel takes static samples, and these are spike trains [time, sample, ...].")
        n = math.prod(problem.sample_shape)
        return DendriticMLP(
            n, problem.n_units, self.n_segments, n if self.context is None else self.context.size(n), self.hidden,
            self.percent_on, weight_sparsity=self.weight_sparsity, context_density=self.context_density,
            gate=self.gate, sparse_gradient=self.sparse_gradient,
        )  # fmt: skip


class ActiveDendrites(Plugin):
    """Gives a `DendriticMLP` its contexts, and keeps its absent weights absent.

    Parameters
    ----------
    context : what a context is, for instance ``PrototypeContext()``.

    Attributes
    ----------
    context : with what it has learned.

    Examples
    --------
    >>> context = dendrites.PrototypeContext()                                               # doctest: +SKIP
    >>> model = dendrites.DendriticModel(n_segments=10, context=context, hidden=(500, 500))  # doctest: +SKIP
    >>> learner = continual.Strategy(dendrites.ActiveDendrites(context), model=model, optimizer="adam", lr=5e-4,
    ...                              batch_size=256, reset_optimizer=True)                   # doctest: +SKIP
    """

    needs_boundaries = False

    def __init__(self, context: Context) -> None:
        if not isinstance(context, Context):
            raise NeuroclError(
                f"ActiveDendrites: context must be a Context such as PrototypeContext(), got {shown(context)}."
            )
        self._description = context
        self.needs_task_label = context.needs_task_label  # type: ignore[misc]

    def before_training(self, strategy: Strategy) -> None:
        """Begin the contexts, and let the network ask for them."""
        model, n = strategy.model, math.prod(strategy.problem.sample_shape)
        if not isinstance(model, DendriticMLP):
            raise NeuroclError(f"ActiveDendrites needs a DendriticModel as model, got {type(model).__name__}.")
        is_sparse = any(isinstance(part, DendriteSegments) and part.sparse_gradient for part in model.modules())
        if is_sparse and isinstance(strategy.optimizer, _DENSE_ONLY):
            raise NeuroclError(
                f"ActiveDendrites: the optimizer {type(strategy.optimizer).__name__} takes no sparse gradients; use"
                " optimizer=RowAdam, or DendriticModel(sparse_gradient=False)."
            )
        self.context = copy.deepcopy(self._description)
        self.context.start(n, strategy.generator)
        if self.context.size(n) != model.context_size:
            raise NeuroclError(
                f"ActiveDendrites: its contexts have {self.context.size(n)} elements, the network's segments"
                f" {model.context_size}; give the same context to DendriticModel."
            )
        self._given: Tensor | Chosen | None = None
        self._task: int | None = None
        model.register_forward_pre_hook(self._supply, with_kwargs=True)

    def before_training_exp(self, strategy: Strategy) -> None:
        """Show the context the new experience."""
        self.context.begin(strategy.experience.x.flatten(1), strategy.experience.task, strategy.generator)

    def before_forward(self, strategy: Strategy) -> None:
        """The context of the batch."""
        batch = strategy.batch
        self._given = self.context.of_batch(batch.x.flatten(1), batch.task, strategy.generator)

    def after_forward(self, strategy: Strategy) -> None:
        """From now on contexts are inferred."""
        self._given = None

    def after_update(self, strategy: Strategy) -> None:
        """Absent weights stay absent."""
        rezero(strategy.model)

    def before_eval(self, strategy: Strategy) -> None:
        """Note the task in test, if it is told."""
        task = strategy.evaluated_task
        if isinstance(task, Tensor):
            labels = torch.unique(task).tolist()
            if len(labels) > 1 and self.context.needs_task_label:
                raise NeuroclError(
                    f"ActiveDendrites: predict the samples of one task at a time, got task labels {labels}."
                )
            task = labels[0]
        self._task = task

    def _supply(self, module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Add the context to a call of the network."""
        x: Tensor = inputs[0]
        given = self._given
        if given is None:
            label = None if self._task is None else torch.full((len(x),), self._task, device=x.device)
            given = self.context.infer(x.flatten(1), label)
        if isinstance(given, Chosen):
            return inputs, {"context": given.contexts, "index": given.which}
        return inputs, {"context": given}

    def state_dict(self) -> dict[str, Any]:
        """What the context has learned."""
        return self.context.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with a context; `before_training` was called before."""
        self.context.load_state_dict(state)
