"""The benchmark networks in Brian2, as the C++ program that it writes ("C++ standalone", its fastest mode).

Brian2 gets the synapses, weights, delays, parameters and initial values from the wiring file (benchmarks/wiring.py), so
`--adjacency` is required. The program times its own loop; what it does before, such as making the synapses, is not
counted. Compiling, the greatest part of its building time, is.

Noted differences from neurocl: COBA's exponential Euler takes the conductances at the beginning of the step, neurocl at
its middle; Brunel's Poisson input is the sum of 1000 Bernoulli numbers (Brian2's own PoissonInput); traces of plastic
synapses are kept per synapse and advanced at events, as Brian2 does.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.serving import cannot_run, serve, to_mb
from benchmarks.wiring import Wiring

# A process inherits the peak memory of the one that starts it, so a small one starts Brian2's program.
LAUNCHER = """
import os, resource, sys
status = os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""
SYNAPSE_TRACES = """w : 1
                    dx/dt = -x / (20 * ms) : 1 (event-driven)
                    dy/dt = -y / (20 * ms) : 1 (event-driven)"""


def cuba(b2: Any, wiring: Wiring) -> list[Any]:
    """Benchmark A."""
    neurons = _neurons(
        b2, wiring,
        """dv/dt = (v_leak - v + g_e + g_i) / tau_mem : 1 (unless refractory)
           dg_e/dt = -g_e / tau_e : 1
           dg_i/dt = -g_i / tau_i : 1""",
        threshold="v > -50", reset="v = -60", refractory=5 * b2.ms, method="exact",
        namespace={"v_leak": -49, "tau_mem": 20 * b2.ms, "tau_e": 5 * b2.ms, "tau_i": 10 * b2.ms},
    )  # fmt: skip
    return [
        neurons,
        _static(b2, wiring, neurons, "g_e_post += 1.62", "exc"),
        _static(b2, wiring, neurons, "g_i_post -= 9", "inh"),
    ]


def coba(b2: Any, wiring: Wiring) -> list[Any]:
    """Benchmark B."""
    neurons = _neurons(
        b2, wiring,
        """dv/dt = (10 * (-60 - v) + g_e * (0 - v) + g_i * (-80 - v) + 200) / (200 * ms) : 1 (unless refractory)
           dg_e/dt = -g_e / (5 * ms) : 1
           dg_i/dt = -g_i / (10 * ms) : 1""",
        threshold="v >= -50", reset="v = -60", refractory=5 * b2.ms, method="exponential_euler",
    )  # fmt: skip
    return [
        neurons,
        _static(b2, wiring, neurons, "g_e_post += 6", "exc"),
        _static(b2, wiring, neurons, "g_i_post += 67", "inh"),
    ]


def brunel(b2: Any, wiring: Wiring) -> list[Any]:
    """Benchmark C."""
    neurons, noise = _brunel_neurons(b2, wiring)
    exc = _static(b2, wiring, neurons, "v_post += 0.1", "exc", delay=1.5 * b2.ms)
    inh = _static(b2, wiring, neurons, "v_post -= 0.5", "inh", delay=1.5 * b2.ms)
    return [neurons, noise, exc, inh]


def brunel_stdp(b2: Any, wiring: Wiring) -> list[Any]:
    """Benchmark C-STDP."""
    neurons, noise = _brunel_neurons(b2, wiring)
    plastic = b2.Synapses(
        neurons, neurons, SYNAPSE_TRACES,
        on_pre="""v_post += w
                  x += 1
                  w = clip(w - a_minus * y, 0, w_max)""",
        on_post="""y += 1
                   w = clip(w + a_plus * x, 0, w_max)""",
        namespace={key: wiring.number(f"ee.{key}") for key in ("a_plus", "a_minus", "w_max")},
        delay={"pre": 1.5 * b2.ms},
    )  # fmt: skip
    _connect(plastic, wiring, "ee")
    plastic.w = 0.1
    from_exc = _static(b2, wiring, neurons, "v_post += 0.1", "ei", delay=1.5 * b2.ms)
    inh = _static(b2, wiring, neurons, "v_post -= 0.5", "inh", delay=1.5 * b2.ms)
    return [neurons, noise, plastic, from_exc, inh]


