"""Methods against forgetting and for lasting plasticity; each is a plug-in of `Strategy`, one file each."""

from __future__ import annotations

from collections.abc import Callable

from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.agem import AGEM
from neurocl.continual.strategies.der import DERpp
from neurocl.continual.strategies.er import ER
from neurocl.continual.strategies.ewc import EWC
from neurocl.continual.strategies.gem import GEM
from neurocl.continual.strategies.joint import Joint
from neurocl.continual.strategies.lwf import LwF
from neurocl.continual.strategies.naive import Naive
from neurocl.continual.strategies.online_ewc import OnlineEWC
from neurocl.continual.strategies.si import SI

__all__ = ["AGEM", "DERpp", "ER", "EWC", "GEM", "METHODS", "SI", "Joint", "LwF", "Naive", "OnlineEWC"]

METHODS: dict[str, Callable[..., Plugin]] = {
    "naive": Naive,
    "joint": Joint,
    "ewc": EWC,
    "online-ewc": OnlineEWC,
    "si": SI,
    "lwf": LwF,
    "er": ER,
    "derpp": DERpp,
    "agem": AGEM,
    "gem": GEM,
}
"""Methods by the names of the command line; each makes a plug-in from its settings."""
