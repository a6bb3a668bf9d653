"""Diagonal of the Fisher information of a classifier, from the gradients of single samples.

Equation     F_i = 1/n sum_x E_y [ (d log p(y|x) / d theta_i)^2 ]
Estimators   exact       all labels, weighted by the softmax
             sample      one label drawn from the softmax (default)
             empirical   the true label
             predicted   the most probable label
             batched     square of the gradient of the batch's mean, true labels. It depends on the size of the batch
                         and is no Fisher information; kept for comparison with libraries that do it
Source       Kirkpatrick et al. (2017), PNAS 114:3521; van de Ven (2025), arXiv:2502.11756 (the estimators).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn import functional

from neurocl.continual.evaluation_mode import evaluation_mode
from neurocl.continual.strategies.layer_squares import plain_layers, squared_gradients
from neurocl.continual.strategies.weight_layers import WeightLayer
from neurocl.core.errors import NeuroclError, shown

__all__ = ["ESTIMATORS", "diagonal_fisher"]

ESTIMATORS = ("exact", "sample", "empirical", "predicted", "batched")
_CHUNK = 64  # samples whose gradients are held at once: 64 copies of the parameters


def diagonal_fisher(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    estimator: str = "sample",
    generator: torch.Generator | None = None,
    active: Tensor | None = None,
    batch_size: int = 1,
    sample_axis: int = 0,
) -> dict[str, Tensor]:
    """Importance of each trainable parameter, by name; the model is in evaluation mode while it is measured.

    Parameters
    ----------
    model : maps x [batch, ...] to logits [batch, unit].
    x, y : samples and their labels (units of the output).
    estimator : one of `ESTIMATORS`.
    generator : of the labels that "sample" draws.
    active : units [unit] or [batch, unit], bool, that take part in the softmax; None: all.
    batch_size : of "batched"; without effect on the others.
    sample_axis : axis of `x` that counts samples: 1 for spike trains [time, sample, ...].

    Raises
    ------
    NeuroclError
        For an unknown estimator, no sample, or outputs that are not finite.
    """
    if estimator not in ESTIMATORS:
        raise NeuroclError(f"EWC: estimator must be one of {', '.join(ESTIMATORS)}, got {shown(estimator)}.")
    if len(y) == 0:
        raise NeuroclError("EWC: the importances need at least one sample.")
    samples = _Samples(model, x.movedim(sample_axis, 0), sample_axis)
    mask = None if active is None else active.expand(len(y), -1)
    with evaluation_mode(model):
        if estimator == "batched":
            return _batched(samples, y, mask, batch_size)
        targets = _target_weights(samples, y, mask, estimator, generator)
        return _mean_of_squares(samples, targets, mask)


@dataclass(frozen=True)
class _Samples:
    """A model and its samples, [sample, ...] whatever the axis at which the model wants them."""

    model: nn.Module
    x: Tensor
    axis: int

    def logits(self, part: slice) -> Tensor:
        found: Tensor = self.model(self.x[part].movedim(0, self.axis))
        return found

    def logits_of_one(self, parameters: Mapping[str, Tensor], x: Tensor) -> Tensor:
        found: Tensor = functional_call(self.model, dict(parameters), (x.unsqueeze(self.axis),))
        return found


def _log_probabilities(logits: Tensor, mask: Tensor | None) -> Tensor:
    return functional.log_softmax(logits if mask is None else logits.masked_fill(~mask, -torch.inf), dim=-1)


@torch.no_grad()
def _target_weights(
    samples: _Samples, y: Tensor, mask: Tensor | None, estimator: str, generator: torch.Generator | None
) -> list[tuple[Tensor, Tensor]]:
    """Pairs (labels [n], weights [n]) whose squared gradients are summed."""
    one = torch.ones(len(y), device=y.device)
    if estimator == "empirical":
        return [(y, one)]
    parts = [samples.logits(slice(start, start + 256)) for start in range(0, len(y), 256)]
    p = _log_probabilities(torch.cat(parts), mask).exp()
    if not torch.isfinite(p).all():
        raise NeuroclError("EWC: the outputs are not finite, training has diverged; lower the strength or lr.")
    if estimator == "predicted":
        return [(p.argmax(1), one)]
    if estimator == "sample":
        drawn = torch.multinomial(p.cpu(), 1, generator=generator).squeeze(1)
        return [(drawn.to(y.device), one)]
    return [(torch.full_like(y, k), p[:, k]) for k in range(p.shape[1]) if bool((p[:, k] > 0).any())]


def _mean_of_squares(
    samples: _Samples, targets: list[tuple[Tensor, Tensor]], mask: Tensor | None
) -> dict[str, Tensor]:
    n = len(samples.x)
    parameters = {name: p.detach() for name, p in samples.model.named_parameters() if p.requires_grad}
    total = {name: torch.zeros_like(p) for name, p in parameters.items()}
    layers = plain_layers(samples.model)
    squares: Callable[..., dict[str, Tensor]]
    if layers is not None:
        squares = partial(_squares_by_layers, layers)
    else:
        squares = _squares_at_once if _can_be_vectorised(samples, parameters) else _squares_one_by_one
    for labels, weights in targets:
        for start in range(0, n, _CHUNK):
            part = slice(start, min(start + _CHUNK, n))
            allowed = None if mask is None else mask[part]
            found = squares(samples, parameters, part, labels[part], weights[part], allowed)
            for name, value in found.items():
                total[name] += value
    return {name: value / n for name, value in total.items()}


def _squares_by_layers(
    layers: dict[str, WeightLayer],
    samples: _Samples,
    parameters: dict[str, Tensor],
    part: slice,
    labels: Tensor,
    weights: Tensor,
    mask: Tensor | None,
) -> dict[str, Tensor]:
    def score() -> Tensor:
        chosen = _log_probabilities(samples.logits(part), mask).gather(1, labels[:, None]).squeeze(1)
        return torch.where(torch.isfinite(chosen), chosen, torch.zeros_like(chosen))

    return squared_gradients(layers, score, weights)


def _loss_of_one(samples: _Samples) -> Callable[..., Tensor]:
    def loss(parameters: Mapping[str, Tensor], x: Tensor, label: Tensor, mask: Tensor | None) -> Tensor:
        logits = samples.logits_of_one(parameters, x)
        allowed = None if mask is None else mask.unsqueeze(0)
        # An inactive label has weight 0; picking it out of -inf would make NaN of 0 * inf.
        chosen = _log_probabilities(logits, allowed).gather(1, label.reshape(1, 1)).squeeze()
        return -torch.where(torch.isfinite(chosen), chosen, torch.zeros_like(chosen))

    return loss


def _squares_at_once(
    samples: _Samples,
    parameters: dict[str, Tensor],
    part: slice,
    labels: Tensor,
    weights: Tensor,
    mask: Tensor | None,
) -> dict[str, Tensor]:
    where = (None, 0, 0, None if mask is None else 0)
    gradients = vmap(grad(_loss_of_one(samples)), in_dims=where)(parameters, samples.x[part], labels, mask)
    return {name: torch.einsum("b,b...->...", weights, g.square()) for name, g in gradients.items()}


def _squares_one_by_one(
    samples: _Samples,
    parameters: dict[str, Tensor],
    part: slice,
    labels: Tensor,
    weights: Tensor,
    mask: Tensor | None,
) -> dict[str, Tensor]:
    total = {name: torch.zeros_like(p) for name, p in parameters.items()}
    trained = [p for p in samples.model.parameters() if p.requires_grad]
    for k in range(len(labels)):
        if weights[k] == 0:
            continue
        here = slice(part.start + k, part.start + k + 1)
        log_p = _log_probabilities(samples.logits(here), None if mask is None else mask[k : k + 1])
        chosen = log_p[0, labels[k]]
        found = torch.autograd.grad(chosen, trained, allow_unused=True)
        for name, g in zip(parameters, found, strict=True):
            if g is not None:
                total[name] += weights[k] * g.square()
    return total


def _can_be_vectorised(samples: _Samples, parameters: dict[str, Tensor]) -> bool:
    """Whether `vmap` gets through the model: not through compiled time loops and tests on values."""
    try:
        label = torch.zeros(1, dtype=torch.long, device=samples.x.device)
        vmap(grad(_loss_of_one(samples)), in_dims=(None, 0, 0, None))(parameters, samples.x[:1], label, None)
    except (RuntimeError, NeuroclError):
        return False
    return True


def _batched(samples: _Samples, y: Tensor, mask: Tensor | None, batch_size: int) -> dict[str, Tensor]:
    trained = {name: p for name, p in samples.model.named_parameters() if p.requires_grad}
    total = {name: torch.zeros_like(p) for name, p in trained.items()}
    starts = range(0, len(y), batch_size)
    for start in starts:
        part = slice(start, start + batch_size)
        log_p = _log_probabilities(samples.logits(part), None if mask is None else mask[part])
        found = torch.autograd.grad(functional.nll_loss(log_p, y[part]), list(trained.values()), allow_unused=True)
        for name, g in zip(trained, found, strict=True):
            if g is not None:
                total[name] += g.square()
    return {name: value / len(starts) for name, value in total.items()}
