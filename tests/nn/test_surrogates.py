"""Surrogate gradients: their formulas, snnTorch's functions, and the two of them that are broken."""

from __future__ import annotations

import math

import pytest
import torch

from neurocl import NeuroclError
from neurocl.nn.surrogates import DEFAULT_SCALES, Surrogate, find_surrogate, spike

U = torch.linspace(-2.0, 2.0, 41, dtype=torch.float64)


def slope(surrogate: object) -> torch.Tensor:
    u = U.clone().requires_grad_()
    (found,) = torch.autograd.grad(surrogate(u).sum(), u)  # type: ignore[operator]
    return found


@pytest.mark.parametrize("name", ["fast_sigmoid", "atan", "sigmoid", "straight_through_estimator"])
def test_surrogates_are_those_of_snntorch(name: str) -> None:
    surrogates = pytest.importorskip("snntorch.surrogate")
    torch.testing.assert_close(slope(find_surrogate(name)), slope(getattr(surrogates, name)()), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "at_zero", "at_one"),
    [
        ("fast_sigmoid", 1.0, 1 / 26**2), ("atan", 1.0, 1 / (1 + math.pi**2)), ("triangle", 1.0, 0.0),
        ("sigmoid", 6.25, 25 * math.exp(-25) / (1 + math.exp(-25)) ** 2), ("straight_through_estimator", 1.0, 1.0),
    ],
)  # fmt: skip
def test_surrogates_have_the_values_of_their_formulas(name: str, at_zero: float, at_one: float) -> None:
    found = Surrogate(name).derivative(torch.tensor([0.0, 1.0, -1.0], dtype=torch.float64))
    torch.testing.assert_close(found, torch.tensor([at_zero, at_one, at_one], dtype=torch.float64))


@pytest.mark.parametrize("name", [*DEFAULT_SCALES, "snntorch"])
def test_at_equality_only_the_threshold_that_is_not_strict_spikes(name: str) -> None:
    if name == "snntorch":
        surrogate = pytest.importorskip("snntorch.surrogate").sigmoid(slope=3)
    else:
        surrogate = find_surrogate(name)
    for kind in (torch.float32, torch.float64):
        u = torch.tensor([-1e-12, 0.0, 1e-12], dtype=kind)
        assert spike(surrogate, u, is_strict=True).tolist() == [0, 0, 1]
        assert spike(surrogate, u, is_strict=False).tolist() == [0, 1, 1]
        assert spike(surrogate, u, is_strict=True).dtype == kind


def test_other_surrogates_of_snntorch_are_found_by_name() -> None:
    pytest.importorskip("snntorch")
    assert float(slope(find_surrogate("spike_rate_escape")).sum()) > 0


@pytest.mark.parametrize("name", ["triangular", "LSO"])
def test_the_broken_surrogates_of_snntorch_are_refused(name: str) -> None:
    with pytest.raises(NeuroclError, match="broken"):
        find_surrogate(name)
    surrogates = pytest.importorskip("snntorch.surrogate")
    with pytest.raises(NeuroclError, match="broken"):
        find_surrogate(getattr(surrogates, name)())


def test_unknown_surrogates_are_told() -> None:
    with pytest.raises(NeuroclError, match="did you mean 'atan'"):
        find_surrogate("attan")
    with pytest.raises(NeuroclError, match="name such as"):
        find_surrogate(25.0)  # type: ignore[arg-type]
    with pytest.raises(NeuroclError, match="did you mean"):
        Surrogate("fast_sigmoids")
