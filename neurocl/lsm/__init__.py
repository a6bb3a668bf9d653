"""NALSM: a liquid state machine that an astrocyte keeps at the edge of chaos.

    liquid = lsm.Liquid(1000, 784, plasticity=lsm.Astrocyte(w_astro=0.015), seed=0)
    liquid.pre_phase(probabilities, steps=20)              # unsupervised; finds the weights of every sample's beginning
    counts = liquid.present(probabilities, steps=250).counts
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from neurocl.lsm.liquid import Liquid
from neurocl.lsm.plasticity import APSTDP, STDP, Astrocyte, Static
from neurocl.lsm.presentation import Presentation, RecordedSample, Weights

if TYPE_CHECKING:
    from neurocl.lsm.adadelta_readout import AdadeltaReadout
    from neurocl.lsm.classifier import LATER, LiquidClassifier
    from neurocl.lsm.classifiers import LSM, LSMAPSTDP, LSMSTDP, NALSM
    from neurocl.lsm.criticality import (
        Criticality,
        RecordedSamples,
        liquid_criticality,
        liquid_divergence,
        liquid_lyapunov,
        record_samples,
    )
    from neurocl.lsm.kernel import KernelRanks, liquid_ranks
    from neurocl.lsm.readout import LogisticReadout
    from neurocl.lsm.strategy import LiquidReadout

__all__ = [
    "APSTDP",
    "LATER",
    "LSM",
    "LSMAPSTDP",
    "LSMSTDP",
    "NALSM",
    "STDP",
    "AdadeltaReadout",
    "Astrocyte",
    "Criticality",
    "KernelRanks",
    "Liquid",
    "LiquidClassifier",
    "LiquidReadout",
    "LogisticReadout",
    "Presentation",
    "RecordedSample",
    "RecordedSamples",
    "Static",
    "Weights",
    "liquid_criticality",
    "liquid_divergence",
    "liquid_lyapunov",
    "liquid_ranks",
    "record_samples",
]

# These need scikit-learn, or torch, which are loaded when one of them is first used.
_LATER = {
    "AdadeltaReadout": "adadelta_readout", "LATER": "classifier", "LiquidClassifier": "classifier",
    "LSM": "classifiers", "LSMAPSTDP": "classifiers", "LSMSTDP": "classifiers", "NALSM": "classifiers",
    "Criticality": "criticality", "RecordedSamples": "criticality", "liquid_criticality": "criticality",
    "liquid_divergence": "criticality", "liquid_lyapunov": "criticality", "record_samples": "criticality",
    "KernelRanks": "kernel", "liquid_ranks": "kernel", "LogisticReadout": "readout", "LiquidReadout": "strategy",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(f"neurocl.lsm.{_LATER[name]}"), name)
    raise AttributeError(f"module 'neurocl.lsm' has no attribute {name!r}")
