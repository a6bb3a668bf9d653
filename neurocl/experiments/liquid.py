"""A liquid state machine with STDP recognises images.

Input        pixel i is a Poisson source of rate max_rate x_i
Liquid       leaky integrate-and-fire neurons at random sites of a 3-D lattice, 80 % excitatory; j -> i are joined with
             probability C exp(-(D / 3)^2), C = 0.2 (E -> E), 0.1 (E -> I), 0.3 (I -> E), 0.05 (I -> I); each pixel
             reaches a neuron with probability 0.15, with a random sign
Plasticity   pair STDP of the E -> E synapses while some training images are shown, one after the other and without
             their labels; then the weights are frozen
Readout      logistic regression on the spike counts of all liquid neurons during one presentation, beside the same
             readout on the pixels and on the liquid before STDP, which sees the same input spikes
Source       Maass, Natschlaeger & Markram (2002), Neural Comput. 14:2531; constants of the wiring: Ivanov &
             Michmizos (2021), NeurIPS 34.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neurocl import models
from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.components import Input
from neurocl.core.connectivity import DistanceDependent, FixedProbability
from neurocl.core.distributions import choice, uniform
from neurocl.core.errors import NeuroclError
from neurocl.core.lattice import Lattice
from neurocl.core.network import Network
from neurocl.core.recording import Spikes
from neurocl.data.dataset import Dataset
from neurocl.experiments.experiment import Experiment, Outcome, timed
from neurocl.experiments.images import load_images
from neurocl.experiments.run_folder import Arrays, RunFolder, keep

__all__ = ["EXPERIMENT", "Config", "liquid_network", "run"]

EXCITATORY = 0.8
LENGTH = 3.0  # lattice sites
PROBABILITIES = {"ee": 0.2, "ei": 0.1, "ie": 0.3, "ii": 0.05}
INPUT_PROBABILITY = 0.15
TAU_MEM, TAU_SYN = 20.0, 5.0  # ms
INHIBITION = -4.0  # inhibitory weights, in mean excitatory ones
LIMITS = {"digits": (None, None), "mnist": (10_000, 2_000), "fashion_mnist": (10_000, 2_000)}
SMALLEST = (50, 10)  # images for training and testing
LIQUIDS = ("static", "plastic")


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    data : "digits", "mnist" or "fashion_mnist".
    n : neurons of the liquid, at least 20.
    n_train, n_test : images; none: all of the digits, 10 000 and 2 000 of the others.
    duration : of one presentation, ms.
    max_rate : of a white pixel's source, Hz; a source fires at most once per step.
    dt : time step, ms.
    input_current : standard deviation, over neurons, of the mean input current of a typical training image, pA
        (188 pA make a neuron fire); it sets the input weight, so that all data drive the liquid alike.
    weight : mean initial E -> E weight, and the E -> I weight, pA.
    stdp_images : training images that are shown with STDP on.
    stdp_duration : of each of these presentations, ms.
    a_plus, a_minus : change per pair, in units of the largest weight, which is twice `weight`.
    chunk : presentations between two checkpoints.
    threads : none: all cores. The results do not depend on it.
    seed : of everything random, except the split of the digits, which is fixed.
    """

    data: Literal["digits", "mnist", "fashion_mnist"] = "digits"
    n: int = 1000
    n_train: int | None = None
    n_test: int | None = None
    duration: float = 400.0
    max_rate: float = 200.0
    dt: float = 1.0
    input_current: float = 225.0
    weight: float = 240.0
    stdp_images: int = 1000
    stdp_duration: float = 100.0
    a_plus: float = 0.003
    a_minus: float = 0.0036
    chunk: int = 500
    threads: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.data not in LIMITS:
            raise NeuroclError(f"liquid: data must be one of {', '.join(LIMITS)}, got {self.data!r}")
        for name, least in {"n": 20, "stdp_images": 0, "chunk": 1, "seed": 0}.items():
            whole_number("liquid", name, getattr(self, name), at_least=least)
        for name, least in {"n_train": SMALLEST[0], "n_test": SMALLEST[1], "threads": 1}.items():
            if getattr(self, name) is not None:
                whole_number("liquid", name, getattr(self, name), at_least=least)
        for name in ("duration", "max_rate", "dt", "input_current", "weight", "stdp_duration"):
            positive_number("liquid", name, getattr(self, name))
        for name in ("a_plus", "a_minus"):
            non_negative_number("liquid", name, getattr(self, name))
        for name in ("duration", "stdp_duration"):
            value = getattr(self, name)
            steps = value / self.dt
            if round(steps) < 1 or not math.isclose(steps, round(steps), rel_tol=1e-9):
                raise NeuroclError(
                    f"liquid: {name} must be a whole number of steps of dt = {self.dt:g} ms, got {value:g}"
                )

    @property
    def n_exc(self) -> int:
        """Number of excitatory neurons, which come first."""
        return round(EXCITATORY * self.n)