def song_abbott(b2: Any, wiring: Wiring) -> list[Any]:
    """Benchmark D, in the form of Brian2's own example."""
    inputs = b2.PoissonGroup(wiring.sizes["inputs"], rates=15 * b2.Hz)
    neuron = b2.NeuronGroup(
        1,
        """dv/dt = (-74 - v - g_e * v) / (10 * ms) : 1
           dg_e/dt = -g_e / (5 * ms) : 1""",
        threshold="v > -54", reset="v = -60", method="exponential_euler",
    )  # fmt: skip
    neuron.v = -74
    synapses = b2.Synapses(
        inputs, neuron, SYNAPSE_TRACES,
        on_pre="""g_e_post += w
                  x += a_plus
                  w = clip(w + y, 0, w_max)""",
        on_post="""y -= a_minus
                   w = clip(w + x, 0, w_max)""",
        namespace={key: wiring.number(f"stdp.{key}") for key in ("a_plus", "a_minus", "w_max")},
    )  # fmt: skip
    synapses.connect()
    synapses.w = wiring.synapses("weight", "stdp")
    return [neuron, inputs, synapses]


def izhikevich(b2: Any, wiring: Wiring) -> list[Any]:
    """Benchmark E: the published script, one run of statements per step."""
    b2.defaultclock.dt = 1 * b2.ms
    neurons = b2.NeuronGroup(
        wiring.n,
        """v : 1
           u : 1
           i_syn : 1
           a : 1 (constant)
           b : 1 (constant)
           c : 1 (constant)
           d : 1 (constant)
           noise : 1 (constant)""",
        threshold="v >= 30",
        reset="""v = c
                 u += d""",
    )
    neurons.run_regularly(
        """i_syn += noise * randn()
           v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + i_syn)
           v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + i_syn)
           u += a * (b * v - u)
           i_syn = 0"""
    )
    r = wiring.values("r")
    for name, power in (("a", 1), ("b", 1), ("c", 2), ("d", 2)):
        setattr(neurons, name, wiring.values(f"{name}_0") + wiring.values(f"{name}_r") * r**power)
    for name in ("v", "u", "noise"):
        setattr(neurons, name, wiring.values(name))
    synapses = b2.Synapses(neurons, neurons, "w : 1", on_pre="i_syn_post += w")
    _connect(synapses, wiring)
    synapses.w = wiring.synapses("weight")
    return [neurons, synapses]


def microcircuit(b2: Any, wiring: Wiring) -> list[Any]:
    """Benchmark G; one group of neurons and one of synapses, which is faster than 8 and 55."""
    neurons = b2.NeuronGroup(
        wiring.n,
        """dv/dt = (-65 - v) / (10 * ms) + (i_syn + i_ext) / (250 * ms) : 1 (unless refractory)
           di_syn/dt = -i_syn / (0.5 * ms) : 1
           i_ext : 1 (constant)""",
        threshold="v >= -50", reset="v = -65", refractory=2 * b2.ms, method="exact",
    )  # fmt: skip
    neurons.v, neurons.i_ext = wiring.values("v"), wiring.values("i_ext")
    synapses = b2.Synapses(neurons, neurons, "w : 1 (constant)", on_pre="i_syn_post += w")
    _connect(synapses, wiring)
    synapses.w = wiring.synapses("weight")
    synapses.delay = wiring.synapses("delay") * b2.ms
    return [neurons, synapses]


def _neurons(b2: Any, wiring: Wiring, equations: str, **options: Any) -> Any:
    """Neurons that start where neurocl's do."""
    neurons = b2.NeuronGroup(wiring.n, equations, **options)
    for state in ("v", "g_e", "g_i"):
        setattr(neurons, state, wiring.values(state))
    return neurons


