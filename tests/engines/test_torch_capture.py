"""When a step is captured, and that nothing of it is left but the graph.

Without a GPU the graph is a stand-in that runs the step again; what a real one adds, that nothing may wait for the
device, is tested in `test_torch_device_step`.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import pytest

from tests.networks import Case, everything, network_of, same_recording, same_state, steps

torch = pytest.importorskip("torch")


class Stream:
    def wait_stream(self, _: Any) -> None:
        """Nothing to wait for."""


class Graph:
    """Replays the step that was run while it was captured."""

    made: int = 0
    run: Any = None

    def __init__(self) -> None:
        Graph.made += 1

    def replay(self) -> None:
        Graph.run()


@pytest.fixture
def captured(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A simulation whose steps are captured, as on a GPU."""

    @contextmanager
    def graph(_: Graph) -> Any:
        yield

    for name, stand_in in {"Stream": Stream, "current_stream": Stream, "stream": nullcontext, "graph": graph,
                           "CUDAGraph": Graph}.items():  # fmt: skip
        monkeypatch.setattr(torch.cuda, name, stand_in)
    sim: Any = build()
    device_steps = sim._device_steps
    device_steps.captures, Graph.made, Graph.run = True, 0, device_steps._step
    return sim


def build() -> Any:
    return network_of(Case(delays=(3, 7))).build(engine="torch", seed=1, dtype="float64", delivery="all")


def test_a_captured_run_is_that_of_the_host(captured: Any) -> None:
    other = build()
    for _ in range(2):
        outs = [sim.run(steps(25), record=everything(other)) for sim in (captured, other)]
        assert same_recording(*outs) and same_state(captured, other)


def test_a_step_is_captured_again_only_when_something_changed(captured: Any) -> None:
    def run() -> int:
        captured.run(steps(25))
        return Graph.made

    assert [run(), run(), run()] == [1, 1, 1]
    captured.set("neurons", v=-55.0)  # states are read where they stand
    assert run() == 1
    captured.set("neurons", tau_mem=12.0)
    assert [run(), run()] == [2, 2]
    for k in range(3):  # as many synapses as before, in other places
        captured.rewire("static", remove=[0], pre=[k], post=[3], weight=5.0, delay=0.3)
        assert run() == 3 + k


def test_inputs_of_a_run_are_read_by_the_graph(captured: Any) -> None:
    other = build()
    for k in range(3):
        inputs = {"neurons": {"i_ext": np.full(25, 3.0 * k)}}
        outs = [sim.run(steps(25), record={"neurons": "spikes"}, inputs=inputs) for sim in (captured, other)]
        assert same_recording(*outs)
