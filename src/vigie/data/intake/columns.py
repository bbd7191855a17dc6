"""What the columns of a file are called: the usual spellings of time, open, high, low, close, volume."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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

# Binance's dumps without a header: 12 columns; ccxt, freqtrade and Bitget rows start alike.
HEADERLESS: Final = BAR_COLUMNS


@dataclass(frozen=True, slots=True)
class Columns:
    """For each column of a bar the name it has in the file; `volume` and `symbol` are empty where there is none."""

    timestamp: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    symbol: str = ""


def plain(name: str) -> str:
    """Return a header without case, spaces and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower().lstrip("\ufeff"))


def find_columns(names: Sequence[str], *, base: str = "", needs_volume: bool = True) -> Columns:
    """Find the columns of a bar among the headers of a file.

    Parameters
    ----------
    names : sequence of str
        Headers as written in the file.
    base : str
        Ticker of the base asset; makes ``Volume BTC`` a base volume.
    needs_volume : bool
        False for mark prices.

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
        by_plain.setdefault(plain(name), name)
    found = {"timestamp": _first(by_plain, _TIME)}
    found |= {column: _first(by_plain, spellings) for column, spellings in _PRICE.items()}
    missing = [column for column, name in found.items() if not name]
    volume = _volume(by_plain, base.lower())
    if missing:
        raise DataError(
            f"columns must be timestamp, open, high, low, close, volume (or a usual spelling of them); "
            f"{', '.join(missing)} not found among {', '.join(names)}"
        )
    if needs_volume and not volume:
        _refuse_volume(by_plain, names)
    _refuse_twins([*found.values(), volume], names)
    return Columns(volume=volume, symbol=_first(by_plain, _SYMBOL), **found)


def _refuse_twins(chosen: Sequence[str], names: Sequence[str]) -> None:
    # Nothing says which of the two is meant.
    spelt = [plain(name) for name in names]
    for name in filter(None, chosen):
        if spelt.count(plain(name)) > 1:
            raise DataError(
                f"each column must stand there once, {name} was there twice among {', '.join(names)}; "
                "remove or rename the one that is not meant"
            )


def _first(by_plain: dict[str, str], spellings: Sequence[str]) -> str:
    return next((by_plain[spelling] for spelling in spellings if spelling in by_plain), "")


def _volume(by_plain: dict[str, str], base: str) -> str:
    named = (f"volume{base}", f"{base}volume", f"vol{base}") if base else ()
    return _first(by_plain, (*named, *_BASE_VOLUME))


def _refuse_volume(by_plain: dict[str, str], names: Sequence[str]) -> None:
    quotes = [quote.lower() for quote in QUOTES]
    spellings = (
        *_QUOTE_VOLUME,
        *(f"volume{quote}" for quote in quotes),
        *(f"{quote}volume" for quote in quotes),
    )
    quote = _first(by_plain, spellings)
    if quote:
        raise DataError(
            f"volume must be in base units (coins), the file has only {quote!r} in quote units; "
            "export it with the base volume, or divide by the price and call the column volume"
        )
    raise DataError(f"column volume (base units) not found among {', '.join(names)}")
