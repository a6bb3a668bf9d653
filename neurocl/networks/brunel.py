"""Brunel's random network of excitatory and inhibitory neurons (model A): regular or irregular, synchronous or not.

Membrane     tau_mem dv/dt = -v,   held while refractory (input is lost)
Synapses     an excitatory spike adds j to v, an inhibitory one -g j, both after the delay
Input        every neuron: c_exc independent Poisson sources of rate eta nu_thr, each spike adds j;
             nu_thr = v_th / (j c_exc tau_mem) takes the mean of v to threshold. As one Poisson number per step
Spike        v >= 20 mV, then v <- 10 mV for 2 ms
Constants    tau_mem 20 ms, j 0.1 mV, delay 1.5 ms, c_exc = 1000, c_inh = c_exc / 4
Wiring       80 % excitatory (first), 20 % inhibitory; every neuron has exactly c_exc excitatory and c_inh inhibitory
             inputs, drawn with replacement (in the paper from 12 500 neurons, a tenth of which they are)
Rates        SI fast 60.7, AI fast 37.7, SI slow 5.5 Hz (the paper's simulations; mean field 55.8, 38.0, 6.5)
Size         the mean field knows c_exc, j, g and eta, not n: inputs that fire independently at the rate nu give v the
             mean v_th (eta + (1 - g/4) nu / nu_thr) and the variance j v_th (eta + (1 + g^2/4) nu / nu_thr) / 2. Fewer
             neurons share more of their inputs: the population's rate fluctuates more, as 1 / sqrt(n) or faster where
             it is asynchronous
Start        v uniform in [0, v_reset]
Units        time ms, voltage mV, rate Hz
Source       Brunel (2000), J. Comput. Neurosci. 8:183; rates: its figure 8.
"""

from __future__ import annotations

from typing import NamedTuple

from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.connectivity import FixedIndegree
from neurocl.core.distributions import uniform
from neurocl.core.errors import NeuroclError
from neurocl.core.model import NeuronModel
from neurocl.core.network import Network

__all__ = ["BRUNEL_REGIMES", "BrunelRegime", "brunel", "threshold_rate"]

NEURON = NeuronModel(
    name="brunel",
    doc="Leaky integrate-and-fire neuron with jumps of v and a Poisson input (Brunel 2000, model A); target v, mV.",
    equations="dv/dt = -v / tau_mem : mV (unless refractory)",
    update="v += j_ext * poisson(rate_ext * dt / 1000)",
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={"tau_mem": 20.0, "v_th": 20.0, "v_reset": 10.0, "t_ref": 2.0, "j_ext": 0.1, "rate_ext": 0.0},
    require="tau_mem > 0; rate_ext >= 0",
)  # fmt: skip


class BrunelRegime(NamedTuple):
    """A point of Brunel's phase diagram: strength of inhibition g, external rate eta in units of nu_thr."""

    g: float
    eta: float


BRUNEL_REGIMES = {
    "SR": BrunelRegime(3.0, 2.0),
    "SI fast": BrunelRegime(6.0, 4.0),
    "AI fast": BrunelRegime(5.0, 2.0),
    "AI slow": BrunelRegime(6.0, 1.2),
    "SI slow": BrunelRegime(4.5, 0.9),
}
"""Synchronous (S) or asynchronous (A), regular (R) or irregular (I). They are the paper's figure 8 A to D
and, as "AI slow", a point of its asynchronous region with a low rate."""


def threshold_rate(c_exc: int = 1000, j: float = 0.1) -> float:
    """External rate of one source at which the mean of v is at threshold: nu_thr in Hz."""
    return 1000.0 * NEURON.parameters["v_th"] / (j * c_exc * NEURON.parameters["tau_mem"])


def brunel(
    n: int = 12500,
    g: float = 5.0,
    eta: float = 2.0,
    c_exc: int = 1000,
    j: float = 0.1,
    delay: float = 1.5,
    dt: float = 0.1,
) -> Network:
    """Brunel's network with one population "neurons" and projections "exc" and "inh".

    Parameters
    ----------
    n : number of neurons, at least 10; the first 80 % are excitatory. Default 12500. The mean-field rates do not depend
        on it.
    g : strength of an inhibitory synapse in units of an excitatory one, >= 0. Default 5.
    eta : external rate in units of the rate that takes the mean of v to threshold, >= 0. Default 2.
    c_exc : excitatory inputs of a neuron, a multiple of 4. Default 1000.
    j : jump of v by an excitatory spike, mV. Default 0.1.
    delay : ms, a whole number of steps. Default 1.5.
    dt : time step, ms. Default 0.1.

    Returns
    -------
    Network

    Raises
    ------
    NeuroclError
        For a value outside of the ranges above.

    Examples
    --------
    >>> g, eta = BRUNEL_REGIMES["AI fast"]
    >>> sim = brunel(g=g, eta=eta).build(seed=1)
    >>> sim.run(1000.0, record={"neurons": "spikes"})["neurons"].spikes.mean_rate()  # doctest: +SKIP
    37.3
    """
    n = whole_number("brunel", "n", n, at_least=10)
    g, eta = non_negative_number("brunel", "g", g), non_negative_number("brunel", "eta", eta)
    c_exc, j = whole_number("brunel", "c_exc", c_exc, at_least=4), positive_number("brunel", "j", j)
    if c_exc % 4:
        raise NeuroclError(f"brunel: c_exc must be a multiple of 4 (c_inh is a quarter of it), got {c_exc}")
    network = Network(dt=dt)
    neurons = network.add(
        NEURON, n, name="neurons", v=uniform(0, NEURON.parameters["v_reset"]), j_ext=j,
        rate_ext=eta * threshold_rate(c_exc, j) * c_exc,
    )  # fmt: skip
    n_exc = round(0.8 * n)
    exc, inh = FixedIndegree(c_exc), FixedIndegree(c_exc // 4)
    network.connect(neurons[:n_exc], neurons, exc, target="v", weight=j, delay=delay, name="exc")
    network.connect(neurons[n_exc:], neurons, inh, target="v", weight=-g * j, delay=delay, name="inh")
    return network
