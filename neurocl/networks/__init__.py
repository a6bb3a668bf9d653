"""Ready-made networks of the literature, each a function that returns a description."""

from neurocl.networks.cuba import cuba

__all__ = ["cuba"]
