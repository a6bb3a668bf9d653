"""CUBA network (Vogels & Abbott; benchmark 2 of Brette et al. 2007): neurocl against Brian2's C++ standalone.

    python benchmarks/cuba.py [--n 4000] [--repeats 9] [--dtype float32] [--json benchmarks/results/cuba_4000.json]

Both run the same network (Bernoulli wiring, 80 synapses per neuron, dt = 0.1 ms) for one biological second on one
thread, in turn: A B A B ... The real-time factor is the wall time of the simulation loop over the biological time;
building, code generation and compilation are reported apart. Brian2 times its own loop, in its own process. A speed
claim with different rates is void, so both rates are printed and must agree within 5 %.

Needs the extra "brian2" and a C++ compiler.
"""

from __future__ import annotations

from typing import Any

from rivals import main

from neurocl.networks import cuba


def build(b2: Any, simulation: Any) -> list[Any]:
    """The network in Brian2, with a wiring of its own."""
    n = simulation.plan.populations["neurons"].n
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
    return [group, exc, inh]


if __name__ == "__main__":
    main("A (CUBA)", __doc__ or "", cuba, build)
