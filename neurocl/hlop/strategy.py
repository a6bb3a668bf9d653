"""HLOP as a method of continual learning: a plug-in for `continual.Strategy` and `ContinualTrainer`.

Experience 0     all parameters are trained; the first subspace neurons learn from the activity of every mini-batch
Between          the neurons of a finished experience are merged into the old subspace, new ones are added
Experience t >0  weights learn outside of the old subspace; normalisation layers stay in evaluation mode, thresholds
                 and every one-dimensional parameter are not trained
Heads            in the scenario "task" with several heads the last layer has no subspace and is not projected; a
                 shared head has its own subspace like any layer
Optimiser        new for each experience. One that would leave the allowed subspace has its steps projected; with
                 spiking lateral neurons it is refused
Source           Xiao, Meng, Zhang, He & Lin (2024), ICLR, arXiv:2402.11984.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from neurocl.continual import Plugin
from neurocl.core._checks import flag, positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.hlop.convert import convert
from neurocl.hlop.layers import HLOPConv2d, HLOPLinear
from neurocl.hlop.network import SpikingNetwork
from neurocl.hlop.optimisers import hlop_layers, projected_steps, why_it_leaves
from neurocl.hlop.subspace import HebbianSubspace

if TYPE_CHECKING:
    from neurocl.continual import Strategy

__all__ = ["HLOP"]

Counts = int | Sequence[int]


class HLOP(Plugin):
    """Hebbian orthogonal projection.

    Parameters
    ----------
    neurons : subspace neurons to add for each experience and layer: ``neurons[t][l]``, or a number for all layers of
        an experience, or one number for all. The last experience and the last layer given hold for all further ones.
        0 adds none.
    lr : of the Hebbian rule, one number or one for each layer; the last holds for all further layers.
    momentum, iterations, clip, spiking, growth, orthonormalise_on_merge : as of `HebbianSubspace`.
    freeze_norm, freeze_thresholds, freeze_vectors : what is not trained after the first experience: normalisation
        layers, thresholds (numbers), and all other one-dimensional parameters.
    start_epochs : passes over each experience before its new neurons begin to learn.

    Raises
    ------
    NeuroclError
        For an argument out of range; in `before_training`, for a model without Linear or Conv2d layers, one with layers
        that `convert` refuses, too few epochs, or an optimiser that cannot be kept in the allowed subspace; later, if a
        layer has too few inputs for its neurons.

    Warns
    -----
    UserWarning
        In `before_training`, if the model has weights of other layers: they are trained without projection.

    Examples
    --------
    >>> from neurocl import continual
    >>> benchmark = continual.permuted("digits", n_experiences=2)
    >>> learner = continual.Strategy(HLOP(neurons=((20, 20, 10), (10, 10, 5)), lr=0.01), lr=0.1)
    >>> results = continual.run(benchmark, learner, seeds=[0])
    """

    needs_boundaries = True

    def __init__(
        self,
        neurons: Counts | Sequence[Counts] = ((80, 200, 100), 70, 70, 50, 50, 50, 30, 30, 30, 10),
        lr: float | Sequence[float] = (0.001, 0.01),
        momentum: float | bool = 0.9,
        iterations: int = 5,
        clip: float = 10.0,
        spiking: tuple[float, int] | None = None,
        growth: str = "random",
        orthonormalise_on_merge: bool = False,
        freeze_norm: bool = True,
        freeze_thresholds: bool = True,
        freeze_vectors: bool = True,
        start_epochs: int = 0,
    ) -> None:
        self.neurons = _table(neurons)
        rates: list[Any] = list(lr) if isinstance(lr, Sequence | np.ndarray) else [lr]
        if not rates:
            raise NeuroclError("HLOP: lr must hold at least one number, got an empty sequence.")
        self.lr = tuple(positive_number("HLOP", "lr", value) for value in rates)
        self.momentum, self.iterations, self.clip, self.spiking = momentum, iterations, clip, spiking
        self.growth, self.orthonormalise_on_merge = growth, orthonormalise_on_merge
        self._subspace(1, 0)  # says what is wrong with these arguments
        self.freeze_norm = flag("HLOP", "freeze_norm", freeze_norm)
        self.freeze_thresholds = flag("HLOP", "freeze_thresholds", freeze_thresholds)
        self.freeze_vectors = flag("HLOP", "freeze_vectors", freeze_vectors)
        self.start_epochs = whole_number("HLOP", "start_epochs", start_epochs)

    def before_training(self, strategy: Strategy) -> None:
        """Give every layer its subspace, without neurons."""
        model = strategy.model = convert(strategy.model)
        self.layers: list[HLOPLinear | HLOPConv2d] = hlop_layers(model)
        if not self.layers:
            raise NeuroclError("HLOP: the model needs at least one Linear or Conv2d layer, it has none.")
        if self.start_epochs >= strategy.epochs:
            raise NeuroclError(
                f"HLOP: start_epochs must be less than the {strategy.epochs} epochs, got {self.start_epochs}; else the"
                " subspace does not learn."
            )
        _warn_of_other_weights(model, self.layers)
        if strategy.problem.scenario == "task" and strategy.problem.heads:
            self.layers = self.layers[:-1]
        for index, layer in enumerate(self.layers):
            layer.is_active = False
            # Small steps of learning are lost in half precision.
            dtype = torch.promote_types(layer.weight.dtype, torch.float32)
            layer.subspace = self._subspace(layer.weight[0].numel(), index).to(layer.weight.device, dtype)
        self._norms = [m for m in model.modules() if isinstance(m, _BatchNorm)]
        self._untrained = self._frozen(model)
        self._leaves = why_it_leaves(strategy.optimizer)
        if self._leaves is not None and self.spiking is not None:
            raise NeuroclError(
                f"HLOP: {self._leaves}, so that its steps leave the allowed subspace, and spiking lateral neurons"
                " cannot project steps; use plain SGD without weight decay."
            )

    def before_training_exp(self, strategy: Strategy) -> None:
        """New neurons, and a new optimiser: its momentum must know of this experience's gradients alone."""
        # The optimiser knows all parameters, so that a saved one fits; those without a gradient it leaves alone.
        self._freeze(False)
        strategy.make_optimizer()
        self._freeze(strategy.n_trained > 0)
        for index, layer in enumerate(self.layers):
            k = self._count(strategy.n_trained, index)
            if k:
                assert layer.subspace is not None
                try:
                    layer.subspace.grow(k, strategy.generator)
                except NeuroclError as error:
                    raise NeuroclError(f"HLOP: experience {strategy.n_trained}, layer {index}: {error}") from None

    def before_forward(self, strategy: Strategy) -> None:
        """The pass on the batch is the one that counts."""
        for layer in self.layers:
            layer.is_active, layer.learns = True, strategy.epoch >= self.start_epochs
        if not strategy.n_trained:
            return
        self._freeze(True)  # a resumed run, too
        if self.freeze_norm:
            for norm in self._norms:
                norm.eval()

    def after_forward(self, strategy: Strategy) -> None:
        """Other passes neither project nor learn."""
        if not _is_online(strategy):
            self._rest()

    def before_update(self, strategy: Strategy) -> None:
        """Note the weights, if the optimiser's step must be projected."""
        self._step = ExitStack()
        if self._leaves is not None and strategy.n_trained:
            self._step.enter_context(projected_steps(self.layers))

    def after_update(self, strategy: Strategy) -> None:
        """Project the step, if need be."""
        self._step.close()

    def after_training_iteration(self, strategy: Strategy) -> None:
        """The batch is over."""
        self._rest()

    def after_training_exp(self, strategy: Strategy) -> None:
        """Merge: what was learned is projected out from now on."""
        self._freeze(True)
        for layer in self.layers:
            assert layer.subspace is not None
            layer.subspace.merge()

    def _freeze(self, is_frozen: bool) -> None:
        for parameter in self._untrained:
            parameter.requires_grad_(not is_frozen)

    def _rest(self) -> None:
        for layer in self.layers:
            layer.is_active = False

    def _subspace(self, n: int, index: int) -> HebbianSubspace:
        return HebbianSubspace(
            n, self.lr[min(index, len(self.lr) - 1)], self.momentum, self.iterations, self.clip, self.spiking,
            self.growth, self.orthonormalise_on_merge,
        )  # fmt: skip

    def _count(self, experience: int, index: int) -> int:
        row = self.neurons[min(experience, len(self.neurons) - 1)]
        return row[min(index, len(row) - 1)]

    def _frozen(self, model: nn.Module) -> list[nn.Parameter]:
        """Parameters that are not trained after the first experience, of those that are trained at all."""
        of_norms = {id(p) for norm in self._norms for p in norm.parameters()}
        found = []
        for parameter in model.parameters():
            if not parameter.requires_grad:
                continue
            if id(parameter) in of_norms:
                is_frozen = self.freeze_norm
            else:
                is_frozen = parameter.ndim == 0 and self.freeze_thresholds
                is_frozen |= parameter.ndim == 1 and self.freeze_vectors
            if is_frozen:
                found.append(parameter)
        return found


def _is_online(strategy: Strategy) -> bool:
    model = strategy.model
    return isinstance(model, SpikingNetwork) and model.method.online


def _warn_of_other_weights(model: nn.Module, layers: Sequence[nn.Module]) -> None:
    known = {id(p) for layer in layers for p in layer.parameters()}
    others = [name for name, p in model.named_parameters() if p.ndim > 1 and p.requires_grad and id(p) not in known]
    if others:
        warnings.warn(
            f"HLOP: only Linear and Conv2d layers have subspaces; {', '.join(others)} will not be projected.",
            stacklevel=3,
        )


def _table(neurons: Any) -> tuple[tuple[int, ...], ...]:
    rows = list(neurons) if isinstance(neurons, Sequence | np.ndarray) else [neurons]
    if isinstance(neurons, str) or not rows:
        raise NeuroclError(f"HLOP: neurons must be a table [experience][layer] of numbers, got {shown(neurons)}.")
    table = [list(row) if isinstance(row, Sequence | np.ndarray) else [row] for row in rows]
    if not all(table):
        raise NeuroclError("HLOP: neurons must name at least one layer for each experience, got an empty row.")
    return tuple(tuple(whole_number("HLOP", "neurons", k) for k in row) for row in table)
