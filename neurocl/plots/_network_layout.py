"""Where the populations of a network stand in its picture.

Populations that receive spikes stand on a ring, clockwise in the order of the network, beginning at the top. A source
that feeds one of them stands outside the ring behind it, one that feeds several in a column to the left; modulators
stand in a column to the right, or below where a lone population would hide the arrows between them and its sources.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurocl.core.network import Network

BOX_HEIGHT = 0.62
CHARACTER = 0.115
"""Width of a character of a box's text in the unit of the drawing."""


GAP = 0.9
"""Least room between two boxes."""


@dataclass(eq=False)
class Box:
    """A box of the picture, with its lines of text and how many sources stand behind it."""

    title: str
    text: str
    centre: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    outward: NDArray[np.float64] = field(default_factory=lambda: np.array([-1.0, 0.0]))
    sources: int = 0

    @property
    def width(self) -> float:
        """Width that the longer line needs."""
        return 0.3 + CHARACTER * max(len(self.title), len(self.text))

    def holds(self, point: NDArray[np.float64]) -> bool:
        """Tell whether a point lies in the box."""
        return bool(np.all(np.abs(point - self.centre) <= (self.width / 2, BOX_HEIGHT / 2)))


def place_boxes(network: Network) -> dict[str, Box]:
    """Return the boxes of all populations and modulators, by name."""
    boxes = {name: Box(name, f"{p.n} × {p.model.name}") for name, p in network.populations.items()}
    targets = _targets(network)
    received = {post for posts in targets.values() for post in posts}
    sources = {name: posts for name, posts in targets.items() if posts and name not in received}
    ring = {name: box for name, box in boxes.items() if name not in sources}
    _place_ring(list(ring.values()))
    shared = [boxes[name] for name, posts in sources.items() if len(posts) > 1 or len(ring) == 1]
    for name, posts in sources.items():
        if boxes[name] not in shared:
            _place_behind(boxes[name], boxes[posts[0]])
    _place_column(shared, [box for box in boxes.values() if box not in shared], side=-1)
    modulators = {name: Box(name, handle.model.name) for name, handle in network.modulators.items()}
    if len(ring) == 1 and shared:
        _place_row(list(modulators.values()), list(boxes.values()))
    else:
        _place_column(list(modulators.values()), list(boxes.values()), side=1)
    return {**boxes, **modulators}


def _targets(network: Network) -> dict[str, list[str]]:
    """Return what each population projects to, itself included."""
    found: dict[str, list[str]] = {name: [] for name in network.populations}
    for projection in network.projections.values():
        pre, post = projection.pre.population.name, projection.post.population.name
        if post not in found[pre]:
            found[pre].append(post)
    return found


def _place_ring(boxes: list[Box]) -> None:
    """One box in the middle, two above each other, more on an ellipse wide enough for their widths."""
    if len(boxes) == 1:
        return
    width = max(box.width for box in boxes)
    flat = len(boxes) == 2
    rx = 0.0 if flat else max(1.4, len(boxes) * (width + GAP) / (2 * np.pi))
    ry = 1.0 if flat else max(1.4, 0.72 * rx)
    for k, box in enumerate(boxes):
        angle = np.pi / 2 - 2 * np.pi * k / len(boxes)
        box.outward = np.array([np.cos(angle), np.sin(angle)]).round(9)
        box.centre = box.outward * (rx, ry)


def _place_behind(source: Box, target: Box) -> None:
    """A source of one population stands behind it; the second and third stand beside the first."""
    turn = (0.0, 0.9, -0.9)[target.sources % 3]
    direction = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ target.outward
    reach = ((source.width + target.width) / 2 + GAP, BOX_HEIGHT + GAP)
    source.centre = target.centre + direction * reach
    source.outward = target.outward
    target.sources += 1


def _place_column(column: list[Box], others: list[Box], side: int) -> None:
    """Place boxes below each other, to the left (side -1) or to the right (1) of the others."""
    end = max(side * box.centre[0] + box.width / 2 for box in others)
    for k, box in enumerate(column):
        y = ((len(column) - 1) / 2 - k) * (BOX_HEIGHT + GAP)
        box.centre = np.array([side * (end + GAP + 0.4 + box.width / 2), y])


def _place_row(row: list[Box], others: list[Box]) -> None:
    """Place boxes beside each other below the others, from the left on."""
    low = min(box.centre[1] for box in others)
    x = min(box.centre[0] + box.width / 2 for box in others)
    for box in row:
        box.centre = np.array([x + box.width / 2, low - BOX_HEIGHT - GAP])
        x += box.width + GAP
