from __future__ import annotations

import gzip
import hashlib
import importlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.data.dataset import Dataset
from neurocl.data.mnist import fashion_mnist, mnist

# importlib, because the attribute `neurocl.data.mnist` is the function
module = importlib.import_module("neurocl.data.mnist")
places = importlib.import_module("neurocl.data.places")
LOADERS = {"mnist": mnist, "fashion_mnist": fashion_mnist}


def _idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def _write_four(folder: Path, offset: int, compress: bool) -> tuple[str, ...]:
    """Two training images and one test image of 2 x 2 pixels; returns the checksums."""
    folder.mkdir(parents=True, exist_ok=True)
    train = np.array([[[0, 255], [51, 102]], [[1, 2], [3, 4]]], dtype=np.uint8)
    arrays = (train, np.array([offset, 1], np.uint8), train[:1], np.array([offset], np.uint8))
    sums = []
    for name, array in zip(module._FILES, arrays, strict=True):
        raw = _idx(array)
        sums.append(hashlib.md5(raw).hexdigest())
        (folder / (name + ".gz" * compress)).write_bytes(gzip.compress(raw) if compress else raw)
    return tuple(sums)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with small files of both data sets (mnist plain, fashion_mnist gzipped), and no other."""
    root = tmp_path / "files"
    sums = {
        "mnist": _write_four(root / "mnist", 3, compress=False),
        "fashion_mnist": _write_four(root / "fashion_mnist", 4, compress=True),
    }
    monkeypatch.setattr(module, "_MD5", sums)
    monkeypatch.delenv("NEUROCL_DATA", raising=False)
    # neither the current folder nor the repository shall lead to real data
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(places, "__file__", str(tmp_path / "repository" / "neurocl" / "data" / "places.py"))
    return root


@pytest.mark.parametrize("name", LOADERS)
def test_root_may_hold_the_files_or_the_named_folder(small: Path, name: str) -> None:
    for root in (small, small / name, str(small)):
        data = LOADERS[name](root)
        assert data.name == name
        np.testing.assert_array_equal(data.y_train, [{"mnist": 3, "fashion_mnist": 4}[name], 1])
        np.testing.assert_array_equal(data.x_train[0], np.float32([[0, 1], [0.2, 0.4]]))
        assert len(data.x_test) == 1


def test_files_are_found_through_the_environment(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROCL_DATA", str(small))
    assert mnist().y_test[0] == 3


@pytest.mark.parametrize("place", ["shared/data", "../shared/data"])
def test_files_are_found_in_shared_data_beside_the_current_folder(
    small: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    cwd = small.parent / "work"
    cwd.mkdir()
    monkeypatch.chdir(cwd)
    (cwd / place).parent.mkdir(parents=True)
    small.rename(cwd / place)
    assert fashion_mnist().y_test[0] == 4


def test_files_are_found_in_shared_data_beside_the_repository(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "shared").mkdir(parents=True)
    small.rename(home / "shared" / "data")
    monkeypatch.setattr(places, "__file__", str(home / "repository" / "neurocl" / "data" / "places.py"))
    assert mnist().y_test[0] == 3


def test_an_explicit_root_is_never_replaced(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROCL_DATA", str(small))
    with pytest.raises(NeuroclError, match="wrong_folder"):
        mnist("wrong_folder")


def test_nothing_found_says_where_it_looked(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROCL_DATA", str(small / "empty"))
    with pytest.raises(NeuroclError) as caught:
        mnist()
    message = str(caught.value)
    looked = (small / "empty", small.parent / "shared" / "data")
    for part in (*map(str, looked), "train-images-idx3-ubyte", "NEUROCL_DATA"):
        assert part in message
    assert "\n" not in message


def test_a_missing_file_is_named(small: Path) -> None:
    (small / "mnist" / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(NeuroclError, match="mnist lacks t10k-labels-idx1-ubyte:"):
        mnist(small)


def test_files_of_the_other_data_set_are_refused(small: Path) -> None:
    with pytest.raises(NeuroclError, match="not the original file of fashion_mnist"):
        fashion_mnist(small / "mnist")


def test_a_damaged_file_is_refused(small: Path) -> None:
    path = small / "mnist" / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\x09")
    with pytest.raises(NeuroclError, match="MD5") as caught:
        mnist(small)
    assert str(path) in str(caught.value)


def _real(load: Callable[[], Dataset]) -> Dataset:
    try:
        return load()
    except NeuroclError as error:
        pytest.skip(str(error))


# means and standard deviations of the training pixels as everyone normalises with them
@pytest.mark.parametrize(
    ("name", "mean", "std"), [("mnist", 0.1307, 0.3081), ("fashion_mnist", 0.2860, 0.3530)]
)
def test_the_original_files_give_the_official_split(name: str, mean: float, std: float) -> None:
    data = _real(LOADERS[name])
    assert data.x_train.shape == (60_000, 28, 28)
    assert data.x_test.shape == (10_000, 28, 28)
    assert data.x_train.max() == 1
    assert data.n_classes == 10
    assert np.bincount(data.y_test)[5] == {"mnist": 892, "fashion_mnist": 1000}[name]
    # sums of 47 million pixels need float64; the constants have four decimals
    first = data.x_train.mean(dtype=np.float64)
    second = np.square(data.x_train).mean(dtype=np.float64)
    assert first == pytest.approx(mean, abs=1e-4)
    assert np.sqrt(second - first**2) == pytest.approx(std, abs=1e-4)
