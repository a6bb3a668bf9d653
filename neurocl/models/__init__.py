"""The model library: descriptions of neurons, sources, synapses and modulators, one family per file."""

from neurocl.core.model import Modulator, NeuronModel, SynapseModel
from neurocl.models.adex import ADEX_PATTERNS, AdEx
from neurocl.models.alif import ALIF, AdaptiveThresholdLIF
from neurocl.models.bcm import BCM
from neurocl.models.clopath import ClopathAdEx, ClopathSTDP, HomeostaticClopathSTDP
from neurocl.models.conductance import ConductanceLIF, ConductanceLIFAlpha, ConductanceLIFDoubleExponential
from neurocl.models.dendritic import DendriticGate, DendriticLIF, NMDASegment
from neurocl.models.escape_noise import EscapeNoiseLIF, StochasticLIF
from neurocl.models.exponential import EIF
from neurocl.models.fitzhugh_nagumo import FitzHughNagumo
from neurocl.models.foldiak import AntiHebbian, FoldiakFeedforward, FoldiakUnit
from neurocl.models.gap_junction import GapJunction, GapJunctionLIF
from neurocl.models.glif import GLIF, MIHALAS_NIEBUR_PATTERNS, MihalasNiebur
from neurocl.models.hodgkin_huxley import HodgkinHuxley
from neurocl.models.intrinsic import IntrinsicLIF, IntrinsicRateUnit
from neurocl.models.izhikevich import IZHIKEVICH_TYPES, Izhikevich, IzhikevichODE
from neurocl.models.leaky import Leaky
from neurocl.models.leaky_integrator import LeakyIntegrator
from neurocl.models.lif import LIF, LIFAlpha, LIFDelta, LIFDoubleExponential, spike_time_within_step
from neurocl.models.morris_lecar import MORRIS_LECAR_CLASSES, MorrisLecar
from neurocl.models.nmda import NMDALIF, NMDASynapse
from neurocl.models.noise import ColoredNoiseLIF
from neurocl.models.oja import Hebb, Oja, Sanger, Subspace
from neurocl.models.quadratic import QIF, ThetaNeuron
from neurocl.models.rate import LinearRateUnit, RateSynapse, ReLURateUnit, SigmoidRateUnit, TanhRateUnit
from neurocl.models.rate_units import InputUnit, LinearUnit
from neurocl.models.reward import Dopamine, RewardSTDP
from neurocl.models.scaling import SumNormalisation, SynapticScaling
from neurocl.models.short_term import TSODYKS_MARKRAM_SETS, TsodyksMarkram
from neurocl.models.soft_stdp import SoftSTDP
from neurocl.models.sources import Poisson, PoissonDeadTime, SpikeArray
from neurocl.models.stdp import NearestSTDP, PairSTDP, PresynapticNearestSTDP, ReducedNearestSTDP
from neurocl.models.structural import grow_and_prune, replace_negative, replace_weakest
from neurocl.models.synaptic_elements import update_synapses, with_synaptic_elements
from neurocl.models.three_factor import EProp, EPropFeedback, EPropLIF, EPropReadout
from neurocl.models.tripartite import (
    Astrocyte,
    AstrocyteGapJunction,
    FromAstrocyte,
    ToAstrocyte,
    TripartiteSynapse,
    ensheathed,
)
from neurocl.models.triplet import TRIPLET_SETS, NearestTripletSTDP, TripletSTDP
from neurocl.models.vogels import VogelsInhibitory

__all__ = [
    "ADEX_PATTERNS",
    "ALIF",
    "BCM",
    "EIF",
    "GLIF",
    "IZHIKEVICH_TYPES",
    "LIF",
    "MIHALAS_NIEBUR_PATTERNS",
    "MORRIS_LECAR_CLASSES",
    "NMDALIF",
    "QIF",
    "TRIPLET_SETS",
    "TSODYKS_MARKRAM_SETS",
    "AdEx",
    "AdaptiveThresholdLIF",
    "AntiHebbian",
    "Astrocyte",
    "AstrocyteGapJunction",
    "ClopathAdEx",
    "ClopathSTDP",
    "ColoredNoiseLIF",
    "ConductanceLIF",
    "ConductanceLIFAlpha",
    "ConductanceLIFDoubleExponential",
    "DendriticGate",
    "DendriticLIF",
    "Dopamine",
    "EProp",
    "EPropFeedback",
    "EPropLIF",
    "EPropReadout",
    "EscapeNoiseLIF",
    "FitzHughNagumo",
    "FoldiakFeedforward",
    "FoldiakUnit",
    "FromAstrocyte",
    "GapJunction",
    "GapJunctionLIF",
    "Hebb",
    "HodgkinHuxley",
    "HomeostaticClopathSTDP",
    "InputUnit",
    "IntrinsicLIF",
    "IntrinsicRateUnit",
    "Izhikevich",
    "IzhikevichODE",
    "LIFAlpha",
    "LIFDelta",
    "LIFDoubleExponential",
    "Leaky",
    "LeakyIntegrator",
    "LinearRateUnit",
    "LinearUnit",
    "MihalasNiebur",
    "MorrisLecar",
    "NMDASegment",
    "NMDASynapse",
    "NearestSTDP",
    "NearestTripletSTDP",
    "Oja",
    "PairSTDP",
    "Poisson",
    "PoissonDeadTime",
    "PresynapticNearestSTDP",
    "RateSynapse",
    "ReLURateUnit",
    "ReducedNearestSTDP",
    "RewardSTDP",
    "Sanger",
    "SigmoidRateUnit",
    "SoftSTDP",
    "SpikeArray",
    "StochasticLIF",
    "Subspace",
    "SumNormalisation",
    "SynapticScaling",
    "TanhRateUnit",
    "ThetaNeuron",
    "ToAstrocyte",
    "TripartiteSynapse",
    "TripletSTDP",
    "TsodyksMarkram",
    "VogelsInhibitory",
    "catalogue",
    "ensheathed",
    "grow_and_prune",
    "replace_negative",
    "replace_weakest",
    "spike_time_within_step",
    "update_synapses",
    "with_synaptic_elements",
]


def catalogue() -> dict[str, NeuronModel | SynapseModel | Modulator]:
    """Every model of the library by its name: what is in `__all__` and is a description."""
    found = {name: globals()[name] for name in __all__}
    return {n: m for n, m in found.items() if isinstance(m, NeuronModel | SynapseModel | Modulator)}
