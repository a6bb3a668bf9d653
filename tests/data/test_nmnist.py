from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.data import nmnist, read_events
from tests.data.nmnist_bytes import record, write_recordings

EVENT = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 1), st.integers(0, 2**23 - 1))


@given(st.lists(EVENT, max_size=20))
def test_reads_back_what_was_written(tmp_path_factory: pytest.TempPathFactory, events: list) -> None:
    path = tmp_path_factory.mktemp("events") / "1.bin"
    path.write_bytes(b"".join(record(*event) for event in events))
    found = read_events(path)
    assert len(found) == len(events)
    assert list(zip(found.x, found.y, found.polarity, found.time, strict=True)) == events


def test_times_are_rounded_half_to_even_and_what_is_outside_is_dropped(tmp_path: Path) -> None:
    events = [
        (0, 0, 0, 499), (1, 0, 0, 500), (2, 0, 0, 1500), (3, 0, 0, 2500), (4, 0, 0, 9499),  # ms 0, 0, 2, 2, 9
        (5, 0, 0, 9500), (34, 0, 0, 0), (0, 34, 0, 0),  # ms 10, beyond the end; beyond the sensor
        (33, 33, 1, 3000), (33, 33, 1, 3100),  # one channel, one ms
    ]  # fmt: skip
    path = tmp_path / "1.bin"
    path.write_bytes(b"".join(record(*event) for event in events))
    raster = read_events(path).raster(n_steps=10)
    expected = [(0, 0), (0, 1), (2, 2), (2, 3), (3, 2311), (9, 4)]
    assert list(zip(*np.nonzero(raster), strict=True)) == expected
    later = read_events(path).raster(n_steps=2, first=2)
    assert list(zip(*np.nonzero(later), strict=True)) == [(0, 2), (0, 3), (1, 2311)]


def test_parts_are_split_by_the_numbers_of_the_files(tmp_path: Path) -> None:
    for part, digit, number in [
        ("Train", 7, 50_001), ("Train", 3, 2), ("Train", 9, 50_000), ("Train", 1, 60_000), ("Test", 4, 1)
    ]:  # fmt: skip
        folder = tmp_path / part / str(digit)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:05d}.bin").write_bytes(record(digit, 0, 0, 0))
    parts = nmnist(tmp_path)
    labels = {name: part.labels.tolist() for name, part in parts.items()}
    assert labels == {"train": [3, 9], "valid": [7, 1], "test": [4]}
    assert parts["valid"][1].x.tolist() == [1]
    assert parts["train"].rasters(5)[:, 0].nonzero()[1].tolist() == [3, 9]


def test_slices_and_lists_of_numbers_are_rasters_of_just_these_files(tmp_path: Path) -> None:
    write_recordings(tmp_path, per_digit=3, n_events=50)
    part = nmnist(tmp_path)["train"]
    every = part.rasters()
    assert every.shape == (6, 300, 2312) and every.any(axis=(1, 2)).all()
    for chosen in (slice(1, 3), slice(None, None, -2), [4, 0], np.array([5]), slice(0, 0)):
        np.testing.assert_array_equal(part[chosen], every[chosen])
    (tmp_path / "Train" / "1" / "00002.bin").unlink()
    np.testing.assert_array_equal(part[[0, 2]], every[[0, 2]])  # nothing else is read
    with pytest.raises(IndexError):
        part[[6]]


def test_damaged_and_missing_files_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "1.bin").write_bytes(b"1234567")
    with pytest.raises(NeuroclError, match="records of 5 bytes, got 7 bytes"):
        read_events(tmp_path / "1.bin")
    with pytest.raises(NeuroclError, match="cannot be read"):
        read_events(tmp_path / "2.bin")
    with pytest.raises(NeuroclError, match="holds no recordings"):
        nmnist(tmp_path)
    (tmp_path / "Train" / "0").mkdir(parents=True)
    (tmp_path / "Train" / "0" / "first.bin").write_bytes(b"")
    with pytest.raises(NeuroclError, match="expected a name such as"):
        nmnist(tmp_path)
