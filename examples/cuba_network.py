"""A network in a few lines, and a picture of it: asynchronous activity of excitatory and inhibitory neurons.

    python examples/cuba_network.py [FILE]

The network is the CUBA benchmark of Brette et al. (2007) with 1000 neurons. Expected: 5 to 12 Hz; the title shows what
this run got.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

import neurocl as ncl
from neurocl import plots

CUBA = ncl.NeuronModel(
    name="cuba",
    equations="""
        dv/dt   = (v_leak - v + g_e + g_i) / tau_mem : mV (unless refractory)
        dg_e/dt = -g_e / tau_e                       : mV
        dg_i/dt = -g_i / tau_i                       : mV
    """,
    threshold="v > v_th",
    reset="v = v_reset",
    refractory="t_ref",
    parameters={
        "tau_mem": 20.0, "tau_e": 5.0, "tau_i": 10.0, "v_leak": -49.0, "v_th": -50.0, "v_reset": -60.0, "t_ref": 5.0,
    },
)  # fmt: skip


def main(file: Path) -> None:
    """Run the network for 400 ms and draw spikes, rates and three voltages."""
    net = ncl.Network(dt=0.1)
    exc = net.add(CUBA, 800, name="excitatory", v=ncl.uniform(-60, -50))
    inh = net.add(CUBA, 200, name="inhibitory", v=ncl.uniform(-60, -50))
    for post in (exc, inh):
        net.connect(exc, post, ncl.FixedProbability(0.08), target="g_e", weight=1.62, delay=1.5)
        net.connect(inh, post, ncl.FixedProbability(0.08), target="g_i", weight=-9.0, delay=0.8)
    chosen = ncl.Record("v", neurons=[0, 1, 2])
    out = net.build(seed=1).run(400.0, record={"excitatory": ["spikes", chosen], "inhibitory": "spikes"})

    figure, axes = plt.subplots(
        3, 1, figsize=(8, 5.2), sharex=True, height_ratios=[3, 1, 1.3], layout="constrained"
    )
    plots.raster(out, axes[0])
    spikes = {name: out[name].spikes for name in ("excitatory", "inhibitory")}
    plots.rate(spikes, axes[1], bin_width=5.0)
    plots.trace(out["excitatory"].trace("v"), axes[2])
    rates = ", ".join(f"{name} {train.mean_rate():.1f} Hz" for name, train in spikes.items())
    axes[0].set_title(f"1000 neurons, described in three equations: {rates}", fontsize=10)
    axes[1].set_ylabel("rate (Hz)")
    for axis in axes[:2]:
        axis.set_xlabel("")
    axes[2].set_xlim(0, 400)
    figure.savefig(file, dpi=110)
    print(f"{rates}; written to {file}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images" / "cuba_network.png")
