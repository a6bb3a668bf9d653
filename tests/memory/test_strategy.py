"""Memories as continual learners: they learn each sample once, do not forget, and go on from a saved state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
import torch

from neurocl import continual
from neurocl.core.errors import NeuroclError
from neurocl.memory.strategy import MemoryClassifier, SparseyClassifier

LEARNERS = (MemoryClassifier(), SparseyClassifier(threshold=0.3, patch=3))


@pytest.mark.parametrize(("learner", "least"), [(LEARNERS[0], 0.97), (LEARNERS[1], 0.85)], ids=["memory", "sparsey"])
def test_classes_that_come_one_after_the_other_are_kept(learner: Any, least: float) -> None:
    results = continual.run(continual.split("digits"), learner, seeds=[0])
    assert results.summary()["acc"].mean > least
    assert results.summary()["forgetting"].mean < 0.1
    assert isinstance(learner, continual.Learner)


@pytest.mark.parametrize("scenario", ["task", "domain"])
def test_other_scenarios_are_learned_too(scenario: Any) -> None:
    results = continual.run(continual.split("digits", scenario=scenario), MemoryClassifier(), seeds=[0])
    assert results.summary()["acc"].mean > 0.97


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.name)
def test_an_interrupted_run_equals_an_uninterrupted_one(learner: Any, tmp_path: Path) -> None:
    benchmark = continual.split("digits")
    whole = continual.run(benchmark, learner, seeds=[0])

    class Interruption(BaseException):
        """Stands for a kill."""

    class Stopping(type(learner)):  # type: ignore[misc]
        def steps(self, experience: continual.Experience) -> Iterator[Any]:
            for count, step in enumerate(super().steps(experience)):
                yield step
                if self.n_trained == 2 and count == 0:
                    raise Interruption

    Stopping.__name__ = type(learner).__name__  # as far as the checkpoint knows
    stopping = Stopping.__new__(Stopping)
    stopping.__dict__.update(learner.__dict__)
    options: dict[str, Any] = {"seeds": [0], "folder": tmp_path, "checkpoint_every": 1, "name": "learner"}
    with pytest.raises(Interruption):
        continual.run(benchmark, stopping, **options)
    resumed = continual.run(benchmark, learner, **options)
    assert np.array_equal(whole.matrix, resumed.matrix, equal_nan=True)


def test_online_streams_are_learned_in_their_order_and_counted_before_they_are_stored() -> None:
    results = continual.run(continual.online(continual.split("digits")), MemoryClassifier(), seeds=[0])
    assert results.summary()["acc"].mean > 0.97


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MemoryClassifier(0.0), "beta must be > 0"),
        (lambda: SparseyClassifier(patches=3), "there is no argument 'patches'; choose from patch, stride"),
        (lambda: SparseyClassifier(threshold=2), "threshold is a probability"),
        (lambda: SparseyClassifier(patch=9).start(continual.split("digits").problem), "patch must be at most the 8"),
        (lambda: SparseyClassifier(band=0.6).start(continual.split("digits").problem), "band must lie in"),
        (lambda: SparseyClassifier().start(continual.Problem((6,), 2)), "samples must be square images"),
        (lambda: MemoryClassifier().start(continual.Problem((6,), 2, time_major=True)), "takes static samples"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()


def test_a_learner_leaves_its_description_and_the_random_numbers_of_torch_alone() -> None:
    state = torch.random.get_rng_state()
    description = MemoryClassifier()
    description.start(continual.split("digits").problem).train(continual.split("digits").train[0])
    assert not hasattr(description, "memory")
    assert torch.equal(state, torch.random.get_rng_state())
