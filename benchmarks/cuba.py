"""CUBA network (Vogels & Abbott; benchmark 2 of Brette et al. 2007): neurocl against Brian2's C++ standalone.

    python benchmarks/cuba.py [--n 4000] [--repeats 9] [--dtype float32] [--json benchmarks/results/cuba_4000.json]

Both run the same network (Bernoulli wiring, 80 synapses per neuron, dt = 0.1 ms) for one biological second on one
thread, in turn: A B A B ... The real-time factor is the wall time of the simulation loop over the biological time;
building, code generation and compilation are reported apart. Brian2 times its own loop, in its own process. A speed
claim with different rates is void, so both rates are printed and must agree within 5 %.

Needs the extra "brian2" and a C++ compiler.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import header, summary, write

from neurocl.networks import cuba

BIOLOGICAL_SECONDS = 1.0


class Neurocl:
    """The network on neurocl's Numba engine."""

    name = "neurocl"

    def __init__(self, n: int, dtype: str) -> None:
        started = time.perf_counter()
        self.network = cuba(n)
        self.simulation = self.network.build(engine="numba", seed=1, dtype=dtype)
        self.simulation.run(1.0, record={"neurons": "counts"})
        self.build_seconds = time.perf_counter() - started
        self.rate = 0.0

    def run(self) -> float:
        """Wall seconds of one biological second."""
        self.simulation.reset()
        started = time.perf_counter()
        out = self.simulation.run(1000.0 * BIOLOGICAL_SECONDS, record={"neurons": "counts"})
        elapsed = time.perf_counter() - started
        self.rate = float(out["neurons"].counts().mean() / BIOLOGICAL_SECONDS)
        return elapsed


class Brian2Standalone:
    """The network as a C++ program written by Brian2."""

    name = "Brian2 C++ standalone"

    def __init__(self, n: int, dtype: str, folder: Path) -> None:
        import brian2 as b2
        import numpy as np

        logging.getLogger("brian2").setLevel(logging.ERROR)
        started = time.perf_counter()
        b2.set_device("cpp_standalone", build_on_run=False, directory=str(folder))
        b2.prefs.core.default_float_dtype = np.dtype(dtype).type
        b2.seed(1)
        b2.defaultclock.dt = 0.1 * b2.ms
        group = b2.NeuronGroup(
            n,
            """dv/dt = (v_leak - v + g_e + g_i) / tau_mem : 1 (unless refractory)
               dg_e/dt = -g_e / tau_e : 1
               dg_i/dt = -g_i / tau_i : 1""",
            threshold="v > -50", reset="v = -60", refractory=5 * b2.ms, method="exact",
            namespace={"v_leak": -49, "tau_mem": 20 * b2.ms, "tau_e": 5 * b2.ms, "tau_i": 10 * b2.ms},
        )  # fmt: skip
        group.v = "-60 + 10 * rand()"
        n_exc = int(0.8 * n)
        exc = b2.Synapses(group[:n_exc], group, on_pre="g_e_post += 1.62")
        exc.connect(p=80 / n)
        inh = b2.Synapses(group[n_exc:], group, on_pre="g_i_post -= 9")
        inh.connect(p=80 / n)
        self.counter = b2.SpikeMonitor(group, record=False)
        self.network = b2.Network(group, exc, inh, self.counter)
        self.network.run(BIOLOGICAL_SECONDS * b2.second)
        b2.device.build(directory=str(folder), compile=True, run=False)
        self.device, self.folder, self.n = b2.device, folder, n
        self.build_seconds = time.perf_counter() - started
        self.rate = 0.0

    def run(self) -> float:
        """Wall seconds of one biological second, as the program itself measures its loop."""
        self.device.run(str(self.folder), with_output=False, run_args=[])
        self.rate = float(self.counter.num_spikes / self.n / BIOLOGICAL_SECONDS)
        return float(self.device._last_run_time)


def measure(n: int, dtype: str, repeats: int) -> dict[str, Any]:
    """Alternate the two simulators and compare them pair by pair."""
    with tempfile.TemporaryDirectory() as folder:
        rivals = [Neurocl(n, dtype), Brian2Standalone(n, dtype, Path(folder))]
        times: dict[str, list[float]] = {rival.name: [] for rival in rivals}
        for rival in rivals:
            rival.run()
        for _ in range(repeats):
            for rival in rivals:
                times[rival.name].append(rival.run() / BIOLOGICAL_SECONDS)
    ours, theirs = (times[rival.name] for rival in rivals)
    rates = {rival.name: rival.rate for rival in rivals}
    if abs(rates[rivals[0].name] / rates[rivals[1].name] - 1) > 0.05:
        raise SystemExit(f"the rates differ by more than 5 %, so the times cannot be compared: {rates} Hz")
    return {
        "benchmark": "A (CUBA)", "n": n, "dtype": dtype, "threads": 1, "repeats": repeats,
        "seed": 1, **header(),
        "real_time_factor": {name: summary(values) for name, values in times.items()},
        "ratio_brian2_over_neurocl": summary([b / a for a, b in zip(ours, theirs, strict=True)]),
        "rate_hz": rates, "build_seconds": {rival.name: rival.build_seconds for rival in rivals},
    }  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=4000, help="number of neurons")
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    result = measure(arguments.n, arguments.dtype, arguments.repeats)
    write(result, arguments.json)


if __name__ == "__main__":
    main()
