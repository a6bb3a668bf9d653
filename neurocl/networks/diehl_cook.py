"""Unsupervised learning of digits: winner-take-all among excitatory neurons, STDP and adaptive thresholds.

Membrane     tau_mem dv/dt = v_rest - v + g_e (e_e - v) + g_i (e_i - v),   held while refractory; conductances g are
             in units of the leak
Synapses     dg/dt = -g / tau, tau_e = 1 ms, tau_i = 2 ms; a spike adds its weight
Threshold    excitatory: v > v_th + theta - offset; each spike adds theta_plus to theta, which starts at offset and
             decays with 10^7 ms. inhibitory: v > v_th
Wiring       "inp" -> "exc" all to all, plastic ("input"); "exc" -> "inh" one to one ("excitation", 10.4);
             "inh" -> "exc" all but the own one ("inhibition", 17)
STDP         pre: w <- w - a_minus y1, x <- 1;  post: w <- w + a_plus x y2, y1 <- 1, y2 <- 1, with y2 as it was before
             the spike; w in [0, w_max]; x, y1, y2 decay with tau_plus, tau_minus, tau_y
Homeostasis  `normalise` scales the input weights of each excitatory neuron to one sum, before each image
Units        time ms, voltage mV, rate Hz, weights in units of the leak conductance
Source       Diehl & Cook (2015), Front. Comput. Neurosci. 9:99. All constants are those of their published code
             (peter-u-diehl/stdp-mnist). Chosen here: the delays of "input" are 0 by default, where the code draws them
             between 0 and 10 ms (100 neurons, 8000 images of MNIST, single precision: 78 % right without delays, 71 %
             with); neurons start at rest, there 40 mV below it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.components import Input
from neurocl.core.connectivity import AllToAll, Edges, OneToOne
from neurocl.core.distributions import uniform
from neurocl.core.model import NeuronModel, SynapseModel
from neurocl.core.network import Network
from neurocl.core.simulator import Simulator
from neurocl.models.sources import Poisson

__all__ = ["EXCITATORY", "INHIBITORY", "TRIPLET", "diehl_cook", "input_weights", "normalise"]

TOTAL_PER_INPUT = 78.0 / 784
"""Sum of a neuron's input weights, per input: 78 for the 784 pixels of MNIST."""

_CONDUCTANCES = """
        dv/dt   = (v_rest - v + g_e * (e_e - v) + g_i * (e_i - v)) / tau_mem : mV (unless refractory)
        dg_e/dt = -g_e / tau_e : 1
        dg_i/dt = -g_i / tau_i : 1
"""

EXCITATORY = NeuronModel(
    name="diehl_cook_excitatory",
    doc="Conductance-based integrate-and-fire neuron whose threshold grows by each spike (Diehl & Cook 2015).",
    equations=_CONDUCTANCES + "dtheta/dt = -theta / tau_theta : mV",
    threshold="v > v_th + theta - offset", reset="v = v_reset; theta += theta_plus", refractory="t_ref",
    parameters={
        "tau_mem": 100.0, "tau_e": 1.0, "tau_i": 2.0, "v_rest": -65.0, "v_reset": -65.0, "v_th": -52.0, "t_ref": 5.0,
        "e_e": 0.0, "e_i": -100.0, "theta_plus": 0.05, "tau_theta": 1e7, "offset": 20.0,
    },
    require="tau_mem > 0; tau_e > 0; tau_i > 0; tau_theta > 0",
    initial={"v": "v_rest", "theta": "offset"},
)  # fmt: skip

INHIBITORY = NeuronModel(
    name="diehl_cook_inhibitory",
    doc="Conductance-based integrate-and-fire neuron that answers each spike of its partner (Diehl & Cook 2015).",
    equations=_CONDUCTANCES,
    threshold="v > v_th", reset="v = v_reset", refractory="t_ref",
    parameters={
        "tau_mem": 10.0, "tau_e": 1.0, "tau_i": 2.0, "v_rest": -60.0, "v_reset": -45.0, "v_th": -40.0, "t_ref": 2.0,
        "e_e": 0.0, "e_i": -85.0,
    },
    require="tau_mem > 0; tau_e > 0; tau_i > 0",
    initial={"v": "v_rest"},
)  # fmt: skip

