"""The networks of the benchmarks, the time that is simulated, and the goals.

A  CUBA                   Brette et al. (2007), benchmark 2
B  COBA                   Brette et al. (2007), benchmark 1, with a constant drive
C  Brunel                 Brunel (2000), model A: 12 500 neurons, 15.6 million synapses, 37 Hz
C-STDP                    the same with plastic synapses between excitatory neurons
D  Song-Abbott            Song, Miller & Abbott (2000): pair STDP onto one neuron
E  Izhikevich             Izhikevich (2003): 1000 neurons all to all; 10 000 neurons with p = 0.01
G  microcircuit           Potjans & Diesmann (2014), DC drive

Most are those of `neurocl.networks`. Brunel's is written here, because its inputs are drawn without replacement: then a
pair has one synapse at most, and a simulator may store the wiring as bits.

Real-time factor    wall seconds of the simulation loop per simulated second
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from neurocl import FixedIndegree, Network, NeuroclError
from neurocl.core.expressions import suggest
from neurocl.models import PairSTDP
from neurocl.networks import brunel as library_brunel
from neurocl.networks import coba, cuba, izhikevich, microcircuit, song_abbott
from neurocl.networks.microcircuit import POPULATIONS

__all__ = ["ALL", "BENCHMARKS", "NETWORKS", "QUICK", "Benchmark", "Recipe", "find"]

J, G, DELAY = 0.1, 5.0, 1.5  # Brunel's synapses: mV, strength of inhibition, ms
LEARNING_RATE, DEPRESSION = 2 * 0.01 * J, 1.05  # mV per pair; depression over potentiation
DENSE = 2000  # neurons up to which Izhikevich's are connected all to all


def brunel(n: int, is_plastic: bool = False) -> Network:
    """Brunel's network of at least 1250 neurons; each has 1000 excitatory and 250 inhibitory inputs, all different.

    The projections are "exc" and "inh"; with `is_plastic`, "ee" (pair STDP: weights in [0, 2 J], from J), "ei", "inh".
    """
    neuron = library_brunel().populations["neurons"]
    n_exc = round(0.8 * n)
    network = Network(dt=0.1)
    neurons = network.add(neuron.model, n, name="neurons", **neuron.values)
    exc, inh = FixedIndegree(1000, multapses=False), FixedIndegree(250, multapses=False)
    if is_plastic:
        network.connect(
            neurons[:n_exc], neurons[:n_exc], exc, target="v", weight=J, delay=DELAY, name="ee", synapse=PairSTDP,
            a_plus=LEARNING_RATE, a_minus=DEPRESSION * LEARNING_RATE, w_max=2 * J,
        )  # fmt: skip
        network.connect(neurons[:n_exc], neurons[n_exc:], exc, target="v", weight=J, delay=DELAY, name="ei")
    else:
        network.connect(neurons[:n_exc], neurons, exc, target="v", weight=J, delay=DELAY, name="exc")
    network.connect(neurons[n_exc:], neurons, inh, target="v", weight=-G * J, delay=DELAY, name="inh")
    return network


def _izhikevich(n: int) -> Network:
    return izhikevich(n, p=1.0 if n <= DENSE else 100 / n)


@dataclass(frozen=True)
class Recipe:
    """How to make a network from its size, and the populations whose mean rate is compared."""

    make: Callable[..., Network]
    counted: tuple[str, ...]


NETWORKS = {
    "cuba": Recipe(cuba, ("neurons",)),
    "coba": Recipe(coba, ("neurons",)),
    "brunel": Recipe(brunel, ("neurons",)),
    "brunel-stdp": Recipe(lambda n: brunel(n, is_plastic=True), ("neurons",)),
    "song-abbott": Recipe(song_abbott, ("neuron",)),
    "izhikevich": Recipe(_izhikevich, ("exc", "inh")),
    "microcircuit": Recipe(microcircuit, tuple(POPULATIONS)),
}
"""Networks by the name that all simulators' programs know. The size is n, or scale and k_scale of the microcircuit."""


