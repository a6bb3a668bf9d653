"""The Numba engine: one generated, fused step per network, the time loop in compiled code."""

from neurocl.engines.numba.simulation import NumbaSimulation

__all__ = ["NumbaSimulation"]
