"""What every memory promises: batches, tensors, files, and one sentence for a mistake."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurocl import memory
from neurocl.core.errors import NeuroclError
from tests.memory.bits import bipolar, flipped

Case = tuple[Callable[[], Any], Callable[[Any], Any], Any]
"""How to make a memory, how to fill it, and cues for it."""

X = bipolar(4, 60)
BITS = np.zeros((4, 60), dtype=np.int64)
BITS[np.arange(4)[:, None], [[1, 9, 33], [2, 9, 40], [50, 51, 52], [0, 30, 59]]] = 1
PART = BITS * (np.cumsum(BITS, axis=1) < 3)
MESSAGES = np.array([[3, 7, 1, 5], [3, 2, 0, 0], [6, 6, 6, 6], [1, 2, 3, 4]])
PLACES = np.array([[1, 0, 1, 1, 0], [0, 1, 0, 1, 1]])
KEYS = np.random.default_rng(0).normal(size=(4, 60))


def case(make: Callable[[], Any], patterns: Any, cues: Any, targets: Any = None) -> Case:
    return make, lambda m: m.store(patterns) if targets is None else m.store(patterns, targets), cues


CASES = {
    "Hopfield": case(lambda: memory.Hopfield(60, bias=0.01), X, flipped(X, 0.1)),
    "Storkey": case(lambda: memory.Hopfield(60, "storkey"), X, flipped(X, 0.1)),
    "projection": case(lambda: memory.Hopfield(60, "projection", diagonal=True), X, flipped(X, 0.1)),
    "DenseHopfield": case(lambda: memory.DenseHopfield(60, 4), X, flipped(X, 0.2)),
    "exponential": case(lambda: memory.DenseHopfield(60, energy_function="exponential"), X, flipped(X, 0.2)),
    "ModernHopfield": case(lambda: memory.ModernHopfield(60, 0.5), KEYS, KEYS + 0.1),
    "Willshaw": case(lambda: memory.Willshaw(60, 3), BITS, PART),
    "ClusteredMemory": case(lambda: memory.ClusteredMemory(4, 8), MESSAGES, np.where(np.eye(4) > 0, -1, MESSAGES)),
    "ConsolidatingMemory": case(lambda: memory.ConsolidatingMemory(60, 3, erasure=0.1), BITS, PART),
    "HippocampalCAM": case(lambda: memory.HippocampalCAM(2, 3), PLACES, np.array([[1, 0, 0, 0, 0], [0, 0, 0, 0, 1]])),
    "SparseHopfield": case(lambda: memory.SparseHopfield(60, 0.05), BITS, PART),
    "Sparsey": case(lambda: memory.Sparsey(60, 3), BITS, PART),
    "MultitaskHopfield": case(lambda: memory.MultitaskHopfield(60), X, flipped(X, 0.1)),
    "OuterProductMemory": case(lambda: memory.OuterProductMemory(9, 3, 50), [1, 2, 5], [1, 2, 5], [0, 2, 1]),
    "KeyValueMemory": case(lambda: memory.KeyValueMemory(60, 2), KEYS, KEYS, KEYS[:, :2]),
    "softmax": case(lambda: memory.KeyValueMemory(60, 2, "softmax"), KEYS, KEYS, KEYS[:, :2]),
}


@pytest.fixture(params=CASES)
def parts(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def filled(parts: Case) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parts[1](parts[0]())


def fields(recall: Any) -> dict[str, np.ndarray]:
    return {field.name: np.asarray(getattr(recall, field.name)) for field in dataclasses.fields(recall)}


def test_every_memory_is_here() -> None:
    assert {type(filled(parts)).__name__ for parts in CASES.values()} == set(memory.Memory.KINDS)


def test_a_batch_is_recalled_as_its_rows_and_a_row_as_single_values(parts: Case) -> None:
    filled_memory, cues = filled(parts), np.asarray(parts[2])
    together = fields(filled_memory.recall(cues))
    assert all(len(values) == len(cues) for values in together.values())
    # The first row has the same random numbers in every batch.
    alone = fields(filled_memory.recall(cues[0]))
    for name, values in alone.items():
        assert np.allclose(values, together[name][0], atol=1e-5), name
        assert values.ndim == together[name].ndim - 1


def test_recall_twice_gives_the_same(parts: Case) -> None:
    filled_memory = filled(parts)
    first, second = (fields(filled_memory.recall(parts[2])) for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_cue_and_the_memory_are_not_changed_by_recall(parts: Case) -> None:
    filled_memory, cues = filled(parts), np.array(parts[2])
    before = [np.array(getattr(filled_memory, name)) for name in filled_memory.ARRAYS]
    filled_memory.recall(cues)
    assert np.array_equal(cues, parts[2])
    assert all(np.array_equal(getattr(filled_memory, n), b) for n, b in zip(filled_memory.ARRAYS, before, strict=True))


def test_a_saved_memory_is_the_same_and_learns_on_in_the_same_way(parts: Case, tmp_path: Path) -> None:
    filled_memory = filled(parts)
    filled_memory.save(tmp_path / "memory.safetensors")
    loaded = memory.Memory.load(tmp_path / "memory.safetensors")
    assert type(loaded) is type(filled_memory)
    assert loaded.n_stored == filled_memory.n_stored
    for m in (filled_memory, loaded):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parts[1](m)
    expected, found = fields(filled_memory.recall(parts[2])), fields(loaded.recall(parts[2]))
    assert all(np.array_equal(found[name], expected[name]) for name in expected)


def test_tensors_come_back_as_tensors(parts: Case) -> None:
    torch = pytest.importorskip("torch")
    filled_memory = filled(parts)
    expected = fields(filled_memory.recall(np.asarray(parts[2])))
    found = filled_memory.recall(torch.as_tensor(np.asarray(parts[2])))
    for field in dataclasses.fields(found):
        assert isinstance(getattr(found, field.name), torch.Tensor)
    assert all(np.allclose(fields(found)[name], expected[name]) for name in expected)


def test_an_empty_memory_says_so(parts: Case) -> None:
    with pytest.raises(NeuroclError, match="the memory is empty; store patterns first"):
        parts[0]().recall(parts[2])


@pytest.mark.parametrize("wrong", ["text", float("nan"), "ragged", "width"])
def test_a_wrong_cue_is_refused_in_one_sentence(parts: Case, wrong: Any) -> None:
    filled_memory = filled(parts)
    cue: Any = np.asarray(parts[2])[0]
    if wrong == "width":
        cue = np.ones(61) if cue.ndim else np.ones((2, 2), dtype=int)
    elif wrong == "ragged":
        cue = [[1, 1], [1]]
    elif wrong == "text":
        cue = "pattern"
    else:
        cue = np.where(np.arange(cue.size) == 0, np.nan, cue.astype(float)).reshape(cue.shape)
    with pytest.raises(NeuroclError) as error:
        filled_memory.recall(cue)
    assert str(error.value).startswith(type(filled_memory).__name__)
    assert "cue" in str(error.value)


def test_capacity_states_a_number_a_criterion_and_a_source(parts: Case) -> None:
    capacity = filled(parts).capacity()
    assert capacity.patterns > 0
    assert capacity.statement in str(capacity) and capacity.source in str(capacity)


def test_a_file_that_is_no_memory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NeuroclError, match="there is no such file"):
        memory.Memory.load(tmp_path / "none")
    (tmp_path / "text").write_text("no memory")
    with pytest.raises(NeuroclError, match="not a safetensors file"):
        memory.Memory.load(tmp_path / "text")
    with pytest.raises(NeuroclError, match=r"the folder of .* does not exist"):
        memory.Hopfield(4).save(tmp_path / "folder" / "file")


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "memory"
    memory.Hopfield(40).store(bipolar(2, 40)).save(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(NeuroclError, match="not a safetensors file, or cut short"):
        memory.Memory.load(path)
