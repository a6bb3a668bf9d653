"""`compare`: two engines on one network."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.engines import agreement
from neurocl.engines.agreement import Agreement, compare


def network() -> ncl.Network:
    net = ncl.Network(dt=0.1)
    net.add(ncl.models.LIF, 3, name="neurons", i_ext=ncl.Input(500.0))
    return net


def test_an_engine_agrees_with_itself() -> None:
    found = compare(network(), 50.0, inputs={"neurons": {"i_ext": np.full((100, 3), 900.0)}}, referee="numba")
    assert found.holds(0.0)
    assert found.n_spikes == {"neurons": found.n_spikes["neurons"]} and found.n_spikes["neurons"] > 3
    assert found.differences == {"neurons.v": 0.0, "neurons.i_syn": 0.0}
    assert str(found).startswith("numba and numba agree over 50 ms")


def test_a_difference_is_found_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    # The second engine runs another network: one with a stronger drive.
    other, stronger = network(), network()
    stronger.populations["neurons"].values["i_ext"] = ncl.Input(550.0)
    built = iter([other.build(dtype="float64"), stronger.build(dtype="float64")])
    monkeypatch.setattr(ncl.Network, "build", lambda self, **options: next(built))
    found = compare(network(), 50.0, record={"neurons": ["spikes", "counts", "v"]})
    assert not found.spikes_equal and not found.holds(1.0)
    assert 0 < found.unequal_spikes["neurons"] < 50
    assert found.max_relative_difference == max(found.differences.values()) > 0.01
    text = str(found)
    assert "DISAGREE" in text and "unequal from" in text and "neurons.v: differs by" in text


def test_the_difference_is_relative_and_never_hides_an_infinite_value() -> None:
    second = np.array([[1.0, -4.0], [np.nan, 0.0]])
    assert agreement._difference(second + 0.1, second) == pytest.approx(0.1 / 4)
    assert agreement._difference(np.where(second == 0, np.inf, second), second) == np.inf
    assert agreement._difference(np.full((2, 2), 0.3), np.zeros((2, 2))) == pytest.approx(0.3)


def test_nothing_compared_is_agreement() -> None:
    assert Agreement("a", "b", 1.0).holds(0.0)
