"""Files as those of N-MNIST, written by a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def record(x: int, y: int, polarity: int, time: int) -> bytes:
    """One event, 5 bytes."""
    return bytes([x, y, polarity << 7 | time >> 16, time >> 8 & 255, time & 255])


def write_recordings(root: Path, per_digit: int, n_events: int = 3000, n_digits: int = 2) -> None:
    """Recordings of 300 ms, as many for training as for testing; each digit is in columns of its own."""
    rng = np.random.default_rng(0)
    for part in ("Train", "Test"):
        for digit in range(n_digits):
            folder = root / part / str(digit)
            folder.mkdir(parents=True)
            for k in range(per_digit):
                x = digit * 15 + rng.integers(0, 15, n_events)
                y, polarity = rng.integers(0, 34, n_events), rng.integers(0, 2, n_events)
                time = np.sort(rng.integers(0, 300_000, n_events))
                events = np.stack([x, y, polarity, time], axis=1).tolist()
                path = folder / f"{1 + n_digits * k + digit:05d}.bin"
                path.write_bytes(b"".join(record(*event) for event in events))
