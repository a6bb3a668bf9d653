"""`Liquid`: a reservoir of spiking neurons whose synapses an astrocyte keeps at the edge of chaos.

    liquid = lsm.Liquid(1000, 784, seed=0)
    liquid.pre_phase(p_train[order], steps=20)        # finds liquid.weights, W_init
    counts = liquid.present(p_test, steps=250).counts
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import flag, non_negative_number, whole_number
from neurocl.core.components import is_numeric
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.lattice import Lattice
from neurocl.core.random import build_generator
from neurocl.engines.numba import NumbaSimulation
from neurocl.engines.numba.profile import Profile
from neurocl.lsm.network import LARGEST_WEIGHT, RECURRENT, default_lattice, excitatory_neurons, liquid_network
from neurocl.lsm.plasticity import APSTDP, Astrocyte, Plasticity, Static
from neurocl.lsm.presentation import Presentation, Weights
from neurocl.lsm.running import Settings, read_weights, run_pre_phase, run_presentation, run_profile
from neurocl.lsm.samples import Samples, check_samples, sample_numbers, take

__all__ = ["Liquid"]

class Liquid:
    """A liquid: neurons on a lattice, their synapses, their inputs, and what changes the weights.

    Every sample begins with silent neurons, the weights `weights` and the astrocyte at rest; what synapses learn while
    a sample is presented is forgotten at its end. Only `pre_phase` changes `weights`.

    Parameters
    ----------
    n : neurons, at least 5; round(0.8 n) of them are excitatory. Default 1000.
    n_inputs : input neurons (pixels, or channels of an event camera). Default 784.
    plasticity : `Static`, `STDP`, `APSTDP` or `Astrocyte`. Default ``Astrocyte()``.
    magnitude : of all weights at the start, at most 3 unless they are static, as plastic weights never exceed 3.
        Default None: 3 for `STDP` and `Astrocyte`, 1 for `APSTDP`, 0.8 for `Static`.
    input_magnitude : of the input weights at the start. Default None: as `magnitude`.
    lattice : a `Lattice` with at least n sites, of which only the shape counts: distances are in sites, and neurons
        take sites at random; where there are more sites than neurons, some stay empty. Default None: the smallest
        nearly cubic box.
    parity : do as the published code does: traces go on from one sample to the next in each slot of a batch of
        presentations. Default False: every presentation begins without traces, so that it does not depend on others.
    seed : of wiring, signs and input spikes. Default 0.

    Attributes
    ----------
    n_exc : excitatory neurons have the numbers 0 to n_exc - 1.
    weights : Weights, with which every sample begins; may be set.

    Raises
    ------
    NeuroclError
        For too few neurons, fewer sites than neurons, or weights of another liquid.

    Examples
    --------
    >>> liquid = Liquid(125, 64, plasticity=Static(), magnitude=1.0)
    >>> liquid.present(np.full((10, 64), 0.1), steps=100).counts.shape
    (10, 125)
    """

    def __init__(
        self, n: int = 1000, n_inputs: int = 784, *, plasticity: Plasticity | None = None,
        magnitude: float | None = None, input_magnitude: float | None = None, lattice: Lattice | None = None,
        parity: bool = False, seed: int = 0,
    ) -> None:  # fmt: skip
        self.n = whole_number("Liquid", "n", n, at_least=5)
        self.n_inputs = whole_number("Liquid", "n_inputs", n_inputs, at_least=1)
        self.n_exc = excitatory_neurons(self.n)
        self.plasticity = Astrocyte() if plasticity is None else plasticity
        if not isinstance(self.plasticity, Plasticity):
            raise NeuroclError(
                f"Liquid: plasticity must be Static(), STDP(), APSTDP() or Astrocyte(), got {shown(plasticity)}"
            )
        usual = 0.8 if isinstance(plasticity, Static) else 1.0 if isinstance(plasticity, APSTDP) else 3.0
        self.magnitude = usual if magnitude is None else non_negative_number("Liquid", "magnitude", magnitude)
        self.input_magnitude = (
            self.magnitude
            if input_magnitude is None
            else non_negative_number("Liquid", "input_magnitude", input_magnitude)
        )
        self._largest = math.inf if isinstance(plasticity, Static) else LARGEST_WEIGHT
        for name in ("magnitude", "input_magnitude"):
            if getattr(self, name) > self._largest:
                raise NeuroclError(
                    f"Liquid: {name} must be at most {self._largest:g}, the bound of plastic weights, got"
                    f" {getattr(self, name):g}; only a Static() liquid may have larger ones"
                )
        if lattice is not None and not isinstance(lattice, Lattice):
            raise NeuroclError(f"Liquid: lattice must be a Lattice, got {shown(lattice)}")
        # Excitatory and inhibitory neurons must be mixed, and the length of the connections is in sites.
        self.lattice = default_lattice(self.n) if lattice is None else replace(lattice, shuffle=True, spacing=1.0)
        if self.lattice.n_sites < self.n:
            raise NeuroclError(
                f"Liquid: the lattice {tuple(self.lattice.shape)} has {self.lattice.n_sites} sites, too few for"
                f" n = {self.n} neurons; enlarge it, or leave it out"
            )
        self.parity, self.seed = flag("Liquid", "parity", parity), whole_number("Liquid", "seed", seed)
        self.weights = read_weights(self._frozen)
        self._carried: dict[str, NDArray[np.float32]] = {}

    @cached_property
    def _frozen(self) -> NumbaSimulation:
        """The liquid with synapses that do not change."""
        return self._build(Static())

    @cached_property
    def _plastic(self) -> NumbaSimulation:
        """The liquid with plastic synapses; wired alike."""
        return self._build(self.plasticity)

    def _build(self, plasticity: Plasticity) -> NumbaSimulation:
        network = liquid_network(
            self.n, self.n_inputs, self.lattice, plasticity, self.magnitude, self.input_magnitude, self.seed
        )
        return NumbaSimulation(network, seed=self.seed, dtype="float32")

    @property
    def weights(self) -> Weights:
        """Weights with which every sample begins, with the sign of the presynaptic neuron."""
        return self._weights

    @weights.setter
    def weights(self, weights: Weights) -> None:
        if not isinstance(weights, Weights):
            raise NeuroclError(f"Liquid: weights must be lsm.Weights(recurrent, input), got {shown(weights)}")
        recurrent = self._checked("recurrent", weights.recurrent, self.recurrent_synapses[0].size)
        inputs = self._checked("input", weights.input, self.input_synapses[0].size)
        is_excitatory = self.recurrent_synapses[0] < self.n_exc
        if (np.where(is_excitatory, recurrent, -recurrent) < 0).any():
            raise NeuroclError(
                f"Liquid: recurrent weights must be >= 0 from excitatory neurons (0 to {self.n_exc - 1}) and <= 0 from"
                " inhibitory ones"
            )
        self._weights = Weights(recurrent, inputs)

    def _checked(self, name: str, values: Any, size: int) -> NDArray[np.float32]:
        """A copy of weights; NeuroclError unless there are as many as synapses, within their bounds."""
        if not is_numeric(values):
            raise NeuroclError(f"Liquid: {name} weights must be an array of numbers, got {shown(values)}")
        array = np.array(values, dtype=np.float32)
        if array.shape != (size,):
            raise NeuroclError(
                f"Liquid: expected {size} {name} weights, one per synapse, got shape {array.shape};"
                " weights fit only a liquid of the same n, n_inputs, lattice and seed"
            )
        if not np.isfinite(array).all():
            raise NeuroclError(f"Liquid: {name} weights contain NaN or infinity; give finite numbers")
        if np.abs(array).max(initial=0.0) > self._largest:
            raise NeuroclError(
                f"Liquid: the weights of a plastic liquid lie between {-self._largest:g} and {self._largest:g}, got"
                f" {name} weights up to {np.abs(array).max():g}"
            )
        array.flags.writeable = False
        return array

    @cached_property
    def positions(self) -> NDArray[np.float64]:
        """Sites of the liquid neurons on the lattice, [neuron, 3]."""
        return self.lattice.positions(self.n, build_generator(self.seed, "liquid", "positions"))

    @cached_property
    def recurrent_synapses(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Pre- and postsynaptic neuron of each recurrent synapse, in the order of `weights.recurrent`."""
        pairs = [self._frozen.edges(name) for name in RECURRENT]
        pre, post = (np.concatenate(part) for part in zip(*pairs, strict=True))
        return pre, post

    @cached_property
    def input_synapses(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Input and neuron of each input synapse, in the order of `weights.input`."""
        return self._frozen.edges("input")

    def pre_phase(
        self, samples: Samples, steps: int = 20, *, first_sample: int = 0, progress: bool | None = None
    ) -> Weights:
        """Present samples one after the other, without their labels, and let the weights go on from each to the next.

        The rates of plasticity do not decay; they and the neurons' states begin anew with every sample, but for the
        traces, which go on as the weights do (and calcium, for `APSTDP`).

        Parameters
        ----------
        samples : as in `present`, in the order in which they are shown (the source takes all training images, in
            random order).
        steps : of each sample, ms. Default 20.
        first_sample : number of the first sample, which chooses its random numbers. Default 0; above 0 the pre-phase
            goes on where the last call ended.
        progress : whether to show a progress bar; None: if it takes long, in a terminal.

        Returns
        -------
        Weights
            `weights` from now on, called W_init. A static liquid's do not change.
        """
        steps = whole_number("pre_phase", "steps", steps, at_least=1)
        first_sample = whole_number("pre_phase", "first_sample", first_sample)
        check_samples("pre_phase", samples, self.n_inputs, steps)
        if self.plasticity.in_pre_phase:
            carried = self._carried if first_sample else {}
            self.weights, self._carried = run_pre_phase(
                self._plastic, self.weights, samples, steps, first_sample, carried, progress
            )
        return self.weights

    def present(
        self, samples: Samples, steps: int = 250, *, record: Sequence[int] = (), first_sample: int = 0,
        threads: int | None = None, batch: int = 250, folder: str | Path | None = None, progress: bool | None = None,
    ) -> Presentation:  # fmt: skip
        """Present samples, each to the liquid with the weights `weights`, and count spikes.

        Parameters
        ----------
        samples : array [sample, n_inputs], the probability of an input event per step, in [0, 1]; or array
            [sample, step, n_inputs] of 0 and 1, the events. Anything with a length whose slices are such arrays will
            do, and is read a few samples at a time.
        steps : of each sample, ms. Default 250.
        record : numbers of the samples of which all spikes and the astrocyte are returned, too.
        first_sample : number of the first sample, which chooses its random numbers: without `parity` the same samples
            in several calls give what they give in one. Default 0.
        threads : number of threads, default all cores. The result does not depend on it.
        batch : with ``parity``, the number of samples that the published code presents at a time: the traces of sample
            k go on from those of sample k - batch. Default 250.
        folder : where finished samples are kept, as arrays on disk: the same call after an interruption goes on, and
            memory does not grow with the number of samples. Samples are read again, to see that they are the same.
            Default None.
        progress : whether to show a progress bar; None: if it takes long, in a terminal.

        Returns
        -------
        Presentation
            A silent sample (a black image, weak weights) has counts of 0.

        Raises
        ------
        NeuroclError
            For samples of another shape, a probability outside [0, 1], NaN; a folder with another presentation.
        """
        steps = whole_number("present", "steps", steps, at_least=1)
        first_sample = whole_number("present", "first_sample", first_sample)
        check_samples("present", samples, self.n_inputs, steps)
        recorded = sample_numbers("present", "record", record, len(samples))
        if recorded and folder is not None:
            raise NeuroclError("present: a folder keeps counts only; record samples in a call without folder=")
        batch = whole_number("present", "batch", batch, at_least=1)
        decay = 1.0 if isinstance(self.plasticity, Static) else self.plasticity.decay
        settings = Settings(
            steps, frozenset(recorded), first_sample, decay, threads, batch if self.parity else None, progress, folder
        )
        simulator = self._plastic if self.plasticity.in_presentation else self._frozen
        return run_presentation(simulator, self.weights, samples, settings)

    def profile(self, sample: NDArray[np.float64], steps: int = 250) -> Profile:
        """Where the time goes while a sample is presented; ``print`` shows a table.

        Parameters
        ----------
        sample : probability of an event per step, [n_inputs], or events, [step, n_inputs].
        steps : ms. Default 250.
        """
        read = take("profile", np.asarray(sample)[None], 0, 1, self.n_inputs, steps)[0]
        simulator = self._plastic if self.plasticity.in_presentation else self._frozen
        return run_profile(simulator, self.weights, read, steps)
