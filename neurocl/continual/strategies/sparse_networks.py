"""Networks of one sparse hidden layer that forget little by themselves.

Normalised   the rows of the hidden weights are centred and scaled to norm 1 at every use (ASH); no biases
Pairwise     o_c = sum over pairs (i, j) of class c of w_cij h_i h_j, i > j. The n (n - 1) / 2 pairs are shuffled, dealt
             out to the classes, and repeat where there are more weights than pairs
Defaults     1000 hidden units (ASH); 700 units, k = 15 %, 100 000 weights in all (pairwise)
Initial      hidden weights He-normal; pairwise weights He-uniform
Source       Keskinen (2024), arXiv:2404.17651 (normalised rows) and arXiv:2405.13632 (pairs).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from neurocl.continual.experience import Problem
from neurocl.continual.models import Activation, FeedForward, activation_maker
from neurocl.continual.strategies.sparse_activations import Elephant, HardASH, KWinnersTakeAll
from neurocl.core._checks import non_negative_number, probability, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["ElephantMLP", "NormalisedLinear", "PairwiseMLP", "PairwiseReadout", "SparseMLP"]


class NormalisedLinear(nn.Linear):
    """A Linear layer without bias whose rows are centred and of norm 1 whenever they are used."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features, bias=False)
        nn.init.kaiming_normal_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        """[..., in] -> [..., out]."""
        centred = self.weight - self.weight.mean(1, keepdim=True)
        return functional.linear(x, functional.normalize(centred, dim=1))


class PairwiseReadout(nn.Module):
    """A readout of products of two units; each class has pairs of its own.

    Parameters
    ----------
    n : number of hidden units.
    n_classes : number of outputs.
    n_weights : weights in all; a multiple of `n_classes`.
    seed : of the dealing of pairs.
    """

    i: Tensor
    j: Tensor

    def __init__(self, n: int, n_classes: int = 10, n_weights: int = 100_000, seed: int = 0) -> None:
        super().__init__()
        whole_number("PairwiseReadout", "n", n, at_least=2)
        whole_number("PairwiseReadout", "n_classes", n_classes, at_least=1)
        if whole_number("PairwiseReadout", "n_weights", n_weights, at_least=1) % n_classes:
            raise NeuroclError(
                f"PairwiseReadout: n_weights must be a multiple of n_classes = {n_classes}, got {n_weights}."
            )
        i, j = np.tril_indices(n, -1)
        order = np.random.Generator(np.random.PCG64(seed)).permutation(len(i))
        order = order[: len(order) - len(order) % n_classes]
        if len(order) == 0:
            raise NeuroclError(f"PairwiseReadout: {n} units make fewer pairs than the {n_classes} classes.")
        dealt = order.reshape(-1, n_classes).T  # [class, pair]
        per_class = n_weights // n_classes
        dealt = dealt[:, np.arange(per_class) % dealt.shape[1]]
        self.register_buffer("i", torch.from_numpy(i[dealt]))
        self.register_buffer("j", torch.from_numpy(j[dealt]))
        self.weight = nn.Parameter(torch.empty(n_classes, per_class))
        bound = math.sqrt(6.0 / per_class)
        nn.init.uniform_(self.weight, -bound, bound)

    def forward(self, h: Tensor) -> Tensor:
        """[batch, unit] -> [batch, class]."""
        # One class at a time: all products at once would be a tensor of batch * n_weights.
        outputs = [(h[:, i] * h[:, j]) @ w for i, j, w in zip(self.i, self.j, self.weight, strict=True)]
        return torch.stack(outputs, dim=1)


@dataclass(frozen=True)
class SparseMLP:
    """Description of a network with one hidden layer of `NormalisedLinear` and a sparse activation, without biases.

    Parameters
    ----------
    hidden : number of hidden units.
    activation : as in `continual.MLP`; default: `HardASH` with its defaults.
    """

    hidden: int = 1000
    activation: Activation = HardASH

    def __post_init__(self) -> None:
        whole_number("SparseMLP", "hidden", self.hidden, at_least=1)
        activation_maker(self.activation)

    def __call__(self, problem: Problem) -> FeedForward:
        """The network for a problem."""
        _refuse_time("SparseMLP", problem)
        readout = nn.Linear(self.hidden, problem.n_units, bias=False)
        nn.init.kaiming_normal_(readout.weight)
        activation = activation_maker(self.activation)(self.hidden)
        return FeedForward([NormalisedLinear(math.prod(problem.sample_shape), self.hidden), readout], [activation])


@dataclass(frozen=True)
class PairwiseMLP:
    """Description of a network of k winners that take all, and a pairwise readout.

    Parameters
    ----------
    hidden : number of hidden units.
    active : fraction of them that is k; at least one unit.
    n_weights : weights of the readout in all.
    seed : of the dealing of pairs.
    """

    hidden: int = 700
    active: float = 0.15
    n_weights: int = 100_000
    seed: int = 0

    def __post_init__(self) -> None:
        whole_number("PairwiseMLP", "hidden", self.hidden, at_least=2)
        probability("PairwiseMLP", "active", self.active)
        whole_number("PairwiseMLP", "seed", self.seed)

    def __call__(self, problem: Problem) -> FeedForward:
        """The network for a problem."""
        _refuse_time("PairwiseMLP", problem)
        layer = nn.Linear(math.prod(problem.sample_shape), self.hidden, bias=False)
        nn.init.kaiming_normal_(layer.weight)
        k = max(1, round(self.active * self.hidden))
        readout = PairwiseReadout(self.hidden, problem.n_units, self.n_weights, self.seed)
        return FeedForward([layer, readout], [KWinnersTakeAll(k)])


@dataclass(frozen=True)
class ElephantMLP:
    """Description of a network of one hidden layer of `Elephant` units that tile the range of the pre-activations.

    The hidden biases are spread evenly over +-sqrt(3) sigma_bias, so that each unit answers to a band of its own.

    Parameters
    ----------
    hidden : number of hidden units.
    a, d : as in `Elephant`.
    sigma_bias : standard deviation of the hidden biases.
    """

    hidden: int = 1000
    a: float = 0.08
    d: float = 4.0
    sigma_bias: float = 1.0

    def __post_init__(self) -> None:
        whole_number("ElephantMLP", "hidden", self.hidden, at_least=1)
        non_negative_number("ElephantMLP", "sigma_bias", self.sigma_bias)
        Elephant(self.a, self.d)  # it checks the values

    def __call__(self, problem: Problem) -> FeedForward:
        """The network for a problem."""
        _refuse_time("ElephantMLP", problem)
        layer = nn.Linear(math.prod(problem.sample_shape), self.hidden)
        bound = math.sqrt(3.0) * self.sigma_bias
        with torch.no_grad():
            layer.bias.copy_(torch.linspace(-bound, bound, self.hidden))
        return FeedForward([layer, nn.Linear(self.hidden, problem.n_units)], [Elephant(self.a, self.d)])


def _refuse_time(owner: str, problem: Problem) -> None:
    if problem.time_major:
        raise NeuroclError(f"{owner} takes static samples, and these are spike trains [time, sample, ...].")
