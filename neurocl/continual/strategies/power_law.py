"""Rehearsal in a natural environment: old tasks come back, the more rarely the longer they were not performed.

Phase        an experience with B samples is learned together with rho B samples of earlier experiences
Shares       of task j: (D_j + 1)^-a of the rehearsal, D_j the phases since it was introduced (`rehearsal_shares`)
Defaults     rho 0.5, a 1
Source       Gandhi, Shah, Marupudi & Varma (2024), arXiv:2401.10393 (the idea); rho, a and the shares are ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from neurocl.continual import seeding
from neurocl.continual.experience import Experience
from neurocl.continual.plugin import Plugin
from neurocl.continual.rehearsal_shares import rehearsal_shares
from neurocl.continual.strategies.joint import union
from neurocl.core._checks import non_negative_number

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["PowerLawRehearsal"]


class PowerLawRehearsal(Plugin):
    """Rehearsal by a schedule; it keeps all experiences, since the environment offers them again.

    Parameters
    ----------
    rehearsal : rho, samples rehearsed per new sample.
    schedule : "power", "exponential", "uniform" or "none".
    exponent : a of "power", rate of "exponential".
    """

    needs_boundaries = True
    needs_past = True

    def __init__(self, rehearsal: float = 0.5, schedule: str = "power", exponent: float = 1.0) -> None:
        self.rehearsal = non_negative_number("PowerLawRehearsal", "rehearsal", rehearsal)
        self.schedule, self.exponent = schedule, exponent
        rehearsal_shares(1, 1, schedule, exponent)  # it checks both

    def before_training(self, strategy: Strategy) -> None:
        """Nothing was performed."""
        self._past: list[Experience] = []

    def revisit(self, strategy: Strategy, experience: Experience) -> None:
        """Keep an experience that was learned before an interruption."""
        self._past.append(experience)

    def training_data(self, strategy: Strategy, experience: Experience) -> Experience:
        """The experience and what is rehearsed, in random order."""
        self._present = experience
        budget = round(self.rehearsal * len(experience))
        shares = rehearsal_shares(len(self._past), budget, self.schedule, self.exponent)
        # Drawn from the seed and the place in the stream: a resumed run gets the same samples.
        numbers = seeding.generator(strategy.seed, "noise", strategy.n_trained)
        parts = [
            old.subset(torch.from_numpy(_choice(numbers, len(old), int(share))).to(old.y.device))
            for old, share in zip(self._past, shares, strict=True)
            if share
        ]
        if not parts:
            return experience
        parts.append(experience)
        return union(parts, torch.from_numpy(numbers.permutation(sum(len(part) for part in parts))))

    def after_training_exp(self, strategy: Strategy) -> None:
        """Keep this experience."""
        self._past.append(self._present)


def _choice(numbers: np.random.Generator, n: int, share: int) -> np.ndarray:
    """`share` of `n` samples, each once as long as they suffice."""
    return numbers.choice(n, share, replace=share > n)
