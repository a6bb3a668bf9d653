"""The benchmark networks in NEST, one thread, float64 (it has no other). No neurocl is imported.

    PYTHON benchmarks/peers/nest_networks.py cuba --n 4000 --seconds 1 --repeats 3

network       n       NEST's models
cuba          4000    iaf_psc_exp; g in mV is a current in pA, because C_m = tau_m
coba          4000    iaf_cond_exp, adaptive Runge-Kutta-Fehlberg (tolerance 1e-3)
brunel        12500   iaf_psc_delta, poisson_generator; in-degrees of 1000 and 250, all inputs different
brunel-stdp   12500   the same, E to E stdp_synapse_hom
song-abbott   1000    iaf_cond_exp, poisson_generator through parrot_neuron, stdp_synapse_hom
izhikevich    1000    izhikevich in its published form (consistent_integration off), noise_generator; 1 ms steps
microcircuit  scale   `nest_microcircuit.py`

Where weights of a projection are equal they are stored once (static_synapse_hom_w).

What differs from the definition
- The least delay is one step. A spike of step n enters g at the end of step n + 1 and moves v in step n + 2, one step
  late (cuba, coba, song-abbott). Elsewhere the delays are as defined; in izhikevich a spike acts in step n + 1.
- iaf_psc_delta tests the threshold when the jump arrives, not one step of decay later.
- Thresholds are v >= v_th; cuba and song-abbott are defined with v > v_th, which differs on a null set.
- STDP (brunel-stdp, song-abbott): the whole delay lies in the dendrite. A presynaptic spike at t meets the postsynaptic
  trace of t - delay, where the definition lets the spike travel and meets the trace of t + delay: 1.5 ms shift every
  pairing by 3 ms. Potentiation by postsynaptic spikes is made up for at the next presynaptic one, and the weight is
  lowered before it is transmitted, not after: in song-abbott that alone costs 7 % of the rate over 100 s.
- A noise_generator's value of step n acts in step n + 1.

`--adjacency` (cuba, coba, brunel): see `nest_edges.py`; without it, wiring and start are drawn from the seed.
"""

from __future__ import annotations

import importlib
import os
import time
from argparse import Namespace
from collections.abc import Callable
from typing import Any

import numpy as np
from forked import ForkedSimulator
from nest_edges import Edges, bernoulli_edges, connect_edges, read_edges, set_states
from nest_microcircuit import microcircuit
from serving import cannot_run, serve

Network = tuple[int, Callable[[float], int]]
"""Number of neurons over which the rate is taken; and what advances by biological seconds, to the number of spikes."""
SYNAPSES_PER_NEURON = 80


def cuba(nest: Any, arguments: Namespace, edges: Edges) -> Network:
    """Vogels and Abbott's network with exponential currents."""
    n = _size(arguments)
    neurons = nest.Create("iaf_psc_exp", n, {
        "C_m": 20.0, "tau_m": 20.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "E_L": -49.0, "V_th": -50.0,
        "V_reset": -60.0, "t_ref": 5.0, "V_m": nest.random.uniform(-60.0, -50.0),
    })  # fmt: skip
    set_states(neurons, edges, {"v": "V_m"})
    _exc_inh(nest, neurons, (1.62, -9.0), 0.1, edges or bernoulli_edges(n, SYNAPSES_PER_NEURON / n, arguments.seed))
    return _all_spikes(nest, n)


def coba(nest: Any, arguments: Namespace, edges: Edges) -> Network:
    """The same with conductances, and a constant current that keeps it going."""
    n = _size(arguments)
    draw, at_least = nest.random.normal, nest.math.max
    neurons = nest.Create("iaf_cond_exp", n, {
        "C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "I_e": 200.0,
        "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "V_m": draw(-55.0, 5.0),
        "g_ex": at_least(draw(40.0, 15.0), 0.0), "g_in": at_least(draw(200.0, 120.0), 0.0),
    })  # fmt: skip
    set_states(neurons, edges, {"v": "V_m", "g_e": "g_ex", "g_i": "g_in"})
    _exc_inh(nest, neurons, (6.0, -67.0), 0.1, edges or bernoulli_edges(n, SYNAPSES_PER_NEURON / n, arguments.seed))
    return _all_spikes(nest, n)


BRUNEL_J, BRUNEL_G, BRUNEL_DELAY = 0.1, 5.0, 1.5  # mV, 1, ms
BRUNEL_RULES = tuple({"rule": "fixed_indegree", "indegree": n, "allow_multapses": False} for n in (1000, 250))
BRUNEL_RATE = 20000.0  # Hz, of the external spikes of one neuron


def brunel(nest: Any, arguments: Namespace, edges: Edges) -> Network:
    """Brunel's network, model A, fast asynchronous irregular regime (g = 5, eta = 2)."""
    neurons = _brunel_neurons(nest, arguments.n or 12500)
    set_states(neurons, edges, {"v": "V_m"})
    _exc_inh(nest, neurons, (BRUNEL_J, -BRUNEL_G * BRUNEL_J), BRUNEL_DELAY, edges)
    return _all_spikes(nest, len(neurons))


