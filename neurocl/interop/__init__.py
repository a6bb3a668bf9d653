"""Exchange with other packages; each is imported only when it is asked for."""

from neurocl.interop.nir import from_nir, layers_from_nir, to_nir

__all__ = ["from_nir", "layers_from_nir", "to_nir"]
