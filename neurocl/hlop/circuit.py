"""The subspace of past activity, learned and projected out by spikes: `HebbianSubspace` as a circuit of neurons.

The circuit, its equations and its source are in `neurocl.hlop.lateral_network`.

Response     to x: the residual x - H^T q(H x)
Learning     a presentation changes H by eta q(y) (x - H^T q(y))^T: the rule of the layer for one sample, one iteration
             and no momentum, with spiking lateral neurons of T_h = steps lateral steps; x is read from a burst, too
Compare      eta here with iterations times lr over the batch size there
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from neurocl.core._checks import flag, positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.network import Network
from neurocl.core.random import build_generator
from neurocl.core.recording import Record
from neurocl.core.simulator import Simulator, as_array
from neurocl.hlop.lateral_network import SETTLING, burst_inputs, lateral_network

__all__ = ["LateralCircuit", "Presentations", "principal_angles"]

PIECE = 2**22
"""Numbers of input that are made at a time."""


class Presentations(NamedTuple):
    """What the circuit answered: subspace activity y [presentation, k], residual x - H^T y [presentation, n], and the
    spikes of all presentations, of the principal and of the subspace neurons."""

    y: NDArray[np.float64]
    residual: NDArray[np.float64]
    principal_spikes: int
    subspace_spikes: int


class LateralCircuit:
    """Principal and subspace neurons of one layer, simulated spike by spike.

    Parameters
    ----------
    n : principal neurons.
    k : subspace neurons that learn.
    steps : T_h, time steps of a burst: the spike budget. Activities are resolved to scale / steps. Default 40.
    scale : activity of a subspace neuron that fires in every step; beyond it, it saturates. Default 20.
    input_scale : the same of the principal neurons. Default: `scale`.
    eta : learning rate per presentation; eta |x|^2 should be small against 1. Default 0.001.
    seed : of the lateral weights: each `grow` draws a random matrix with orthonormal rows.
    engine, dtype : see `Network.build`.

    Attributes
    ----------
    network, simulator : the description, and the simulation of it.
    n_old : subspace neurons that are frozen.

    Raises
    ------
    NeuroclError
        For an argument out of range.

    Examples
    --------
    >>> circuit = LateralCircuit(50, 5, eta=5e-4)
    >>> found = circuit.present(np.random.default_rng(0).standard_normal((100, 50)))
    >>> found.residual.shape
    (100, 50)
    """

    network: Network
    simulator: Simulator

    def __init__(
        self, n: int, k: int, *, steps: int = 40, scale: float = 20.0, input_scale: float | None = None,
        eta: float = 1e-3, seed: int = 0, engine: str = "numba", dtype: str = "float64",
    ) -> None:  # fmt: skip
        owner = "LateralCircuit"
        self.n = whole_number(owner, "n", n, at_least=1)
        self.steps = whole_number(owner, "steps", steps, at_least=1)
        self.scale = positive_number(owner, "scale", scale)
        self.input_scale = self.scale if input_scale is None else positive_number(owner, "input_scale", input_scale)
        self.eta = positive_number(owner, "eta", eta)
        self.seed = whole_number(owner, "seed", seed)
        self._built = {"engine": engine, "dtype": dtype}
        self.n_old = 0
        self._build(self._new_rows(k, 0))

    @property
    def H(self) -> NDArray[np.float64]:  # noqa: N802 - the name of the layer's matrix
        """Lateral weights, a copy [subspace neuron, principal neuron]."""
        return np.array(self.simulator.state["lateral.w"], dtype=np.float64).reshape(self.n, -1).T

    @property
    def feedback(self) -> NDArray[np.float64]:
        """Feedback weights, a copy [principal neuron, subspace neuron]; -H^T, exactly so in double precision."""
        return np.array(self.simulator.state["feedback.w"], dtype=np.float64).reshape(-1, self.n).T

    def merge(self) -> None:
        """Freeze all subspace neurons: they go on feeding back, but learn no more."""
        rows = self.H
        self.n_old = len(rows)
        self._build(rows)

    def grow(self, k: int) -> None:
        """Add `k` subspace neurons that learn.

        Raises
        ------
        NeuroclError
            If neurons are learning still, or there would be more subspace neurons than principal ones.
        """
        rows = self.H
        if self.n_old < len(rows):
            raise NeuroclError(
                f"grow: {len(rows) - self.n_old} neurons are still learning; call merge() before the next growth."
            )
        self._build(np.concatenate([rows, self._new_rows(k, len(rows))]))

    def present(self, X: ArrayLike, *, learn: bool = True) -> Presentations:
        """Present the rows of `X` one after the other.

        Parameters
        ----------
        X : activities [presentation, n]; beyond `input_scale` they saturate.
        learn : whether each response is followed by a learning burst.

        Returns
        -------
        Presentations

        Raises
        ------
        NeuroclError
            If X has another width, no rows, or values that are not finite.
        """
        rows = _array(X, "present: X")
        if rows.ndim != 2 or rows.shape[1] != self.n or not len(rows) or not np.isfinite(rows).all():
            raise NeuroclError(
                f"present: X must hold at least one row of {self.n} finite numbers, got shape {list(rows.shape)}."
            )
        bursts = 1 + flag("present", "learn", learn)
        length = self.steps + SETTLING
        size = max(1, PIECE // (bursts * length * self.n))
        record: dict[str, Any] = {
            "principal": ["counts", Record("residual", every=length)], "subspace": ["counts", Record("y", every=length)]
        }  # fmt: skip
        found = []
        for first in range(0, len(rows), size):
            piece = rows[first : first + size]
            out = self.simulator.run(
                float(len(piece) * bursts * length), inputs=burst_inputs(piece, self.steps, learn), record=record
            )
            # A response is followed by its learning burst, in which y and the residual are held.
            found.append((out["subspace"]["y"][::bursts], out["principal"]["residual"][::bursts],
                          int(out["principal"].counts().sum()), int(out["subspace"].counts().sum())))  # fmt: skip
        y, residual, principal, subspace = zip(*found, strict=True)
        return Presentations(np.concatenate(y), np.concatenate(residual), sum(principal), sum(subspace))

    def __repr__(self) -> str:
        k = len(self.H)
        return f"LateralCircuit(n={self.n}, old={self.n_old}, new={k - self.n_old}, steps={self.steps})"

    def _new_rows(self, k: int, old: int) -> NDArray[np.float64]:
        """Random orthonormal rows [k, n], uniformly distributed (QR of a Gaussian matrix, signs corrected)."""
        k = whole_number("LateralCircuit", "k", k, at_least=1)
        if old + k > self.n:
            raise NeuroclError(
                f"LateralCircuit: {old + k} subspace neurons are more than the {self.n} principal ones; give at most"
                f" {self.n - old}."
            )
        gaussian = build_generator(self.seed, "LateralCircuit", str(old)).standard_normal((self.n, k))
        q, r = np.linalg.qr(gaussian)
        return np.asarray((q * np.sign(np.diagonal(r))).T)

    def _build(self, rows: NDArray[np.float64]) -> None:
        eta = np.where(np.arange(len(rows)) < self.n_old, 0.0, self.eta)
        self.network = lateral_network(rows, self.steps, self.scale, self.input_scale, eta)
        self.simulator = self.network.build(seed=self.seed, **self._built)


def principal_angles(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Angles between the spans of the rows of `a` and of `b`, in degrees, the largest first.

    Parameters
    ----------
    a, b : arrays [row, n], rows linearly independent.

    Raises
    ------
    NeuroclError
        Unless both are rows of the same number of numbers.

    Notes
    -----
    Source: Björck & Golub (1973), Math. Comput. 27:579, as in SciPy.
    """
    from scipy.linalg import subspace_angles

    one, other = _array(a, "principal_angles: a"), _array(b, "principal_angles: b")
    if one.ndim != 2 or other.ndim != 2 or one.shape[1] != other.shape[1]:
        raise NeuroclError(
            f"principal_angles: a and b must be [row, n] with one n, got shapes {list(one.shape)} and"
            f" {list(other.shape)}."
        )
    return np.degrees(subspace_angles(one.T, other.T))


def _array(value: Any, where: str) -> NDArray[np.float64]:
    """Numbers, also from a tensor that training is about."""
    return as_array(value.detach().cpu() if isinstance(value, Tensor) else value, where)
