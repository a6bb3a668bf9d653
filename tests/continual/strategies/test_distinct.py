"""Drawing without replacement."""

from __future__ import annotations

import pytest
import torch
from scipy.stats import chi2

from neurocl.continual.strategies.distinct import distinct


@pytest.mark.parametrize("population", [40, 400])
def test_numbers_are_different_and_each_is_as_likely(population: int) -> None:
    numbers, counts, n, draws = torch.Generator().manual_seed(0), torch.zeros(population), 8, 5000
    for _ in range(draws):
        drawn = distinct(n, population, numbers)
        assert len(drawn.unique()) == n
        counts[drawn] += 1
    share = n / population
    statistic = ((counts - draws * share) ** 2).sum() / (draws * share * (1 - share)) * (population - 1) / population
    assert chi2.ppf(0.001, population - 1) < statistic < chi2.ppf(0.999, population - 1)


def test_where_there_are_fewer_all_are_drawn() -> None:
    assert sorted(distinct(8, 5, torch.Generator().manual_seed(0)).tolist()) == [0, 1, 2, 3, 4]
