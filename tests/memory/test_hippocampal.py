"""The spiking CA3 memory: every spike against the source's tick rule, the times it quotes, Brian2, and what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.engines.agreement import compare
from neurocl.memory import HippocampalCAM, Memory
from neurocl.memory._hippocampal_network import Groups, hippocampal_network
from tests.memory import ca3_ticks

A, C = 5, 10


def bits(cue: int | None = None, content: tuple[int, ...] = ()) -> NDArray[np.bool_]:
    row = np.zeros(A + C, dtype=np.bool_)
    if cue is not None:
        row[cue] = True
    row[[A + j for j in content]] = True
    return row


def script(*operations: tuple[NDArray[np.bool_], int]) -> NDArray[np.bool_]:
    """Operations in the closest succession allowed: (units, 3 ticks and 7 ms to learn; 1 tick and 6 ms to recall)."""
    parts = []
    for row, ticks in operations:
        part = np.zeros((7 if ticks == 3 else 6, A + C), dtype=np.bool_)
        part[:ticks] = row
        parts.append(part)
    return np.vstack([*parts, np.zeros((2, A + C), dtype=np.bool_)])


LEARN = ((0, (0, 1, 8, 9)), (4, (1, 5, 6)), (3, (4, 5, 6, 8)))
MIXED = script(
    *((bits(*pattern), 3) for pattern in LEARN), (bits(0), 1), (bits(None, (6,)), 1), (bits(None, (0, 4)), 1),
    (bits(3, (1, 3, 4, 8)), 3), (bits(3), 1), (bits(None, (6,)), 1),
)  # fmt: skip


def times(cells: dict[str, NDArray[np.bool_]], group: str) -> list[int]:
    return [int(t) for t in np.flatnonzero(cells[group].any(axis=1))]


def test_every_spike_and_weight_is_that_of_the_tick_rule_in_close_succession() -> None:
    rng = np.random.default_rng(0)
    operations = []
    for _ in range(60):
        content = tuple(np.flatnonzero(rng.random(C) < 0.3)) or (0,)
        kind = rng.integers(3)
        cue = int(rng.integers(A)) if kind < 2 else None
        operations.append((bits(cue, () if kind == 1 else content), 3 if kind == 0 else 1))
    for spikes in (MIXED, script(*operations)):
        memory = HippocampalCAM()
        cells = memory.run(spikes)
        expected, to_content, to_cue = ca3_ticks.simulate(spikes)
        for group, found in cells.items():
            assert np.array_equal(found, expected[group]), group
        assert np.allclose(memory.to_content, to_content.w, atol=1e-12)
        assert np.allclose(memory.to_cue, to_cue.w, atol=1e-12)


def test_learning_shows_at_5_and_7_ms_and_the_groups_at_their_times() -> None:
    cells = HippocampalCAM().run(script((bits(*LEARN[0]), 3)))
    expected = {"cue_cue": [1, 3], "content_cue": [1, 3], "gate": [2, 4], "gate_drive": [2, 4], "cue_content": [3, 5],
                "content_content": [3, 5], "merge_cue": [4, 6], "merge_content": [4, 6], "cue_out": [5, 7],
                "content_out": [5, 7]}  # fmt: skip
    assert {group: times(cells, group) for group in cells} == expected


def test_a_recall_by_cue_and_one_by_content_show_at_5_and_6_ms() -> None:
    memory = HippocampalCAM().store([bits(*pattern) for pattern in LEARN])
    by_cue = memory.run(script((bits(0), 1)))
    assert {g: t for g in by_cue if (t := times(by_cue, g))} == {
        "cue_cue": [1], "content_cue": [2], "cue_content": [3], "gate_drive": [3], "merge_cue": [4], "cue_out": [5],
        "merge_content": [5], "content_out": [6],
    }  # fmt: skip
    by_content = memory.run(script((bits(None, (6,)), 1)))
    assert {g: t for g in by_content if (t := times(by_content, g))} == {
        "content_cue": [1], "gate": [2], "gate_drive": [2], "content_content": [3], "cue_content": [4],
        "merge_content": [4], "content_out": [5], "merge_cue": [5], "cue_out": [6],
    }  # fmt: skip


def test_a_learned_pair_has_the_largest_weight_and_others_none() -> None:
    memory = HippocampalCAM().store(bits(*LEARN[0]))
    expected = np.zeros((A, C))
    expected[0, list(LEARN[0][1])] = 6.0
    assert np.array_equal(memory.to_content, expected)
    assert np.array_equal(memory.to_cue, expected.T)


def test_recall_by_cue_and_by_any_part_of_a_content_and_relearning_erases() -> None:
    memory = HippocampalCAM().store([bits(*pattern) for pattern in LEARN])
    found = memory.recall([bits(0), bits(None, (6,)), bits(None, (0, 4))])
    assert np.array_equal(found.state[0], bits(*LEARN[0]))
    assert np.flatnonzero(found.state[1]).tolist() == [3, 4, A + 6]
    assert np.flatnonzero(found.state[2]).tolist() == [0, 3, A + 0, A + 4]
    assert found.steps.tolist() == [6, 6, 6]
    memory.store(bits(3, (1, 3, 4, 8)))
    assert np.array_equal(memory.recall(bits(3)).state, bits(3, (1, 3, 4, 8)))
    assert np.flatnonzero(memory.recall(bits(None, (6,))).state).tolist() == [4, A + 6]


def test_old_content_appears_once_at_6_ms_while_it_is_erased() -> None:
    memory = HippocampalCAM().store([bits(*pattern) for pattern in LEARN])
    cells = memory.run(script((bits(3, (1, 3, 4, 8)), 3)))
    old = cells["content_out"][:, [5, 6]]
    assert old.sum(axis=0).tolist() == [1, 1] and old[6].all()
    assert np.flatnonzero(memory.contents[3]).tolist() == [1, 3, 4, 8]


def test_recalls_leave_residues_and_operations_10_ms_apart_answer_right() -> None:
    rows = [(bits(*pattern), 3) for pattern in LEARN] + [(bits(0), 1), (bits(None, (6,)), 1), (bits(None, (0, 4)), 1)]
    rows += [(bits(3, (1, 3, 4, 8)), 3), (bits(3), 1), (bits(None, (6,)), 1)]
    spikes = np.zeros((10 * len(rows), A + C), dtype=np.bool_)
    for k, (row, ticks) in enumerate(rows):
        spikes[10 * k : 10 * k + ticks] = row
    memory = HippocampalCAM()
    cells = memory.run(spikes)
    cues = [set(np.nonzero(cells["cue_out"][10 * k : 10 * k + 10])[1]) for k in range(len(rows))]
    assert cues == [{0}, {4}, {3}, {0}, {3, 4}, {0, 3}, {3}, {3}, {4}]
    held = np.vstack(
        [bits(*LEARN[0])[A:], *np.zeros((2, C), dtype=bool), bits(3, (1, 3, 4, 8))[A:], bits(*LEARN[1])[A:]]
    )
    assert (memory.to_content[held] == 6.0).all()
    assert memory.to_content[~held].max() == pytest.approx(0.68, abs=0.05)
    # A neuron fires 3 mV above rest: w s (tau_m / c_m) (1 - exp(-1 / tau_m)) = 3 at w = 3.36 nA for the cue cells.
    assert memory.to_cue.T[~held].max() < 3.36


def test_a_map_of_16_cells_answers_with_the_union_of_the_matching_ones() -> None:
    memory, rng = HippocampalCAM(16, 6), np.random.default_rng(1)
    states = np.zeros((16, 6), dtype=np.bool_)
    states[np.arange(16), rng.integers(0, 6, 16)] = True
    states[np.arange(16), rng.integers(0, 6, 16)] = True
    memory.store(np.hstack([np.eye(16, dtype=np.bool_), states]))
    for asked in ([0], [1, 4], [2, 3, 5]):
        flags = np.isin(np.arange(6), asked)
        found = memory.recall(np.concatenate([np.zeros(16, dtype=np.bool_), flags])).state
        assert np.array_equal(found[:16], states[:, flags].any(axis=1))
        assert np.array_equal(found[16:], flags)


def test_forgetting_takes_cells_out_of_a_content_and_leaves_the_others() -> None:
    memory = HippocampalCAM().store([bits(*pattern) for pattern in LEARN]).forget(bits(0, (8, 9)))
    assert np.array_equal(memory.recall(bits(0)).state, bits(0, (0, 1)))
    assert np.array_equal(memory.recall(bits(3)).state, bits(*LEARN[2]))


def test_brian2_agrees_spike_by_spike() -> None:
    pytest.importorskip("brian2")
    at, unit = np.nonzero(MIXED)
    agreement = compare(
        hippocampal_network(Groups(A, C)), float(len(MIXED)), inputs={"input": {"spikes": (at + 1.0, unit)}}
    )
    assert agreement.n_spikes["ca3"] > 200
    assert agreement.holds(), str(agreement)


def test_save_and_load_keep_residues_and_the_number_of_contents(tmp_path: Path) -> None:
    memory = HippocampalCAM()
    memory.run(MIXED)
    memory.save(tmp_path / "memory")
    loaded: Any = Memory.load(tmp_path / "memory")
    assert loaded.n_stored == memory.n_stored == 3
    for name in memory.ARRAYS:
        assert np.array_equal(getattr(loaded, name), getattr(memory, name))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda m: m.recall(bits(0, (1,))), "what comes together is learned"),
        (lambda m: m.recall(bits()), "cue must hold one of the first 5 units"),
        (lambda m: m.recall(bits(0) | bits(1)), "cue must hold one of the first 5 units"),
        (lambda m: m.store(bits(0)), "at least one of the last 10"),
        (lambda m: m.store(bits(0, (1,)) | bits(1)), "exactly one of its first 5 units"),
        (lambda m: m.forget(bits(0, (3,))), "cue 0 does not hold unit 8"),
        (lambda m: m.forget(bits(0, (0, 1, 8, 9))), "nothing would be left at cue 0"),
        (lambda m: m.run(np.full((3, 15), 2)), "spikes must consist of 0 and 1"),
        (lambda m: HippocampalCAM(0), "n_cues must be a whole number >= 1"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    memory = HippocampalCAM().store(bits(*LEARN[0]))
    with pytest.raises(NeuroclError, match=message):
        make(memory)
