"""How noise and chance spoil the recognition of sparse codes: counted, beside the closed forms.

A segment samples s of the a active bits of its pattern and recognises it from theta of them on. Bits of the pattern are
moved, and the misses counted; random patterns are shown, and the false matches counted; several patterns are stored on
one segment, and the false matches of this union counted.

Agreement   a counted frequency lies within 4 standard errors of the closed form
Source      Ahmad & Hawkins (2016), arXiv:1601.00720
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.random import build_generator
from neurocl.experiments.experiment import Experiment, Outcome, Picture, timed
from neurocl.experiments.network_run import Comparison, compared
from neurocl.experiments.run_folder import RunFolder
from neurocl.sdr import theory

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EXPERIMENT", "Config", "run"]

_PART = 5000
_LEAST_EXPECTED = 10.0
"""A frequency is judged where at least so many events are expected; fewer are told without a verdict."""
_ERRORS = 4.0


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    sizes : numbers of bits n.
    a : active bits of a pattern.
    s : synapses of a segment, at most `a`.
    theta : threshold, at most `s`.
    moved : fractions of the active bits that noise moves.
    stored : patterns on one segment, for the union.
    trials : patterns shown at each point.
    seed : of all patterns.
    """

    sizes: tuple[int, ...] = (300, 500, 700)
    a: int = 64
    s: int = 24
    theta: int = 12
    moved: tuple[float, ...] = (0.3, 0.4, 0.5, 0.6, 0.7)
    stored: tuple[int, ...] = (1, 2, 3)
    trials: int = 200_000
    seed: int = 0

    def __post_init__(self) -> None:
        whole_number("sdr", "trials", self.trials, at_least=1)
        whole_number("sdr", "seed", self.seed)
        theory.false_negative(self.a, self.s, 0, self.theta)
        for n in self.sizes:
            theory.false_match(n, self.a, self.s, self.theta)
            if 2 * self.a > n:
                raise NeuroclError(f"sdr: n must be at least 2 a = {2 * self.a}, so that all bits can move, got {n}.")
        for share in self.moved:
            if not 0.0 <= share <= 1.0:
                raise NeuroclError(f"sdr: each of moved must lie between 0 and 1, got {share!r}.")
        for m in self.stored:
            whole_number("sdr", "each of stored", m, at_least=1)
        if not self.sizes:
            raise NeuroclError("sdr: sizes must hold at least one number of bits.")


@dataclass
class _Found:
    """Counted frequencies by their setting."""

    misses: dict[int, float] = field(default_factory=dict)
    matches: dict[int, float] = field(default_factory=dict)
    unions: dict[tuple[int, int], float] = field(default_factory=dict)


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment; it takes seconds, so nothing is kept in `folder`."""
    times: dict[str, float] = {}
    found = _Found()
    rng = build_generator(config.seed, "sdr")
    with timed(times, "noise"):
        for share in tqdm(config.moved, desc="noise", disable=None, leave=False):
            v = round(share * config.a)
            found.misses[v] = _count_misses(config, v, rng) / config.trials
    with timed(times, "chance"):
        for n in tqdm(config.sizes, desc="chance", disable=None, leave=False):
            found.matches[n] = _count_matches(config, n, 1, rng) / config.trials
            for m in config.stored:
                found.unions[n, m] = _count_matches(config, n, m, rng) / config.trials
    with timed(times, "figures"):
        pictures = _pictures(config, found)
    best = theory.optimal_threshold(config.sizes[-1], config.a, config.s, round(config.a * 0.25))
    summary = [
        f"Each point was counted in {config.trials} patterns with {config.a} active bits. With a quarter of the bits"
        f" moved no threshold up to {best.theta} misses the pattern; at {best.theta} a random pattern of"
        f" {config.sizes[-1]} bits matches with probability {best.false_match:.2g}."
    ]
    title = "Noise robustness of sparse codes"
    return compared(title, _comparisons(config, found), times, pictures=pictures, summary=summary)


def _random_bits(n: int, chosen: int, trials: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Rows of n bits, `chosen` of them active: those with the smallest of n random keys."""
    keys = rng.random((trials, n))
    bits = np.zeros((trials, n), dtype=np.bool_)
    np.put_along_axis(bits, np.argpartition(keys, chosen - 1, axis=1)[:, :chosen], True, axis=1)
    return bits


