"""`neurocl bench`: numbers that belong together."""

from __future__ import annotations

import json

import pytest

from neurocl.core.errors import NeuroclError
from neurocl.experiments.speed import Speed, measure


def test_measured_numbers_are_plausible_and_repeat_in_json() -> None:
    found = measure(n=400, repetitions=2)
    assert len(found.real_time_factors) == 2 and min(found.real_time_factors) > 0 and found.machine
    assert 0 < found.mean_rate < 200
    text = json.loads(found.to_json())
    assert text["n"] == 400 and text["median_real_time_factor"] == found.median


def test_median_is_of_the_repetitions() -> None:
    assert Speed(80, (1.0, 5.0, 2.0), 5.0, 1.0, "").median == 2.0


@pytest.mark.parametrize(("n", "repetitions"), [(10, 1), (400, 0)])
def test_too_small_numbers_are_refused(n: int, repetitions: int) -> None:
    with pytest.raises(NeuroclError, match="must be a whole number >="):
        measure(n, repetitions)
