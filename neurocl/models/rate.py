"""Rate units: the activity of a population, or of a neuron that is not resolved into spikes.

Equation     tau dr/dt = -r + phi(gain (i_syn + i_ext)); the value r = phi(gain i) is reached at constant input
Variants     phi(x) = x, tanh(x), max(x, 0), 1 / (1 + exp(-x))
Input        i_syn is a parameter, summed over synapses in each step: net.connect(pre, post, rule,
             synapse=RateSynapse, weight=w) makes it the sum of w r over the presynaptic units
Step         exact for input that is constant during the step
Units        time ms, the rest dimensionless (or Hz, if gain and weights are chosen so)
Source       Wilson & Cowan (1972), Biophys. J. 12:1; Hopfield (1984), PNAS 81:3088; Dayan & Abbott (2001),
             Theoretical Neuroscience, ch. 7.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel, SynapseModel

__all__ = ["LinearRateUnit", "RateSynapse", "ReLURateUnit", "SigmoidRateUnit", "TanhRateUnit"]


def _rate_unit(name: str, doc: str, phi: str) -> NeuronModel:
    return NeuronModel(
        name=name,
        doc=f"{doc} (Dayan & Abbott 2001, ch. 7); summed input i_syn.",
        equations=f"""
            x     = gain * (i_syn + i_ext) : 1
            dr/dt = ({phi} - r) / tau      : 1
        """,
        parameters={"tau": 10.0, "gain": 1.0, "i_syn": 0.0, "i_ext": 0.0},
        require="tau > 0",
    )


LinearRateUnit = _rate_unit("LinearRateUnit", "Linear rate unit", "x")
TanhRateUnit = _rate_unit("TanhRateUnit", "Rate unit with values between -1 and 1", "tanh(x)")
ReLURateUnit = _rate_unit("ReLURateUnit", "Threshold-linear rate unit", "max(x, 0)")
SigmoidRateUnit = _rate_unit("SigmoidRateUnit", "Rate unit with values between 0 and 1", "1 / (1 + exp(-x))")

RateSynapse = SynapseModel(
    name="RateSynapse",
    doc="Connection of rate units (Dayan & Abbott 2001, ch. 7): sums w r into the i_syn of the postsynaptic units.",
    equations="i_syn_post = w * r_pre : 1 (summed)",
)
