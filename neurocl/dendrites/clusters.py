"""Contexts that are found during training, without task labels or boundaries: online clustering of batches.

Features    a fixed random choice of `n_features` input features
Batch       joins the first cluster from which Hotelling's test does not tell it apart (P < 0.9), or makes a new one
Join        prototype <- mean weighted by all samples seen so far; of at most 256 exemplars for the test,
            int(256 n_c / (n_c + n_b)) are random old ones and int(256 n_b / (n_c + n_b)) random new ones, n_c the
            samples that the cluster has seen, n_b those of the batch
Context     the prototype of the batch's cluster; at test the nearest prototype, for each sample
Source      Iyer et al. (2022), Front. Neurorobotics 16:846219
"""

from __future__ import annotations

import torch
from torch import Tensor

from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.dendrites.contexts import Chosen, Context, nearest
from neurocl.dendrites.hotelling import Sample, same_distribution

__all__ = ["ClusterContext"]


class ClusterContext(Context):
    """Prototypes inferred by online clustering.

    Parameters
    ----------
    n_features : input features that are looked at. Default 256.
    level : a batch joins a cluster if P of the test is below it. Default 0.9.
    n_exemplars : rows that a cluster keeps for the test, at most. Default 256.

    Attributes
    ----------
    features : int64, which features are looked at.
    prototypes : [cluster, feature]; counts : samples that each cluster has seen.
    exemplars : for each cluster [sample, feature].
    """

    state = ("features", "prototypes", "counts", "exemplars")

    def __init__(self, n_features: int = 256, level: float = 0.9, n_exemplars: int = 256) -> None:
        owner = "ClusterContext"
        self.n_features = whole_number(owner, "n_features", n_features, at_least=1)
        self.level = probability(owner, "level", level)
        self.n_exemplars = whole_number(owner, "n_exemplars", n_exemplars, at_least=2)

    def size(self, n_features: int) -> int:
        """Number of features that are looked at."""
        if self.n_features > n_features:
            raise NeuroclError(
                f"ClusterContext: n_features must be at most the samples' {n_features} features, got {self.n_features}."
            )
        return self.n_features

    def start(self, n_features: int, generator: torch.Generator) -> None:
        """Choose the features; there is no cluster."""
        self.features = torch.randperm(n_features, generator=generator)[: self.size(n_features)]
        self.prototypes = torch.zeros(0, self.n_features)
        self.counts: list[int] = []
        self.exemplars: list[Tensor] = []

    def of_batch(self, x: Tensor, task: Tensor, generator: torch.Generator) -> Tensor:
        """The prototype of the cluster that the batch joins or makes."""
        rows = x.detach()[:, self.features].cpu()
        cluster = self._find(rows)
        if cluster is None:
            self.prototypes = torch.cat([self.prototypes, rows.mean(0, keepdim=True)])
            self.counts.append(len(rows))
            self.exemplars.append(_some(rows, self.n_exemplars, generator))
            return self.prototypes[-1].to(x)
        self._join(cluster, rows, generator)
        return self.prototypes[cluster].to(x)

    def infer(self, x: Tensor, task: Tensor | None) -> Chosen:
        """The nearest prototype; zeros before the first batch."""
        if not self.counts:
            return Chosen(x.new_zeros(1, self.n_features), torch.zeros(len(x), dtype=torch.int64, device=x.device))
        prototypes = self.prototypes.to(x)
        return Chosen(prototypes, nearest(x[:, self.features], prototypes))

    def _find(self, rows: Tensor) -> int | None:
        """The first cluster that the batch may belong to."""
        batch = Sample.of(rows.numpy())
        for index, exemplars in enumerate(self.exemplars):
            if same_distribution(Sample.of(exemplars.numpy()), batch) < self.level:
                return index
        return None

    def _join(self, index: int, rows: Tensor, generator: torch.Generator) -> None:
        seen, new = self.counts[index], len(rows)
        both = seen + new
        prototypes = self.prototypes.clone()
        prototypes[index] = (prototypes[index] * seen + rows.mean(0) * new) / both
        self.prototypes, self.counts[index] = prototypes, both
        old = _some(self.exemplars[index], int(self.n_exemplars * seen / both), generator)
        self.exemplars[index] = torch.cat([old, _some(rows, int(self.n_exemplars * new / both), generator)])


def _some(rows: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """At most `n` random rows."""
    return rows[torch.randperm(len(rows), generator=generator)[:n]]
