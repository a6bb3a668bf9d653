"""The folder of a run: nothing is overwritten, nothing is half written, what was computed is not computed again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.experiments.run_folder import RunFolder

DESCRIPTION: dict[str, Any] = {"experiment": "x", "config": {"seed": 1}, "neurocl": "0"}


def test_a_resumed_folder_knows_its_settings_and_computes_nothing_again(tmp_path: Path) -> None:
    values = {"a": np.arange(6.0).reshape(2, 3).T, "b": np.array([], dtype=np.float32), "c": np.array(2.5)}
    RunFolder.begin(tmp_path / "run", DESCRIPTION).keep("part", lambda: values)
    resumed = RunFolder.resume(tmp_path / "run")
    assert resumed.description == DESCRIPTION
    kept = resumed.keep("part", lambda: pytest.fail("computed again"))
    for key, value in values.items():
        assert (kept[key].dtype, kept[key].shape) == (value.dtype, value.shape)
        assert np.array_equal(kept[key], value)


def test_a_part_that_fails_leaves_no_file(tmp_path: Path) -> None:
    folder = RunFolder.begin(tmp_path / "run", DESCRIPTION)

    def fail() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder.keep("part", fail)
    assert [path.name for path in (tmp_path / "run").rglob("*")] == ["run.json"]


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    folder = RunFolder.begin(tmp_path / "run", DESCRIPTION)
    folder.keep("part", lambda: {"a": np.ones(3)})
    file = next((tmp_path / "run").rglob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(NeuroclError, match=r"part\.safetensors is damaged"):
        folder.keep("part", dict)


def test_withdraw_deletes_a_run_that_kept_nothing_and_no_other(tmp_path: Path) -> None:
    RunFolder.begin(tmp_path / "empty", DESCRIPTION).withdraw()
    assert not (tmp_path / "empty").exists()
    folder = RunFolder.begin(tmp_path / "run", DESCRIPTION)
    folder.keep("part", lambda: {"a": np.ones(1)})
    folder.withdraw()
    assert RunFolder.resume(tmp_path / "run").description == DESCRIPTION


@pytest.mark.parametrize("content", ["", "{", "[]", '{"experiment": "x"}', '{"experiment": 1, "config": {}}'])
def test_a_damaged_description_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(NeuroclError, match=r"run\.json is damaged"):
        RunFolder.resume(tmp_path)
