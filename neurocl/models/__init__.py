"""The model library: descriptions of neurons, sources, synapses and modulators, one family per file."""

from neurocl.models.adex import ADEX_PATTERNS, AdEx
from neurocl.models.conductance import ConductanceLIF
from neurocl.models.hodgkin_huxley import HodgkinHuxley
from neurocl.models.izhikevich import IZHIKEVICH_TYPES, Izhikevich, IzhikevichODE
from neurocl.models.lif import LIF, LIFAlpha, LIFDelta
from neurocl.models.reward import Dopamine, RewardSTDP
from neurocl.models.short_term import TsodyksMarkram
from neurocl.models.sources import Poisson, PoissonDeadTime, SpikeArray
from neurocl.models.stdp import NearestSTDP, PairSTDP, PresynapticNearestSTDP, ReducedNearestSTDP

__all__ = [
    "ADEX_PATTERNS",
    "IZHIKEVICH_TYPES",
    "LIF",
    "AdEx",
    "ConductanceLIF",
    "Dopamine",
    "HodgkinHuxley",
    "Izhikevich",
    "IzhikevichODE",
    "LIFAlpha",
    "LIFDelta",
    "NearestSTDP",
    "PairSTDP",
    "Poisson",
    "PoissonDeadTime",
    "PresynapticNearestSTDP",
    "ReducedNearestSTDP",
    "RewardSTDP",
    "SpikeArray",
    "TsodyksMarkram",
]
