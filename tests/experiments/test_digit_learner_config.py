"""Settings of the digit learner: defaults by data, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from neurocl.core.errors import NeuroclError
from neurocl.experiments.digit_learner_config import DEFAULTS, Config, Defaults


def test_mnist_has_the_weights_and_the_rate_of_the_paper() -> None:
    chosen = Config(data="mnist").chosen()
    assert (chosen.weight_total, chosen.max_rate) == (78.0, 63.75)


@pytest.mark.parametrize("data", list(DEFAULTS))
def test_what_is_given_replaces_the_default(data: Any) -> None:
    assert Config(data=data).chosen() == DEFAULTS[data]
    given = Config(data=data, n_train=50, epochs=7, weight_total=3.0, max_rate=10.0)
    assert given.chosen() == Defaults(50, 7, 3.0, 10.0)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"data": "cifar"}, "digits, mnist"),
        ({"n": 5}, "n must be"),
        ({"n_train": 3}, "n_train"),
        ({"epochs": 0}, "epochs"),
        ({"duration": 0.0}, "duration"),
        ({"rest": 10.2}, "whole number of steps"),
        ({"theta_plus": -1.0}, "theta_plus"),
        ({"max_rate": float("nan")}, "max_rate"),
        ({"weight_total": 0.0}, "weight_total"),
        ({"threads": 0}, "threads"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_settings_are_refused_at_once(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(NeuroclError, match=word):
        Config(**changes)
