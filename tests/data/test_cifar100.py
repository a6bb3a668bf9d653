"""CIFAR-100: the layout of its records, and archives that are refused."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.data import cifar100
from tests.data.cifar_bytes import RECORD, records, write_archive

module = importlib.import_module("neurocl.data.cifar100")
LABELS = np.array([7, 99, 0], np.uint8)


def use(monkeypatch: pytest.MonkeyPatch, path: Path, **members: bytes) -> None:
    """Write an archive at `path` and let its sum be the published one."""
    monkeypatch.setattr(module, "_MD5", write_archive(path, {f"{name}.bin": raw for name, raw in members.items()}))


@pytest.mark.parametrize("folder", ["", "cifar100"])
def test_records_are_labels_and_three_planes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    train = records(LABELS, 0)
    use(monkeypatch, tmp_path / folder / module.ARCHIVE, train=train, test=train[RECORD:])
    data = cifar100(tmp_path)
    assert data.x_train.shape == (3, 3, 32, 32)
    assert data.x_test.shape == (2, 3, 32, 32)
    assert data.x_train.dtype == np.float32
    np.testing.assert_array_equal(data.y_train, [7, 99, 0])
    np.testing.assert_array_equal(data.y_test, [99, 0])
    # green, row 2, column 5 of the second image
    assert data.x_train[1, 1, 2, 5] == np.float32(train[RECORD + 2 + 1024 + 2 * 32 + 5]) / np.float32(255)
    np.testing.assert_array_equal(data.x_test, data.x_train[1:])


def test_the_archive_is_found_through_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path / module.ARCHIVE, train=records(LABELS, 0), test=records(LABELS, 1))
    monkeypatch.setenv("NEUROCL_DATA", str(tmp_path))
    assert len(cifar100().y_test) == 3


def test_a_missing_archive_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NeuroclError, match=rf"{module.ARCHIVE}.*{tmp_path}"):
        cifar100(tmp_path)


def test_another_archive_is_refused(tmp_path: Path) -> None:
    write_archive(tmp_path / module.ARCHIVE, {"train.bin": records(LABELS, 0), "test.bin": records(LABELS, 1)})
    with pytest.raises(NeuroclError, match=f"not the original archive.*expected {module._MD5}"):
        cifar100(tmp_path)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"train": b"\0" * RECORD}, "cannot be unpacked"),
        ({"train": b"\0" * RECORD, "test": b"\0" * 100}, "test.bin must hold records of 3074 bytes, got 100 bytes"),
        ({"train": b"", "test": b"\0" * RECORD}, "train.bin must hold records"),
    ],
)
def test_a_damaged_archive_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: dict[str, bytes], message: str
) -> None:
    use(monkeypatch, tmp_path / module.ARCHIVE, **members)
    with pytest.raises(NeuroclError, match=message):
        cifar100(tmp_path)


def test_an_archive_that_is_no_archive_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / module.ARCHIVE).write_bytes(b"\x1f\x8b nothing")
    monkeypatch.setattr(module, "_MD5", "f" * 32)
    with pytest.raises(NeuroclError, match="not the original archive"):
        cifar100(tmp_path)
