"""The CA3 memory again, tick by tick in plain NumPy and with the source's delays: what the network is compared with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPEC = (
    ("input_cue", "cue_cue", "one", 6.0, 1), ("input_content", "content_cue", "one", 6.0, 1),
    ("cue_cue", "cue_content", "one", 6.0, 2), ("cue_cue", "cue_content", "others", -60.0, 3),
    ("cue_cue", "gate", "all", -6.0, 2), ("content_cue", "gate", "one", 9.0, 1),
    ("content_cue", "gate_drive", "all", 6.0, 1), ("gate_drive", "gate", "all", 2.0, 1),
    ("gate", "content_content", "one", 6.0, 1), ("cue_content", "cue_content", "others", -60.0, 2),
    ("cue_cue", "merge_cue", "one", 6.0, 3), ("cue_content", "merge_cue", "one", 6.0, 1),
    ("content_cue", "merge_content", "one", 6.0, 3), ("content_content", "merge_content", "one", 6.0, 1),
    ("merge_cue", "cue_out", "one", 6.0, 1), ("merge_content", "content_out", "one", 6.0, 1),
)  # fmt: skip
DECAY, S = np.exp(-1.0 / 0.3), 0.3 * (1.0 - np.exp(-1.0 / 0.3))
SLOW, FAST = (3.0, 0.27), (0.5, 0.14)
TRACE = np.exp(-1.0 / 3.0)


class Cells:
    """A group of neurons: tick rule 1 to 3, with excitation and inhibition apart."""

    def __init__(self, n: int, tau_m: float, c_m: float, v_th: float) -> None:
        self.tau_m, self.c_m, self.v_th = tau_m, c_m, v_th
        self.v, self.rest = np.full(n, -60.0), np.zeros(n, dtype=int)
        self.excitation, self.inhibition = np.zeros(n), np.zeros(n)

    def tick(self, excitation: NDArray[np.float64], inhibition: NDArray[np.float64]) -> NDArray[np.bool_]:
        self.excitation += S * excitation
        self.inhibition += S * inhibition
        v_inf = -60.0 + self.tau_m / self.c_m * (self.excitation - self.inhibition)
        v = v_inf + (self.v - v_inf) * np.exp(-1.0 / self.tau_m)
        self.v = np.where(self.rest > 0, self.v, v)
        spike = (self.rest == 0) & (self.v >= self.v_th)
        self.v[spike] = -60.0
        self.rest = np.where(spike, 1, np.maximum(self.rest - 1, 0))
        self.excitation *= DECAY
        self.inhibition *= DECAY
        return spike


class Plastic:
    """Tick rule 4: all-to-all weights, postsynaptic spikes one tick late, before presynaptic ones."""

    def __init__(self, n_pre: int, n_post: int) -> None:
        self.w, self.x, self.y = np.zeros((n_pre, n_post)), np.zeros(n_pre), np.zeros(n_post)

    def tick(self, pre: NDArray[np.bool_], post: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What arrives at the next tick; `post` are the spikes of the tick before."""
        self.x *= TRACE
        self.y *= TRACE
        self.w[:, post] = np.clip(self.w[:, post] + 6.0 * self.x[:, None], 0.0, 6.0)
        self.y[post] += 1.0
        self.w[pre] = np.clip(self.w[pre] - 6.0 * self.y, 0.0, 6.0)
        self.x[pre] += 1.0
        return np.asarray(self.w[pre].sum(axis=0))


def simulate(
    spikes: NDArray[np.bool_], a: int = 5, c: int = 10
) -> tuple[dict[str, NDArray[np.bool_]], Plastic, Plastic]:
    """Spikes of every group [ms, cell], and the two learned projections, for input spikes [ms, a + c]."""
    sizes = {"cue_cue": a, "content_cue": c, "gate": c, "gate_drive": 1, "content_content": c, "cue_content": a,
             "merge_cue": a, "merge_content": c, "cue_out": a, "content_out": c}  # fmt: skip
    fast = ("gate", "gate_drive", "cue_content")
    cells = {g: Cells(n, *(FAST if g in fast else SLOW), -57.5 if "out" in g else -57.0) for g, n in sizes.items()}
    memory = {("cue_cue", "content_cue"): Plastic(a, c), ("content_content", "cue_content"): Plastic(c, a)}
    found = {g: np.zeros((len(spikes), n), dtype=bool) for g, n in sizes.items()}
    found |= {"input_cue": spikes[:, :a], "input_content": spikes[:, a:]}
    learned = {post: np.zeros(sizes[post]) for _, post in memory}
    for t in range(len(spikes)):
        for g in sizes:
            arriving = np.zeros((2, sizes[g]))
            for pre, post, rule, weight, delay in SPEC:
                if post == g and t >= delay:
                    fired = found[pre][t - delay].astype(float)
                    got = {"one": fired, "all": fired.sum(), "others": fired.sum() - fired}[rule]
                    arriving[int(weight < 0)] += abs(weight) * got
            arriving[0] += learned.get(g, 0.0)
            found[g][t] = cells[g].tick(*arriving)
        for (pre, post), plastic in memory.items():
            before = found[post][t - 1] if t else np.zeros(sizes[post], dtype=bool)
            learned[post] = plastic.tick(found[pre][t], before)
    return found, *memory.values()
