"""NALSM: a liquid state machine that an astrocyte keeps at the edge of chaos.

    liquid = lsm.Liquid(1000, 784, plasticity=lsm.Astrocyte(w_astro=0.015), seed=0)
    liquid.pre_phase(probabilities, steps=20)              # unsupervised; finds the weights of every sample's beginning
    counts = liquid.present(probabilities, steps=250).counts
"""

from neurocl.lsm.liquid import Liquid
from neurocl.lsm.plasticity import APSTDP, STDP, Astrocyte, Static
from neurocl.lsm.presentation import Presentation, RecordedSample, Weights

__all__ = ["APSTDP", "STDP", "Astrocyte", "Liquid", "Presentation", "RecordedSample", "Static", "Weights"]
