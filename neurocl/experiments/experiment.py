"""What an experiment is, and what it returns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neurocl.experiments.run_folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Experiment", "Outcome", "Picture", "timed"]


@dataclass(frozen=True)
class Picture:
    """A figure of a report: the stem of its file, the figure, and a caption that says what is seen."""

    name: str
    figure: Figure
    caption: str


@dataclass(frozen=True)
class Outcome:
    """What a run found.

    Parameters
    ----------
    title : heading of the report.
    summary : paragraphs of plain text, made of numbers of this run.
    columns, rows : the table that is printed and written to accuracy.csv; a float is shown with 4 decimals.
    results : more numbers for results.json: text, numbers, None, lists and dicts of them.
    times : wall seconds by stage; what was read from a checkpoint counts as the time to read it.
    pictures : figures, in the order of the report.
    """

    title: str
    summary: Sequence[str]
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    results: dict[str, Any]
    times: dict[str, float]
    pictures: Sequence[Picture] = field(default=())


@dataclass(frozen=True)
class Experiment:
    """A named experiment.

    Parameters
    ----------
    name : what the user types.
    description : one line for `neurocl list`.
    config : frozen dataclass with a default for every field, among them ``seed``; it checks its values.
    run : ``run(config, folder=None)``; with a folder, what took long is kept in ``folder.keep``.
    """

    name: str
    description: str
    config: type[Any]
    run: Callable[[Any, RunFolder | None], Outcome]


@contextmanager
def timed(times: dict[str, float], stage: str) -> Iterator[None]:
    """Add the wall seconds of what stands under `with` to ``times[stage]``."""
    start = time.perf_counter()
    yield
    times[stage] = times.get(stage, 0.0) + time.perf_counter() - start