def _brunel_neurons(b2: Any, wiring: Wiring) -> tuple[Any, Any]:
    neurons = b2.NeuronGroup(
        wiring.n, "dv/dt = -v / (20 * ms) : 1 (unless refractory)", threshold="v >= 20", reset="v = 10",
        refractory=2 * b2.ms, method="exact",
    )  # fmt: skip
    neurons.v = wiring.values("v")
    return neurons, b2.PoissonInput(neurons, "v", N=1000, rate=20 * b2.Hz, weight=0.1)


def _static(b2: Any, wiring: Wiring, neurons: Any, code: str, projection: str, **options: Any) -> Any:
    synapses = b2.Synapses(neurons, neurons, on_pre=code, **options)
    _connect(synapses, wiring, projection)
    return synapses


def _connect(synapses: Any, wiring: Wiring, *projections: str) -> None:
    pre, post = wiring.edges(*projections)
    synapses.connect(i=pre, j=post)


NETWORKS: dict[str, Callable[[Any, Wiring], list[Any]]] = {
    "cuba": cuba, "coba": coba, "brunel": brunel, "brunel-stdp": brunel_stdp, "song-abbott": song_abbott,
    "izhikevich": izhikevich, "microcircuit": microcircuit,
}  # fmt: skip
"""Builders of Brian2 objects; the spikes of the first one count."""


class Brian2:
    """A network as a compiled program; every run is a process of its own."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        if arguments.adjacency is None:
            cannot_run("Brian2 needs --adjacency, a file of benchmarks/wiring.py")
        try:
            import brian2 as b2
        except Exception as error:  # numpy and Brian2 may not fit together, which is no ImportError
            cannot_run(f"Brian2 cannot be imported by this Python: {error}")
        if shutil.which(os.environ.get("CXX", "g++")) is None:
            cannot_run("Brian2's C++ standalone mode needs a C++ compiler, and there is none")
        self.name, self.seconds = f"Brian2 {b2.__version__} C++", arguments.seconds
        self.temporary = tempfile.TemporaryDirectory()
        self.folder, self.peak = Path(self.temporary.name), 0.0
        started = time.perf_counter()
        self._compile(b2, arguments)
        self.build_seconds = time.perf_counter() - started
        self.run()

    def _compile(self, b2: Any, arguments: argparse.Namespace) -> None:
        logging.getLogger("brian2").setLevel(logging.ERROR)
        b2.set_device("cpp_standalone", build_on_run=False, directory=str(self.folder))
        b2.prefs.core.default_float_dtype = np.dtype(arguments.dtype).type
        b2.prefs.devices.cpp_standalone.openmp_threads = 0 if arguments.threads == 1 else arguments.threads
        b2.seed(arguments.seed)
        b2.defaultclock.dt = 0.1 * b2.ms
        objects = NETWORKS[arguments.network](b2, Wiring(arguments.adjacency))
        self.n, monitor = len(objects[0]), b2.SpikeMonitor(objects[0], record=False)
        b2.Network(*objects, monitor).run(arguments.seconds * b2.second)
        b2.device.build(directory=str(self.folder), compile=True, run=False)
        count = monitor.variables["N"]
        self.count_file, self.count_type = b2.device.get_array_filename(count), count.dtype

    def run(self) -> tuple[float, float]:
        """See `serving.Simulator`; the program is started from here and not by Brian2, to know its memory."""
        results = self.folder / "results"
        results.mkdir(exist_ok=True)
        started = subprocess.run(
            [sys.executable, "-S", "-c", LAUNCHER, "./main", "--results_dir", f"{results}/"],
            cwd=self.folder, capture_output=True, text=True,
        )  # fmt: skip
        if started.returncode:
            raise SystemExit(f"Brian2's program ended with status {started.returncode}: {started.stderr}")
        self.peak = max(self.peak, to_mb(int(started.stdout.splitlines()[-1])))
        seconds = float((results / "last_run_info.txt").read_text().split()[0])
        spikes = int(np.fromfile(results / self.count_file, dtype=self.count_type)[0])
        return seconds / self.seconds, spikes / self.n / self.seconds

    def peak_memory_mb(self) -> float:
        """See `serving.Simulator`."""
        return self.peak


if __name__ == "__main__":
    serve(Brian2)
