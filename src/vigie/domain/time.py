"""Times are integer epoch milliseconds UTC; timeframes are a closed set of spans; what passed stays passed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vigie.domain.errors import UsageError

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000

TIMEFRAME_MS: Final[dict[str, int]] = {
    "1m": MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "2h": 2 * HOUR_MS,
    "4h": 4 * HOUR_MS,
    "6h": 6 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
}
WEEK_MS: Final = 7 * DAY_MS
# Weeks are shown and not traded: from Monday on they begin at no multiple of their span.
_NAME_BY_MS: Final = {span: name for name, span in TIMEFRAME_MS.items()} | {WEEK_MS: "1w"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T|$| )")


@dataclass(slots=True)
class Elapsed:
    """Time that has passed on a hand that may be set back: what has passed stays passed.

    Attributes
    ----------
    start : int
        When it began, as the hand stands since it was looked at last.
    last_seen : int or None
        What the hand showed then; None is nobody looked since it began.
    """

    start: int
    last_seen: int | None = None

    def passed_ms(self, now: int) -> int:
        """Look at the hand, and return how long it is since the beginning.

        Parameters
        ----------
        now : int
            What the clock shows, milliseconds.

        Returns
        -------
        int
            Milliseconds, never less than at the look before; a clock set back adds nothing.
        """
        last = self.start if self.last_seen is None else self.last_seen
        self.start -= max(last - now, 0)
        self.last_seen = now
        return now - self.start


def timeframe_ms(timeframe: str) -> int:
    """Return the span of a timeframe in milliseconds.

    Parameters
    ----------
    timeframe : str
        One of `TIMEFRAME_MS`, such as ``"1h"``.

    Returns
    -------
    int
        Milliseconds.

    Raises
    ------
    UsageError
        If the timeframe is not known.
    """
    try:
        return TIMEFRAME_MS[timeframe]
    except KeyError:
        known = " ".join(TIMEFRAME_MS)
        raise UsageError(
            "timeframe_must_one",
            "timeframe must be one of {known}, was {timeframe!r}",
            known=known,
            timeframe=timeframe,
        ) from None


def timeframe_name(span_ms: int) -> str:
    """Return the timeframe that lasts `span_ms` milliseconds, or the span itself as ``"<n>ms"``.

    Parameters
    ----------
    span_ms : int
        Length of a bar.

    Returns
    -------
    str
        ``1m`` to ``1d``, ``1w``.
    """
    return _NAME_BY_MS.get(span_ms, f"{span_ms}ms")


def is_zone(name: str) -> bool:
    """Tell whether a name is a time zone, the same one on every machine.

    Parameters
    ----------
    name : str
        Such as ``Europe/Paris``.

    Returns
    -------
    bool
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name not in ("", "localtime", "Factory", "posixrules")


def zoned(ts_ms: int, zone: tzinfo) -> datetime:
    """Return a time as the clocks of a zone show it.

    Parameters
    ----------
    ts_ms : int
        Epoch milliseconds UTC.
    zone : tzinfo
        Such as a `zoneinfo.ZoneInfo`.

    Returns
    -------
    datetime
        Aware, in that zone.
    """
    return datetime.fromtimestamp(ts_ms / 1_000, UTC).astimezone(zone)


def iso(ts_ms: int) -> str:
    """Write a time as ISO 8601 UTC with second precision, ``2025-01-01T00:00:00Z``.

    Milliseconds are written only where there are any.

    Parameters
    ----------
    ts_ms : int
        Epoch milliseconds UTC.

    Returns
    -------
    str
        Such as ``2025-01-01T00:00:00.250Z`` where milliseconds are written.
    """
    seconds, rest = divmod(ts_ms, SECOND_MS)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:03d}Z" if rest else f"{text}Z"


def parse_time(text: str) -> int:
    """Read a time a person typed: ISO 8601 (UTC unless it says otherwise), a date, or epoch digits.

    Parameters
    ----------
    text : str
        ``2025-01-01``, ``2025-01-01T04:00:00Z``, ``2025-01-01 04:00``, or epoch seconds or milliseconds.

    Returns
    -------
    int
        Epoch milliseconds UTC.

    Raises
    ------
    UsageError
        If the text is not a time.
    """
    text = text.strip()
    if re.fullmatch(r"-?\d{1,10}", text):
        return int(text) * SECOND_MS
    if re.fullmatch(r"\d{11,14}", text):
        return int(text)
    if not _DATE.match(text):
        raise UsageError(
            "time_must_iso_such_t00",
            "time must be ISO 8601 such as 2025-01-01T00:00:00Z, was {text!r}",
            text=text,
        )
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            "time_must_iso_such_t00",
            "time must be ISO 8601 such as 2025-01-01T00:00:00Z, was {text!r}",
            text=text,
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * SECOND_MS)