def liquid_network(config: Config, n_inputs: int, input_weight: float, plastic: bool) -> Network:
    """The network: populations "inp" (its rate is an `Input`) and "liquid" (excitatory neurons first).

    Parameters
    ----------
    config : settings.
    n_inputs : number of pixels.
    input_weight : magnitude of the input weights, pA.
    plastic : whether the projection "ee" has STDP; built with one seed, both are wired alike.
    """
    side = math.ceil(config.n ** (1 / 3) - 1e-9)
    sites = Lattice((side, side, math.ceil(config.n / side**2)), shuffle=True)
    network = Network(dt=config.dt)
    inp = network.add(models.Poisson, n_inputs, name="inp", rate=Input(0.0))
    liquid = network.add(models.LIF, config.n, name="liquid", positions=sites, tau_mem=TAU_MEM, tau_syn=TAU_SYN)
    signs = choice([input_weight, -input_weight])
    network.connect(inp, liquid, FixedProbability(INPUT_PROBABILITY), target="i_syn", weight=signs, name="input")
    ends = {"e": liquid[: config.n_exc], "i": liquid[config.n_exc :]}
    mean, largest = config.weight, 2 * config.weight
    for name, probability in PROBABILITIES.items():
        weight: Any = mean if name[0] == "e" else INHIBITION * mean
        stdp: dict[str, Any] = {}
        if name == "ee":
            weight = uniform(0.5 * mean, 1.5 * mean)
            rates = {"a_plus": config.a_plus * largest, "a_minus": config.a_minus * largest}
            stdp = {"synapse": models.PairSTDP, "w_max": largest, **rates} if plastic else {}
        rule = DistanceDependent(probability, LENGTH)
        network.connect(ends[name[0]], ends[name[1]], rule, target="i_syn", weight=weight, name=name, **stdp)
    return network


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment.

    Parameters
    ----------
    config : settings.
    folder : where finished parts are kept, so that an interrupted run can go on; none: they are not kept.

    Returns
    -------
    Outcome
        Accuracies of the readout on pixels, on the static and on the plastic liquid.

    Raises
    ------
    NeuroclError
        If the data are not there, or fewer than asked for.
    """
    from neurocl.experiments.liquid_report import describe
    from neurocl.experiments.readout import fit_readout

    times: dict[str, float] = {}
    with timed(times, "data"):
        data = load(config)
        strength = input_weight(config, data)
    with timed(times, "plasticity"):
        weights = keep(folder, "weights", lambda: _learn(config, data, strength))
    with timed(times, "presentations"):
        simulator = liquid_network(config, data.x_train.shape[1], strength, plastic=False).build(seed=config.seed)
        counts = _all_counts(config, data, simulator, weights, folder)
        example = _example(config, data, simulator)
    with timed(times, "readouts"):
        features = {"pixels": {"train": data.x_train, "test": data.x_test}, **counts}
        readouts = {
            name: fit_readout(x["train"], data.y_train, x["test"], data.y_test, config.seed)
            for name, x in tqdm(features.items(), desc="readouts", unit="readout", disable=None, leave=False)
        }
    with timed(times, "figures"):
        outcome = describe(config, data, counts, weights, readouts, example, times)
    return outcome


def load(config: Config) -> Dataset:
    """The images with flat pixels, reduced to as many as `config` asks for."""
    n_train, n_test = (
        limit if asked is None else asked
        for asked, limit in zip((config.n_train, config.n_test), LIMITS[config.data], strict=True)
    )
    return load_images(config.data, n_train, n_test, config.seed)


def input_weight(config: Config, data: Dataset) -> float:
    """Magnitude w of the input weights in pA, from the wanted spread of the mean input current.

    A source of rate r (per ms) gives a mean current of +-w tau_syn r to each of its targets; over neurons, the sum
    over sources that are present with probability p and have random signs has the variance p (w tau_syn)^2 sum r^2.
    """
    rates = config.max_rate / 1000 * data.x_train.astype(np.float64)
    spread = TAU_SYN * math.sqrt(INPUT_PROBABILITY * float(np.mean(np.sum(rates**2, axis=1))))
    if spread == 0:
        raise NeuroclError("liquid: all training images are black; there is nothing to learn from")
    return config.input_current / spread


def _learn(config: Config, data: Dataset, strength: float) -> Arrays:
    """E -> E weights before and after STDP."""
    network = liquid_network(config, data.x_train.shape[1], strength, plastic=True)
    simulator = network.build(seed=config.seed)
    before = simulator.state["ee.w"].copy()
    order = np.random.default_rng(config.seed).permutation(len(data.x_train))[: config.stdp_images]
    steps = round(config.stdp_duration / config.dt)
    batches = [order[k : k + 50] for k in range(0, len(order), 50)]
    for batch in tqdm(batches, desc="STDP", unit="batch", disable=None, leave=False):
        rates = np.repeat(config.max_rate * data.x_train[batch], steps, axis=0)
        simulator.run(len(batch) * steps * config.dt, inputs={"inp": {"rate": rates}})
    return {"before": before, "after": simulator.state["ee.w"].copy()}


def _all_counts(
    config: Config, data: Dataset, simulator: Any, weights: Arrays, folder: RunFolder | None
) -> dict[str, Arrays]:
    """Spike counts [image, neuron] by liquid and part of the data, chunk by chunk."""
    parts = {"train": (data.x_train, 1), "test": (data.x_test, 1 + len(data.x_train))}
    counts: dict[str, Arrays] = {}
    total = len(LIQUIDS) * (len(data.x_train) + len(data.x_test))
    with tqdm(total=total, desc="presentations", unit="image", disable=None, leave=False) as bar:
        for liquid in LIQUIDS:
            simulator.set("ee", w=weights["before" if liquid == "static" else "after"])
            counts[liquid] = {}
            for part, (images, first_trial) in parts.items():
                found = []
                for k in range(0, len(images), config.chunk):
                    chunk = images[k : k + config.chunk]

                    def present(chunk: NDArray[np.float32] = chunk, trial: int = first_trial + k) -> Arrays:
                        return {"counts": _counts(config, simulator, chunk, trial)}

                    found.append(keep(folder, f"{liquid}-{part}-{k:06d}", present)["counts"])
                    bar.update(len(chunk))
                counts[liquid][part] = np.concatenate(found)
    return counts


def _counts(config: Config, simulator: Any, images: NDArray[np.float32], first_trial: int) -> NDArray[np.float32]:
    recordings = simulator.run_batch(
        config.duration, len(images), values={"inp": {"rate": config.max_rate * images}},
        record={"liquid": "counts"}, first_trial=first_trial, threads=config.threads,
    )  # fmt: skip
    return np.array([r["liquid"].counts() for r in recordings], dtype=np.float32)


def _example(config: Config, data: Dataset, simulator: Any) -> dict[str, Spikes]:
    """Spikes of the first test image's presentation to the plastic liquid."""
    recording = simulator.run_batch(
        config.duration, 1, values={"inp": {"rate": config.max_rate * data.x_test[:1]}},
        record={"inp": "spikes", "liquid": "spikes"}, first_trial=1 + len(data.x_train),
    )[0]  # fmt: skip
    spikes, n_exc = recording["liquid"].spikes, config.n_exc
    parts = {"excitatory": spikes.select(slice(None, n_exc)), "inhibitory": spikes.select(slice(n_exc, None))}
    return {"input": recording["inp"].spikes, **parts}


EXPERIMENT = Experiment(
    name="liquid",
    description="a liquid with STDP recognises digits, beside a static liquid and raw pixels",
    config=Config,
    run=run,
)