TRIPLET = SynapseModel(
    name="diehl_cook_stdp",
    doc="Triplet STDP with nearest spikes: a postsynaptic spike counts if another one came before (Diehl & Cook 2015).",
    pre="dx/dt = -x / tau_plus : 1",
    post="""
        dy1/dt = -y1 / tau_minus : 1
        dy2/dt = -y2 / tau_y : 1
    """,
    on_pre="w = clip(w - a_minus * y1, 0, w_max); x = 1",
    on_post="w = clip(w + a_plus * x * y2, 0, w_max); y1 = 1; y2 = 1",
    parameters={
        "tau_plus": 20.0, "tau_minus": 20.0, "tau_y": 40.0, "a_minus": 1e-4, "a_plus": 1e-2, "w_max": 1.0,
    },
    require="tau_plus > 0; tau_minus > 0; tau_y > 0; w_max >= 0",
)  # fmt: skip


def diehl_cook(
    n: int = 400, n_inputs: int = 784, *, dt: float = 0.5, plastic: bool = True, delay: float = 0.0,
    theta_plus: float = 0.05,
) -> Network:  # fmt: skip
    """The network: populations "inp" (Poisson, its rate is an `Input`), "exc" and "inh".

    Build it with dtype="float64": in single precision the thresholds decay about twice too fast, because one step's
    share, dt / tau_theta = 5e-8, is less than the distance of two numbers.

    Parameters
    ----------
    n : number of excitatory neurons, and of inhibitory ones, at least 2. Default 400.
    n_inputs : number of inputs (pixels). Default 784.
    dt : time step, ms. Default 0.5.
    plastic : whether the projection "input" has STDP; built with one seed, both have the same weights. Default True.
    delay : longest delay of "input", ms, a whole number of steps; each synapse has one between 0 and this. Default 0.
    theta_plus : growth of an excitatory neuron's threshold per spike, mV. Default 0.05.

    Returns
    -------
    Network

    Raises
    ------
    NeuroclError
        If a number is too small, or the delay is no whole number of steps.

    Examples
    --------
    >>> sim = diehl_cook(100, 64).build(seed=1, dtype="float64")
    >>> normalise(sim)
    >>> sim.set("inp", rate=30.0)
    >>> sim.run(350.0, record={"exc": "counts"})["exc"].counts().sum()  # doctest: +SKIP
    """
    n = whole_number("diehl_cook", "n", n, at_least=2)
    n_inputs = whole_number("diehl_cook", "n_inputs", n_inputs, at_least=1)
    dt, delay = positive_number("diehl_cook", "dt", dt), non_negative_number("diehl_cook", "delay", delay)
    theta_plus = non_negative_number("diehl_cook", "theta_plus", theta_plus)
    network = Network(dt=dt)
    inputs = network.add(Poisson, n_inputs, name="inp", rate=Input(0.0))
    excitatory = network.add(EXCITATORY, n, name="exc", theta_plus=theta_plus)
    inhibitory = network.add(INHIBITORY, n, name="inh")
    stdp: dict[str, Any] = {"synapse": TRIPLET} if plastic else {}
    network.connect(
        inputs, excitatory, AllToAll(), target="g_e", weight=uniform(0.003, 0.303), name="input",
        delay=uniform(0.0, delay) if delay else 0.0, **stdp,
    )  # fmt: skip
    network.connect(excitatory, inhibitory, OneToOne(), target="g_e", weight=10.4, name="excitation")
    pre, post = np.nonzero(~np.eye(n, dtype=bool))
    network.connect(inhibitory, excitatory, Edges(pre, post), target="g_i", weight=17.0, name="inhibition")
    return network


def normalise(simulator: Simulator, total: float | None = None) -> None:
    """Scale the input weights of each excitatory neuron so that they sum up to `total`.

    A neuron whose weights are all zero keeps them.

    Parameters
    ----------
    simulator : of a network made by `diehl_cook`; its weights change in place.
    total : the sum; none: 78 for 784 inputs, in proportion for others.
    """
    weights = input_weights(simulator)
    if total is None:
        total = TOTAL_PER_INPUT * len(weights)
    sums = weights.sum(axis=0, dtype=np.float64)
    weights *= (total / np.where(sums > 0, sums, total)).astype(weights.dtype)


def input_weights(simulator: Simulator) -> NDArray[Any]:
    """The live input weights as an array [input, neuron]."""
    n_inputs = simulator.plan.populations["inp"].n
    return simulator.state["input.w"].reshape(n_inputs, -1)
