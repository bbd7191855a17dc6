"""The shipped table of instruments, and files like it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from vigie.data.instruments.caps import leverage_cap
from vigie.domain.errors import DataError, UsageError, VigieError
from vigie.domain.ids import InstrumentId, parse_instrument, venue_market
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step

# What `read_instruments` needs; the other columns of the shipped table may be there too.
NEEDED: Final = ("symbol", "tick", "lot")
_NUMBERS: Final = ("min_qty", "min_notional", "max_leverage", "maintenance_rate", "taker", "maker")


@dataclass(frozen=True, slots=True)
class ListedInstrument:
    """A line of the shipped table; `is_display` lines are shown and not traded."""

    instrument: Instrument
    is_display: bool


@cache
def shipped_instruments() -> tuple[ListedInstrument, ...]:
    """Return the table that comes with the package: public contract specifications."""
    text = resources.files(__package__).joinpath("shipped.csv").read_text("utf-8")
    return tuple(
        ListedInstrument(_instrument(row, venue=row["venue"], name=row["instrument"]), row["display"] == "1")
        for row in _rows(text)
    )


def resolve_instrument(venue: str, text: str) -> InstrumentId:
    """Understand an instrument as typed, on a venue.

    A venue that margins in USDC lists ``btc-usdc-perp``; ``BTC`` and ``BTCUSDT`` mean that one there.

    Parameters
    ----------
    venue : str
        ``hyperliquid-perp``.
    text : str
        ``BTC``, ``BTCUSDT``, ``btc-usdt-perp``.

    Returns
    -------
    InstrumentId
    """
    instrument = parse_instrument(text, market=venue_market(venue))
    names = {listed.instrument.name for listed in shipped_instruments() if listed.instrument.venue == venue}
    twin = InstrumentId(instrument.base, "USDC", instrument.market)
    if str(instrument) not in names and instrument.quote in ("USDT", "USD") and str(twin) in names:
        return twin
    return instrument


def read_instruments(path: Path, *, venue: str = "") -> dict[str, Instrument]:
    """Read rules from a CSV: ``symbol,tick,lot[,min_qty,min_notional,max_leverage,maintenance_rate]``.

    Parameters
    ----------
    path : Path
        The file; columns ``taker`` and ``maker`` are read where they are there.
    venue : str
        The venue the rules are for; empty means any.

    Returns
    -------
    dict
        By instrument, ``btc-usdt-perp``.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If a column is missing, a value is not a number, or an instrument has two rows; the message names file
        and line.
    """
    try:
        rows = list(_rows(path.read_text("utf-8-sig")))
    except FileNotFoundError:
        raise UsageError("file_not_found", "file not found: {path}; check the path", path=path) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("cannot_read", "{title} cannot be read: {fault}", title=path, fault=error) from error
    if not rows:
        raise DataError("named_file_empty", "{path}: the file is empty", path=path)
    missing = [name for name in NEEDED if name not in rows[0]]
    if missing:
        raise DataError(
            "columns_must_more",
            "{path}: columns must be {needed} and more, missing {missing}",
            path=path,
            needed=", ".join(NEEDED),
            missing=", ".join(missing),
        )
    instruments = {}
    for number, row in enumerate(rows, start=1):
        try:
            name = str(parse_instrument(row["symbol"] or "", market=venue_market(venue)))
            if name in instruments:
                raise UsageError("already_row", "{name} already has a row; keep only one", name=name)
            instruments[name] = _instrument(row, venue=venue, name=name)
        except VigieError as error:
            raise DataError(
                "row_refused", "{path}: row {number}: {error}", path=path, number=number, error=error
            ) from error
    return instruments


def _rows(text: str) -> Iterable[dict[str, str]]:
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return csv.DictReader(io.StringIO("\n".join(lines)))


def _instrument(row: Mapping[str, str | None], *, venue: str, name: str) -> Instrument:
    numbers: dict[str, Any] = {key: _number(key, text) for key in _NUMBERS if (text := row.get(key))}
    if not numbers.get("max_leverage", 1.0) > 0:
        raise UsageError(
            "bad_max_leverage",
            "max_leverage must be > 0, was {max_leverage:g}",
            max_leverage=numbers["max_leverage"],
        )
    return Instrument(
        venue=venue,
        name=name,
        tick=parse_step(row["tick"] or "", name="tick"),
        lot=parse_step(row["lot"] or "", name="lot"),
        significant_figures=int(_number("significant_figures", row.get("significant_figures") or "0")),
        leverage_cap=leverage_cap(name),
        **numbers,
    )


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(
            "not_a_number", "{name} must be a number, was {text!r}", name=name, text=text
        ) from None