def _count_misses(config: Config, v: int, rng: np.random.Generator) -> int:
    """Noisy patterns that the segment does not recognise. The pattern is the first a bits, the segment the first s."""
    count, left = 0, config.trials
    while left:
        part = min(left, _PART)
        if v:
            lost = _random_bits(config.a, v, part, rng)[:, : config.s].sum(axis=1)
            count += int((config.s - lost < config.theta).sum())
        left -= part
    return count


def _count_matches(config: Config, n: int, m: int, rng: np.random.Generator) -> int:
    """Random patterns that match a segment on which m random sets of s bits are stored."""
    count, left = 0, config.trials
    while left:
        part = min(left, _PART)
        stored = np.zeros((part, n), dtype=np.bool_)
        for _ in range(m):
            stored |= _random_bits(n, config.s, part, rng)
        pattern = _random_bits(n, config.a, part, rng)
        count += int(((stored & pattern).sum(axis=1) >= config.theta).sum())
        left -= part
    return count


def _comparisons(config: Config, found: _Found) -> list[Comparison]:
    a, s, theta = config.a, config.s, config.theta
    lines = []
    for v, measured in found.misses.items():
        expected = theory.false_negative(a, s, v, theta)
        lines.append(_line(config, f"{v} of {a} bits moved", "missed patterns", measured, expected))
    for n, measured in found.matches.items():
        expected = theory.false_match(n, a, s, theta)
        lines.append(_line(config, f"{n} bits", "false matches", measured, expected))
    for (n, m), measured in found.unions.items():
        expected = theory.union_false_match(n, a, s, theta, m)
        lines.append(_line(config, f"{n} bits, {m} stored", "false matches of a union", measured, expected))
    return lines


def _line(config: Config, where: str, quantity: str, measured: float, expected: float) -> Comparison:
    error = _ERRORS * math.sqrt(expected * (1.0 - expected) / config.trials)
    is_certain = expected in (0.0, 1.0)
    enough = min(expected, 1.0 - expected) * config.trials >= _LEAST_EXPECTED
    known = (expected - error, expected + error) if enough or is_certain else None
    return Comparison(where, quantity, measured, known)


def _pictures(config: Config, found: _Found) -> list[Picture]:
    a, s, theta = config.a, config.s, config.theta
    seen = {n: ([n], [p]) for n, p in found.matches.items() if p > 0}
    figures = [_figure() for _ in range(4)]
    axes = [figure.subplots() for figure in figures]
    shares = {theta: ([v / a for v, p in found.misses.items() if p > 0], [p for p in found.misses.values() if p > 0])}
    theory.plot_false_negative(axes[0], a=a, s=s, thresholds=(theta,), observed=shares)
    sizes = tuple(range(2 * a, 2 * max(config.sizes), 20))
    points = {a: ([n for n in seen], [seen[n][1][0] for n in seen])}
    theory.plot_false_match(axes[1], sizes=sizes, active=(a,), s=s, theta=theta, observed=points)
    unions = {
        n: ([m for k, m in found.unions if k == n and found.unions[k, m] > 0],
            [p for (k, _), p in found.unions.items() if k == n and p > 0])
        for n in config.sizes
    }  # fmt: skip
    most = max(config.stored, default=1)
    theory.plot_union(axes[2], sizes=config.sizes, a=a, s=s, theta=theta, most=most, observed=unions)
    theory.plot_thresholds(axes[3])
    captions = {
        "noise": "Misses of a pattern whose bits were moved: closed form (line) and counted (points).",
        "chance": "Random patterns that match a segment, by the number of bits.",
        "union": "Random patterns that match when several patterns are stored on one segment.",
        "threshold": "False matches over a sweep of sizes, activities and synapses: from about 9 on they are rare.",
    }
    return [Picture(name, figure, text) for (name, text), figure in zip(captions.items(), figures, strict=True)]


def _figure() -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(6.5, 3.6), layout="constrained")


EXPERIMENT = Experiment(
    name="sdr",
    description="noise robustness, false matches and unions of sparse codes, counted beside their closed forms",
    config=Config,
    run=run,
)
