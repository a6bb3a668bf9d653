"""COBA network (Vogels & Abbott; benchmark 1 of Brette et al. 2007): neurocl against Brian2's C++ standalone.

    python benchmarks/coba.py [--n 4000] [--repeats 9] [--dtype float32] [--json benchmarks/results/coba_4000.json]

As `cuba.py`, with conductances and a constant current of 200 pA. Both run the same wiring and the same initial values,
because the rate differs from wiring to wiring. neurocl takes the conductances at mid-step (second order), Brian2's
exponential Euler at the beginning of the step.

Needs the extra "brian2" and a C++ compiler.
"""

from __future__ import annotations

from typing import Any

from rivals import main

from neurocl.networks import coba


def build(b2: Any, simulation: Any) -> list[Any]:
    """The network in Brian2, with the wiring and the initial values of `simulation`."""
    group = b2.NeuronGroup(
        simulation.plan.populations["neurons"].n,
        """dv/dt = (10 * (-60 - v) + g_e * (0 - v) + g_i * (-80 - v) + 200) / (200 * ms) : 1 (unless refractory)
           dg_e/dt = -g_e / (5 * ms) : 1
           dg_i/dt = -g_i / (10 * ms) : 1""",
        threshold="v >= -50", reset="v = -60", refractory=5 * b2.ms, method="exponential_euler",
    )  # fmt: skip
    for state in ("v", "g_e", "g_i"):
        setattr(group, state, simulation.state[f"neurons.{state}"])
    projections = []
    for name, code in (("exc", "g_e_post += 6"), ("inh", "g_i_post += 67")):
        synapses = b2.Synapses(group, group, on_pre=code)
        pre, post = simulation.edges(name)
        synapses.connect(i=pre, j=post)
        projections.append(synapses)
    return [group, *projections]


if __name__ == "__main__":
    main("B (COBA)", __doc__ or "", coba, build)