@dataclass(frozen=True)
class Benchmark:
    """One line of the table.

    Attributes
    ----------
    name, title : for the command line and for people.
    network, size : key of `NETWORKS`, and how large: n neurons (inputs, for Song-Abbott), or scales.
    seconds : biological time of one run.
    must, aim : goals for the real-time factor of neurocl, if there are any.
    least_ratio : goal for the factor by which neurocl is faster than the best peer, if there is one.
    threads : of each simulator.
    tolerance : relative difference of the rates above which times are not compared.
    has_peers : whether peers run it, too.
    """

    name: str
    title: str
    network: str
    size: dict[str, float]
    seconds: float = 1.0
    must: float | None = None
    aim: float | None = None
    least_ratio: float | None = None
    threads: int = 1
    tolerance: float = 0.05
    has_peers: bool = True

    def size_options(self) -> list[str]:
        """The size as options of a simulator's program."""
        return [part for key, value in self.size.items() for part in (f"--{key.replace('_', '-')}", f"{value:g}")]


# Half of the inputs per neuron keep the rates of the full size within 10 % in most populations, a tenth does not.
SMALL, FULL = {"scale": 0.1, "k_scale": 0.5}, {"scale": 1.0, "k_scale": 1.0}

ALL = (
    Benchmark("cuba-4000", "A: CUBA, 4000", "cuba", {"n": 4000}, must=0.045, aim=0.028),
    Benchmark("cuba-16000", "A: CUBA, 16 000", "cuba", {"n": 16000}, must=0.20, aim=0.12),
    Benchmark("cuba-64000", "A: CUBA, 64 000", "cuba", {"n": 64000}, must=1.3, aim=0.65),
    Benchmark("cuba-64000-2", "A: CUBA, 64 000, 2 threads", "cuba", {"n": 64000}, must=0.8, aim=0.30, threads=2),
    Benchmark("coba", "B: COBA, 4000", "coba", {"n": 4000}, least_ratio=3.0),
    Benchmark("brunel", "C: Brunel, 12 500", "brunel", {"n": 12500}, must=1.3, aim=0.50),
    # A tenth of a second is a transient, in which the rate of a network depends on where it starts.
    Benchmark(
        "brunel-stdp", "C-STDP: Brunel, plastic", "brunel-stdp", {"n": 12500}, 0.1, least_ratio=5.0, tolerance=0.1
    ),
    # The mean input lies at threshold, so the rate of the one neuron tells small differences: whether coincident spikes
    # form a pair (in Brian2, not in neurocl), and the order of the integration (first in Brian2). 30 to 36 Hz.
    Benchmark("song-abbott", "D: Song-Abbott STDP", "song-abbott", {"n": 1000}, 20.0, 0.03, 0.01, 3.0, tolerance=0.25),
    Benchmark("izhikevich-1000", "E1: Izhikevich, 1000", "izhikevich", {"n": 1000}, must=0.015, aim=0.006),
    Benchmark("izhikevich-10000", "E2: Izhikevich, 10 000", "izhikevich", {"n": 10000}, must=0.12, aim=0.07),
    Benchmark("microcircuit", "G: microcircuit, a tenth", "microcircuit", SMALL, tolerance=0.1),
    Benchmark(
        "microcircuit-full", "G: microcircuit, 2 threads", "microcircuit", FULL, 10.0, 6.0, 2.5, threads=2,
        has_peers=False,
    ),
)
"""The benchmarks in the order of the table."""

BENCHMARKS = {benchmark.name: benchmark for benchmark in ALL}
QUICK = ("cuba-4000", "brunel", "izhikevich-1000")
"""What runs when no name is given."""


def find(name: str) -> Benchmark:
    """The benchmark called `name`; NeuroclError if there is none."""
    if name not in BENCHMARKS:
        raise NeuroclError(f"there is no benchmark '{name}'{suggest(name, BENCHMARKS)}")
    return BENCHMARKS[name]
