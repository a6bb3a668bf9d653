"""Arrows of a network's picture: where they begin, how they bend, and how they are drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.components import Projection
from neurocl.core.network import Network
from neurocl.plots._network_layout import BOX_HEIGHT, Box

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

LOOP = 0.55
"""Height of the control point of a loop above its box, in the unit of the drawing."""


@dataclass(frozen=True, eq=False)
class Arrow:
    """An arc from start to end; `bend` is the height of its control point in units of its length.

    `ends` are the boxes whose centres it joins; a loop begins and ends on the border of its box and has none.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    bend: float
    ends: tuple[Box, ...] = ()

    def point(self, t: float) -> NDArray[np.float64]:
        """Return the point at t, from 0 (start) to 1 (end), of the quadratic Bezier curve that matplotlib draws."""
        dx, dy = self.end - self.start
        control = (self.start + self.end) / 2 + self.bend * np.array([dy, -dx])
        return np.asarray((1 - t) ** 2 * self.start + 2 * t * (1 - t) * control + t**2 * self.end)

    @property
    def middle(self) -> NDArray[np.float64]:
        """Return where its number stands: on top of a loop, else off the centre, in which chords of a ring cross."""
        points = [self.point(t) for t in np.linspace(0.0, 1.0, 101)]
        visible = [point for point in points if not any(box.holds(point) for box in self.ends)]
        return visible[int((0.42 if self.ends else 0.5) * len(visible))] if visible else points[50]


def arrows_of(network: Network, boxes: dict[str, Box]) -> Iterator[tuple[Projection, Arrow]]:
    """Yield the arrow of each projection, so bent that none covers another."""
    pairs = [(p.pre.population.name, p.post.population.name) for p in network.projections.values()]
    total, drawn = Counter(pairs), Counter[tuple[str, str]]()
    for projection, (pre, post) in zip(network.projections.values(), pairs, strict=True):
        rank = drawn[pre, post]
        drawn[pre, post] += 1
        if pre == post:
            yield projection, _loop(boxes[pre], rank, total[pre, post])
        else:
            ends = boxes[pre], boxes[post]
            yield projection, Arrow(ends[0].centre, ends[1].centre, 0.12 + 0.2 * rank, ends)


def _loop(box: Box, rank: int, number: int) -> Arrow:
    """Return a loop above or below a box, on the side that is turned outward, beside an arrow from a source there."""
    up = 1.0 if box.outward[1] > -0.1 else -1.0
    beside = box.sources > 0 and abs(box.outward[1]) > 0.5
    places = [0.33] if beside and number == 1 else np.linspace(-0.33, 0.33, number) if number > 1 else [0.0]
    half = min(0.24, 0.3 * box.width / number)
    x, y = box.centre + (places[rank] * box.width, up * BOX_HEIGHT / 2)
    return Arrow(np.array([x - half, y]), np.array([x + half, y]), -up * LOOP / half)


def draw_arrow(ax: Axes, arrow: Arrow, ends: tuple[Patch | None, Patch | None], inhibits: bool, **style: Any) -> None:
    """Draw an arrow with a point, or a bar if it inhibits, clipped at the boxes that it joins."""
    from matplotlib.patches import FancyArrowPatch

    head = "-[,widthB=0.35,lengthB=0" if inhibits else "-|>,head_length=0.45,head_width=0.2"
    patch = FancyArrowPatch(
        (arrow.start[0], arrow.start[1]), (arrow.end[0], arrow.end[1]), patchA=ends[0], patchB=ends[1], arrowstyle=head,
        connectionstyle=f"arc3,rad={arrow.bend:.4f}", shrinkA=0.0, shrinkB=2.0, mutation_scale=12.0, zorder=2, **style,
    )  # fmt: skip
    ax.add_patch(patch)
