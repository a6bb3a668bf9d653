"""What runs of one method on one benchmark found."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.continual.described import described, difference
from neurocl.continual.metrics.matrix import accuracy_matrix_metrics
from neurocl.continual.metrics.plasticity import online_slope
from neurocl.continual.metrics.stability import stability_metrics
from neurocl.continual.metrics.statistics import Interval, interval, paired
from neurocl.core.errors import NeuroclError
from neurocl.core.versions import versions

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Results"]

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Results:
    """Results of one method, with one run per seed.

    Parameters
    ----------
    name, benchmark, scenario : for tables and plots.
    spec : how the benchmark was made.
    seeds : of the runs.
    matrix : R [seed, experience, task], accuracy on each task after each experience; empty without tests.
    baseline : accuracy before learning [seed, task]. NaN in the scenario "class" unless all units compete: a class that
        was not seen cannot win, so that R has no forward transfer to compare.
    online : accuracy before each update, mean over an experience [seed, experience]; NaN where it is not online.
    trace, trace_steps : accuracy [seed, evaluation, task] during training, and the updates after which [seed,
        evaluation]; NaN at the end where a seed had fewer evaluations than others.
    ends : updates done at the end of each experience [seed, experience].
    records : what recorders found, [seed, experience] by name.
    seconds, train_seconds : wall time of each run, and of its training [seed].
    """

    name: str
    benchmark: str
    scenario: str
    spec: dict[str, Any]
    seeds: Sequence[int]
    matrix: Values
    baseline: Values
    online: Values
    trace: Values
    trace_steps: NDArray[np.int64]
    ends: NDArray[np.int64]
    records: dict[str, Values] = field(default_factory=dict)
    seconds: Values = field(default_factory=lambda: np.zeros(0))
    train_seconds: Values = field(default_factory=lambda: np.zeros(0))

    @property
    def R(self) -> Values:  # noqa: N802 - the name that it has everywhere
        """The accuracy matrix, as `matrix`."""
        return self.matrix

    def metrics(self, joint: ArrayLike | None = None) -> dict[str, Values]:
        """Metrics by name, one value per seed; those that are nowhere defined are left out.

        After n of more tasks they are those of the n tasks that were learned.

        Parameters
        ----------
        joint : accuracy on each task k of a model trained jointly on tasks 0 ... k, [task] or [seed, task]; adds
            "intransigence".
        """
        rows = [self._metrics_of(k, joint) for k in range(len(self.seeds))]
        found = {key: np.array([row[key] for row in rows]) for key in rows[0]}
        return {key: values for key, values in found.items() if not np.isnan(values).all()}

    def summary(self) -> dict[str, Interval]:
        """Mean over seeds with a 95 % interval, for every metric."""
        return {key: interval(values) for key, values in self.metrics().items()}

    def compared_with(self, other: Results, metric: str = "acc") -> dict[str, float]:
        """Paired difference of a metric to another method; see `metrics.paired`.

        Raises
        ------
        NeuroclError
            If seeds or benchmark differ, or one of them lacks the metric.
        """
        if differing := difference(other._stream(), self._stream()):
            raise NeuroclError(
                f"compared_with: both must have run on the same benchmark with the same seeds ({differing})"
            )
        ours, theirs = self.metrics(), other.metrics()
        if metric not in ours or metric not in theirs:
            raise NeuroclError(f"compared_with: there is no metric {metric!r}; expected one of {', '.join(ours)}")
        return paired(ours[metric], theirs[metric])

    def plot(self, ax: Axes | None = None) -> Axes:
        """The accuracy matrix, mean over seeds; or, where nothing was tested, the online accuracy."""
        from neurocl import plots

        if self.matrix.size:
            return plots.accuracy_matrix(self.matrix.mean(0), ax)
        return plots.learning_curves({self.name: self.online}, ax)

    def plot_curves(self, ax: Axes | None = None) -> Axes:
        """Accuracy on each task over the experiences, mean over seeds."""
        from neurocl import plots

        if not self.matrix.size:
            return plots.learning_curves({self.name: self.online}, ax)
        curves = {f"task {j}": self.matrix[:, :, j] for j in range(self.matrix.shape[2])}
        return plots.learning_curves(curves, ax)

    def plot_stability(self, ax: Axes | None = None) -> Axes:
        """Accuracy on each task during training; needs ``evaluate_every``.

        It is the mean over seeds, or, where their experiences differ in length, that of the first seed.
        """
        from neurocl import plots

        if not self.trace.size:
            raise NeuroclError("plot_stability: nothing was tested during training; run with evaluate_every=...")
        if (self.trace_steps == self.trace_steps[0]).all():
            return plots.stability_gap(self.trace.mean(0), self.trace_steps[0], self.ends[0], ax)
        return plots.stability_gap(self.trace[0], self.trace_steps[0], self.ends[0], ax)

    def to_json(self) -> dict[str, Any]:
        """Everything as text, numbers, None, lists and dicts."""
        arrays = ("matrix", "baseline", "online", "trace", "trace_steps", "ends", "seconds", "train_seconds")
        found = {"name": self.name, "benchmark": self.benchmark, "scenario": self.scenario, "seeds": list(self.seeds)}
        summary = {key: _plain(value._asdict()) for key, value in self.summary().items()}
        return {
            **found, "spec": described(self.spec), "versions": versions("neurocl", "numpy", "torch"),
            "summary": summary, "metrics": _plain(self.metrics()),
            **{key: _plain(getattr(self, key)) for key in arrays}, "records": _plain(self.records),
        }  # fmt: skip

    def to_csv(self) -> str:
        """Accuracies as a table: seed, experience, task, accuracy."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(("method", "seed", "experience", "task", "accuracy"))
        for k, seed in enumerate(self.seeds):
            if not self.matrix.size:
                writer.writerows((self.name, seed, i, i, value) for i, value in enumerate(self.online[k]))
            for (i, j), value in np.ndenumerate(self.matrix[k]):
                if not np.isnan(value):
                    writer.writerow((self.name, seed, i, j, value))
        return buffer.getvalue()

    def save(self, folder: str | Path) -> Path:
        """Write results.json, accuracy.csv and report.html into a folder, which is made; returns it."""
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        (path / "results.json").write_text(json.dumps(self.to_json(), indent=2, allow_nan=False) + "\n")
        (path / "accuracy.csv").write_text(self.to_csv())
        self.report(path / "report.html")
        return path

    def report(self, path: str | Path = "report.html") -> Path:
        """Write one HTML file with table and figures; returns its path."""
        from neurocl.continual.report import render

        target = Path(path)
        target.write_text(render(self), encoding="utf-8")
        return target

    def _stream(self) -> dict[str, Any]:
        """What must be equal for a comparison of two methods; the seed in `spec` is not that of any run."""

        def seedless(spec: dict[str, Any]) -> dict[str, Any]:
            return {
                key: seedless(value) if isinstance(value, dict) else value
                for key, value in spec.items() if key != "seed"
            }  # fmt: skip

        return {
            "seeds": [int(seed) for seed in self.seeds], "benchmark": self.benchmark, "scenario": self.scenario,
            "spec": seedless(described(self.spec)), "experiences": self.ends.shape[-1],
        }  # fmt: skip

    def _metrics_of(self, k: int, joint: ArrayLike | None) -> dict[str, float]:
        found: dict[str, float] = {}
        n = self.ends.shape[-1]
        if self.matrix.size:
            r = self.matrix[k][:, :n]
            if r.shape[0] == r.shape[1] and not np.isnan(r[np.tril_indices(n)]).any():
                before = self.baseline[k, :n] if self.baseline.size else None
                if joint is not None:
                    joint = np.atleast_1d(np.asarray(joint, dtype=np.float64))[..., :n]
                    joint = joint[k] if joint.ndim == 2 else joint
                found |= accuracy_matrix_metrics(r, before, joint)
            else:
                found["acc"] = float(np.nanmean(r[-1]))
                found["learning_accuracy"] = float(np.nanmean(np.diag(r)))
        if self.trace.size and self.trace.shape[2] >= n:
            found |= stability_metrics(self.trace[k, :, :n], self.trace_steps[k], self.ends[k])
        if not np.isnan(self.online[k]).all():
            found["online_accuracy"] = float(self.online[k].mean())
            found["online_slope"] = online_slope(self.online[k]) if len(self.online[k]) > 2 else math.nan
        found["seconds"] = float(self.seconds[k])
        return found


def _plain(value: Any) -> Any:
    """`value` for JSON: arrays as lists, NaN as None."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(item) for item in (value.tolist() if isinstance(value, np.ndarray) else value)]
    return None if isinstance(value, float) and not math.isfinite(value) else value
