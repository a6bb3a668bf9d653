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

import torch
from torch import Tensor, nn

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.core.model import NeuronModel
from neurocl.engines.torch.devices import find_device
from neurocl.nn.fused import Fused
from neurocl.nn.program import find_target, make_plan_of_layer, make_program
from neurocl.nn.sequences import check_finite, check_state, check_tensor, is_compiling
from neurocl.nn.surrogates import SpikeFunction, find_surrogate
from neurocl.nn.values import LayerValues

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
    fused : "auto" takes the compiled time loop on the CPU for models that it knows (`fused.reason` tells why not), the
        plain loop of torch operations otherwise; True insists on it, False refuses it. Same results.
    dt : time step, ms.
    seed : of values given as distributions.
    device, dtype : of parameters and states, as in torch.nn.
    **values : parameters and initial states: numbers, arrays of n, or distributions.

    Attributes
    ----------
    State : type of the layer's state, a named tuple of tensors [batch, n] by the names of the model's states.
        ``refractory`` counts the steps that a neuron still has to wait; ``t`` is the time, ms, where a model uses it.
    raw : the raw numbers of the learned parameters (`neurocl.nn.constraints`); `value(name)` gives the parameter.
    fused : the compiled loop; ``fused.reason`` tells why it cannot be taken, None if it can.

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
        if device is not None and torch.device(device).type == "cuda":
            find_device(device, self.where)  # says in one sentence that there is none
        self.input = find_target(model, input)
        self.plan = plan = make_plan_of_layer(model, n, self.input, dt, seed, values)
        self.dt, self.surrogate = plan.dt, find_surrogate(surrogate)
        self._states = tuple(plan.parsed.equations.states)
        self.is_refractory = plan.parsed.threshold is not None and bool(plan.refractory.any())
        self._check_output()
        self.program = make_program(plan, self.input, self.surrogate, self.is_refractory)
        fields = [*self._states, *(["refractory"] if self.is_refractory else []), *(["t"] if self._uses("t") else [])]
        make_type: Any = namedtuple  # mypy knows only those with constant names
        self.State = make_type(f"{model.name}State", fields)
        self.fused = Fused(self, fused)
        like = {"device": device, "dtype": dtype or torch.get_default_dtype()}
        learned = (tuple(learn), tuple(shared))
        self.values = LayerValues(plan, self.program, self.fused.form, self.input, *learned, values, like)

    def _check_output(self) -> None:
        if self.output == "spikes" and self.plan.parsed.threshold is None:
            raise NeuroclError(
                f"{self.where}: it never spikes; say which state is the output, output='{(*self._states, 'v')[0]}'"
            )
        if self.output != "spikes" and self.output not in self._states:
            raise NeuroclError(
                f"{self.where}: output='{self.output}' is no state{suggest(self.output, ['spikes', *self._states])}"
            )

    def _uses(self, name: str) -> bool:
        return name in self.program.names

    @property
    def raw(self) -> nn.ParameterDict:
        """The raw numbers of the learned parameters, by name."""
        return self.values.raw

    def value(self, name: str) -> Tensor:
        """A parameter in its own unit, a number or [n]; differentiable where it is learned."""
        return self.values.value(name)

    def constants(self) -> dict[str, Any]:
        """What does not change during a sequence: parameters, coefficients of the step, and what is made of them."""
        return self.values.constants()

    def initial_state(self, *batch: int) -> Any:
        """The state at time 0, tensors of shape [*batch, n]."""
        one, found = self.values.one, self.values.initial()
        states = [(found[name] * one).expand(*batch, self.n) for name in self._states]
        if self.is_refractory:
            states.append(torch.zeros_like(self.values.hold).expand(*batch, self.n))
        if "t" in self.State._fields:
            states.append(torch.zeros_like(one))
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
            For an input or state of a wrong shape, type or device; for NaN in the input, which is looked for on the CPU
            only: a GPU would have to wait for the answer.
        """
        check_tensor(self.where, "input", input, self.n, self.values.one, is_sequence=n_steps is None)
        inputs = input if n_steps is None else input.unsqueeze(0)
        state = self.initial_state(*inputs.shape[1:-1]) if state is None else state
        check_state(self.where, self.State, state, inputs, inputs.shape[1:])
        constants = self.constants()
        if self.fused.fits(inputs):
            out, state = self.fused(inputs, state, constants, n_steps or len(inputs))
        else:
            found = []
            # Taken apart at once: the gradient of one step's slice would be as large as the whole sequence.
            for now in inputs.unbind() * (n_steps or 1):
                spikes, state = self._advance(now, state, constants)
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
        check_tensor(self.where, "input", input, self.n, self.values.one, is_sequence=False)
        state = self.initial_state(*input.shape[:-1]) if state is None else state
        check_state(self.where, self.State, state, input, input.shape)
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
                values["refractory"] = torch.where(spikes > 0.5, self.values.hold, waiting)
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
        values[self.input] = (
            torch.where(is_active, old + input, old) if is_held and is_active is not None else old + input
        )

    def _reset(self, values: dict[str, Any], spikes: Tensor) -> None:
        after = dict(values)
        for name, function in self.program.reset:
            after[name] = function(after) * self.values.one
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
