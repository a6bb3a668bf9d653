from __future__ import annotations

import neurocl.data


def test_every_public_name_is_there_with_a_docstring() -> None:
    assert list(neurocl.data.__all__) == sorted(neurocl.data.__all__, key=str)
    for name in neurocl.data.__all__:
        assert getattr(neurocl.data, name).__doc__
