"""The neuron models that stand for NIR nodes, by integration rule and reset.

exact   Between spikes the equations are advanced exactly. A spike of weight w is an impulse as large as a pulse of one
        step of the writer: v jumps by r w dt / tau_mem (LIF), i_syn by w_in w dt / tau_syn (CubaLIF).
euler   v <- v + dt / tau_mem (v_leak - v + r I), I the sum of the weights that arrive in the step; with a synapse,
        i_syn <- i_syn + dt / tau_syn (-i_syn + w_in I) before, as Norse and snnTorch do.
Units   those of the file; time ms
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurocl.core.components import Input
from neurocl.core.model import NeuronModel
from neurocl.core.plan import PopulationPlan
from neurocl.interop._nir_neurons import NODES, RESETS, Neurons

__all__ = ["Form", "form_of", "make_model", "model_values", "neurons_of_form", "target_of"]


class Form(NamedTuple):
    """What decides on the equations; `is_driven` adds the current ``i_ext``."""

    kind: str
    integration: str
    reset: str
    threshold: str
    is_driven: bool


@cache
def make_model(form: Form) -> NeuronModel:
    """The model of a form, named after the kind of node."""
    has_spikes, has_synapse = form.kind.endswith("F"), form.kind.startswith("Cuba")
    is_euler = form.integration == "euler"
    drive = "gain * i_ext + bias" if form.is_driven else "bias"
    if is_euler and not has_synapse:
        drive = "drive"
    membrane = f"r * ({'i_syn' if has_synapse else drive})"
    has_leak = form.kind not in ("IF", "I")
    held = " (unless refractory)" if has_spikes else ""
    lines = [f"dv/dt = {f'(v_leak - v + {membrane}) / tau_mem' if has_leak else membrane} : 1{held}"]
    update = ""
    if is_euler:
        arrived = "x + bias + gain * i_ext" if form.is_driven else "x + bias"
        lines += ["x : 1", "i_syn : 1" if has_synapse else "drive : 1"]
        rise = f"i_syn += dt / tau_syn * (w_in * ({arrived}) - i_syn)" if has_synapse else f"drive = {arrived}"
        update = f"{rise}; x = 0"
    elif has_synapse:
        lines.append(f"di_syn/dt = (w_in * ({drive}) - i_syn) / tau_syn : 1")
    names = [*NODES[form.kind].values(), "bias", *(["t_ref"] if has_spikes else []),
             *(["gain", "i_ext"] if form.is_driven else [])]  # fmt: skip
    return NeuronModel(
        name=f"NIR{form.kind}",
        doc=f"NIR's {form.kind}, integration {form.integration!r}; target {_target(form)}.",
        equations="\n".join(lines), update=update, method="euler" if is_euler else None,
        parameters={name: float(name in ("tau_mem", "tau_syn", "r", "w_in", "v_th", "gain")) for name in names},
        require="; ".join(f"{name} > 0" for name in names if name.startswith("tau")),
        initial={"v": "v_leak"} if has_leak else {},
        **(_spiking(form) if has_spikes else {}),
    )  # fmt: skip


def _spiking(form: Form) -> dict[str, Any]:
    reset = {"value": "v = v_reset", "subtract": "v -= v_th - v_reset"}.get(form.reset)
    if reset is None:  # what the next step's leak leaves of it must be the whole
        left = "exp(-dt / tau_mem)" if form.integration == "exact" else "(1 - dt / tau_mem)"
        reset = f"v -= (v_th - v_reset) / {'1' if form.kind == 'IF' else left}"
    return {"threshold": f"v {form.threshold} v_th", "reset": reset, "refractory": "t_ref"}


def _target(form: Form) -> str:
    if form.integration == "euler":
        return "x"
    return "i_syn" if form.kind.startswith("Cuba") else "v"


def target_of(form: Form, values: dict[str, Any], spike: float, dt: float) -> tuple[str, NDArray[np.float64]]:
    """The state that spikes are added to, and what a weight of 1 adds there; `spike` is a spike's length, ms."""
    target = _target(form)
    jump = {"x": lambda: spike / dt, "i_syn": lambda: values["w_in"] * spike / values["tau_syn"],
            "v": lambda: values["r"] * spike / values.get("tau_mem", 1.0)}[target]()  # fmt: skip
    return target, np.asarray(jump, dtype=np.float64)


def model_values(neurons: Neurons, bias: Any, gain: Any | None, rest: float) -> dict[str, Any]:
    """Arguments of ``net.add`` for a population of `neurons`: parameters and initial states.

    With a `gain`, the current ``i_ext`` is driven, and `rest` in steps without input.
    """
    found = {**neurons.values, **neurons.initial, "bias": bias}
    if neurons.has_spikes:
        found["t_ref"] = neurons.refractory
    if gain is not None:
        found["gain"] = gain
    given: dict[str, Any] = {key: _shared(value) for key, value in found.items()}
    return given if gain is None else {**given, "i_ext": Input(rest)}


def _shared(value: Any) -> Any:
    """One number where all neurons have the same."""
    array = np.asarray(value, dtype=np.float64)
    return float(array.flat[0]) if (array == array.flat[0]).all() else array


def form_of(model: NeuronModel) -> Form | None:
    """The form of a model made by `make_model`, None for any other."""
    kind = model.name.removeprefix("NIR")
    if kind not in NODES or kind == model.name:
        return None
    integration = "euler" if model.method == "euler" else "exact"
    threshold = ">=" if ">=" in (model.threshold or "") else ">"
    forms = (Form(kind, integration, reset, threshold, "i_ext" in model.parameters) for reset in RESETS)
    return next((form for form in forms if make_model(form) == model), None)


def neurons_of_form(form: Form, plan: PopulationPlan) -> Neurons:
    """The neurons of a population of one of these models."""
    rest = {"v": plan.parameters.get("v_leak", 0.0), "i_syn": 0.0}
    initial = {name: plan.initial[name] for name in rest if name in plan.initial}
    return Neurons(
        form.kind, plan.n, {name: np.asarray(plan.parameters[name]) for name in NODES[form.kind].values()},
        form.integration, form.reset, form.threshold, np.asarray(plan.refractory * plan.dt, dtype=np.float64),
        {name: value for name, value in initial.items() if (value != rest[name]).any()},
    )  # fmt: skip
