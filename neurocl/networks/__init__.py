"""Ready-made networks of the literature, each a function that returns a description."""

from neurocl.networks.brunel import BRUNEL_REGIMES, brunel
from neurocl.networks.coba import coba
from neurocl.networks.cuba import cuba
from neurocl.networks.diehl_cook import diehl_cook
from neurocl.networks.izhikevich import izhikevich
from neurocl.networks.microcircuit import microcircuit
from neurocl.networks.song_abbott import song_abbott
from neurocl.networks.vogels_inhibitory import vogels_inhibitory

__all__ = [
    "BRUNEL_REGIMES",
    "brunel",
    "coba",
    "cuba",
    "diehl_cook",
    "izhikevich",
    "microcircuit",
    "song_abbott",
    "vogels_inhibitory",
]
