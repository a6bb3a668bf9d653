"""A spiking hippocampus learns, recalls and forgets: a script of nine operations, and random ones in quick succession.

Script       learns three contents, recalls by a cue, by one cell and by two, learns another content at a used cue, and
             recalls by what is new and by what was erased
Random       operations drawn by lot; what is shown must be what a table of cues and contents says, to the tick. Recalls
             by one cell of a content and by up to four: the latter tie every cell to all cues that were found, and
             after two such recalls a cell finds cues that it never belonged to
Times        learning shows cue and content 5 and 7 ms after its begin; a recall by cue shows the cue at 5, the content
             at 6 ms; a recall by content the content at 5, the cues at 6 ms
Source       Casanueva-Morato et al. (2024), Neural Networks 178:106474, arXiv:2310.05868
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.random import build_generator
from neurocl.experiments.experiment import Experiment, Outcome, Picture, timed
from neurocl.experiments.run_folder import RunFolder
from neurocl.memory import HippocampalCAM

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EXPERIMENT", "Config", "run"]

A, C = 5, 10
CELLS = (1, 4)
"""Most cells of a content by which the random operations recall."""
SETTLED = 8
"""Steps after which an operation has shown all that it shows."""


@dataclass(frozen=True)
class Operation:
    """What is done: learn ("learn"), recall by cue ("cue") or by content ("content")."""

    kind: str
    cue: int | None = None
    content: tuple[int, ...] = ()

    def __str__(self) -> str:
        cells = ", ".join(map(str, self.content))
        return {"learn": f"learn {self.cue}: {cells}", "cue": f"cue {self.cue}", "content": f"content {cells}"}[
            self.kind
        ]


SCRIPT = (
    Operation("learn", 0, (0, 1, 8, 9)), Operation("learn", 4, (1, 5, 6)), Operation("learn", 3, (4, 5, 6, 8)),
    Operation("cue", 0), Operation("content", None, (6,)), Operation("content", None, (0, 4)),
    Operation("learn", 3, (1, 3, 4, 8)), Operation("cue", 3), Operation("content", None, (6,)),
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    spacing : ms between the beginnings of two operations of the script, at least 8.
    spacings : the same for the random operations; each at least 8.
    operations : number of random operations at each spacing.
    seed : of the random operations.
    """

    spacing: int = 10
    spacings: tuple[int, ...] = (8, 9, 10, 12, 15, 20, 30)
    operations: int = 200
    seed: int = 0

    def __post_init__(self) -> None:
        for name, values in (("spacing", (self.spacing,)), ("spacings", self.spacings)):
            for value in values:
                if whole_number("hippocampus", name, value) < SETTLED:
                    raise NeuroclError(
                        f"hippocampus: {name} must be at least {SETTLED} ms, when the output of an operation is over,"
                        f" got {value}."
                    )
        if not self.spacings:
            raise NeuroclError("hippocampus: spacings must hold at least one number of ms.")
        whole_number("hippocampus", "operations", self.operations, at_least=1)
        whole_number("hippocampus", "seed", self.seed)


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment; it takes seconds, so nothing is kept in `folder`."""
    times: dict[str, float] = {}
    memory = HippocampalCAM(A, C)
    with timed(times, "script"):
        cells = memory.run(_spikes(SCRIPT, config.spacing))
        rows = _rows(SCRIPT, cells, config.spacing)
    with timed(times, "random operations"):
        right = {most: {spacing: _share_right(config, spacing, most) for spacing in config.spacings} for most in CELLS}
    with timed(times, "figures"):
        pictures = [
            Picture("script", _raster(cells, config.spacing), "Spikes of all groups; lines mark the operations."),
            Picture("weights", _weights(memory), "Learned weights after the script."),
            Picture("spacing", _shares(right), "Random operations with the right answer at the right time."),
        ]
    as_expected = sum(row[-1] == "yes" for row in rows)
    summary = [
        f"{as_expected} of {len(rows)} operations of the script, {config.spacing} ms apart, showed what was learned, at"
        " the ms that the source quotes.",
        *(
            f"Of {config.operations} random operations, recalls by {_cells(most)}, right in every cell and ms: "
            + ", ".join(f"{share:.1%} at {spacing} ms" for spacing, share in shares.items())
            + "."
            for most, shares in right.items()
        ),
    ]
    columns = ("operation", "cues shown", "content shown", "cue at ms", "content at ms", "as expected")
    results = {"right": {_cells(most): {str(k): v for k, v in shares.items()} for most, shares in right.items()}}
    return Outcome("A hippocampus in spikes", summary, columns, rows, results, times, pictures)


def _spikes(operations: tuple[Operation, ...], spacing: int) -> NDArray[np.bool_]:
    """Input [ms, cell]."""
    spikes = np.zeros((spacing * len(operations), A + C), dtype=np.bool_)
    for k, operation in enumerate(operations):
        begin = k * spacing
        part = spikes[begin : begin + (3 if operation.kind == "learn" else 1)]
        if operation.cue is not None:
            part[:, operation.cue] = True
        part[:, [A + j for j in operation.content]] = True
    return spikes


def _rows(operations: tuple[Operation, ...], cells: dict[str, NDArray[np.bool_]], spacing: int) -> list[Any]:
    """What each operation showed, and whether the table of contents and the source's times say the same."""
    held: dict[int, set[int]] = {}
    rows = []
    for k, operation in enumerate(operations):
        window = slice(k * spacing, k * spacing + SETTLED)
        cues, content = cells["cue_out"][window], cells["content_out"][window]
        expected = _expected(operation, held)
        same = np.array_equal(cues, expected[0]) and np.array_equal(content, expected[1])
        shown = [", ".join(map(str, np.flatnonzero(part.any(axis=0)))) for part in (cues, content)]
        at = [", ".join(map(str, np.flatnonzero(part.any(axis=1)))) for part in (cues, content)]
        rows.append((str(operation), *shown, *at, "yes" if same else "no"))
    return rows


