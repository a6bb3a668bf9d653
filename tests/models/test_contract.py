"""What every model of the library holds to; a new one is tested by being in `neurocl.models.__all__`.

Models that are shown with one dt share a network, a few at a time, so that little is compiled.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import neurocl as ncl
from neurocl import models
from neurocl.core.equations import Equations
from neurocl.core.model import NeuronModel, SynapseModel
from neurocl.core.recording import Recording
from neurocl.engines.agreement import compare
from neurocl.experiments.validation import MODELS, case_of, time_step

CATALOGUE = models.catalogue()
STEPS = 1500
STEPS_BEFORE_CHAOS = {"Izhikevich": 80}  # in which rounding errors stay small
AT_ONCE = 4
TOLERANCE = 1e-3  # of single precision, relative to the largest value of a state


def parts(name: str) -> tuple[Equations, ...]:
    """The equations of a model, of a synapse also those of its traces."""
    parsed = CATALOGUE[name].parsed
    return (
        (parsed.pre, parsed.post, parsed.synapse) if isinstance(CATALOGUE[name], SynapseModel) else (parsed.equations,)
    )


def states(name: str) -> dict[str, str]:
    """Recordable states of a model with their units."""
    return {state: part.units[state] for part in parts(name) for state in part.states}


def groups() -> list[tuple[str, ...]]:
    """All models, a few of one kind and one dt at a time."""
    alike: dict[tuple[bool, float], list[str]] = {}
    for name, model in CATALOGUE.items():
        alike.setdefault((isinstance(model, NeuronModel), time_step(name)), []).append(name)
    return [tuple(names[k : k + AT_ONCE]) for names in alike.values() for k in range(0, len(names), AT_ONCE)]


def simulator(names: tuple[str, ...], dtype: str) -> ncl.Simulator:
    return case_of(*names).network.build(dtype=dtype, seed=1)


def everything(sim: ncl.Simulator) -> dict[str, list[str]]:
    """Everything that can be recorded, spikes rather than their counts."""
    return {
        owner: [q for q in quantities if q != "counts"] for owner, quantities in sim._available().items() if quantities
    }


def run(sim: ncl.Simulator, names: tuple[str, ...], steps: int = STEPS) -> Recording:
    return sim.run(steps * sim.dt, record=everything(sim), inputs=case_of(*names).inputs)


@lru_cache(maxsize=1)
def single(names: tuple[str, ...]) -> Recording:
    """A run of the whole time in single precision."""
    return run(simulator(names, "float32"), names)


every_group = pytest.mark.parametrize("names", groups(), ids=lambda names: f"{names[0]}..{names[-1]}")
every_model = pytest.mark.parametrize("name", CATALOGUE)


@every_model
def test_description_prints_itself_with_its_source(name: str) -> None:
    model = CATALOGUE[name]
    assert model.name == name and hash(model.replace()) == hash(model) and model.replace() == model
    text = str(model)
    assert model.doc and model.doc in text
    for word in (*states(name), *model.parameters):
        assert re.search(rf"\b(d?){word}\b", text), word
    for part in parts(name):
        for state in part.states.values():
            assert state.line in re.sub(r" +", " ", text) or state.line in text, state.line


@every_model
def test_every_state_tells_its_unit(name: str) -> None:
    for part in parts(name):
        for state in part.states.values():
            assert ":" in state.line, state.line
    assert all(states(name).values())


def test_every_family_tells_units_and_source() -> None:
    for module in (m for m in pkgutil.iter_modules(models.__path__) if not m.name.startswith("_")):
        doc = importlib.import_module(f"neurocl.models.{module.name}").__doc__ or ""
        assert re.search(r"^Units  ", doc, re.M) and re.search(r"^Source  .*\d{4}", doc, re.M | re.S), module.name


@every_group
def test_built_simulation_prints_the_scheme_of_every_state(names: tuple[str, ...]) -> None:
    text = str(simulator(names, "float32"))
    for name in names:
        assert name in text
        assert all(f"    {state}: " in text for state in states(name) if state != "w")


@every_group
def test_recorded_quantities_carry_their_units_and_something_happens(names: tuple[str, ...]) -> None:
    out = single(names)
    for name in set(names) & set(out.names):
        known = [state for state in states(name) if state in out[name].quantities]
        for state in known:
            trace = out[name].trace(state)
            assert trace.unit == states(name)[state] and np.isfinite(trace.values).all(), f"{name}.{state}"
        assert not known or any(np.ptp(out[name][state]) > 0 for state in known), name
        assert "spikes" not in out[name].quantities or len(out[name].spikes), name


def first_disagreement(first: Recording, second: Recording) -> float:
    """Time of the first spike, or whole number such as a flag, that differs between two runs; inf if none does."""
    times = [np.inf]
    for name in first.names:
        for quantity in first[name].quantities:
            if quantity == "spikes":
                one, other = (
                    set(zip(np.round(r[name].spikes.times, 4), r[name].spikes.indices, strict=True))
                    for r in (first, second)
                )
                times += [time for time, _ in one ^ other]
            else:
                one, other = (r[name].trace(quantity) for r in (first, second))
                if np.array_equal(other.values, np.rint(other.values)):
                    times += list(other.times[(one.values != other.values).any(axis=1)])
    return float(min(times))


@every_group
def test_single_and_double_precision_agree_until_a_spike_falls_on_another_step(names: tuple[str, ...]) -> None:
    double, wrong = run(simulator(names, "float64"), names), {}
    for name in single(names).names:
        one, two = single(names)[name], double[name]
        if "spikes" in one.quantities and name not in STEPS_BEFORE_CHAOS:
            gap = np.abs(one.counts() - two.counts()).max(initial=0)
            if gap > 1:
                wrong[name] = f"counts differ by {gap}"
    assert not wrong, wrong
    dt = case_of(*names).network.dt
    until = min(first_disagreement(single(names), double), *(dt * STEPS_BEFORE_CHAOS.get(n, STEPS) for n in names))
    assert until > 10 * dt
    for name in single(names).names:
        for quantity in single(names)[name].quantities:
            if quantity != "spikes":
                one, two = single(names)[name].trace(quantity), double[name].trace(quantity)
                rows = two.times < until - dt / 2
                difference = np.abs(one.values - two.values)[rows].max(initial=0)
                if difference > TOLERANCE * np.abs(two.values).max(initial=0):
                    wrong[f"{name}.{quantity}"] = difference
    assert not wrong, wrong


def recorded(out: Recording) -> Iterator[tuple[str, NDArray[Any]]]:
    """All that a run returned, as arrays by name."""
    for name in out.names:
        for quantity in out[name].quantities:
            if quantity == "spikes":
                yield f"{name}.times", out[name].spikes.times
                yield f"{name}.indices", out[name].spikes.indices
            else:
                yield f"{name}.{quantity}", out[name][quantity]


@every_group
def test_saved_in_the_middle_it_goes_on_exactly(names: tuple[str, ...], tmp_path: Path) -> None:
    sim = simulator(names, "float32")
    run(sim, names, STEPS // 2)
    sim.save(tmp_path / "half")
    again = dict(recorded(run(ncl.Simulator.load(tmp_path / "half"), names, STEPS // 2)))
    wrong = [
        quantity
        for quantity, values in recorded(run(sim, names, STEPS // 2))
        if not np.array_equal(values, again[quantity])
    ]
    assert not wrong, wrong


@every_group
def test_brian2_agrees(names: tuple[str, ...]) -> None:
    pytest.importorskip("brian2", exc_type=Exception)
    known = [name for name in names if name in MODELS]
    case = case_of(*known)
    found = compare(case.network, STEPS * case.network.dt, inputs=case.inputs, seed=1)
    assert found.holds(), str(found)
    for name in known:
        compared = [key for key in (*found.differences, *found.n_spikes) if key.split(".")[0] == name]
        assert len(compared) >= len(states(name)), name
