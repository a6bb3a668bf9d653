"""The temporal memory against a plain Python twin, step by step, and its properties on sequences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import neurocl as ncl
from neurocl.sdr import SDR, MemoryParameters, SDRBatch, TemporalMemory
from tests.bad_input import Mistake, cases, check
from tests.sdr.plain_temporal_memory import PlainTemporalMemory

SMALL = {
    "cells_per_column": 4, "activation_threshold": 4, "min_threshold": 3, "max_new_synapses": 6,
    "initial_permanence": 0.3,
}  # fmt: skip


def synapses_of(memory: TemporalMemory) -> list[tuple[int, list[tuple[int, float]]]]:
    """Every segment as its cell and its sorted synapses."""
    s = memory._segments
    return sorted(
        (int(s.cell[k]), sorted((int(c), float(p)) for c, p in zip(s.source[k, :n], s.permanence[k, :n], strict=True)))
        for k, n in enumerate(s.length) if s.cell[k] >= 0 and k < s.counters[0]
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"predicted_segment_decrement": 0.05},
        {"max_segments_per_cell": 2, "max_synapses_per_segment": 7, "predicted_segment_decrement": 0.02},
        {"cells_per_column": 1, "permanence_decrement": 0.2},
        {"context_size": 20, "max_synapses_per_segment": 9},
    ],
)
def test_every_step_is_that_of_the_plain_twin(changes: dict[str, float]) -> None:
    parameters = MemoryParameters(**{**SMALL, **changes})  # type: ignore[arg-type]
    memory, plain = TemporalMemory(50, parameters, seed=5), PlainTemporalMemory(50, parameters, seed=5)
    rng = np.random.default_rng(1)
    songs = [[SDR(50, rng.choice(50, 7, replace=False)) for _ in range(6)] for _ in range(4)]
    for k in range(60):
        song = songs[rng.integers(4)]
        for sdr in song if k % 7 else song[::-1]:
            context = SDR(20, rng.choice(20, 5, replace=False)) if parameters.context_size else None
            bits = [] if context is None else context.indices.tolist()
            assert memory.compute(sdr, context=context) == plain.compute(sdr.indices.tolist(), bits)
            assert memory.active_cells.indices.tolist() == sorted(plain.active)
            assert memory.winner_cells.indices.tolist() == sorted(plain.winners)
        assert synapses_of(memory) == plain.synapses()
        if k % 5 == 0:
            memory.reset()
            plain.reset()
    if "context_size" not in changes:
        assert memory.predictive_cells.indices.tolist() == plain.predictive()


def test_a_repeated_sequence_is_learned() -> None:
    sequence = SDRBatch.random(100, 2048, 40, rng=1)
    memory = TemporalMemory(2048)
    anomaly = [memory.run(sequence).mean() for _ in range(30)]
    assert anomaly[:3] == [1.0, 1.0, 1.0]
    assert anomaly[-1] == pytest.approx(0.01, abs=0.002)
    assert memory.n_segments < 5000


def test_a_shared_part_has_its_own_cells_in_each_sequence() -> None:
    rng = np.random.default_rng(2)
    a, b, c, d, x, y = (SDR(500, rng.choice(500, 20, replace=False)) for _ in range(6))
    memory = TemporalMemory(500, MemoryParameters(cells_per_column=8, predicted_segment_decrement=0.02))
    last = {}
    for _ in range(40):
        for name, song in (("first", (a, b, c, x)), ("second", (d, b, c, y))):
            memory.reset()
            for sdr in song:
                if sdr in (x, y):
                    last[name] = (memory.active_cells, memory.predicted_columns)
                memory.compute(sdr)
    (first, expects_x), (second, expects_y) = last["first"], last["second"]
    assert first.n_active == second.n_active == 20 and not set(first.indices) & set(second.indices)
    assert expects_x == x and expects_y == y


def test_a_reset_clears_what_was_predicted() -> None:
    sequence = SDRBatch.random(5, 200, 20, rng=1)
    memory = TemporalMemory(200, MemoryParameters(cells_per_column=4))
    for _ in range(10):
        memory.run(sequence)
    assert memory.predictive_cells.n_active > 0
    memory.reset()
    assert memory.predictive_cells.n_active == memory.active_cells.n_active == 0
    assert memory.compute(sequence[2], learn=False) == 1.0


def test_without_learning_nothing_changes() -> None:
    memory = TemporalMemory(200)
    memory.run(SDRBatch.random(20, 200, 20, rng=1))
    before = synapses_of(memory)
    memory.run(SDRBatch.random(20, 200, 20, rng=2), learn=False)
    assert synapses_of(memory) == before


def test_caps_are_kept() -> None:
    parameters = MemoryParameters(cells_per_column=2, max_segments_per_cell=3, max_synapses_per_segment=22)
    memory = TemporalMemory(200, parameters)
    memory.run(SDRBatch.random(800, 200, 30, rng=1))
    s = memory._segments
    assert s.n_segments.max() == 3 and s.length.max() <= 22
    assert memory.n_segments == s.n_segments.sum() and memory.n_synapses == s.length[s.cell >= 0][: s.counters[0]].sum()


def test_a_context_predicts_by_itself() -> None:
    contexts = [SDR(64, range(20)), SDR(64, range(30, 50))]
    starts = [SDR(200, range(20)), SDR(200, range(100, 120))]
    memory = TemporalMemory(200, MemoryParameters(cells_per_column=4, context_size=64))
    for _ in range(10):
        for context, start in zip(contexts, starts, strict=True):
            memory.reset()
            anomaly = memory.compute(start, context=context)
    assert anomaly == 0.0
    memory.reset()
    memory.activate_dendrites(contexts[0])
    assert memory.predicted_columns == starts[0]
    with pytest.raises(ncl.NeuroclError, match="predicted already"):
        memory.compute(starts[0], context=contexts[0])


def test_no_columns_are_no_surprise() -> None:
    memory = TemporalMemory(50)
    assert memory.compute(SDR(50)) == 0.0 and memory.active_cells.n_active == 0
    assert memory.run(SDRBatch(50, [0], [])).tolist() == []


def test_a_saved_memory_goes_on_as_if_never_saved(tmp_path: Path) -> None:
    sequence = SDRBatch.random(30, 200, 20, rng=1)
    memory = TemporalMemory(200, MemoryParameters(cells_per_column=np.int64(4), predicted_segment_decrement=0.01))
    memory.run(sequence)
    memory.save(tmp_path / "memory")
    again = TemporalMemory.load(tmp_path / "memory")
    assert again.anomaly == memory.anomaly and again.active_cells == memory.active_cells
    for _ in range(4):
        assert np.array_equal(again.run(sequence), memory.run(sequence))
    assert synapses_of(again) == synapses_of(memory)


@cases(
    [
        (lambda: MemoryParameters(min_threshold=14), "min_threshold", "13", "14"),
        (lambda: MemoryParameters(max_new_synapses=300), "max_new_synapses", "255", "300"),
        (lambda: MemoryParameters(cells_per_column=0), "cells_per_column", "0"),
        (lambda: MemoryParameters(initial_permanence=1.2), "initial_permanence", "1.2"),
        (lambda: TemporalMemory(10).compute(SDR(11)), "10 bits", "11"),
        (lambda: TemporalMemory(10).compute(SDR(10), context=SDR(3)), "context", "0 bits", "3"),
        (lambda: TemporalMemory(10).run([SDR(10)]), "SDRBatch"),
        (lambda: TemporalMemory(2**26), "too many"),
        (lambda: TemporalMemory(10, {"cells_per_column": 4}), "must be a MemoryParameters", "4"),
    ]
)
def test_bad_input_is_named(mistake: Mistake, words: tuple[str, ...]) -> None:
    check(mistake, *words)
