"""Simulators take turns; ratios are made of equal work only; who cannot run is told with the reason."""

from __future__ import annotations

import pytest

from benchmarks import measuring
from benchmarks.measuring import measure
from benchmarks.networks import Benchmark
from benchmarks.simulators import PEERS
from neurocl import NeuroclError
from tests.benchmarks.stand_in import CRASH, REFUSE, StandIn, speaking

TINY = Benchmark("tiny", "T: tiny", "cuba", {"n": 80}, seconds=0.1, must=0.5, aim=0.25)


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """neurocl is one of the stand-ins, too."""
    monkeypatch.setattr(measuring, "OWN", speaking("Own", 0.25, 5.0))


def test_ratios_are_those_of_the_turns() -> None:
    found = measure(TINY, [speaking("Peer", 1.0, 5.2)], repeats=3)
    assert found["simulators"]["Own 1.2"] == {
        "real_time_factor": {"min": 0.25, "median": 0.25, "max": 0.25}, "rate_hz": 5.0, "build_seconds": 0.5,
        "peak_memory_mb": 7.0,
    }  # fmt: skip
    assert found["ratio"] == {"Peer 1.2": {"min": 4.0, "median": 4.0, "max": 4.0}}
    assert found["void"] == found["absent"] == {}
    assert found["goals"] == {"must": 0.5, "aim": 0.25, "least_ratio": None}
    assert {"command", "date", "machine", "seed", "dtype", "repeats", "seconds", "size"} <= found.keys()


def test_another_rate_makes_the_comparison_void() -> None:
    found = measure(TINY, [speaking("Peer", 1.0, 5.3)], repeats=1)
    assert found["ratio"] == {} and "5.30 Hz" in found["void"]["Peer 1.2"] and "6%" in found["void"]["Peer 1.2"]


def test_peers_that_cannot_run_are_absent_with_their_reason() -> None:
    found = measure(TINY, [StandIn("shy", code=REFUSE), StandIn("broken", code=CRASH)], repeats=1)
    assert found["absent"]["shy"] == "no such neuron"
    assert found["absent"]["broken"] == "ended with status 1: ZeroDivisionError: division by zero"
    assert list(found["simulators"]) == ["Own 1.2"]


def test_a_python_that_is_not_there_makes_its_peer_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROCL_NEST_PYTHON", "/nowhere/python")
    found = measure(TINY, [PEERS["nest"]], repeats=1)
    assert found["absent"] == {"nest": "/nowhere/python: No such file or directory"}


def test_without_neurocl_there_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "OWN", StandIn("own", code=CRASH))
    with pytest.raises(NeuroclError, match=r"neurocl could not finish .*division by zero"):
        measure(TINY, repeats=1)