def brunel_stdp(nest: Any, arguments: Namespace, edges: Edges) -> Network:
    """The same with pair STDP from excitatory to excitatory neurons, 0 <= w <= 2 J."""
    neurons = _brunel_neurons(nest, arguments.n or 12500)
    n_exc = round(0.8 * len(neurons))
    exc, inh = neurons[:n_exc], neurons[n_exc:]
    nest.CopyModel("stdp_synapse_hom", "plastic", {
        "tau_plus": 20.0, "lambda": 0.01, "alpha": 1.05, "mu_plus": 0.0, "mu_minus": 0.0, "Wmax": 2 * BRUNEL_J,
        "weight": BRUNEL_J, "delay": BRUNEL_DELAY,
    })  # fmt: skip
    _constant(nest, "exc", BRUNEL_J, BRUNEL_DELAY)
    _constant(nest, "inh", -BRUNEL_G * BRUNEL_J, BRUNEL_DELAY)
    from_exc, from_inh = BRUNEL_RULES
    nest.Connect(exc, exc, from_exc, {"synapse_model": "plastic"})
    nest.Connect(exc, inh, from_exc, {"synapse_model": "exc"})
    nest.Connect(inh, neurons, from_inh, {"synapse_model": "inh"})
    return _all_spikes(nest, len(neurons))


def song_abbott(nest: Any, arguments: Namespace, edges: Edges) -> Network:
    """Pair STDP of Poisson inputs onto one neuron; the unit of conductance, nS, stands for the leak."""
    n = arguments.n or 1000
    neuron = nest.Create("iaf_cond_exp", 1, {
        "C_m": 10.0, "g_L": 1.0, "E_L": -74.0, "V_th": -54.0, "V_reset": -60.0, "t_ref": 0.0, "E_ex": 0.0,
        "tau_syn_ex": 5.0, "V_m": -74.0, "tau_minus": 20.0,
    })  # fmt: skip
    source, inputs = nest.Create("poisson_generator", 1, {"rate": 15.0}), nest.Create("parrot_neuron", n)
    recorder = nest.Create("spike_recorder")
    w_max = 0.01 * 1000 / n
    nest.CopyModel("stdp_synapse_hom", "plastic", {
        "tau_plus": 20.0, "lambda": 0.01, "alpha": 1.05, "mu_plus": 0.0, "mu_minus": 0.0, "Wmax": w_max, "delay": 0.1,
    })  # fmt: skip
    nest.Connect(source, inputs, "all_to_all", {"delay": 0.1})
    weight = nest.random.uniform(0.0, w_max)
    nest.Connect(inputs, neuron, "all_to_all", {"synapse_model": "plastic", "weight": weight})
    nest.Connect(neuron, recorder, "all_to_all", {"delay": 0.1})

    def run(seconds: float) -> int:
        before = recorder.n_events
        _advance(nest, seconds)
        return int(recorder.n_events - before)

    return 1, run


def izhikevich(nest: Any, arguments: Namespace, edges: Edges) -> Network:
    """Izhikevich's network; all-to-all up to 2000 neurons, beyond that 100 inputs per neuron and tenfold weights."""
    n = arguments.n or 1000
    n_exc = round(0.8 * n)
    rng = np.random.default_rng(arguments.seed)
    r_exc, r_inh = rng.random(n_exc), rng.random(n - n_exc)
    exc = _izhikevich_neurons(nest, 0.02, np.full(n_exc, 0.2), -65 + 15 * r_exc**2, 8 - 6 * r_exc**2)
    inh = _izhikevich_neurons(nest, 0.02 + 0.08 * r_inh, 0.25 - 0.05 * r_inh, -65.0, 2.0)
    dense = n <= 2000
    rule = {"rule": "all_to_all"} if dense else {"rule": "pairwise_bernoulli", "p": 100 / n}
    scale = 1000 / n if dense else 10.0
    for neurons, noise, low, high in ((exc, 5.0, 0.0, 0.5), (inh, 2.0, -1.0, 0.0)):
        weight = nest.random.uniform(scale * low, scale * high)
        nest.Connect(neurons, exc + inh, rule, {"weight": weight, "delay": 1.0})
        generator = nest.Create("noise_generator", 1, {"std": noise, "dt": 1.0})
        nest.Connect(generator, neurons, "all_to_all", {"delay": 1.0})
    return _all_spikes(nest, n)


def _izhikevich_neurons(nest: Any, a: Any, b: np.ndarray, c: Any, d: Any) -> Any:
    values = {"a": a, "b": b, "c": c, "d": d, "V_m": -65.0, "U_m": -65.0 * b}
    lists = {name: np.broadcast_to(value, b.shape).tolist() for name, value in values.items()}
    return nest.Create("izhikevich", len(b), {**lists, "V_th": 30.0, "consistent_integration": False})


