"""Descriptions: frozen, hashable, printable text and numbers, checked when they are made."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest
import sympy

import neurocl as ncl
from neurocl import models
from neurocl.core._description import Description
from neurocl.core.model import METHODS, FrozenDict

LIBRARY = [entry for entry in vars(models).values() if isinstance(entry, Description)]

adaptive = ncl.NeuronModel(
    name="adaptive",
    doc="A neuron with a moving threshold (nobody, never).",
    equations="""
        dv/dt = (v_leak - v + drive) / tau : mV (unless refractory)
        drive = gain * u : mV
        du/dt = -u / tau_u : 1
    """,
    threshold="v > v_th + rand()", reset="v = v_leak; u -= 1", refractory="t_ref", update="u = clip(u, -10, 10)",
    parameters={"tau": 20.0, "tau_u": 5, "v_leak": -60.0, "v_th": -50.0, "gain": 2.0, "t_ref": 3.0},
    initial={"v": "v_leak", "u": 1.5},
)  # fmt: skip


@pytest.mark.parametrize("model", LIBRARY, ids=lambda model: model.name)
def test_a_description_is_frozen_hashable_and_equal_to_its_copy(model: ncl.NeuronModel) -> None:
    twin = dataclasses.replace(model)
    assert twin == model and hash(twin) == hash(model) and copy.deepcopy(model) == model
    assert model.replace(doc="another") != model
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.name = "other"
    with pytest.raises(TypeError):
        model.parameters["tau_mem"] = 3.0  # type: ignore[index]


@pytest.mark.parametrize("model", LIBRARY, ids=lambda model: model.name)
def test_a_printout_holds_name_source_equations_and_every_parameter(model: ncl.NeuronModel) -> None:
    text = str(model)
    assert f"'{model.name}'" in text and model.doc.split(".")[0] in text
    for key in ("equations", "pre", "post", "on_pre", "on_post", "update", "threshold", "reset"):
        for line in (getattr(model, key, None) or "").splitlines():
            assert line.strip() in text
    for name, value in model.parameters.items():
        assert f"{name}={value:g}" in text


def test_a_printout_shows_units_refractory_time_method_and_initial_values() -> None:
    text = str(adaptive.replace(method="heun"))
    parts = [
        "NeuronModel 'adaptive'", "nobody, never", ": mV (unless refractory)", "refractory t_ref", "method     heun",
        "threshold  v > v_th + rand()", "initial    v=v_leak, u=1.5", "tau_u=5", "update     u = clip(u, -10, 10)",
    ]  # fmt: skip
    for part in parts:
        assert part in text, part


def test_replacing_merges_parameters_and_initial_values() -> None:
    changed = adaptive.replace(parameters={"gain": 3.0}, initial={"u": 0.0}, threshold="v > v_th")
    assert changed.parameters == {**adaptive.parameters, "gain": 3.0}
    assert changed.initial == {"v": "v_leak", "u": 0.0}
    assert changed.threshold == "v > v_th" and changed.reset == adaptive.reset
    assert adaptive.parameters["gain"] == 2.0


def test_the_symbols_of_a_model_are_those_of_its_text() -> None:
    v, u, tau, v_leak, gain = sympy.symbols("v u tau v_leak gain")
    parsed = adaptive.parsed
    assert parsed.equations.states["v"].derivative == (v_leak - v + gain * u) / tau
    assert [state.held for state in parsed.equations.states.values()] == [True, False]
    assert parsed.refractory == sympy.Symbol("t_ref")
    assert [draw.kind for draw in parsed.draws] == ["rand"]
    assert [statement.name for statement in parsed.reset] == ["v", "u"]
    assert parsed.initial == {"v": v_leak, "u": sympy.Float(1.5)}


def test_a_refractory_time_may_be_a_number_or_an_expression() -> None:
    for refractory, expected in (
        (2, 2),
        (2.5, 2.5),
        ("2 * dt + t_ref", 2 * sympy.Symbol("dt") + sympy.Symbol("t_ref")),
    ):
        assert adaptive.replace(refractory=refractory).parsed.refractory == expected


def test_numbers_of_numpy_are_numbers() -> None:
    model = adaptive.replace(parameters={"tau": np.float32(10), "tau_u": np.int64(5)}, initial={"v": np.float64(-60)})
    assert model.parameters["tau"] == 10 and float(model.parsed.initial["v"]) == -60


def test_a_synapse_tells_statements_on_synapses_from_those_on_traces() -> None:
    synapse = ncl.SynapseModel(
        name="s", pre="dx/dt = -x / 10", post="dy/dt = -y / 10", equations="dc/dt = -c / 100",
        on_pre="x += 1; w -= y; v_post += w; c = 0", on_post="y += 1; c += x",
    )  # fmt: skip
    parsed = synapse.parsed
    assert [s.name for s in parsed.on_pre_synapse] == ["w", "v_post", "c"]
    assert [s.name for s in parsed.on_pre_trace] == ["x"]
    assert [s.name for s in parsed.on_post_synapse] == ["c"]
    assert [s.name for s in parsed.on_post_trace] == ["y"]
    assert parsed.is_plastic and parsed.neuron_names() == {"v_post"}
    assert not ncl.SynapseModel(name="static").parsed.is_plastic
    assert ncl.SynapseModel(name="drift", equations="dw/dt = -w / 100").parsed.is_plastic


def test_every_method_may_be_named() -> None:
    for method in METHODS:
        assert method in str(ncl.NeuronModel(name="m", equations="dv/dt = -v", method=method))


def test_a_frozen_dict_equals_a_dict_and_hashes_by_its_items() -> None:
    assert FrozenDict({"a": 1, "b": 2}) == {"b": 2, "a": 1}
    assert hash(FrozenDict({"a": 1, "b": 2})) == hash(FrozenDict({"b": 2, "a": 1}))
    assert FrozenDict({"a": 1}) != {"a": 2} and list(FrozenDict({"a": 1})) == ["a"]
