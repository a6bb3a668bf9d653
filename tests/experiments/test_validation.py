"""`neurocl validate`: every model of the library has a network that shows it, and a wrong engine is noticed."""

from __future__ import annotations

import pytest

import neurocl as ncl
from neurocl.core.model import Modulator
from neurocl.experiments import validation


def test_every_model_has_a_network_that_contains_it() -> None:
    for name in ncl.models.catalogue():
        model, network = getattr(ncl.models, name), validation.case_of(name).network
        groups = (*network.populations.values(), *network.modulators.values())
        assert model in [group.model for group in groups] + [p.synapse for p in network.projections.values()], name
        if isinstance(model, Modulator):
            assert any(projection.modulated for projection in network.projections.values())


@pytest.mark.parametrize("name", ["LIF", "PairSTDP"])
def test_models_fire_and_agree_with_brian2(name: str) -> None:
    pytest.importorskip("brian2", exc_type=Exception)
    found = validation.validate(name)
    assert found.holds(), str(found)
    assert all(n > 3 for n in found.n_spikes.values()) and found.differences


@pytest.mark.slow
@pytest.mark.parametrize("name", validation.MODELS)
def test_all_models_agree_with_brian2(name: str) -> None:
    found = validation.validate(name)
    assert found.holds(), str(found)


def test_models_without_a_referee_and_unknown_ones_are_refused() -> None:
    assert set(ncl.models.catalogue()) - set(validation.MODELS) == {"Sanger"}
    with pytest.raises(ncl.NeuroclError, match="'Sanger' sums over synapses in order, which Brian2 cannot"):
        validation.validate("Sanger")
    with pytest.raises(ncl.NeuroclError, match="no model 'LFI'; did you mean 'LIF'"):
        validation.validate("LFI")
