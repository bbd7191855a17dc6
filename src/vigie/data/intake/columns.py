"""What the columns of a file are called: the usual spellings of time, open, high, low, close, volume."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.data.intake.form import SILENT, FileForm
from vigie.domain.bar import BAR_COLUMNS
from vigie.domain.errors import DataError
from vigie.domain.ids import QUOTES

# Most trusted first: where a file has several, the numeric open time wins over text.
_TIME: Final = (
    "opentime", "timeopen", "opentimestamp", "unix", "unixtimestamp", "unixtime", "timestamp", "timestampms",
    "ts", "starttime", "start", "startat", "candlebegintime", "bartime", "datetime", "date", "time",
    "dateutc", "timeutc", "datetimeutc", "timestamputc", "gmttime", "t", "period", "index",
)  # fmt: skip
_PRICE: Final = {
    "open": ("open", "openprice", "priceopen", "o", "first"),
    "high": ("high", "highprice", "pricehigh", "h", "max"),
    "low": ("low", "lowprice", "pricelow", "l", "min"),
    "close": ("close", "closeprice", "priceclose", "c", "last"),
}
_BASE_VOLUME: Final = (
    "basevolume", "volumebase", "volumebaseasset", "baseassetvolume", "basevol", "volume", "vol", "v",
)  # fmt: skip
_QUOTE_VOLUME: Final = (
    "quotevolume", "quoteassetvolume", "volumequote", "quotevol", "turnover", "volumequoteasset", "qv",
    "quotetradevolume",
)  # fmt: skip

_SYMBOL: Final = ("symbol", "ticker", "pair", "tradingpair", "instrument", "instid", "instrumentid", "coin")

# A time of the day, with or without seconds.
CLOCK: Final = re.compile(r"^\d{1,2}:\d{2}(:\d{2})?$")

# Binance's dumps without a header: 12 columns; ccxt, freqtrade and Bitget rows start alike.
HEADERLESS: Final = BAR_COLUMNS


@dataclass(frozen=True, slots=True)
class Exporter:
    """Who writes files with certain headers, and what they mean; `exporters` has them.

    Attributes
    ----------
    name : str
        ``MetaTrader 5``.
    columns : tuple of (str, str)
        A column of a bar, and the plain spelling of its header; those that are not named are told as in any file.
    notes : tuple of str
        Codes of what a person should know: ``server_time``, ``volume_in_money``.
    is_zero_unknown : bool
        Whether a volume that is 0 in every row means that it was not recorded.
    has_volume : bool
        False where the only volume is no number of coins.
    """

    name: str
    columns: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    is_zero_unknown: bool = False
    has_volume: bool = True


@dataclass(frozen=True, slots=True)
class Columns:
    """For each column of a bar the name it has in the file; `volume`, `symbol` and `clock` may be empty.

    Attributes
    ----------
    clock : str
        Where the time of the day stands, of a file that has it beside the date.
    """

    timestamp: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    symbol: str = ""
    clock: str = ""


def normalise_header(name: str) -> str:
    """Return a header without case, spaces and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower().lstrip("\ufeff"))


