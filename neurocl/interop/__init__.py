"""Exchange with other packages; each is imported only when it is asked for."""

from neurocl.interop.avalanche import from_avalanche, to_avalanche
from neurocl.interop.nir import from_nir, layers_from_nir, to_nir

__all__ = ["from_avalanche", "from_nir", "layers_from_nir", "to_avalanche", "to_nir"]
