"""`Spiking`: a layer of any neuron model, trained by surrogate gradients.

Step         the input is delivered; states advance by the scheme of the engines; spikes where the new state is above
             the threshold; reset; refractory for round(t_ref / dt) steps. In float64 the spikes are the CPU engine's.
Gradient     of a spike: the surrogate's, see `neurocl.nn.surrogates`. Through the reset: none, unless asked for. To a
             learned parameter: exact, through the coefficients of the exact step. Refractory times are whole numbers of
             steps and have none.
Tensors      time-major: [time, batch, n] for sequences, [batch, n] for one step; spikes are 0.0 and 1.0
Units        those of the model; dt in ms
Source       Neftci, Mostafa & Zenke (2019), IEEE Signal Process. Mag. 36:51.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import sympy
import torch
from torch import Tensor, nn

from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import evaluate, names_in, suggest
from neurocl.core.model import NeuronModel
from neurocl.nn.constraints import find_bounds
from neurocl.nn.fused import Fused
from neurocl.nn.program import find_target, make_plan_of_layer, make_program
from neurocl.nn.propagation import Propagation
from neurocl.nn.sequences import check_finite, check_state, check_tensor, is_compiling
from neurocl.nn.surrogates import SpikeFunction, find_surrogate
from neurocl.nn.tensors import ONE, tensor_function

__all__ = ["Spiking"]


class Spiking(nn.Module):
    """`n` neurons of a model as a differentiable layer.

    Parameters
    ----------
    model : any `NeuronModel` without random draws.
    n : number of neurons.
    surrogate : gradient of a spike: a name ("fast_sigmoid", "atan", "sigmoid", "triangle", ...), a `Surrogate`, or a
        function of ``snntorch.surrogate``.
    input : the state or parameter that receives the layer's input. A state is increased by it, as by arriving spikes; a
        parameter has it as its value for the step. None: the first of i_rise, i_syn, i_ext that the model has.
    output : "spikes", or a state's name (its value at the end of each step), as for a readout that never spikes.
    learn : parameters to learn, one value per neuron, kept inside what the model requires of them.
    shared : parameters to learn, one value for the layer.
    reset_gradient : whether gradients flow through the spike into the reset. If not, the reset counts as given.
    fused : "auto" takes the compiled time loop on the CPU for models that it knows (`fused_reason` tells why not), the
        plain loop of torch operations otherwise; True insists on it, False refuses it. Same results.
    dt : time step, ms.
    seed : of values given as distributions.
    device, dtype : of parameters and states, as in torch.nn.
    **values : parameters and initial states: numbers, arrays of n, or distributions.

    Attributes
    ----------
    raw : the raw numbers of the learned parameters (`neurocl.nn.constraints`); `value(name)` gives the parameter.
    fused_reason : why the compiled loop cannot be taken, None if it can.

    Raises
    ------
    NeuroclError
        For a model that cannot be differentiated, an unknown name, or a value that the model does not allow.

    Examples
    --------
    >>> layer = Spiking(models.LIF, 100, learn=["tau_mem"], surrogate="atan")   # doctest: +SKIP
    >>> spikes, state = layer(input)      # input [time, batch, 100], pA           # doctest: +SKIP
    >>> spikes, state = layer.step(input[0], state)                               # doctest: +SKIP
    """

    def __init__(
        self,
        model: NeuronModel,
        n: int,
        *,
        surrogate: str | SpikeFunction = "fast_sigmoid",
        input: str | None = None,
        output: str = "spikes",
        learn: Sequence[str] = (),
        shared: Sequence[str] = (),
        reset_gradient: bool = False,
        fused: bool | Literal["auto"] = "auto",
        dt: float = 1.0,
        seed: int = 0,
        device: Any = None,
        dtype: torch.dtype | None = None,
        **values: Any,
    ) -> None:
        super().__init__()
        self.model, self.n, self.output, self.reset_gradient = model, n, output, reset_gradient
        self.where = f"layer of {model.where}"
        self.input = find_target(model, input)
        self.plan = plan = make_plan_of_layer(model, n, self.input, dt, seed, values)
        self.dt, self.surrogate = plan.dt, find_surrogate(surrogate)
        self._states = tuple(plan.parsed.equations.states)
        self.is_refractory = plan.parsed.threshold is not None and bool(plan.refractory.any())
        self._check_output()
        self._check_learned((*learn, *shared))
        self.program = make_program(plan, self.input, self.surrogate, self.is_refractory)
        fields = [*self._states, *(["refractory"] if self.is_refractory else []), *(["t"] if self._uses("t") else [])]
        self.State = namedtuple(f"{model.name}State", fields)  # type: ignore[misc]
        """The layer's state: a named tuple of tensors [batch, n], by the names of the model's states. ``refractory`` counts
        the steps that a neuron still has to wait, ``t`` is the time in ms of a model that uses it."""
        self.fused = Fused(self, fused)
        self._register(tuple(learn), tuple(shared), values, {"device": device, "dtype": dtype or torch.get_default_dtype()})

    def _check_output(self) -> None:
        if self.output == "spikes" and self.plan.parsed.threshold is None:
            raise NeuroclError(
                f"{self.where}: it never spikes; say which state is the output, output='{(*self._states, 'v')[0]}'"
            )
        if self.output != "spikes" and self.output not in self._states:
            raise NeuroclError(
                f"{self.where}: output='{self.output}' is no state{suggest(self.output, ['spikes', *self._states])}"
            )

    def _check_learned(self, names: Sequence[str]) -> None:
        rounded = set() if self.plan.parsed.refractory is None else names_in(self.plan.parsed.refractory)
        for name in names:
            if name not in self.plan.parameters:
                raise NeuroclError(f"{self.where}: '{name}' is no parameter{suggest(name, self.plan.parameters)}")
            if name == self.input or names.count(name) > 1:
                why = "it receives the input" if name == self.input else "it is named twice"
                raise NeuroclError(f"{self.where}: '{name}' cannot be learned: {why}; leave it out of learn= or shared=")
            if name in rounded:
                raise NeuroclError(
                    f"{self.where}: '{name}' cannot be learned, for a refractory time is a whole number of steps and has"
                    " no gradient; leave it out of learn="
                )

    def _uses(self, name: str) -> bool:
        return name in self.program.names

    def _register(
        self, learn: tuple[str, ...], shared: tuple[str, ...], values: dict[str, Any], like: dict[str, Any]
    ) -> None:
        """Make parameters and buffers."""
        plan = self.plan
        self.bounds = {name: find_bounds(name, plan.requirements) for name in (*learn, *shared)}
        self.raw = nn.ParameterDict()
        for name, bounds in self.bounds.items():
            value = np.asarray(plan.parameters[name])
            if name in shared and value.ndim:
                raise NeuroclError(f"{self.where}: '{name}' is shared by the layer; give one number, got {value.size}")
            wide = _wide(value if name in shared else np.broadcast_to(value, self.n))
            self.raw[name] = nn.Parameter(bounds.release(wide, f"{self.where}: '{name}'").to(**like))
        fixed = {name: v for name, v in plan.parameters.items() if name not in self.raw and name != self.input}
        self._fixed = _buffers(fixed, like)
        self._register_constants(like)
        formulas = {name: plan.parsed.initial.get(name, sympy.Integer(0)) for name in plan.initial if name not in values}
        self._formulas = {n: tensor_function(f) for n, f in formulas.items() if names_in(f) & set(self.raw)}
        self._start = _buffers({n: v for n, v in plan.initial.items() if n not in self._formulas}, like)
        hold = torch.as_tensor(np.broadcast_to(plan.refractory, self.n).copy(), device=like["device"])
        self.register_buffer("_hold", hold, persistent=False)
        self.register_buffer("_one", torch.ones((), **like), persistent=False)
        self.register_buffer("_index", torch.arange(self.n, **like), persistent=False)

    def _register_constants(self, like: dict[str, Any]) -> None:
        """What does not depend on a learned parameter is computed here, in float64, and then rounded."""
        plan, names = self.plan, self.program.names
        propagator, coefficients = plan.scheme.propagator, plan.coefficients()
        entries = () if propagator is None else (entry for row in propagator.matrix for entry in row)
        self._propagation: Propagation | None = None
        if propagator is not None and set().union(*(names_in(entry) for entry in entries)) & set(self.raw):
            self._propagation, coefficients = Propagation(propagator, names, self.dt), {}
        known = {name: value for name, value in plan.parameters.items() if name not in self.raw}
        known |= {"dt": self.dt, **coefficients}
        fixed = {name: value for name, value in coefficients.items() if name in names}
        self._derived = {}
        for name, formula in self.program.constants.items():
            if names_in(formula) <= set(known):
                fixed[name] = evaluate(formula, known)
            else:
                self._derived[name] = tensor_function(formula)
        if self.fused.form is not None and not self.raw:
            rows = [np.broadcast_to(evaluate(row, known), self.n) for row in self.fused.form.rows]
            fixed["_rows"] = np.stack(rows)
        self._constants = _buffers(fixed, like)

    def value(self, name: str) -> Tensor:
        """A parameter in its own unit, a number or [n]; differentiable where it is learned."""
        if name in self.raw:
            return self.bounds[name].constrain(self.raw[name])
        if name not in self._fixed._buffers:
            known = [*self.raw, *self._fixed._buffers]
            raise NeuroclError(f"{self.where}: there is no parameter '{name}'{suggest(name, known)}")
        found: Tensor = getattr(self._fixed, name)
        return found

    def constants(self) -> dict[str, Any]:
        """What does not change during a sequence: parameters, coefficients of the exact step, and what is made of them."""
        values: dict[str, Any] = {ONE: self._one, "dt": self.dt, "i": self._index, **self._fixed._buffers}
        for name in self.raw:
            values[name] = self.value(name)
        values.update(self._constants._buffers)
        if self._propagation is not None:
            values.update(self._propagation.coefficients(values))
        for name, function in self._derived.items():
            values[name] = function(values)
        return values

    def initial_state(self, *batch: int) -> Any:
        """The state at time 0, tensors of shape [*batch, n]."""
        constants = self.constants() if self._formulas else {}
        found = {**self._start._buffers, **{k: f(constants) for k, f in self._formulas.items()}}
        states = [(found[name] * self._one).expand(*batch, self.n) for name in self._states]
        if self.is_refractory:
            states.append(torch.zeros_like(self._hold).expand(*batch, self.n))
        if "t" in self.State._fields:
            states.append(torch.zeros_like(self._one))
        return self.State(*states)

    def forward(self, input: Tensor, state: Any = None, n_steps: int | None = None) -> tuple[Tensor, Any]:
        """Run a sequence.

        Parameters
        ----------
        input : [time, ..., n]; or, with `n_steps`, [..., n] that is held for so many steps.
        state : what a call returned before; None: the initial state.
        n_steps : number of steps of a constant input.

        Returns
        -------
        spikes (or the state that is the output) [time, ..., n], and the state after the last step

        Raises
        ------
        NeuroclError
            For an input or state of a wrong shape or type, or an input with NaN.
        """
        check_tensor(self.where, "input", input, self.n, self._one.dtype, is_sequence=n_steps is None)
        inputs = input if n_steps is None else input.unsqueeze(0)
        state = self.initial_state(*inputs.shape[1:-1]) if state is None else state
        check_state(self.where, self.State, state, inputs.shape[1:])
        constants = self.constants()
        if self.fused.fits(inputs):
            out, state = self.fused(inputs, state, constants, n_steps or len(inputs))
        else:
            found = []
            for k in range(n_steps or len(inputs)):
                spikes, state = self._advance(inputs[k if n_steps is None else 0], state, constants)
                found.append(spikes)
            out = torch.stack(found)
        if inputs.device.type == "cpu" and not is_compiling():
            check_finite(self.where, self.input, inputs, state)
        return out, state

    def step(self, input: Tensor, state: Any = None, constants: dict[str, Any] | None = None) -> tuple[Tensor, Any]:
        """Run one step.

        Parameters
        ----------
        input : [..., n].
        state : what a call returned before; None: the initial state.
        constants : of `constants`; made anew if None, which costs time in a loop where parameters are learned.
        """
        check_tensor(self.where, "input", input, self.n, self._one.dtype, is_sequence=False)
        state = self.initial_state(*input.shape[:-1]) if state is None else state
        check_state(self.where, self.State, state, input.shape)
        return self._advance(input, state, self.constants() if constants is None else constants)

    def _advance(self, input: Tensor, state: Any, constants: dict[str, Any]) -> tuple[Tensor, Any]:
        values = {**constants, **state._asdict()}
        is_active = state.refractory == 0 if self.is_refractory else None
        self._deliver(values, input, is_active)
        values["_active"] = is_active
        for name, function in (*self.program.update, *self.program.advance):
            values[name] = function(values)
        if self.program.spikes is not None:
            spikes = self.program.spikes(values)
            spikes = spikes if is_active is None else spikes * is_active
            self._reset(values, spikes)
            if self.is_refractory:
                waiting = (state.refractory - 1).clamp(min=0)
                values["refractory"] = torch.where(spikes > 0.5, self._hold, waiting)
        if "t" in self.State._fields:
            values["t"] = torch.round(state.t / self.dt + 1) * self.dt
        # A statement such as i_syn = 0 gives a plain number; a state is a tensor of the batch's shape.
        after = self.State(*[_filled(values[name], old) for name, old in state._asdict().items()])
        return (spikes if self.output == "spikes" else values[self.output]), after

    def _deliver(self, values: dict[str, Any], input: Tensor, is_active: Tensor | None) -> None:
        if self.input in self.plan.parameters:
            values[self.input] = input
            return
        old = values[self.input]
        is_held = self.plan.parsed.equations.states[self.input].held
        # What arrives at a state that holds while refractory is lost.
        values[self.input] = torch.where(is_active, old + input, old) if is_held and is_active is not None else old + input

    def _reset(self, values: dict[str, Any], spikes: Tensor) -> None:
        after = dict(values)
        for name, function in self.program.reset:
            after[name] = function(after) * self._one
        for name in {name for name, _ in self.program.reset}:
            if self.reset_gradient:
                values[name] = torch.lerp(*torch.broadcast_tensors(values[name], after[name], spikes))
            else:
                values[name] = torch.where(spikes > 0.5, after[name], values[name])

    def extra_repr(self) -> str:
        learned = f", learn={list(self.raw)}" if len(self.raw) else ""
        return f"{self.model.name}, n={self.n}, dt={self.dt:g} ms, input='{self.input}'{learned}"


def _filled(value: Any, like: Tensor) -> Tensor:
    if isinstance(value, Tensor) and value.shape == like.shape:
        return value
    found: Tensor = torch.as_tensor(value, dtype=like.dtype, device=like.device).expand(like.shape)
    return found


def _wide(value: Any) -> Tensor:
    """A number or an array in float64, copied."""
    return torch.tensor(np.asarray(value, dtype=np.float64))


def _buffers(values: dict[str, Any], like: dict[str, Any]) -> nn.Module:
    """A module that holds numbers and arrays, so that they are saved and moved with the layer."""
    module = nn.Module()
    for name, value in values.items():
        module.register_buffer(name, _wide(value).to(**like))
    return module
