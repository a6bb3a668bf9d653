"""A date and time as the concatenation of its parts, each a scalar on a ring or a category.

Season (day of the year, 0 to 366), day of the week (Monday = 0), weekend, custom days, holidays, time of day (h).
A part with width 0 is left out. It is weekend on Saturday, on Sunday, and on Friday when the hour is above 18. The
holiday's value rises from 0 to 1 on the day before, is 1 on the day, and goes on from 1 to 2, which is 0, after it.

Source  parts, ranges and their order as in the library htm.core
"""

from __future__ import annotations

import datetime
import operator
from collections.abc import Iterator, Sequence
from contextlib import suppress

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr._saving import SavedSettings
from neurocl.sdr.algebra import concatenate
from neurocl.sdr.encoders.scalar import CategoryEncoder, ScalarEncoder, plain
from neurocl.sdr.sdr import SDR

__all__ = ["DateEncoder"]

_LEAP_YEAR = 2024
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class DateEncoder(SavedSettings):
    """Encode dates.

    Parameters
    ----------
    season, day_of_week, weekend, custom, holiday, time_of_day : active bits of each part; 0 leaves it out (default).
    season_radius, day_radius, time_radius : days, days and hours from which on two dates share no bit of the part.
    custom_days : names of weekdays, such as "monday"; whether today is one of them is the part `custom`.
    holidays : pairs (month, day), or triples (year, month, day) for one year only. Default 25 December.

    Attributes
    ----------
    size : bits.
    """

    def __init__(
        self, *, season: int = 0, day_of_week: int = 0, weekend: int = 0, custom: int = 0, holiday: int = 0,
        time_of_day: int = 0, season_radius: float = 91.5, day_radius: float = 1.0, time_radius: float = 4.0,
        custom_days: Sequence[str] = (), holidays: Sequence[tuple[int, ...]] = ((12, 25),),
    ) -> None:  # fmt: skip
        widths = {"season": season, "day_of_week": day_of_week, "weekend": weekend, "custom": custom,
                  "holiday": holiday, "time_of_day": time_of_day}  # fmt: skip
        for name, width in widths.items():
            whole_number("DateEncoder", name, width)
        if not any(widths.values()):
            raise NeuroclError(f"DateEncoder: every part has width 0; give one of {', '.join(widths)}.")
        for day in custom_days:
            if day not in DAYS:
                raise NeuroclError(f"DateEncoder: custom_days are weekdays such as 'monday', got {shown(day)}.")
        rings = {"season": (366.0, season_radius), "day_of_week": (7.0, day_radius), "holiday": (2.0, 1.0),
                 "time_of_day": (24.0, time_radius)}  # fmt: skip
        self._parts: dict[str, ScalarEncoder | CategoryEncoder] = {
            name: ScalarEncoder(0.0, rings[name][0], active_bits=width, radius=rings[name][1], periodic=True)
            if name in rings else CategoryEncoder(2, width)
            for name, width in widths.items() if width
        }  # fmt: skip
        self._custom = {DAYS.index(day) for day in custom_days}
        self._holidays = [_holiday_of(holiday) for holiday in holidays]
        radii = {"season_radius": season_radius, "day_radius": day_radius, "time_radius": time_radius}
        self._settings = {name: plain(value) for name, value in (widths | radii).items()}
        self._settings |= {"custom_days": list(custom_days), "holidays": self._holidays}
        self.size = sum(part.size for part in self._parts.values())

    def encode(self, date: datetime.datetime) -> SDR:
        """The SDR of a date and time; its time zone is not looked at."""
        if not isinstance(date, datetime.datetime):
            raise NeuroclError(f"DateEncoder: expected a datetime.datetime, got {shown(date)}.")
        hours = date.hour + date.minute / 60.0 + date.second / 3600.0
        weekday = date.weekday()
        values: dict[str, float] = {
            "season": date.timetuple().tm_yday - 1, "day_of_week": weekday,
            "weekend": int(weekday >= 5 or (weekday == 4 and date.hour > 18)), "custom": int(weekday in self._custom),
            "holiday": self._holiday(date), "time_of_day": hours,
        }  # fmt: skip
        return concatenate(*(part.encode(values[name]) for name, part in self._parts.items()))  # type: ignore[arg-type]

    def _holiday(self, date: datetime.datetime) -> float:
        now = date.replace(tzinfo=None)
        for start in self._starts(now.year):
            days = (now - start).total_seconds() / 86400.0
            if -1.0 <= days < 0.0:
                return 1.0 + days
            if 0.0 <= days < 2.0:
                return max(1.0, days)
        return 0.0

    def _starts(self, year: int) -> Iterator[datetime.datetime]:
        """When the holidays of this year and of its neighbours begin."""
        for *own_year, month, day in self._holidays:
            for chosen in own_year or (year - 1, year, year + 1):
                with suppress(ValueError):  # that year has no 29 February, or there is no such year
                    yield datetime.datetime(chosen, month, day)


def _holiday_of(given: Sequence[int]) -> tuple[int, ...]:
    """Return (month, day) or (year, month, day); NeuroclError if there is no such day."""
    try:
        numbers = tuple(map(operator.index, given))
        datetime.date(*numbers) if len(numbers) == 3 else datetime.date(_LEAP_YEAR, *numbers)
    except (TypeError, ValueError):
        raise NeuroclError(
            f"DateEncoder: holidays are pairs (month, day) or triples (year, month, day), got {shown(given)}."
        ) from None
    return numbers
