from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neurocl.core.errors import NeuroclError
from neurocl.data.idx import parse_idx, read_idx

CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def idx_bytes(array: np.ndarray) -> bytes:
    header = bytes([0, 0, CODES[array.dtype.name], array.ndim])
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return header + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


@given(
    st.sampled_from(sorted(CODES)).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(max_dims=4, min_side=0))
    )
)
def test_every_type_and_shape_survives_a_round_trip(array: np.ndarray) -> None:
    back = parse_idx(idx_bytes(array), "file")
    assert back.dtype == array.dtype
    assert back.dtype.isnative
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("name", ["a.gz", "a-idx3-ubyte"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_compression_is_recognised_by_content(tmp_path: Path, name: str, pack) -> None:
    array = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    (tmp_path / name).write_bytes(pack(idx_bytes(array)))
    back = read_idx(tmp_path / name)
    np.testing.assert_array_equal(back, array)
    back[0] = 7  # the result is the user's own


GOOD = idx_bytes(np.arange(12, dtype=np.uint8).reshape(3, 4))
WRONG_FILES = {
    "empty": (b"", "not an IDX file"),
    "text": (b"hello world", "not an IDX file"),
    "unknown type code": (b"\x00\x00\x07" + GOOD[3:], "not an IDX file"),
    "no dimensions": (b"\x00\x00\x08\x00", "not an IDX file"),
    "half a header": (GOOD[:9], "truncated"),
    "one value short": (GOOD[:-1], "truncated: expected 24 bytes"),
    "one value more": (GOOD + b"\x00", "longer than its header says"),
    "sizes beyond any memory": (b"\x00\x00\x0e\x04" + b"\xff" * 16 + b"\x00" * 9, "truncated"),
    "cut gzip": (gzip.compress(GOOD)[:-12], "damaged gzip"),
    "broken gzip": (gzip.compress(GOOD)[:12] + b"\xff" * 30, "damaged gzip"),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_wrong_file_is_an_error_that_names_it(tmp_path: Path, case: str) -> None:
    raw, complaint = WRONG_FILES[case]
    path = tmp_path / "digits-idx2-ubyte"
    path.write_bytes(raw)
    with pytest.raises(NeuroclError, match=complaint) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_a_missing_file_or_a_folder_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(NeuroclError, match="cannot be read") as caught:
        read_idx(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
