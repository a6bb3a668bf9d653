"""Files are written whole or not at all; what is no such file, or damaged, is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from neurocl.core.errors import NeuroclError
from neurocl.core.files import read_arrays, write_arrays, write_file

KIND = "neurocl thing"


def test_a_failed_write_keeps_the_old_file_and_leaves_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(tmp_path / "a", "old")

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(NeuroclError, match="No space left"):
        write_file(tmp_path / "a", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_a_file_of_arrays_gives_back_what_was_written(tmp_path: Path) -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3).T, "empty": np.array([], dtype=np.float32), "number": np.array(2.5)}
    write_arrays(tmp_path / "file", KIND, 3, {"n": [1, None]}, arrays)
    head, found = read_arrays(tmp_path / "file", KIND, 3)
    assert head == {"n": [1, None]} and found.keys() == arrays.keys()
    for key, array in arrays.items():
        assert (found[key].dtype, found[key].shape) == (array.dtype, array.shape)
        assert np.array_equal(found[key], array)
    with pytest.raises(NeuroclError, match="not of version 4"):
        read_arrays(tmp_path / "file", KIND, 4)
    with pytest.raises(NeuroclError, match="not a saved neurocl other"):
        read_arrays(tmp_path / "file", "neurocl other", 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [("[]", "not a saved"), ('{"version": 1', "damaged"), ("[" * 10**5, "damaged"), ("{}", "not of version 1")],
)
def test_a_foreign_or_damaged_head_is_refused(tmp_path: Path, text: str, message: str) -> None:
    save_file({"w": np.zeros(3)}, tmp_path / "file", metadata={KIND: text})
    with pytest.raises(NeuroclError, match=message) as caught:
        read_arrays(tmp_path / "file", KIND, 1)
    assert str(tmp_path / "file") in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_file_of_arrays_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("just text, but long enough to be a header")
    (tmp_path / "empty").touch()
    save_file({"w": np.zeros(3)}, tmp_path / "plain")
    for name, message in {
        "missing": "there is no such file", ".": "there is no such file", "text": "not a safetensors file",
        "empty": "not a safetensors file", "plain": "not a saved neurocl thing",
    }.items():  # fmt: skip
        with pytest.raises(NeuroclError, match=message):
            read_arrays(tmp_path / name, KIND, 1)
    with pytest.raises(NeuroclError, match=r"the folder of .* does not exist; make it first"):
        write_arrays(tmp_path / "folder" / "file", KIND, 1, {}, {})


@settings(max_examples=20)
@given(part=st.floats(0, 1, exclude_max=True))
def test_a_file_that_was_cut_short_is_refused(tmp_path_factory: pytest.TempPathFactory, part: float) -> None:
    path = tmp_path_factory.mktemp("cut") / "file"
    write_arrays(path, KIND, 1, {}, {"a": np.ones(9)})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(NeuroclError, match="not a safetensors file, or cut short"):
        read_arrays(path, KIND, 1)
