"""The three ways to train a spiking network that HLOP was published with.

dsr     differentiation on spike representation: `DSRLIF` or `DSRIF`, logits = rate of the head's output
bptt    backpropagation through time with a surrogate gradient: `SurrogateLIF`, logits = mean over time
ottt    online training through time: `OnlineLIF`, loss = mean over time of CE(logits[t]), gradients by traces

What the subspace of a layer learns from, per batch (B samples, T steps)
    dsr     weighted rate of its input, B rows; "spikes": all steps, T B rows
    bptt    all steps stacked, T B rows (the constant input of the first layer: B rows, the same to rounding);
            "rates": the mean over time, B rows
    ottt    at each step, one call after the other, spikes and traces together, 2 B rows (first layer: the input, B
            rows); "rates": the mean over time of the traces, once, B rows
"rates" costs bptt T and ottt 2 T times less; the published protocols take the first way of each line.
Source  Xiao, Meng, Zhang, He & Lin (2024), ICLR, arXiv:2402.11984.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurocl.core._checks import flag, positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.hlop.optimisers import hlop_layers, projected_steps, why_it_leaves
from neurocl.hlop.representation import DSRIF, DSRLIF
from neurocl.hlop.surrogate import OnlineLIF, SurrogateLIF, kept

__all__ = ["Method", "bptt", "dsr", "find_method", "ottt"]

Neuron = Literal["lif", "if"]


@dataclass(frozen=True)
class Method:
    """A way to train a `SpikingNetwork`; make it with `dsr`, `bptt` or `ottt`.

    Attributes
    ----------
    name : "dsr", "bptt" or "ottt".
    n_steps : T, steps for which a sample is held.
    neuron : "lif" or "if".
    learn_from : "rates" or "spikes", what the subspaces learn from.
    tau, dt, v_th, alpha : constants of the neurons, where they have them.
    scale : of the surrogate gradient.
    online : ottt alone: whether the optimiser steps at every time step, not once for each batch.
    """

    name: Literal["dsr", "bptt", "ottt"]
    n_steps: int
    neuron: Neuron
    learn_from: Literal["rates", "spikes"]
    tau: float
    dt: float = 1.0
    v_th: float = 1.0
    alpha: float = 1.0
    scale: float = 4.0
    online: bool = False

    def __post_init__(self) -> None:
        owner = self.name
        whole_number(owner, "n_steps", self.n_steps, at_least=1)
        for name, value, known in (
            ("neuron", self.neuron, ("lif", "if")),
            ("learn_from", self.learn_from, ("rates", "spikes")),
        ):
            if value not in known:
                raise NeuroclError(f"{owner}: {name} must be one of {', '.join(known)}, got {shown(value)}.")
        for name in ("tau", "dt", "v_th", "alpha", "scale"):
            positive_number(owner, name, getattr(self, name))
        if owner != "dsr":
            kept(owner, self.tau)
        flag(owner, "online", self.online)

    def make_neuron(self) -> nn.Module:
        """The neurons of a layer."""
        tau = math.inf if self.neuron == "if" else self.tau
        if self.name == "ottt":
            return OnlineLIF(tau, self.scale)
        if self.name == "bptt":
            return SurrogateLIF(tau, self.scale)
        if self.neuron == "if":
            return DSRIF(self.v_th, self.alpha)
        return DSRLIF(self.tau, self.dt, self.v_th, self.alpha)

    @property
    def decay(self) -> float:
        """b of the rates (`representation.rate`); 1: plain means."""
        return math.exp(-self.dt / self.tau) if self.name == "dsr" and self.neuron == "lif" else 1.0

    def loss(self, logits: Tensor, y: Tensor) -> Tensor:
        """Cross entropy of step logits [time, batch, unit], or of logits [batch, unit]; mean over samples."""
        if logits.ndim == 2:
            return functional.cross_entropy(logits, y)
        return functional.cross_entropy(logits.flatten(0, 1), y.repeat(len(logits)))

    def step(self, network: Any, x: Tensor, y: Tensor, optimizer: torch.optim.Optimizer) -> Tensor:
        """One training step of a spiking network in training mode: its subspaces learn, its weights move.

        Parameters
        ----------
        network : a `SpikingNetwork` (for `dsr` a `ConvolutionalNetwork`, too) made for this method.
        x : samples [batch, ...].
        y : int64 labels [batch].
        optimizer : any; the steps of one that would leave the allowed subspace (`why_it_leaves`) are projected.

        Returns
        -------
        The loss, detached. With ``online=True`` the mean over the steps.

        Raises
        ------
        NeuroclError
            If the optimiser leaves the allowed subspace, and spiking lateral neurons cannot project its steps.
        """
        projected = hlop_layers(network) if why_it_leaves(optimizer) else ()
        total = torch.zeros((), device=x.device)
        parts = network.time_steps(x) if self.online else (network.training_logits(x),)
        for logits in parts:
            loss = self.loss(logits, y)
            optimizer.zero_grad()
            # Online, every step has its part of the loss: CE(logits[t]) / T.
            (loss / self.n_steps if self.online else loss).backward()
            with projected_steps(projected):
                optimizer.step()
            total += loss.detach() / (self.n_steps if self.online else 1)
        return total


def dsr(
    n_steps: int = 20,
    neuron: Neuron = "lif",
    learn_from: Literal["rates", "spikes"] = "rates",
    tau: float = 1.0,
    dt: float = 0.05,
    v_th: float | None = None,
    alpha: float | None = None,
) -> Method:
    """Differentiation on spike representation; v_th, alpha default to 0.3, 0.3 (LIF) or 1, 0.5 (IF)."""
    default_v, default_alpha = (0.3, 0.3) if neuron == "lif" else (1.0, 0.5)
    v, a = default_v if v_th is None else v_th, default_alpha if alpha is None else alpha
    return Method("dsr", n_steps, neuron, learn_from, tau, dt, v, a)


def bptt(
    n_steps: int = 6,
    neuron: Neuron = "lif",
    learn_from: Literal["rates", "spikes"] = "spikes",
    tau: float = 2.0,
    scale: float = 4.0,
) -> Method:
    """Backpropagation through time with the surrogate gradient of `neurocl.hlop.surrogate`."""
    return Method("bptt", n_steps, neuron, learn_from, tau, scale=scale)


def ottt(
    n_steps: int = 6,
    neuron: Neuron = "lif",
    learn_from: Literal["rates", "spikes"] = "spikes",
    tau: float = 2.0,
    scale: float = 4.0,
    online: bool = False,
) -> Method:
    """Online training through time."""
    return Method("ottt", n_steps, neuron, learn_from, tau, scale=scale, online=online)


def find_method(method: str | Method) -> Method:
    """The method that a user means: an object, or a name for one with its defaults."""
    makers: dict[str, Callable[[], Method]] = {"dsr": dsr, "bptt": bptt, "ottt": ottt}
    if isinstance(method, Method):
        return method
    if not isinstance(method, str) or method not in makers:
        raise NeuroclError(f"method must be one of {', '.join(makers)}, or what they return, got {shown(method)}.")
    return makers[method]()
