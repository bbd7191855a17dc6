"""How a file of bars is written, as far as a person says it: names of columns, time zone, date format, decimals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from vigie.domain.errors import UsageError
from vigie.domain.time import MINUTE_MS

MAPPED: Final = ("timestamp", "date", "time", "open", "high", "low", "close", "volume", "symbol")
_OFFSET = re.compile(r"^(?:UTC|GMT)?([+-])(\d{1,2})(?::?([0-5]\d))?$", re.IGNORECASE)
# Letters of a date as people write them; a run of m before the hours is the month, behind them the minutes.
_LETTERS = re.compile(r"y+|m+|d+|h+|s+|a+|.", re.IGNORECASE | re.DOTALL)
_STAMPS: Final = ("", "open", "close")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class FileForm:
    """What a person says about a file; what stays empty is told from the file.

    Attributes
    ----------
    columns : tuple of (str, str)
        A column of a bar, and its header in the file or its number there, the first being 1. ``date`` and ``time``
        together are the time; ``timestamp`` is all of it in one column.
    tz : str
        Zone of times that name none: ``Europe/Paris``, ``UTC+2``.
    date_format : str
        ``%d/%m/%Y %H:%M``, as `of` made it.
    decimal : str
        ``.`` or ``,``.
    stamp : str
        ``open`` or ``close``: which end of its bar a time is.
    no_volume : bool
        The volume is unknown, whatever the file says.
    """

    columns: tuple[tuple[str, str], ...] = ()
    tz: str = ""
    date_format: str = ""
    decimal: str = ""
    stamp: str = ""
    no_volume: bool = False

    @classmethod
    def parse(
        cls,
        *,
        columns: Iterable[str] = (),
        tz: str = "",
        date_format: str = "",
        decimal: str = "",
        stamp: str = "",
        no_volume: bool = False,
    ) -> FileForm:
        """Understand what a person typed.

        Parameters
        ----------
        columns : iterable of str
            Each ``open=Ouverture,high=Haut``.

        Raises
        ------
        UsageError
            With the value and what it may be.
        """
        if decimal not in ("", ".", ","):
            raise UsageError("bad_decimal", "--decimal must be . or , and was {decimal!r}", decimal=decimal)
        if stamp not in _STAMPS:
            raise UsageError(
                "stamp_must_open_close", "--stamp must be open or close, was {stamp!r}", stamp=stamp
            )
        zone_offset_ms(tz)
        pairs = _parse_columns(columns)
        if no_volume and "volume" in dict(pairs):
            raise UsageError(
                "no_volume_volume_map_contradict",
                "--no-volume and a volume in --map contradict each other; leave one out",
            )
        return cls(pairs, tz.strip(), _parse_format(date_format.strip()), decimal, stamp, no_volume)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> FileForm:
        """Return a form as `to_plain` wrote it down."""
        values = dict(plain)
        columns = tuple((str(name), str(header)) for name, header in values.pop("columns", {}).items())
        return cls(columns=columns, **values)

    def to_plain(self) -> dict[str, Any]:
        """Return what is said, to be written down; empty where nothing is."""
        values: dict[str, Any] = {"columns": dict(self.columns)} if self.columns else {}
        for name in ("tz", "date_format", "decimal", "stamp", "no_volume"):
            if value := getattr(self, name):
                values[name] = value
        return values

    @property
    def is_silent(self) -> bool:
        """Whether nothing is said that changes how cells are read."""
        return self == FileForm(stamp=self.stamp)


SILENT: Final = FileForm()


def zone_offset_ms(tz: str) -> int | None:
    """Return the fixed distance of a zone from UTC in milliseconds; None for a zone that has a name.

    Raises
    ------
    UsageError
        If there is no such zone.
    """
    text = tz.strip()
    if text.upper() in ("", "UTC", "GMT", "Z"):
        return 0
    match = _OFFSET.match(text)
    if match:
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        if minutes <= 14 * 60:
            return (minutes if match[1] == "+" else -minutes) * MINUTE_MS
    else:
        try:
            ZoneInfo(text)
        except (KeyError, OSError, ValueError):  # no zone of that name, or a name that is none
            pass
        else:
            return None
    raise UsageError(
        "tz_must_zone_such_europe",
        "--tz must be a zone such as Europe/Paris, UTC or UTC+2, was {tz!r}",
        tz=tz[:_LONGEST],
    )


def _parse_columns(columns: Iterable[str]) -> tuple[tuple[str, str], ...]:
    headers: dict[str, str] = {}
    last = ""
    for part in (part for text in columns for part in text.split(",")):
        name, equals, header = (piece.strip() for piece in part.partition("="))
        if not equals and last:  # a header that holds a comma
            headers[last] += f",{part}"
            continue
        if name not in MAPPED or not header:
            example = "--map open=Ouverture,close=Clôture"
            raise UsageError(
                "map_must_name",
                "--map must name {mapped}, as in {example}; was {part!r}",
                mapped=" ".join(MAPPED),
                example=example,
                part=part[:_LONGEST],
            )
        if name in headers:
            raise UsageError("map_names_twice", "--map names {name} twice", name=name)
        headers[name], last = header.strip("\"'"), name
    if "time" in headers and "date" not in headers:
        headers["timestamp"] = headers.pop("time")
    if "date" in headers and "time" not in headers:
        headers["timestamp"] = headers.pop("date")
    return tuple(headers.items())


def _parse_format(text: str) -> str:
    """Return a format for `strptime`: as it was given, or made of letters such as ``DD.MM.YYYY HH:mm``.

    Raises
    ------
    UsageError
        If it holds no year, month and day, or cannot be written.
    """
    if not text:
        return ""
    pattern = text if "%" in text else _format_from_letters(text)
    names_a_day = re.search(r"%[Yy].*%(m|b|B).*%d|%d.*%(m|b|B).*%[Yy]|%(m|b|B).*%d.*%[Yy]|%F|%D|%s", pattern)
    try:
        datetime(2024, 2, 13, tzinfo=UTC).strftime(pattern)
    except ValueError:
        names_a_day = None
    if names_a_day is None or len(pattern) > _LONGEST:
        raise UsageError(
            "date_format_must_look_like",
            "--date-format must look like DD/MM/YYYY HH:mm, YYYY.MM.DD or %d/%m/%Y %H:%M, was {text!r}",
            text=text[:_LONGEST],
        )
    return pattern


def _format_from_letters(text: str) -> str:
    parts, has_hours = [], False
    is_half_day = re.search(r"a{1,2}$", text, re.IGNORECASE) is not None
    for run in _LETTERS.findall(text):
        letter = run[0].lower()
        if letter == "h":
            has_hours = True
            parts.append("%I" if is_half_day else "%H")
        elif letter == "m":
            parts.append("%M" if has_hours else "%b" if len(run) == 3 else "%m")
        elif letter == "y":
            parts.append("%y" if len(run) <= 2 else "%Y")
        elif letter == "a":
            parts.append("%p")
        else:
            parts.append({"d": "%d", "s": "%S"}.get(letter, run))
    return "".join(parts)