def find_columns(
    names: Sequence[str],
    *,
    base: str = "",
    needs_volume: bool = True,
    form: FileForm = SILENT,
    exporter: Exporter | None = None,
    first: Sequence[str] = (),
) -> Columns:
    """Find the columns of a bar among the headers of a file.

    Parameters
    ----------
    names : sequence of str
        Headers as written in the file.
    base : str
        Ticker of the base asset; makes ``Volume BTC`` a base volume.
    needs_volume : bool
        False for mark prices.
    form : FileForm
        May name columns, and say that the volume is unknown.
    exporter : Exporter, optional
        Who wrote the file.
    first : sequence of str
        The first row, where it is known.

    Returns
    -------
    Columns

    Raises
    ------
    DataError
        If a column is missing or stands there twice, or the only volume is in quote units.
    """
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(normalise_header(name), name)
    mapped = _mapped_columns(form, names, by_plain)
    if exporter is not None:
        mapped = {
            **{name: by_plain[spelt] for name, spelt in exporter.columns if spelt in by_plain},
            **mapped,
        }
    headers = {"timestamp": mapped.get("timestamp") or mapped.get("date") or _find_header(by_plain, _TIME)}
    clock = mapped.get("time", "") or _find_clock(names, by_plain, headers["timestamp"], first)
    headers |= {
        column: mapped.get(column) or _find_header(by_plain, spellings)
        for column, spellings in _PRICE.items()
    }
    missing = [column for column, name in headers.items() if not name]
    is_known = not form.no_volume and (
        exporter is None or exporter.has_volume or "volume" in dict(form.columns)
    )
    volume = (mapped.get("volume") or _find_volume(by_plain, base.lower())) if is_known else ""
    if missing:
        raise DataError(
            "columns_must_timestamp_open",
            "columns must be timestamp, open, high, low, close, volume (or a usual spelling of them); "
            "{missing} not found among {names}",
            missing=", ".join(missing),
            names=", ".join(names),
        )
    if needs_volume and is_known and not volume:
        _refuse_volume(by_plain, names)
    _refuse_duplicates([*headers.values(), volume], names)
    symbol = mapped.get("symbol") or _find_header(by_plain, _SYMBOL)
    return Columns(volume=volume, symbol=symbol, clock=clock, **headers)


def _mapped_columns(form: FileForm, names: Sequence[str], by_plain: dict[str, str]) -> dict[str, str]:
    """Return the columns that a person named, as the file spells them; a number counts them from 1."""
    mapped = {}
    for name, header in form.columns:
        match = (
            header
            if header in names
            else by_plain.get(normalise_header(header), "")
            if normalise_header(header)
            else ""
        )
        if not match and header.isdigit() and 1 <= int(header) <= len(names):
            match = names[int(header) - 1]
        if not match:
            raise DataError(
                "map_no_column_among",
                "--map: there is no column {header!r} for {name} among {names}",
                header=header,
                name=name,
                names=", ".join(names),
            )
        mapped[name] = match
    return mapped


def _find_clock(names: Sequence[str], by_plain: dict[str, str], date: str, first: Sequence[str]) -> str:
    """Return the column with the time of the day, where the date stands alone beside it."""
    name = by_plain.get("time", "")
    if normalise_header(date) != "date" or not name:
        return ""
    index = list(names).index(name)
    return name if index < len(first) and CLOCK.match(first[index]) else ""


def _refuse_duplicates(chosen: Sequence[str], names: Sequence[str]) -> None:
    # Nothing says which of the two is meant.
    spellings = [normalise_header(name) for name in names]
    for name in filter(None, chosen):
        if spellings.count(normalise_header(name)) > 1:
            raise DataError(
                "each_column_must_appear_once",
                "each column must appear once, {name} appears twice among {names}; remove or "
                "rename the wrong one",
                name=name,
                names=", ".join(names),
            )


def _find_header(by_plain: dict[str, str], spellings: Sequence[str]) -> str:
    return next((by_plain[spelling] for spelling in spellings if spelling in by_plain), "")


def _find_volume(by_plain: dict[str, str], base: str) -> str:
    spellings = (f"volume{base}", f"{base}volume", f"vol{base}") if base else ()
    return _find_header(by_plain, (*spellings, *_BASE_VOLUME))


def _refuse_volume(by_plain: dict[str, str], names: Sequence[str]) -> None:
    quotes = [quote.lower() for quote in QUOTES]
    spellings = (
        *_QUOTE_VOLUME,
        *(f"volume{quote}" for quote in quotes),
        *(f"{quote}volume" for quote in quotes),
    )
    quote = _find_header(by_plain, spellings)
    if quote:
        raise DataError(
            "volume_must_base_units",
            "volume must be in base units (coins), the file has only {quote!r} in quote units; "
            "export it with the base volume, or divide by the price and call the column volume; "
            "--no-volume leaves it unknown",
            quote=quote,
        )
    raise DataError(
        "column_volume",
        "column volume (base units) not found among {names}; --no-volume leaves it unknown",
        names=", ".join(names),
    )
