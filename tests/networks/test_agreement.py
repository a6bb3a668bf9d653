"""Small ready-made networks run spike for spike alike in Brian2."""

from __future__ import annotations

import pytest

from neurocl.core.network import Network
from neurocl.engines.agreement import compare
from neurocl.networks import brunel, coba, cuba, izhikevich

CASES = {
    "cuba": cuba(100),
    "coba": coba(100),
    "brunel": brunel(60, c_exc=20, j=3.0),
    "izhikevich": izhikevich(50),
}


@pytest.mark.parametrize("name", CASES)
def test_network_agrees_with_brian2(name: str) -> None:
    pytest.importorskip("brian2", exc_type=Exception)
    network: Network = CASES[name]
    found = compare(network, 30.0, seed=1)
    assert found.holds(), str(found)
    assert sum(found.n_spikes.values()) > 10
