"""The Brian2 engine: the same plan written as Brian2 objects, the referee of the other engines."""

from neurocl.engines.brian2.simulation import Brian2Simulation

__all__ = ["Brian2Simulation"]
