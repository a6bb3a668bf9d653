"""Times lie on the grid of steps, up to the rounding of decimal fractions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.core.time_grid import to_steps

dts = st.sampled_from([0.01, 0.025, 0.05, 0.1, 0.125, 0.5, 1.0, float(np.float32(0.1))])


@given(st.lists(st.integers(0, 10**9)), dts)
def test_every_multiple_of_dt_is_its_number_of_steps(steps: list[int], dt: float) -> None:
    found = to_steps([k * dt for k in steps], dt, "test", "time")
    assert found.dtype == np.int64 and found.tolist() == steps


@given(st.integers(0, 10**7), st.floats(0.011, 0.989), dts)
def test_a_time_between_two_steps_is_refused(step: int, part: float, dt: float) -> None:
    with pytest.raises(NeuroclError, match=r"projection 'p': delay must be a whole number of steps of dt = "):
        to_steps((step + part) * dt, dt, "projection 'p'", "delay")


@pytest.mark.parametrize("time", [-0.1, -1e-3, np.nan, np.inf, -np.inf, 1e300])
def test_no_negative_or_endless_time_is_a_number_of_steps(time: float) -> None:
    with pytest.raises(NeuroclError, match="zero or more"):
        to_steps([0.0, time], 0.1, "test", "time")


def test_decimal_times_are_forgiven_their_rounding() -> None:
    assert to_steps(0.1 + 0.2, 0.1, "test", "time") == 3
    assert to_steps(np.float32(1.7), 0.1, "test", "time") == 17