def _expected(operation: Operation, held: dict[int, set[int]]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Output [ms, cell] of cues and contents; `held` is what every cue holds, and is brought up to date."""
    cues, content = np.zeros((SETTLED, A), dtype=np.bool_), np.zeros((SETTLED, C), dtype=np.bool_)
    if operation.kind == "cue":
        cues[5, operation.cue] = True
        content[6, list(held.get(operation.cue or 0, ()))] = True
    elif operation.kind == "content":
        content[5, list(operation.content)] = True
        cues[6, [cue for cue, cells in held.items() if cells & set(operation.content)]] = True
    else:
        assert operation.cue is not None  # an operation that learns has a cue
        cues[[5, 7], operation.cue] = True
        content[np.ix_([5, 7], operation.content)] = True
        # What is erased shows once more.
        content[6, list(held.get(operation.cue, set()) - set(operation.content))] = True
        held[operation.cue] = set(operation.content)
    return cues, content


def _share_right(config: Config, spacing: int, most: int) -> float:
    """Share of random operations with the right answer; a recall by content takes up to `most` cells."""
    rng = build_generator(config.seed, "hippocampus", "operations")
    operations = []
    for k in range(config.operations):
        # The first ones learn, so that there is something to recall.
        kind = "learn" if k < A else str(rng.choice(["learn", "cue", "content"]))
        cells = tuple(rng.permutation(C)[: rng.integers(1, 1 + (most if kind == "content" else 4))].tolist())
        cue = k if k < A else int(rng.integers(A))
        operations.append(Operation(kind, None if kind == "content" else cue, () if kind == "cue" else cells))
    found = HippocampalCAM(A, C).run(_spikes(tuple(operations), spacing))
    return float(np.mean([row[-1] == "yes" for row in _rows(tuple(operations), found, spacing)]))


def _cells(most: int) -> str:
    return "one cell" if most == 1 else f"up to {most} cells"


def _raster(cells: dict[str, NDArray[np.bool_]], spacing: int) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 5.0), layout="constrained")
    ax = figure.subplots()
    first, ticks = 0, []
    for k, (name, spikes) in enumerate(cells.items()):
        at, cell = np.nonzero(spikes)
        ax.plot(at, first + cell, "|", color=f"C{k}", markersize=5, markeredgewidth=1.4)
        ticks.append((first + (spikes.shape[1] - 1) / 2, name.replace("_", " ")))
        first += spikes.shape[1] + 2
    for k, operation in enumerate(SCRIPT):
        ax.axvline(k * spacing, color="0.85", linewidth=0.8, zorder=0)
        ax.text(k * spacing, first, f" {operation}", fontsize=6, rotation=20, va="bottom")
    ax.set_yticks([tick for tick, _ in ticks], [name for _, name in ticks], fontsize=8)
    ax.set_xlabel("time (ms)")
    ax.spines[["top", "right"]].set_visible(False)
    return figure


def _weights(memory: HippocampalCAM) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 2.6), layout="constrained")
    axes = figure.subplots(1, 2)
    titles = ("from cue to content", "from content to cue")
    for ax, weights, title in zip(axes, (memory.to_content, memory.to_cue.T), titles, strict=True):
        image = ax.imshow(weights, vmin=0, vmax=6, cmap="viridis", aspect="auto")
        ax.set_title(title, fontsize=9)
        ax.set_xlabel("content cell")
        ax.set_ylabel("cue")
        ax.set_yticks(range(A))
    figure.colorbar(image, ax=axes, label="weight (nA)")
    return figure


def _shares(right: dict[int, dict[int, float]]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5, 3.2), layout="constrained")
    ax = figure.subplots()
    for (most, shares), style in zip(right.items(), ("o-", "s--"), strict=True):
        ax.plot(list(shares), list(shares.values()), style, label=f"recall by {_cells(most)}")
    ax.set_xlabel("time between operations (ms)")
    ax.set_ylabel("share of right answers")
    ax.set_ylim(0, 1.05)
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return figure


EXPERIMENT = Experiment(
    name="hippocampus",
    description="spiking CA3 learns, recalls from any fragment and forgets; answers and times against the source",
    config=Config,
    run=run,
)
"""What `neurocl run hippocampus` runs."""
