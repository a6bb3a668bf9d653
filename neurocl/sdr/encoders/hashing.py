"""MurmurHash3 (x86, 32 bits) of 32-bit words. Source: A. Appleby (2011), smhasher, public domain."""

from __future__ import annotations

from collections.abc import Iterable

_MASK = 0xFFFFFFFF


def murmur3(words: Iterable[int], seed: int) -> int:
    """The hash of a little-endian buffer of these words; negative ones count as two's complement."""
    h, n = seed & _MASK, 0
    for word in words:
        k = ((word & _MASK) * 0xCC9E2D51) & _MASK
        k = (((k << 15 | k >> 17) & _MASK) * 0x1B873593) & _MASK
        h ^= k
        h = (((h << 13 | h >> 19) & _MASK) * 5 + 0xE6546B64) & _MASK
        n += 4
    h ^= n
    h = ((h ^ h >> 16) * 0x85EBCA6B) & _MASK
    h = ((h ^ h >> 13) * 0xC2B2AE35) & _MASK
    return h ^ h >> 16
