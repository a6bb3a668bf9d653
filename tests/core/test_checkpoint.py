from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

import neurocl as ncl
from neurocl.core.checkpoint import VERSION
from neurocl.core.distributions import Distribution
from tests.networks import NEURON, Case, cases, everything, network_of, same_recording, same_state, steps


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples of a property."""
    return tmp_path_factory.mktemp("checkpoint")


@pytest.fixture(scope="module")
def saved(folder: Path) -> Path:
    """A simulation saved after 30 steps."""
    path = folder / "saved.safetensors"
    simulation = network_of(Case()).build(seed=5)
    simulation.set("neurons", v_th=-50.5)
    simulation.run(steps(30))
    simulation.save(path)
    return path


def rewrite(path: Path, change: Callable[[dict[str, Any], dict[str, NDArray[Any]]], None]) -> Path:
    """A copy of a saved simulation with its JSON text and arrays changed."""
    with safe_open(path, framework="numpy") as file:
        text = json.loads(file.metadata()["neurocl simulation"])
        arrays = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 - not a dict
    change(text, arrays)
    other = path.with_name("changed.safetensors")
    save_file(arrays, other, metadata={"neurocl simulation": json.dumps(text)})
    return other


def change_everything(simulation: ncl.Simulator) -> None:
    """Parameters of all kinds, one number or many, and static weights."""
    n = simulation.plan.populations["neurons"].n
    simulation.set("neurons", v_th=-50.5, tau_mem=np.linspace(8, 12, n), i_ext=1.5, t_ref=0.8)
    simulation.set("plastic", tau=8.0)
    simulation.set("dopamine", tau=10.0, reward=0.01)
    simulation.set("static", w=1.25 * simulation.state["static.w"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@settings(max_examples=20)
@given(
    case=cases(), before=st.integers(0, 60), after=st.integers(0, 60), trial=st.integers(0, 3), changed=st.booleans()
)
def test_a_loaded_simulation_goes_on_as_if_never_interrupted(
    folder: Path, dtype: str, case: Case, before: int, after: int, trial: int, changed: bool
):
    first, second = (network_of(case).build(seed=case.seed, dtype=dtype) for _ in range(2))
    for simulation in (first, second):
        simulation.reset(trial=trial)
        simulation.run(steps(before // 2))
        if changed:
            change_everything(simulation)
        simulation.run(steps(before - before // 2))
    second.save(folder / "run")
    third = ncl.Simulator.load(folder / "run")
    assert same_state(first, third)
    assert (third.seed, third.dtype, third.trial, third.changes.keys()) == (
        case.seed,
        dtype,
        trial,
        first.changes.keys(),
    )
    record = everything(first)
    assert same_recording(first.run(steps(after), record=record), third.run(steps(after), record=record))
    assert same_state(first, third)
    first.reset(trial=7)
    third.reset(trial=7)
    assert same_recording(first.run(steps(after), record=record), third.run(steps(after), record=record))


def test_saving_does_not_disturb_the_run_and_a_loaded_simulation_can_be_saved_again(folder: Path):
    undisturbed, simulation = (network_of(Case()).build(seed=2) for _ in range(2))
    undisturbed.run(steps(100))
    for _ in range(4):
        simulation.run(steps(25))
        simulation.save(folder / "again")
        simulation = ncl.Simulator.load(folder / "again")
    assert same_state(undisturbed, simulation)


CONTINUE = """
import hashlib, sys
import neurocl as ncl
simulation = ncl.Simulator.load(sys.argv[1])
simulation.run(10.0)
print(hashlib.blake2b(b"".join(a.tobytes() for a in simulation.state.values())).hexdigest())
"""


def test_a_second_process_goes_on_alike(saved: Path):
    simulation = ncl.Simulator.load(saved)
    simulation.run(10.0)
    there = subprocess.run(
        [sys.executable, "-c", CONTINUE, str(saved)], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(Path(ncl.__file__).parents[1])},
    )  # fmt: skip
    digest = hashlib.blake2b(b"".join(a.tobytes() for a in simulation.state.values())).hexdigest()
    assert there.stdout.strip() == digest


def test_static_weights_are_stored_only_if_somebody_changed_them(folder: Path):
    simulation = network_of(Case()).build(seed=5)
    for expected in (False, True):
        simulation.save(folder / "weights")
        with safe_open(folder / "weights", framework="numpy") as file:
            names = set(file.keys())
        assert ("state/static.w" in names, "state/plastic.w" in names) == (expected, True)
        simulation.set("static", w=0.5)


def test_what_was_added_to_the_network_after_the_build_is_not_saved(folder: Path):
    network = network_of(Case())
    simulation = network.build(seed=5)
    late = network.add(NEURON, 3, name="late")
    network.connect(late, late, ncl.AllToAll(), target="i_syn")
    network.modulate(network.projections["plastic"], tau=network.modulators["dopamine"]["d"])
    simulation.save(folder / "late")
    loaded = ncl.Simulator.load(folder / "late")
    simulation.run(steps(50))
    loaded.run(steps(50))
    assert same_state(simulation, loaded)


def test_a_network_that_is_not_drawn_as_before_is_refused(folder: Path):
    weights = np.ones((4, 4))
    network = ncl.Network()
    neurons = network.add(NEURON, 4, name="neurons")
    network.connect(neurons, neurons, ncl.AllToAll(), target="i_syn", weight=weights, name="rec")
    simulation = network.build()
    weights[0, 0] = 2.0
    simulation.save(folder / "drawn")
    with pytest.raises(ncl.NeuroclError, match=r"drawn: 'rec' comes out of the seed otherwise .*NumPy"):
        ncl.Simulator.load(folder / "drawn")


class Constant(Distribution):
    def _draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        return np.full(n, -55.0)


class Bare(ncl.Simulator):
    """An engine that only runs."""

    engine = "bare"

    def _run(self, steps: int, requests: Any, inputs: Any) -> ncl.Recording:
        raise NotImplementedError

    @property
    def state(self) -> Mapping[str, NDArray[Any]]:
        return {}


def test_saving_fails_with_one_sentence_and_leaves_an_older_file_alone(tmp_path: Path):
    network = ncl.Network()
    network.add(NEURON, 2, name="exc", v=Constant())
    (tmp_path / "old").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    plain = network_of(Case()).build()
    for simulation, name, message in (
        (network.build(), "old", "'exc' holds an object of the class Constant"),
        (Bare(network_of(Case()), 0, "float32"), "old", "on the bare engine cannot be saved"),
        (plain, "missing/file", "the folder of .*missing/file does not exist"),
        (plain, "folder", "folder cannot be written"),
    ):
        with pytest.raises(ncl.NeuroclError, match=message) as caught:
            simulation.save(tmp_path / name)
        assert "\n" not in str(caught.value)
    assert (tmp_path / "old").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "old"]


def put(key: str, value: Any) -> Callable[[dict[str, Any], dict[str, NDArray[Any]]], None]:
    """Change a field of the text, or (with a "/") an array; KeyError deletes it."""

    def change(text: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        place: dict[str, Any] = arrays if "/" in key else text
        if value is KeyError:
            del place[key]
        else:
            place[key] = value(place[key]) if callable(value) else value

    return change


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("version", VERSION + 1, f"not of version {VERSION}"),
        ("engine", "nest", "unknown engine 'nest'"),
        ("dtype", "float16", "dtype must be"),
        ("colour", 1, "the file has an unknown field 'colour'"),
        ("seed", 1.5, "the field 'seed' cannot be a float"),
        ("seed", 6, "comes out of the seed otherwise"),
        ("step", -1, "step and trial must be whole numbers from 0"),
        ("step", 2**60, "step and trial must be whole numbers"),
        ("trial", True, "the field 'trial' cannot be a bool"),
        ("fingerprints", {}, "comes out of the seed otherwise"),
        ("changes", [{"owner": "neurons", "parameter": "v_thh", "value": 1.0}], "no parameter or state 'v_thh'"),
        ("changes", [{"owner": "nobody", "parameter": "v_th", "value": 1.0}], "the network has no 'nobody'"),
        ("changes", [{"owner": "neurons", "parameter": "self", "value": 1.0}], "no parameter or state 'self'"),
        ("changes", [{"owner": "neurons", "parameter": "v_th", "value": {"x": 1}}], "must be a number or an array"),
        ("changes", [3], "a change must be an object with the fields owner, parameter, value"),
        ("state/neurons.v", KeyError, r"the state 'neurons\.v' is missing"),
        ("state/neurons.v", lambda a: a[:-1], r"the state 'neurons\.v' is float32 \[15\] where .* float32 \[16\]"),
        ("state/neurons.v", lambda a: a.astype(np.float64), r"is float64 \[16\] where the network has float32 \[16\]"),
        ("state/neurons.u", np.zeros(3), r"holds the array 'neurons\.u', which belongs to nothing"),
        ("more/arrays", np.zeros(3), "holds the array 'more/arrays', which belongs to nothing"),
        ("network/inp/spike_times", KeyError, "the array 'network/inp/spike_times' is missing"),
        ("network/inp/spike_indices", lambda a: a + 99, "indices must be whole numbers from 0 to 7"),
        ("spikes/inp/steps", KeyError, "the spikes under way of 'inp' must be two equally long lists"),
        ("spikes/inp/steps", lambda a: a.astype(np.float64), "the spikes under way of 'inp' must be"),
        ("spikes/inp/steps", lambda a: a[1:], "the spikes under way of 'inp' must be two equally long lists"),
        ("spikes/inp/steps", lambda a: a + 30, "the spikes under way of 'inp' do not fit"),
        ("spikes/inp/steps", lambda a: a - 30, "the spikes under way of 'inp' do not fit"),
        ("spikes/inp/steps", lambda a: a[::-1].copy(), "the spikes under way of 'inp' do not fit"),
        ("spikes/inp/neurons", lambda a: a + 8, "the spikes under way of 'inp' do not fit its 8 neurons"),
        ("spikes/inp/neurons", lambda a: a - 8, "the spikes under way of 'inp' do not fit its 8 neurons"),
    ],
)  # fmt: skip
def test_a_changed_file_is_refused_with_one_sentence(saved: Path, key: str, value: Any, message: str):
    path = rewrite(saved, put(key, value))
    with pytest.raises(ncl.NeuroclError, match=message) as caught:
        ncl.Simulator.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


junk = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just([]) | st.just({})


@settings(max_examples=40)
@given(data=st.data())
def test_whatever_is_changed_it_loads_or_is_refused_clearly(saved: Path, data: st.DataObject):
    def change(text: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        place: Any = text
        while isinstance(place, dict | list) and place:
            owner, keys = place, sorted(place) if isinstance(place, dict) else range(len(place))
            key = data.draw(st.sampled_from(keys))
            place = owner[key]
        owner[key] = data.draw(junk)

    with contextlib.suppress(ncl.NeuroclError):
        assert isinstance(ncl.Simulator.load(rewrite(saved, change)), ncl.Simulator)
