"""Outer-product memory: labels are embedded in d dimensions, and pairs of labels are added up in one matrix.

Store        W += q u_y e_x^T for each pair (x, y) with strength q
Recall       argmax_y u_y^T W e_x
Energy       of a pair, -u_y^T W e_x
Embeddings   e_x, u_y random: Gaussian entries of variance 1/d ("gaussian") or of norm 1 ("sphere")
Source       Cabannes, Dohmatob & Bietti (2024), ICLR, "Scaling laws for associative memories"
"""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._finite import finite_array
from neurocl.core._checks import whole_number
from neurocl.core.components import is_numeric
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.random import build_generator
from neurocl.memory._arrays import Form, is_tensor, read_whole
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall

__all__ = ["OuterProductMemory"]


class OuterProductMemory(Memory):
    """Outer-product memory of pairs of labels.

    Parameters
    ----------
    n_inputs, n_outputs : labels x are 0..n_inputs - 1, labels y 0..n_outputs - 1; at least 2 of these.
    dimension : d.
    embedding : "gaussian" (default) or "sphere".
    seed : of the embeddings.

    Examples
    --------
    >>> memory = OuterProductMemory(10, 3, dimension=100).store([0, 1, 2], [2, 0, 1])
    >>> memory.recall([0, 1, 2]).state
    array([2, 0, 1])
    """

    SETTINGS = ("n_inputs", "n_outputs", "dimension", "embedding", "seed")
    ARRAYS = ("weights",)

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        dimension: int,
        embedding: Literal["gaussian", "sphere"] = "gaussian",
        seed: int = 0,
    ) -> None:
        self.n_inputs = whole_number("OuterProductMemory", "n_inputs", n_inputs, at_least=1)
        self.n_outputs = whole_number("OuterProductMemory", "n_outputs", n_outputs, at_least=2)
        self.dimension = whole_number("OuterProductMemory", "dimension", dimension, at_least=1)
        if embedding not in ("gaussian", "sphere"):
            raise NeuroclError(f"OuterProductMemory: embedding must be 'gaussian' or 'sphere', got {shown(embedding)}.")
        self.embedding = embedding
        self.seed = whole_number("OuterProductMemory", "seed", seed)
        self.inputs, self.outputs = self._embed(n_inputs, "inputs"), self._embed(n_outputs, "outputs")
        self.weights = np.zeros((dimension, dimension))

    def store(self, patterns: Any, targets: Any = None, strengths: ArrayLike = 1.0) -> Self:
        """Add pairs of labels.

        Parameters
        ----------
        patterns, targets : labels x and y, one or [pair] of them.
        strengths : q, one number or one per pair. Default 1.

        Raises
        ------
        NeuroclError
            For labels out of range, a missing target, numbers that do not fit.
        """
        if targets is None:
            raise NeuroclError("OuterProductMemory: give the targets that the patterns are to recall.")
        x, _ = _labels("patterns", patterns, self.n_inputs)
        y, _ = _labels("targets", targets, self.n_outputs)
        q = finite_array("OuterProductMemory", "strengths", strengths)
        if len(x) != len(y) or q.shape not in ((), (len(x),)):
            raise NeuroclError(
                f"OuterProductMemory: targets and strengths must be {len(x)}, as the patterns are, "
                f"got {len(y)} targets and strengths of shape {q.shape}."
            )
        scaled = self.outputs[y] * np.broadcast_to(q, len(x))[:, None]
        self.weights += scaled.T @ self.inputs[x]
        self._count(len(x))
        return self

    def forget(self, patterns: Any, targets: Any = None, strengths: ArrayLike = 1.0) -> Self:
        """Subtract pairs that were stored with the same strengths."""
        before = self.n_stored
        self.store(patterns, targets, -np.asarray(strengths))
        self.n_stored = 2 * before - self.n_stored
        return self

    def recall(self, cue: Any) -> Recall:
        """The output labels that the input labels `cue`, one or [row] of them, are associated with."""
        self._require_patterns()
        x, form = _labels("cue", cue, self.n_inputs)
        scores = self.inputs[x] @ self.weights.T @ self.outputs.T
        state = scores.argmax(axis=1)
        steps = np.ones(len(x), dtype=np.int64)
        return self._recalled(form, state, steps, steps.copy(), -scores[np.arange(len(x)), state])

    def energy(self, state: Any, cue: Any = None) -> Any:
        """-u_y^T W e_x of the output labels `state` for the input labels `cue`."""
        if cue is None:
            raise NeuroclError("OuterProductMemory: the energy belongs to a pair; give energy(state, cue).")
        y, form = _labels("state", state, self.n_outputs)
        x, _ = _labels("cue", cue, self.n_inputs)
        return form.of(-np.einsum("bi,ij,bj->b", self.outputs[y], self.weights, self.inputs[x]))

    def capacity(self) -> Capacity:
        """Pairs of equal strength that are recalled, d / (2 ln n_y), by the signal-to-noise rule."""
        text = "pairs of equal strength are recalled (signal above crosstalk)"
        return Capacity(self.dimension / (2.0 * np.log(self.n_outputs)), text, "Cabannes et al. 2024")

    def _embed(self, count: int, name: str) -> NDArray[np.float64]:
        vectors = build_generator(self.seed, "memory", "embedding", name).normal(size=(count, self.dimension))
        if self.embedding == "sphere":
            return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
        return np.asarray(vectors / np.sqrt(self.dimension))


def _labels(name: str, values: Any, count: int) -> tuple[NDArray[np.int64], Form]:
    """Labels as int64 [row]; NeuroclError unless they are whole numbers from 0 to count - 1."""
    if not is_tensor(values) and not is_numeric(values):
        raise NeuroclError(f"OuterProductMemory: {name} must be labels in an array without gaps, got {shown(values)}.")
    given = values if is_tensor(values) else np.asarray(values)
    if given.ndim > 1:
        raise NeuroclError(f"OuterProductMemory: {name} must be one label or [row] of them, got shape {given.shape}.")
    rows, form = read_whole("OuterProductMemory", name, given.reshape(-1, 1), 1, 0, count - 1)
    return rows[:, 0], form._replace(single=given.ndim == 0)
