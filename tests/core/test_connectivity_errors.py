from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurocl.core.connectivity import (
    AllToAll,
    DistanceDependent,
    Edges,
    Ends,
    FixedIndegree,
    FixedOutdegree,
    FixedProbability,
    FixedTotalNumber,
    OneToOne,
    Rule,
)
from neurocl.core.errors import NeuroclError

nan = float("nan")
WHERE = "projection 'rec' (exc -> exc)"


def ends_of(pre: Any, post: Any) -> Ends:
    return Ends(np.asarray(pre, dtype=np.int64), np.asarray(post, dtype=np.int64), same=True, where=WHERE)


SMALL = ends_of(range(3), range(4))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: FixedProbability(1.5),
            "FixedProbability: p is a probability and must lie between 0 and 1, got 1.5",
        ),
        (lambda: FixedProbability(-0.1), "FixedProbability: p is a probability and must lie between 0 and 1"),
        (lambda: FixedProbability(nan), "FixedProbability: p must be a finite number, got nan"),
        (
            lambda: FixedProbability(0.1, autapses="no"),
            "FixedProbability: autapses must be True or False, got 'no'",
        ),
        (lambda: AllToAll(autapses=0), "AllToAll: autapses must be True or False, got 0"),
        (lambda: FixedIndegree(-1), "FixedIndegree: k must be a whole number >= 0, got -1"),
        (lambda: FixedIndegree(True), "FixedIndegree: k must be a whole number >= 0, got True"),
        (lambda: FixedOutdegree(2.5), "FixedOutdegree: k must be a whole number >= 0, got 2.5"),
        (
            lambda: FixedOutdegree(2, multapses=None),
            "FixedOutdegree: multapses must be True or False, got None",
        ),
        (lambda: FixedTotalNumber("9"), "FixedTotalNumber: n must be a whole number >= 0, got '9'"),
        (
            lambda: DistanceDependent(2, 1),
            "DistanceDependent: probability is a probability and must lie between",
        ),
        (lambda: DistanceDependent(0.2, 0), "DistanceDependent: length must be > 0, got 0"),
        (lambda: DistanceDependent(0.2, 1, "box"), "kernel must be 'gaussian' or 'exponential', got 'box'"),
        (lambda: Edges([0.0, 1.0], [0, 1]), "Edges: pre must be a one-dimensional array of whole numbers"),
        (
            lambda: Edges([0, 1], [True, False]),
            "Edges: post must be a one-dimensional array of whole numbers",
        ),
        (lambda: Edges([[0], [1]], [0, 1]), "got shape (2, 1) and type int64"),
        (lambda: Edges([[0], [1, 2]], [0, 1]), "Edges: pre must be one flat list of whole numbers"),
        (lambda: Edges([0, 1], [0]), "Edges: pre and post must have the same length, got 2 and 1"),
        (
            lambda: Edges([0, -1], [0, 1]),
            "Edges: pre holds the index -1; indices lie between 0 and 2**31 - 1",
        ),
        (lambda: Edges([0], [2**31]), "Edges: post holds the index 2147483648"),
    ],
)
def test_a_mistake_in_a_rule_is_told_in_one_sentence(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError) as error:
        make()
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("rule", "ends", "message"),
    [
        (OneToOne(), SMALL, "needs as many presynaptic as postsynaptic neurons, got 3 and 4"),
        (
            FixedIndegree(4, multapses=False),
            SMALL,
            "has only 3 neurons to draw from; lower k or set multapses",
        ),
        (
            FixedIndegree(3, False, False),
            SMALL,
            "has only 2 neurons to draw from; lower k or set multapses=True",
        ),
        (FixedOutdegree(5, multapses=False), SMALL, "has only 4 neurons to draw from; lower k"),
        (FixedOutdegree(1), ends_of([0], []), "has only 0 neurons to draw from; enlarge the ends"),
        (FixedOutdegree(1, False), ends_of([0, 1], [1]), "has only 0 neurons to draw from; enlarge the ends"),
        (FixedTotalNumber(13, multapses=False), SMALL, "has only 12 pairs to draw from; lower n"),
        (
            FixedTotalNumber(1, False),
            ends_of([5], [5]),
            "finds no pair that it may connect; enlarge the ends",
        ),
        (FixedTotalNumber(2**31), SMALL, "would make about 2.15e+09 edges"),
        (AllToAll(), ends_of(range(50_000), range(50_000)), "would make about 2.5e+09 edges"),
        (DistanceDependent(0.1, 1), SMALL, "give positions=Lattice(...) to net.add"),
        (Edges([3], [0]), SMALL, "Edges: pre holds the index 3, but that end has only 3 neurons"),
        (Edges([0], [4]), SMALL, "Edges: post holds the index 4, but that end has only 4 neurons"),
        (AllToAll(False), ends_of([0, 1], [1, 1]), "one end holds a neuron twice; select each neuron once"),
    ],
)
def test_a_rule_that_does_not_fit_the_ends_names_the_projection(rule: Rule, ends: Ends, message: str) -> None:
    with pytest.raises(NeuroclError) as error:
        rule.draw(ends, np.random.default_rng(0))
    assert str(error.value).startswith(WHERE + ": ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)