def _size(arguments: Namespace) -> int:
    n = arguments.n or 4000
    if n < SYNAPSES_PER_NEURON:
        raise SystemExit(f"{arguments.network}: --n must be at least {SYNAPSES_PER_NEURON}, got {n}")
    return int(n)


def _brunel_neurons(nest: Any, n: int) -> Any:
    neurons = nest.Create("iaf_psc_delta", n, {
        "tau_m": 20.0, "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0, "refractory_input": False,
        "tau_minus": 20.0, "V_m": nest.random.uniform(0.0, 10.0),
    })  # fmt: skip
    source = nest.Create("poisson_generator", 1, {"rate": BRUNEL_RATE})
    _constant(nest, "external", BRUNEL_J, BRUNEL_DELAY)
    nest.Connect(source, neurons, "all_to_all", {"synapse_model": "external"})
    return neurons


def _constant(nest: Any, name: str, weight: float, delay: float) -> None:
    nest.CopyModel("static_synapse_hom_w", name, {"weight": weight, "delay": delay})


def _exc_inh(nest: Any, neurons: Any, weights: tuple[float, float], delay: float, edges: Edges) -> None:
    """Projections "exc" and "inh", along the given edges or with Brunel's in-degrees."""
    n_exc = round(0.8 * len(neurons))
    sources = (neurons[:n_exc], neurons[n_exc:])
    for name, pre, rule, weight in zip(("exc", "inh"), sources, BRUNEL_RULES, weights, strict=True):
        _constant(nest, name, weight, delay)
        if edges:
            connect_edges(nest, name, edges, n_exc, len(neurons), delay)
        else:
            nest.Connect(pre, neurons, rule, {"synapse_model": name})


def _advance(nest: Any, seconds: float) -> None:
    """Run the nearest whole number of steps, at least one."""
    nest.Run(max(1, round(1000.0 * seconds / nest.resolution)) * nest.resolution)


def _all_spikes(nest: Any, n: int) -> Network:
    """Count the spikes of all neurons of the network, as the kernel does by itself."""

    def run(seconds: float) -> int:
        _advance(nest, seconds)
        return int(nest.local_spike_counter)

    return n, run


def _microcircuit(nest: Any, arguments: Namespace, edges: Edges) -> Network:
    scale = 0.1 if arguments.scale is None else arguments.scale
    k_scale = max(scale, 0.2) if arguments.k_scale is None else arguments.k_scale
    if not (0.0 < scale <= 1.0 and 0.0 < k_scale <= 1.0):
        raise SystemExit(f"microcircuit: --scale and --k-scale must lie in (0, 1], got {scale:g} and {k_scale:g}")
    return _all_spikes(nest, microcircuit(nest, scale, k_scale))


NETWORKS: dict[str, Callable[[Any, Namespace, Edges], Network]] = {
    "cuba": cuba, "coba": coba, "brunel": brunel, "brunel-stdp": brunel_stdp, "song-abbott": song_abbott,
    "izhikevich": izhikevich, "microcircuit": _microcircuit,
}  # fmt: skip
TAKE_EDGES = ("cuba", "coba", "brunel")
NEED_GSL = ("coba", "song-abbott")


def make(arguments: Namespace) -> ForkedSimulator:
    """Build the network and run its first step, in which NEST finishes its tables."""
    network = arguments.network
    if network not in NETWORKS:
        cannot_run(f"NEST: there is no network {network!r}; known: {', '.join(NETWORKS)}")
    if arguments.threads != 1:
        cannot_run("NEST: this program runs one thread")
    if arguments.adjacency and network not in TAKE_EDGES:
        cannot_run(f"NEST: --adjacency is there for {', '.join(TAKE_EDGES)}, not for {network}")
    nest = _import_nest()
    name = f"NEST {nest.__version__}"
    if network in NEED_GSL and "iaf_cond_exp" not in nest.node_models:
        cannot_run(f"{name} was built without GSL, so it has no iaf_cond_exp")
    started = time.perf_counter()
    nest.ResetKernel()
    nest.set(resolution=1.0 if network == "izhikevich" else 0.1, rng_seed=arguments.seed, local_num_threads=1)
    edges = read_edges(arguments.adjacency) if arguments.adjacency else {}
    n, advance = NETWORKS[network](nest, arguments, edges)
    nest.Prepare()
    nest.Run(nest.min_delay)
    return ForkedSimulator(name, time.perf_counter() - started, n, arguments.seconds, advance)


def _import_nest() -> Any:
    """The module, without its greeting: the standard output belongs to the answers."""
    output, silence = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    try:
        nest: Any = importlib.import_module("nest")
        nest.verbosity = nest.VerbosityLevel.ERROR
    except ImportError as error:
        cannot_run(f"NEST cannot be imported by this Python: {error}")
    finally:
        os.dup2(output, 1)
        os.close(output)
        os.close(silence)
    return nest


if __name__ == "__main__":
    serve(make)
