"""The three ways to hand spikes to a plot, made one: population name -> spikes."""

from __future__ import annotations

from collections.abc import Mapping

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Recording, Spikes


def populations(spikes: Spikes | Mapping[str, Spikes] | Recording) -> dict[str, Spikes]:
    """Return the spikes of each population by name; those of a lone `Spikes` have the name ``""``.

    Of a `Recording`, these are the populations whose spikes were recorded.
    """
    if isinstance(spikes, Spikes):
        return {"": spikes}
    if isinstance(spikes, Recording):
        named = {name: spikes[name].spikes for name in spikes.names if "spikes" in spikes[name]}
    elif isinstance(spikes, Mapping) and all(isinstance(value, Spikes) for value in spikes.values()):
        named = dict(spikes)
    else:
        raise NeuroclError(
            f"expected Spikes, a mapping of names to Spikes, or a Recording, got {type(spikes).__name__}; "
            'take the spikes of a run with out["name"].spikes.'
        )
    if not named:
        raise NeuroclError('there are no spikes to plot; add "spikes" to record when you run.')
    return named
