"""A rehearsal budget is divided into whole numbers that favour the recent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

from neurocl.continual.rehearsal_shares import SCHEDULES, rehearsal_shares


@given(st.integers(0, 40), st.integers(0, 5000), st.sampled_from(SCHEDULES[:3]), st.floats(0, 200))
def test_shares_sum_to_the_budget_and_favour_the_recent(phase: int, budget: int, schedule: str, a: float) -> None:
    shares = rehearsal_shares(phase, budget, schedule, a)
    assert len(shares) == phase and shares.sum() == (budget if phase else 0) and (shares >= 0).all()
    if schedule != "uniform":
        assert (shares[1:] >= shares[:-1] - 1).all()


def test_power_law_shares_of_three_tasks() -> None:
    # ages 3, 2, 1: weights 1/4, 1/3, 1/2 of 13/12
    assert rehearsal_shares(3, 1300).tolist() == [300, 400, 600]
    assert rehearsal_shares(3, 1300, "none").tolist() == [0, 0, 0]
