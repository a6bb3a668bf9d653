"""k winners take all, as layers: of the units of a sample the k most active pass, the others give 0.

Boost       x exp(-beta d) decides who wins, d a unit's duty cycle; the output and the gradient are those of x itself
Threshold   all that reach the k-th largest win, so ties may give more than k; or exactly k (`break_ties`)
k           round(U percent_on), halves to even; outside training int(k k_inference_factor)
Duty        in training, of a batch of B: L <- L + B, P = min(period, L), d <- (d (P - B) + number of outputs > 0) / P
Source      Ahmad & Scheinkman (2019), arXiv:1903.11257
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from neurocl.core._checks import flag, non_negative_number, probability, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["KWinners", "KWinners2d", "k_winners"]


def k_winners(x: Tensor, boosted: Tensor, k: int, break_ties: bool = False, relu: bool = False) -> Tensor:
    """`x` where a unit wins by `boosted`, else 0; all [batch, unit]. NaN wins, so that it is seen further on."""
    if k == 0:
        return torch.where(torch.ones_like(x, dtype=torch.bool), 0.0, x)
    best = boosted.detach().topk(k, dim=-1, sorted=False)
    if break_ties:
        kept = torch.zeros_like(boosted, dtype=torch.bool).scatter_(-1, best.indices, True)
        lost = ~kept | (boosted <= 0) if relu else ~kept
    else:
        threshold = best.values.amin(-1, keepdim=True)
        lost = boosted < (threshold.clamp(min=0.0) if relu else threshold)
    return torch.where(lost, 0.0, x)


class KWinners(nn.Module):
    """k winners take all over the units of a layer.

    Parameters
    ----------
    n : units.
    percent_on : share of winners, in (0, 1].
    k_inference_factor : k is multiplied by it outside training. Default 1.5.
    boost_strength, boost_strength_factor : beta, and its factor for each epoch. Defaults 1.0 and 0.9.
    duty_cycle_period : samples, at least a batch. Default 1000.
    break_ties : exactly k win. Default False: all equals win.
    relu : what is negative does not win. Default False.

    Attributes
    ----------
    duty_cycle : [unit]; n_seen : samples in training so far.
    """

    duty_cycle: Tensor
    n_seen: Tensor
    boost: Tensor

    def __init__(
        self, n: int, percent_on: float, *, k_inference_factor: float = 1.5, boost_strength: float = 1.0,
        boost_strength_factor: float = 0.9, duty_cycle_period: int = 1000, break_ties: bool = False, relu: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        owner = type(self).__name__
        self.n = whole_number(owner, "n", n, at_least=1)
        self.percent_on = probability(owner, "percent_on", percent_on)
        self.k_inference_factor = non_negative_number(owner, "k_inference_factor", k_inference_factor)
        self._counts(self.n)
        self.boost_strength_factor = non_negative_number(owner, "boost_strength_factor", boost_strength_factor)
        self.duty_cycle_period = whole_number(owner, "duty_cycle_period", duty_cycle_period, at_least=1)
        self.break_ties, self.relu = flag(owner, "break_ties", break_ties), flag(owner, "relu", relu)
        strength = non_negative_number(owner, "boost_strength", boost_strength)
        self.boosts = strength > 0.0
        self.register_buffer("duty_cycle", torch.zeros(self.n))
        self.register_buffer("n_seen", torch.zeros((), dtype=torch.int64))
        self.register_buffer("boost", torch.tensor(strength))

    def _counts(self, n_candidates: int) -> tuple[int, int]:
        """k in training and outside, of so many candidates."""
        k = round(n_candidates * self.percent_on)
        at_inference = int(k * self.k_inference_factor)
        if at_inference > n_candidates:
            raise NeuroclError(
                f"{type(self).__name__}: k_inference_factor makes k = {at_inference}, more than the {n_candidates}"
                " units."
            )
        return k, at_inference

    def forward(self, x: Tensor) -> Tensor:
        """The winners of each sample, [batch, unit]; in training the duty cycles follow."""
        if x.ndim != 2 or x.shape[1] != self.n:
            raise NeuroclError(f"KWinners: expected [batch, {self.n}], got {list(x.shape)}.")
        k = self._counts(self.n)[0 if self.training else 1]
        y = k_winners(x, self._boosted(x), k, self.break_ties, self.relu)
        if self.training:
            self._update(y.detach(), 1)
        return y

    def _boosted(self, x: Tensor) -> Tensor:
        x = x.detach()
        if not self.boosts:
            return x
        shape = (1, -1) + (1,) * (x.ndim - 2)
        return x * torch.exp(-self.boost * self.duty_cycle).view(shape)

    def _update(self, y: Tensor, places: int) -> None:
        """Duty cycles from the outputs [batch, unit, ...], of `places` positions per unit."""
        batch = len(y)
        if batch > self.duty_cycle_period:
            raise NeuroclError(
                f"{type(self).__name__}: a batch of {batch} is longer than duty_cycle_period={self.duty_cycle_period};"
                " use a longer period."
            )
        self.n_seen += batch
        period = min(self.duty_cycle_period, int(self.n_seen))
        won = (y > 0).transpose(0, 1).flatten(1).sum(1) / places
        self.duty_cycle.mul_(period - batch).add_(won).div_(period)

    def end_epoch(self) -> None:
        """Weaken the boosting; call it after each epoch."""
        self.boost *= self.boost_strength_factor

    @property
    def entropy(self) -> float:
        """Sum over units of the entropy of the duty cycles, in bits; the most possible is n H(k / n)."""
        d = self.duty_cycle.double()
        return float(-(torch.xlogy(d, d) + torch.xlogy(1 - d, 1 - d)).sum() / torch.log(torch.tensor(2.0)))

    def extra_repr(self) -> str:
        return f"{self.n}, percent_on={self.percent_on:g}"


class KWinners2d(KWinners):
    """k winners take all over maps [batch, channel, height, width]; duty cycles are of channels.

    Parameters
    ----------
    n : channels.
    percent_on : share of winners.
    local : k of the channels at each place. Default False: k of all elements of a sample.
    **options : of `KWinners`.
    """

    def __init__(self, n: int, percent_on: float, *, local: bool = False, **options: float) -> None:
        super().__init__(n, percent_on, **options)  # type: ignore[arg-type]
        self.local = flag("KWinners2d", "local", local)

    def forward(self, x: Tensor) -> Tensor:
        """The winners of each sample, [batch, channel, height, width]."""
        if x.ndim != 4 or x.shape[1] != self.n:
            raise NeuroclError(f"KWinners2d: expected [batch, {self.n}, height, width], got {list(x.shape)}.")
        places = x.shape[2] * x.shape[3]
        boosted = self._boosted(x)
        k = self._counts(self.n if self.local else self.n * places)[0 if self.training else 1]
        if self.local:
            last = [part.movedim(1, -1) for part in (x, boosted)]
            y = k_winners(last[0], last[1], k, self.break_ties, self.relu).movedim(-1, 1)
        else:
            y = k_winners(x.flatten(1), boosted.flatten(1), k, self.break_ties, self.relu).view_as(x)
        if self.training:
            self._update(y.detach(), places)
        return y
