"""What changes the synapses of a liquid: nothing, STDP, activity-dependent STDP, or STDP under an astrocyte.

    lsm.Liquid(plasticity=lsm.Astrocyte(w_astro=0.015))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from neurocl.core._checks import finite_number, flag, non_negative_number, positive_number, probability
from neurocl.core.errors import NeuroclError
from neurocl.core.model import Modulator
from neurocl.lsm.models import ASTROCYTE

__all__ = ["APSTDP", "STDP", "Astrocyte", "Plasticity", "Static"]


@dataclass(frozen=True)
class Static:
    """Synapses that never change."""

    in_pre_phase: ClassVar[bool] = False
    in_presentation: ClassVar[bool] = False


@dataclass(frozen=True)
class STDP:
    """Pair STDP with equal rates, a_minus = a_plus.

    Parameters
    ----------
    a_plus : change per unit of trace. Default 0.15.
    decay : factor of both rates per step of a presentation (in the pre-phase they are constant). Default 0.99.
    in_presentation : whether synapses change while samples are presented. Default True, as the text of the source has
        it; False reproduces its published numbers, whose runs were static in effect.
    """

    a_plus: float = 0.15
    decay: float = 0.99
    in_presentation: bool = True

    in_pre_phase: ClassVar[bool] = True
    w_astro: ClassVar[float] = 0.0
    tau_astro: ClassVar[float] = 100.0

    def __post_init__(self) -> None:
        _check_rates(self)
        flag("STDP", "in_presentation", self.in_presentation)


@dataclass(frozen=True)
class APSTDP:
    """STDP that the postsynaptic neuron's activity gates; synapses change in the pre-phase only.

    An increase of a weight needs a calcium between c_th and c_th + c_width, a decrease one between c_th - c_width and
    c_th. Calcium is about the neuron's rate in Hz over the last second of training.

    Parameters
    ----------
    a_plus : rate of both terms. Default 0.15.
    c_th, c_width : Defaults 37 and 22, for MNIST; 10 and 2 to 3 for N-MNIST.
    """

    a_plus: float = 0.15
    c_th: float = 37.0
    c_width: float = 22.0

    in_pre_phase: ClassVar[bool] = True
    in_presentation: ClassVar[bool] = False
    decay: ClassVar[float] = 1.0
    w_astro: ClassVar[float] = 0.0
    tau_astro: ClassVar[float] = 100.0

    def __post_init__(self) -> None:
        _check_rates(self)
        finite_number("APSTDP", "c_th", self.c_th)
        positive_number("APSTDP", "c_width", self.c_width)


@dataclass(frozen=True)
class Astrocyte:
    """STDP whose rate of depression is the state of an astrocyte.

        a_minus <- a_minus + (w_astro (n_liquid - n_input) + a_plus - a_minus) / tau_astro

    with the numbers of spikes of the liquid and of the inputs in the step. Every decrease of a weight (less
    excitation, more inhibition) is in proportion to a_minus, every increase to the constant a_plus, so a liquid that is
    busier than its input calms down. a_minus is not bounded; below zero, depression becomes potentiation.

    Parameters
    ----------
    w_astro : change per spike. Default 0.015, for 1000 neurons; 0.0075 for 8000.
    tau_astro : time constant, ms. Default 100.
    a_plus : rate of increases, and of decreases at rest. Default 0.15.
    decay : factor per step of a presentation of a_plus, a_minus, w_astro and the resting value (in the pre-phase they
        do not decay); every sample begins with the full values. Default 0.99.
    density : share rho of the liquid's neurons n and of the inputs x whose spikes reach the astrocyte: ceil(rho n) and
        ceil(rho x) random ones, with the same w_astro. Default 1: all.

    Attributes
    ----------
    model : Modulator
        The astrocyte's description.
    """

    w_astro: float = 0.015
    tau_astro: float = 100.0
    a_plus: float = 0.15
    decay: float = 0.99
    density: float = 1.0

    model: ClassVar[Modulator] = ASTROCYTE
    in_pre_phase: ClassVar[bool] = True
    in_presentation: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _check_rates(self)
        non_negative_number("Astrocyte", "w_astro", self.w_astro)
        positive_number("Astrocyte", "tau_astro", self.tau_astro)
        if positive_number("Astrocyte", "density", self.density) > 1.0:
            raise NeuroclError(f"Astrocyte: density must lie in (0, 1], got {self.density!r}")


Plasticity: TypeAlias = Static | STDP | APSTDP | Astrocyte


def _check_rates(plasticity: STDP | APSTDP | Astrocyte) -> None:
    where = type(plasticity).__name__
    non_negative_number(where, "a_plus", plasticity.a_plus)
    probability(where, "decay", plasticity.decay)
