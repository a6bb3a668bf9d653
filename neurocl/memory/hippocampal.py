"""A content-addressable memory of spiking neurons, after CA3 of the hippocampus: it learns, recalls and forgets.

Pattern      a cue, one of A cells, and a content, any of C cells; [unit] is first the cue, then the content
Learn        cue and content spike at t, t + 1 and t + 2; the output shows them at t + 5 and t + 7. What the cue held
             before and the new content lacks is erased. The next operation may start 7 ms later
By cue       the cue spikes at t; the output shows it at t + 5 and its content at t + 6
By content   any part of a content spikes at t; the output shows it at t + 5, and at t + 6 all cues whose content shares
             a cell with it: an OR, not the best match. The next operation may start 6 ms after a recall
Weights      of a pair that was learned, 6 nA exactly; operations in succession leave residues on others, and at 7 ms
             patterns that share contents weaken the earlier one's way from content to cue (to 2.4 nA, too little for
             one cell to recall it); from 15 ms on nothing is lost. A recall by several cells ties each of them to all
             cues that were found. `store` begins at rest, and `recall` also leaves no trace
Energy       E = -sum_ij (W_ij + V_ji) c_i x_j / 12 over the cues i and contents j of a state: minus its learned pairs
Units        ms, nA; steps of 1 ms
Source       Casanueva-Morato et al. (2024), Neural Networks 178:106474, arXiv:2310.05868
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.simulator import Simulator
from neurocl.memory._arrays import read_binary
from neurocl.memory._hippocampal_network import W_MAX, Groups, hippocampal_network
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall

__all__ = ["HippocampalCAM"]

LEARNING = 3
"""Times that a pattern is presented to be learned, in successive steps."""
OPERATION = 8
"""Steps from the beginning of an operation to its last output spike."""


class HippocampalCAM(Memory):
    """Spiking content-addressable memory.

    `store` and `recall` begin with the network at rest. `run` presents spikes as they come, for operations in close
    succession and to see what every cell does.

    Parameters
    ----------
    n_cues : A. Default 5.
    n_content : C. Default 10.

    Attributes
    ----------
    to_content : weights W from cues to contents, nA [cue, content].
    to_cue : weights V from contents to cues, nA [content, cue].

    Examples
    --------
    >>> memory = HippocampalCAM(n_cues=2, n_content=3).store([[1, 0, 1, 1, 0], [0, 1, 0, 1, 1]])
    >>> memory.recall([1, 0, 0, 0, 0]).state  # the first cue
    array([1, 0, 1, 1, 0])
    >>> memory.recall([0, 0, 0, 0, 1]).state  # the last cell of the content
    array([0, 1, 0, 0, 1])
    """

    SETTINGS = ("n_cues", "n_content")
    ARRAYS = ("to_content", "to_cue")

    def __init__(self, n_cues: int = 5, n_content: int = 10) -> None:
        self.n_cues = whole_number("HippocampalCAM", "n_cues", n_cues, at_least=1)
        self.n_content = whole_number("HippocampalCAM", "n_content", n_content, at_least=1)
        self.groups = Groups(n_cues, n_content)
        self.to_content: NDArray[np.float64] = np.zeros((n_cues, n_content))
        self.to_cue: NDArray[np.float64] = np.zeros((n_content, n_cues))
        self._simulation: Simulator | None = None

    @property
    def contents(self) -> NDArray[np.bool_]:
        """What each cue holds, bool [cue, content]: the pairs whose weight is above half of the largest one."""
        return np.asarray(self.to_content > W_MAX / 2.0)

    def store(self, patterns: Any) -> Self:
        """Learn one pattern or a batch, in order; a cue that is in use gets the new content instead of the old one.

        Parameters
        ----------
        patterns : 0 and 1, [unit] or [row, unit]: one cell of the cue, and at least one of the content.

        Raises
        ------
        NeuroclError
            If they are something else.
        """
        rows = self._read_patterns(patterns)
        for row in rows:
            spikes = np.zeros((OPERATION, row.size), dtype=np.bool_)
            spikes[:LEARNING] = row
            self.run(spikes)
        return self

    def recall(self, cue: Any) -> Recall:
        """What the memory shows for a cue or for a part of a content.

        Parameters
        ----------
        cue : 0 and 1, [unit] or [row, unit]: one cell of the cue and none of the content, or the other way round any
            cells of the content.

        Returns
        -------
        Recall
            `state` is all that the output shows, `steps` the ms until it has.

        Raises
        ------
        NeuroclError
            If nothing is stored, or the cue is something else.
        """
        self._require_patterns()
        rows, form = read_binary("HippocampalCAM", "cue", cue, self.n_cues + self.n_content)
        cues, content = rows[:, : self.n_cues].sum(axis=1), rows[:, self.n_cues :].any(axis=1)
        if not np.where(content, cues == 0, cues == 1).all():
            raise NeuroclError(
                f"HippocampalCAM: cue must hold one of the first {self.n_cues} units (the cue) or any of the last"
                f" {self.n_content} (the content), and not of both: what comes together is learned."
            )
        state, steps = np.empty_like(rows), np.zeros(len(rows), dtype=np.int64)
        kept = self.to_content, self.to_cue, self.n_stored
        for k, row in enumerate(rows):
            spikes = np.zeros((OPERATION, row.size), dtype=np.bool_)
            spikes[0] = row
            cells = self.run(spikes)
            # A recall from rest that is not followed by others shall leave no trace.
            self.to_content, self.to_cue, self.n_stored = kept
            shown = np.hstack([cells["cue_out"], cells["content_out"]])
            state[k] = shown.any(axis=0)
            steps[k] = np.flatnonzero(shown.any(axis=1)).max(initial=0)
        ones = np.ones(len(rows), dtype=np.int64)
        return self._recalled(form, state, steps, ones, self._energy(state))

    def run(self, spikes: Any) -> dict[str, NDArray[np.bool_]]:
        """Present spikes to the network, from rest, and keep what it learns by them.

        Parameters
        ----------
        spikes : 0 and 1, [ms, unit]: which cue and content cells spike at 0, 1, ... ms. After an operation 7 ms (learn)
            or 6 ms (recall) must pass before the next one.

        Returns
        -------
        dict
            Spikes of every group of cells, bool [ms, cell]; "cue_out" and "content_out" are the output.

        Raises
        ------
        NeuroclError
            If they are something else.
        """
        rows, _ = read_binary("HippocampalCAM", "spikes", spikes, self.n_cues + self.n_content)
        simulation = self._at_rest()
        # The spikes of 0 ms have the first time stamp, 1 ms.
        at, unit = np.nonzero(rows)
        found = simulation.run(
            float(len(rows)), record={"ca3": "spikes"}, inputs={"input": {"spikes": (at + 1.0, unit)}}
        )["ca3"].spikes
        cells = np.zeros((len(rows), sum(self.groups.sizes.values())), dtype=np.bool_)
        cells[np.rint(found.times).astype(np.int64) - 1, found.indices] = True
        size = self.n_cues * self.n_content
        learned = np.asarray(simulation.state["memory.w"])
        self.to_content = learned[:size].reshape(self.to_content.shape).copy()
        self.to_cue = learned[size:].reshape(self.to_cue.shape).copy()
        self.n_stored = int(self.contents.any(axis=1).sum())
        return {name: cells[:, part] for name, part in self.groups.slices.items()}

    def forget(self, patterns: Any) -> Self:
        """Erase cells of the content of a cue: the network learns the others of it anew.

        Parameters
        ----------
        patterns : 0 and 1, [unit] or [row, unit]: a cue, and what is to go of its content.

        Raises
        ------
        NeuroclError
            If the cue does not hold it, or if nothing would be left: an empty content cannot be learned.
        """
        for row in self._read_patterns(patterns):
            cue, gone = row[: self.n_cues].argmax(), row[self.n_cues :]
            held = self.contents[cue]
            if (gone & ~held).any():
                raise NeuroclError(
                    f"HippocampalCAM: cue {cue} does not hold unit {self.n_cues + int((gone & ~held).argmax())}; see"
                    " `contents` for what it holds."
                )
            if not (held & ~gone).any():
                raise NeuroclError(
                    f"HippocampalCAM: nothing would be left at cue {cue}, and an empty content cannot be learned;"
                    " store another content at this cue instead."
                )
            self.store(np.concatenate([row[: self.n_cues], held & ~gone]))
        return self

    def energy(self, state: Any) -> Any:
        """E of one state or of each row."""
        rows, form = read_binary("HippocampalCAM", "state", state, self.n_cues + self.n_content)
        return form.of(self._energy(rows))

    def capacity(self) -> Capacity:
        """One content per cue."""
        text = "one content per cue, whatever they share; a cue that is used again gets the new content"
        return Capacity(float(self.n_cues), text, "Casanueva-Morato et al. 2024")

    def _read_patterns(self, patterns: Any) -> NDArray[np.bool_]:
        rows, _ = read_binary("HippocampalCAM", "patterns", patterns, self.n_cues + self.n_content)
        if (rows[:, : self.n_cues].sum(axis=1) != 1).any() or not rows[:, self.n_cues :].any(axis=1).all():
            raise NeuroclError(
                f"HippocampalCAM: each of patterns must have exactly one of its first {self.n_cues} units (the cue) and"
                f" at least one of the last {self.n_content} (the content)."
            )
        return rows

    def _energy(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        pairs = (self.to_content + self.to_cue.T) / (2.0 * W_MAX)
        cues, content = rows[:, : self.n_cues], rows[:, self.n_cues :]
        return np.asarray(-((cues @ pairs) * content).sum(axis=1))

    def _at_rest(self) -> Simulator:
        """The network at rest with the weights of this memory; it is built when it is first needed."""
        if self._simulation is None:
            self._simulation = hippocampal_network(self.groups).build(dtype="float64")
        self._simulation.reset()
        self._simulation.state["memory.w"][...] = np.concatenate([self.to_content.ravel(), self.to_cue.ravel()])
        return self._simulation
