"""Encoders: numbers, categories, dates and places as SDRs, so that like things share bits."""

from __future__ import annotations

from neurocl.sdr.encoders.coordinate import CoordinateEncoder
from neurocl.sdr.encoders.date import DateEncoder
from neurocl.sdr.encoders.random_distributed import RandomDistributedScalarEncoder
from neurocl.sdr.encoders.scalar import CategoryEncoder, ScalarEncoder

__all__ = ["CategoryEncoder", "CoordinateEncoder", "DateEncoder", "RandomDistributedScalarEncoder", "ScalarEncoder"]
