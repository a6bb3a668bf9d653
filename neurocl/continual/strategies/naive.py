"""The naive baseline: gradient descent on one experience after the other, and nothing against forgetting.

Optimiser's state is kept from one experience to the next unless ``reset_optimizer=True``; results differ.
"""

from __future__ import annotations

from neurocl.continual.plugin import Plugin

__all__ = ["Naive"]


class Naive(Plugin):
    """Changes nothing: ``Strategy(Naive())`` is ``Strategy()``, with a name for tables."""
