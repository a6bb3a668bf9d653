"""Methods against forgetting and for lasting plasticity; each is a plug-in of `Strategy`, one file each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from neurocl.continual.models import Model
from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.agem import AGEM
from neurocl.continual.strategies.continual_backprop import ContinualBackprop
from neurocl.continual.strategies.der import DERpp
from neurocl.continual.strategies.elementwise_adam import ElementwiseAdam
from neurocl.continual.strategies.ema import EMA
from neurocl.continual.strategies.er import ER
from neurocl.continual.strategies.ewc import EWC
from neurocl.continual.strategies.gem import GEM
from neurocl.continual.strategies.gpm import GPM
from neurocl.continual.strategies.homeostatic import Homeostatic
from neurocl.continual.strategies.joint import Joint
from neurocl.continual.strategies.l2_init import L2Init
from neurocl.continual.strategies.lwf import LwF
from neurocl.continual.strategies.naive import Naive
from neurocl.continual.strategies.online_ewc import OnlineEWC
from neurocl.continual.strategies.owm import OWM
from neurocl.continual.strategies.power_law import PowerLawRehearsal
from neurocl.continual.strategies.redo import ReDo
from neurocl.continual.strategies.shrink_perturb import ShrinkPerturb
from neurocl.continual.strategies.si import SI
from neurocl.continual.strategies.sparse_activations import ASH, Elephant, HardASH, KWinnersTakeAll
from neurocl.continual.strategies.sparse_networks import ElephantMLP, PairwiseMLP, SparseMLP
from neurocl.continual.strategies.upgd import UPGD
from neurocl.continual.strategies.xdg import XdG

__all__ = [
    "AGEM",
    "ASH",
    "EMA",
    "ER",
    "EWC",
    "GEM",
    "GPM",
    "METHODS",
    "NETWORKS",
    "OWM",
    "SI",
    "UPGD",
    "ContinualBackprop",
    "DERpp",
    "ElementwiseAdam",
    "Elephant",
    "ElephantMLP",
    "HardASH",
    "Homeostatic",
    "Joint",
    "KWinnersTakeAll",
    "L2Init",
    "LwF",
    "Naive",
    "OnlineEWC",
    "PairwiseMLP",
    "PowerLawRehearsal",
    "ReDo",
    "ShrinkPerturb",
    "SparseMLP",
    "XdG",
]

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
    "gpm": GPM,
    "owm": OWM,
    "xdg": XdG,
    "upgd": UPGD,
    "continual-backprop": ContinualBackprop,
    "redo": ReDo,
    "shrink-perturb": ShrinkPerturb,
    "l2-init": L2Init,
    "ema": EMA,
    "power-law": PowerLawRehearsal,
    "homeostatic": Homeostatic,
}
"""Methods by the names of the command line; each makes a plug-in from its settings."""

NETWORKS: dict[str, Callable[..., Model]] = {
    "elephant": ElephantMLP,
    "ash": partial(SparseMLP, activation=ASH),
    "hard-ash": SparseMLP,
    "k-winners": partial(SparseMLP, activation=KWinnersTakeAll),
    "pairwise": PairwiseMLP,
}
"""Networks that forget little by themselves, named in the same way; each makes a model from its settings."""
