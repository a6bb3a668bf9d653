"""Leaky integrate-and-fire neurons with current-based synapses, advanced exactly.

Membrane     dv/dt = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem,   held while refractory
Spike        v >= v_th, then v <- v_reset for t_ref
Synapse      delta: v += w (lost while refractory); exponential: i_syn' = -i_syn / tau_syn, i_syn += w;
             alpha: i(t) = w e t / tau_syn exp(-t / tau_syn), peak w at t = tau_syn; double exponential: i(t) =
             w (exp(-t / tau_decay) - exp(-t / tau_rise)) / norm, with norm such that its peak is w, at
             tau_rise tau_decay ln(tau_decay / tau_rise) / (tau_decay - tau_rise). Equal time constants: alpha
Units        time ms, voltage mV, current pA, capacitance pF
Source       Lapicque (1907); Rotter & Diesmann (1999), Biol. Cybern. 81:381; Gerstner et al. (2014), ch. 1.
             Defaults: NEST's iaf_psc family.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.model import NeuronModel

__all__ = ["LIF", "LIFAlpha", "LIFDelta", "LIFDoubleExponential", "spike_time_within_step"]

_MEMBRANE = {
    "tau_mem": 10.0,
    "c_mem": 250.0,
    "v_leak": -70.0,
    "v_th": -55.0,
    "v_reset": -70.0,
    "t_ref": 2.0,
    "i_ext": 0.0,
}
_REQUIRE = "tau_mem > 0; c_mem > 0"

LIF = NeuronModel(
    name="LIF",
    doc="Leaky integrate-and-fire neuron with exponential synaptic current (Rotter & Diesmann 1999); target i_syn, pA.",
    equations="""
        dv/dt     = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem : mV (unless refractory)
        di_syn/dt = -i_syn / tau_syn                                 : pA
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={**_MEMBRANE, "tau_syn": 2.0}, require=f"{_REQUIRE}; tau_syn > 0", initial={"v": "v_leak"},
)  # fmt: skip

LIFDelta = NeuronModel(
    name="LIFDelta",
    doc="Leaky integrate-and-fire neuron whose synapses let v jump by w; target v, mV. Input while refractory is lost.",
    equations="dv/dt = (v_leak - v) / tau_mem + i_ext / c_mem : mV (unless refractory)",
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters=_MEMBRANE, require=_REQUIRE, initial={"v": "v_leak"},
)  # fmt: skip

LIFAlpha = NeuronModel(
    name="LIFAlpha",
    doc="Leaky integrate-and-fire neuron with alpha-shaped synaptic current; target i_rise, pA (the peak of i_syn).",
    equations="""
        dv/dt      = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem : mV (unless refractory)
        di_syn/dt  = (exp(1) * i_rise - i_syn) / tau_syn              : pA
        di_rise/dt = -i_rise / tau_syn                                : pA
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={**_MEMBRANE, "tau_syn": 2.0}, require=f"{_REQUIRE}; tau_syn > 0", initial={"v": "v_leak"},
)  # fmt: skip

# With q = tau_decay / tau_rise, a peak of w needs the factor q^(1 / (q - 1)) = exp(1 / exprel(log q)) in the drive. It
# is e at q = 1, where the double exponential is the alpha function.
LIFDoubleExponential = NeuronModel(
    name="LIFDoubleExponential",
    doc="Leaky integrate-and-fire neuron with synaptic current of given rise and decay; target i_rise, pA (the peak).",
    equations="""
        drive      = exp(1 / exprel(log(tau_decay / tau_rise))) * i_rise / tau_rise : pA/ms
        dv/dt      = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem : mV (unless refractory)
        di_syn/dt  = drive - i_syn / tau_decay                        : pA
        di_rise/dt = -i_rise / tau_rise                               : pA
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={**_MEMBRANE, "tau_rise": 0.5, "tau_decay": 5.0},
    require=f"{_REQUIRE}; tau_rise > 0; tau_decay > 0", initial={"v": "v_leak"},
)  # fmt: skip


def spike_time_within_step(v: ArrayLike, v_inf: ArrayLike, v_th: ArrayLike, tau_mem: ArrayLike) -> NDArray[np.float64]:
    """When, after the beginning of a step, a leaky integrate-and-fire neuron reaches its threshold.

    The neuron relaxes from `v` towards `v_inf` and is at `v_th` after tau_mem ln((v_inf - v) / (v_inf - v_th)). A run
    stamps a spike with the end of its step; this is the time between, exact for input that is constant in the step.

    Parameters
    ----------
    v : mV at the beginning of the step.
    v_inf : mV, v_leak + tau_mem (i_syn + i_ext) / c_mem.
    v_th : mV.
    tau_mem : ms.

    Returns
    -------
    ms; 0 if `v` is at or above threshold already, inf if the neuron never reaches it.

    Raises
    ------
    NeuroclError
        Unless all are finite numbers, in shapes that fit together, and `tau_mem` > 0.

    Notes
    -----
    Source: Hansel, Mato, Meunier & Neltner (1998), Neural Comput. 10:467.
    """
    try:
        v, v_inf, v_th, tau = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (v, v_inf, v_th, tau_mem)))
    except (TypeError, ValueError):
        raise NeuroclError("spike_time_within_step: expected numbers, or arrays whose shapes fit together") from None
    if not (np.isfinite(v) & np.isfinite(v_inf) & np.isfinite(v_th) & np.isfinite(tau) & (tau > 0)).all():
        raise NeuroclError("spike_time_within_step: all values must be finite, and tau_mem > 0")
    is_reached = (v < v_th) & (v_inf > v_th)
    above, late = np.where(is_reached, v_inf - v_th, 1.0), np.where(is_reached, v_th - v, 0.0)
    # ln((v_inf - v) / (v_inf - v_th)), with the digits kept where v is close to v_th
    return np.where(is_reached, tau * np.log1p(late / above), np.where(v >= v_th, 0.0, np.inf))
