"""Which NIR node the equations of a population are, if any.

The equations are read as symbols, so that a user's own leaky integrate-and-fire model is one of NIR's as much as the
library's. Expressible are one membrane, linear with constant coefficients, with or without one exponential synapse,
advanced exactly, a threshold on the membrane, and a reset to a value or by a value.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import evaluate, names_in
from neurocl.core.plan import PopulationPlan
from neurocl.interop._nir_models import form_of, neurons_of_form, target_of
from neurocl.interop._nir_neurons import MS, Neurons
from neurocl.models.leaky import Leaky

__all__ = ["Expressed", "express"]


@dataclass(frozen=True)
class Expressed:
    """A population as NIR says it.

    Attributes
    ----------
    neurons : with r = 1 (IF, I: 1 per s) and w_in = 1; all gains are in the weights.
    target : the state that spikes may be added to.
    factor : NIR's weight for a weight of 1, [n] or one number.
    bias : constant input of an IF or of a synapse, which only an Affine can give; [n] or 0.
    currents : driven parameter -> what NIR's input is for a value of 1.
    """

    neurons: Neurons
    target: str
    factor: NDArray[np.float64]
    bias: NDArray[np.float64]
    currents: dict[str, NDArray[np.float64]] = field(default_factory=dict)


def express(plan: PopulationPlan, model: Any) -> Expressed:
    """The population of `plan`, whose model is `model`, as NIR says it; NeuroclError says what NIR cannot."""
    if model == Leaky:
        return _leaky(plan)
    form = form_of(model)
    if form is None or form.integration == "exact":
        return _Reader(plan).read()
    neurons = neurons_of_form(form, plan)
    values = plan.parameters
    target, jump = target_of(form, values, plan.dt, plan.dt)
    gain = np.asarray(values["r"]) * values.get("w_in", 1.0) * (1.0 if neurons.has_leak else MS)
    initial = {name: value * (values["r"] if name == "i_syn" else 1.0) for name, value in neurons.initial.items()}
    ones: dict[str, Any] = {name: np.ones(1) for name in ("r", "w_in") if name in neurons.values}
    if not neurons.has_leak:
        ones["r"] = np.full(1, 1 / MS)
    neurons = replace(neurons, values={**neurons.values, **ones}, initial=initial)
    currents = {name: gain * values["gain"] for name in plan.inputs}
    return _without_bias(Expressed(neurons, target, gain * jump, gain * values["bias"], currents), plan)


def _leaky(plan: PopulationPlan) -> Expressed:
    """The discrete-time Leaky, v <- beta v + i_ext: an Euler step with 1 - dt / tau = beta."""
    decay = np.atleast_1d(np.exp(-plan.dt / np.asarray(plan.parameters["tau_mem"], dtype=np.float64)))
    tau = plan.dt / (1 - decay)
    gain = tau / plan.dt
    constant = 0.0 if "i_ext" in plan.inputs else plan.parameters["i_ext"]
    values = {
        "tau_mem": tau, "r": np.ones(1), "v_leak": gain * constant, "v_th": np.atleast_1d(plan.parameters["v_th"]),
        "v_reset": np.zeros(1),
    }  # fmt: skip
    initial = {"v": plan.initial["v"]} if (plan.initial["v"] != values["v_leak"]).any() else {}
    neurons = Neurons("LIF", plan.n, values, "euler", "subtract_delayed", initial=initial)
    # A weight lets v jump before the leak of the step.
    return Expressed(neurons, "v", decay * gain, np.zeros(1), {name: gain for name in plan.inputs if name == "i_ext"})


def _without_bias(expressed: Expressed, plan: PopulationPlan) -> Expressed:
    """The same with a constant input to a leaky membrane taken into its v_leak."""
    neurons = expressed.neurons
    if neurons.has_synapse or not neurons.has_leak or not np.any(expressed.bias):
        return expressed
    rest = neurons.values["v_leak"] + expressed.bias
    initial = {"v": plan.initial["v"]} if (plan.initial["v"] != rest).any() else {}
    neurons = replace(neurons, values={**neurons.values, "v_leak": rest}, initial=initial)
    return replace(expressed, neurons=neurons, bias=np.zeros(1))


class _Reader:
    def __init__(self, plan: PopulationPlan) -> None:
        self.plan, self.where = plan, f"to_nir: population '{plan.name}'"
        self.states = plan.parsed.equations.states
        self.values = {**plan.parameters, **dict.fromkeys(plan.inputs, 0.0), "dt": plan.dt}

    def refuse(self, what: str) -> NeuroclError:
        return NeuroclError(
            f"{self.where}: {what}; NIR has leaky and perfect integrators with at most one exponential synapse, a"
            " threshold and a reset"
        )

    def read(self) -> Expressed:
        self._check_kind()
        plan, parsed = self.plan, self.plan.parsed
        membrane, synapse = self._roles()
        kind, values, factor = self._membrane(membrane, synapse)
        initial = {"v": plan.initial[membrane]}
        rest = values.get("v_leak", 0.0)
        if (initial["v"] == rest).all():
            del initial["v"]
        bias, currents = np.zeros(1), self._currents(membrane, synapse)
        scale = factor
        if synapse is not None:
            tau_syn = -1.0 / self._coefficient(synapse, synapse)
            values |= {"tau_syn": tau_syn, "w_in": np.ones(1)}
            if (plan.initial[synapse] != 0).any():
                initial["i_syn"] = scale * plan.initial[synapse]
            bias = scale * tau_syn * self._rest(synapse)
            factor = scale * tau_syn
        spiking = {} if parsed.threshold is None else self._spikes(membrane, values)
        neurons = Neurons(kind, plan.n, values, "exact", initial=initial, **spiking)
        self._check_held(membrane, synapse)
        return Expressed(
            neurons, synapse or membrane, factor / plan.dt, bias,
            {name: factor * coefficient for name, coefficient in currents.items()},
        )  # fmt: skip

    def _check_kind(self) -> None:
        """Refuse what is no set of linear equations of one membrane and at most one synapse."""
        plan = self.plan
        if plan.draws:
            raise self.refuse("NIR has no noise and no random source (a models.SpikeArray becomes an Input)")
        if plan.summed:
            raise self.refuse(f"'{plan.summed[0]}' is a sum over synapses, which NIR cannot express")
        if plan.parsed.update:
            raise self.refuse("NIR cannot express update statements")
        if not self.states or any(method != "exact" for method in plan.scheme.methods.values()):
            raise self.refuse("its equations are not linear with constant coefficients")
        if len(plan.scheme.methods) < len(self.states) or len(self.states) > 2:
            raise self.refuse(f"it has the states {', '.join(self.states)}")

    def _roles(self) -> tuple[str, str | None]:
        """The membrane, which the other state does not read, and the synapse."""
        names = list(self.states)
        if len(names) == 1:
            return names[0], None
        read = {name: names_in(self.states[name].derivative) & set(names) - {name} for name in names}
        for membrane, synapse in (names, names[::-1]):
            if read[membrane] == {synapse} and not read[synapse]:
                return membrane, synapse
        raise self.refuse(f"of the states {' and '.join(names)} none is a membrane driven by the other")

    def _coefficient(self, of: str, by: str) -> NDArray[np.float64]:
        slope = sympy.diff(self.states[of].derivative, sympy.Symbol(by))
        return np.atleast_1d(np.asarray(evaluate(slope, self.values), dtype=np.float64))

    def _rest(self, name: str) -> NDArray[np.float64]:
        """The derivative where all states are 0."""
        at_zero = {**self.values, **dict.fromkeys(self.states, 0.0)}
        return np.atleast_1d(np.asarray(evaluate(self.states[name].derivative, at_zero), dtype=np.float64))

    def _membrane(self, name: str, synapse: str | None) -> tuple[str, dict[str, Any], NDArray[np.float64]]:
        """Kind of node, parameters, and NIR's current per unit of dv/dt (of the synapse's state where there is one)."""
        rate, rest = self._coefficient(name, name), self._rest(name)
        spiking = "F" if self.plan.parsed.threshold is not None else ""
        if (rate == 0).all():
            if synapse is not None or rest.any():
                raise self.refuse(f"'{name}' does not leak, and has a synapse or a constant input")
            return f"I{spiking}", {"r": np.full(1, 1 / MS)}, np.full(1, MS)
        if (rate >= 0).any():
            raise self.refuse(f"d{name}/dt does not decay")
        tau = -1.0 / rate
        values = {"tau_mem": tau, "r": np.ones(1), "v_leak": tau * rest}
        if synapse is None:
            return f"LI{spiking}", values, tau
        if (self._coefficient(synapse, synapse) >= 0).any():
            raise self.refuse(f"d{synapse}/dt does not decay")
        return f"CubaLI{spiking}", values, tau * self._coefficient(name, synapse)

    def _currents(self, membrane: str, synapse: str | None) -> dict[str, NDArray[np.float64]]:
        """Driven parameters and what they add to the derivative of the state that NIR's input enters."""
        entry, found = synapse or membrane, {}
        for name in self.plan.inputs:
            if synapse is not None and name in names_in(self.states[membrane].derivative):
                raise self.refuse(f"the driven '{name}' enters '{membrane}' past the synapse; give it as a number")
            slope = sympy.diff(self.states[entry].derivative, sympy.Symbol(name))
            if names_in(slope) & {*self.states, *self.plan.inputs} or self._elsewhere(name):
                raise self.refuse(f"the driven '{name}' is no current; give it as a number")
            found[name] = np.atleast_1d(np.asarray(evaluate(slope, self.values), dtype=np.float64))
        return found

    def _elsewhere(self, name: str) -> bool:
        """Whether a driven parameter is read outside the derivatives."""
        parsed = self.plan.parsed
        expressions = [statement.expression for statement in parsed.reset]
        expressions += [] if parsed.threshold is None else [parsed.threshold]
        return any(name in names_in(expression) for expression in expressions)

    def _spikes(self, membrane: str, values: dict[str, Any]) -> dict[str, Any]:
        """Threshold, reset and refractory time; `values` gets v_th and v_reset."""
        parsed, v = self.plan.parsed, sympy.Symbol(membrane)
        match parsed.threshold:
            case sympy.StrictGreaterThan() | sympy.GreaterThan() if parsed.threshold.lhs == v:
                level = parsed.threshold.rhs
            case sympy.StrictLessThan() | sympy.LessThan() if parsed.threshold.rhs == v:
                level = parsed.threshold.lhs
            case _:
                raise self.refuse(f"its threshold is not of the form {membrane} > {membrane}_th")
        is_strict = isinstance(parsed.threshold, sympy.StrictGreaterThan | sympy.StrictLessThan)
        if names_in(level) & set(self.states):
            raise self.refuse("its threshold moves")
        values["v_th"] = v_th = self._number(level)
        if len(parsed.reset) != 1 or parsed.reset[0].name != membrane:
            raise self.refuse(f"its reset is not one statement on '{membrane}'")
        after = parsed.reset[0].expression
        reset = "subtract" if membrane in names_in(after) else "value"
        taken = sympy.expand(v - after) if reset == "subtract" else after
        if names_in(taken) & {*self.states, "t"}:
            raise self.refuse(f"its reset neither sets '{membrane}' to a value nor takes a value off it")
        values["v_reset"] = v_th - self._number(taken) if reset == "subtract" else self._number(taken)
        return {
            "reset": reset, "threshold": ">" if is_strict else ">=", "refractory": self.plan.refractory * self.plan.dt,
        }  # fmt: skip

    def _number(self, expression: sympy.Basic) -> NDArray[np.float64]:
        return np.atleast_1d(np.asarray(evaluate(expression, self.values), dtype=np.float64))

    def _check_held(self, membrane: str, synapse: str | None) -> None:
        if not self.plan.refractory.any():
            return
        if not self.states[membrane].held:
            raise self.refuse(f"'{membrane}' goes on while refractory; mark its equation (unless refractory)")
        if synapse is not None and self.states[synapse].held:
            raise self.refuse(f"'{synapse}' holds while refractory")
