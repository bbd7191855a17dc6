"""What a file is called: venue, instrument and timeframe from ``binance-perp/BTCUSDT-1h.parquet``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.ids import QUOTES, parse_instrument, parse_venue, venue_market
from vigie.domain.refusal import Refusal
from vigie.domain.time import TIMEFRAME_MS, timeframe_ms, timeframe_name

ENDINGS: Final = (".csv", ".csv.gz", ".txt", ".zip", ".json", ".json.gz", ".feather", ".arrow", ".parquet")

_SPAN = re.compile(
    r"^(\d+)(m|min|minute|minutes|h|hour|hours|d|day)$|^(minute|hour|daily|d|h)$", re.IGNORECASE
)
# MetaTrader: M15, H4, D1.
_LETTER_FIRST = re.compile(r"^([MHD])(\d+)$")
# Kraken's files of all its history name the minutes of a bar.
_KRAKEN = re.compile(r"^([A-Z0-9]{2,10})(USDT|USDC|USD|EUR|GBP|CAD|JPY|CHF|AUD)_(1|5|15|30|60|240|720|1440)$")
_KRAKEN_COINS: Final = {"XBT": "BTC", "XDG": "DOGE"}
# TradingView names exchange, symbol and, behind a comma, minutes or days.
_TRADINGVIEW = re.compile(r"^(?:[A-Z0-9]+[_ :])?([A-Z0-9]+)(?:\.P)?, ?(\d+[DH]?|D)(?:[_ ].*)?$")
_MINUTES: Final = {"m": 1, "h": 60, "d": 1440}
# Kinds of file that freqtrade and Vigie keep beside bars under similar names.
_OTHER_KINDS: Final = {
    "mark": Refusal("mark_prices", "mark prices"),
    "index": Refusal("index_prices", "index prices"),
    "funding": Refusal("funding_rates", "funding rates"),
}

# Currencies whose own name ends as that of a pair does: BTC_FDUSD is not FD in dollars.
_STABLE: Final = frozenset({"BUSD", "FDUSD", "PYUSD", "RLUSD", "TUSD"})


@dataclass(frozen=True, slots=True)
class BarFileName:
    """What the name of a file and the options say about it; an empty timeframe is found from the spacing."""

    venue: str
    instrument: str
    timeframe: str


def is_bar_file(path: Path) -> bool:
    """Return whether the ending is one that bars come in."""
    return path.name.lower().endswith(ENDINGS)


def bare_name(path: Path) -> str:
    """Return the file name without its endings."""
    name = path.name
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def read_timeframe(word: str) -> str | None:
    """Understand ``1h``, ``1H``, ``60m``, ``15min``, ``d``; None where the word is no timeframe.

    ``1M`` (a month) is none: letters of one size decide it from ``1m``.
    """
    letter_first = _LETTER_FIRST.match(word)
    match = _SPAN.match(f"{letter_first[2]}{letter_first[1].lower()}" if letter_first else word)
    if not match or word.endswith("M"):
        return None
    count, unit, word_unit = match.groups()
    letter = (unit or word_unit)[0].lower()
    minutes = int(count or 1) * _MINUTES[letter]
    for name, span in TIMEFRAME_MS.items():
        if span == minutes * 60_000:
            return name
    return f"{count or 1}{letter}"


def read_name(
    path: Path, *, venue: str = "", symbol: str = "", timeframe: str = "", needs_venue: bool = True
) -> BarFileName:
    """Say what a file holds, from its name and place and from options, which win.

    Parameters
    ----------
    path : Path
        The file.
    venue : str
        Else the name of the folder it lies in.
    symbol : str
        Else what stands in the file name before the timeframe.
    timeframe : str
        Else what stands in the file name; else empty.
    needs_venue : bool
        False lets the venue be empty where the folder's name is none; the market is then a perpetual.

    Returns
    -------
    BarFileName

    Raises
    ------
    UsageError
        If the venue or the symbol cannot be told, or the file does not hold bars.
    """
    by_exporter = _by_exporter(bare_name(path))
    words = [word for word in re.split(r"[-_ ]", bare_name(path)) if word]
    for word in words:
        if word.lower() in _OTHER_KINDS:
            raise UsageError(
                "contains_not_trade_bars",
                "{name} contains {other_kinds}, not trade bars; pass it to `vigie "
                "backtest` with --funding or --mark",
                name=path.name,
                other_kinds=_OTHER_KINDS[word.lower()],
            )
    spot = next((index for index, word in enumerate(words) if index and read_timeframe(word)), None)
    word_timeframe = read_timeframe(words[spot]) if spot is not None else None
    name_timeframe = timeframe or (by_exporter[1] if by_exporter else word_timeframe) or ""
    if name_timeframe:
        timeframe_ms(name_timeframe)
    venue_id = _find_venue(path, venue, needs_venue=needs_venue)
    text = symbol or (
        by_exporter[0] if by_exporter else _symbol(words if spot is None else words[:spot], path)
    )
    instrument = parse_instrument(text, market=venue_market(venue_id))
    return BarFileName(venue_id, str(instrument), name_timeframe)


def _by_exporter(name: str) -> tuple[str, str] | None:
    """Return symbol and timeframe of ``XBTUSD_60`` (Kraken) and ``BITSTAMP_BTCUSD, 1D`` (TradingView), else None."""
    match = _KRAKEN.match(name)
    if match:
        base = _KRAKEN_COINS.get(match[1], match[1])
        return f"{base}/{match[2]}", timeframe_name(int(match[3]) * 60_000)
    match = _TRADINGVIEW.match(name)
    if match:
        span = match[2].lower()
        span = f"{span}m" if span.isdigit() else span
        return match[1], read_timeframe(span) or ""
    return None


def _find_venue(path: Path, venue: str, *, needs_venue: bool) -> str:
    if venue:
        return parse_venue(venue)
    folder = Path(os.path.abspath(path)).parent.name
    try:
        return parse_venue(folder)
    except UsageError:
        if not needs_venue:
            return ""
        raise UsageError(
            "venue_unknown",
            "the venue of {path} is unknown: its folder is called {folder!r}; pass --venue (such as "
            "binance-perp) or name the folder after the venue",
            path=path,
            folder=folder,
        ) from None


def _is_pair(word: str) -> bool:
    name = word.upper()
    return name not in _STABLE and any(name.endswith(quote) and name != quote for quote in QUOTES)


def _symbol(words: list[str], path: Path) -> str:
    if len(words) > 1 and words[-1].upper() == "PERP" and _is_pair(words[-2]):
        return words[-2]  # BTCUSDT_PERP
    if words and _is_pair(words[-1]):
        return words[-1]  # BTCUSDT, whatever stands before it (an exchange's name)
    # BTC_USDT, BTC-PERP, BUSD_USDT; of BTCUSDT-2024, BTCUSDT_240628 and BTCUSDT-data the second is no currency.
    if (
        len(words) == 2
        and not words[1][0].isdigit()
        and (words[1].upper() in QUOTES or not _is_pair(words[0]))
    ):
        return "-".join(words)
    if len(words) == 3 and words[1].upper() in QUOTES:
        return f"{words[0]}/{words[1]}"  # freqtrade's BTC_USDT_USDT
    raise UsageError(
        "symbol_unknown",
        "the symbol of {name} is unknown; pass --symbol BTCUSDT or name the file BTCUSDT-1h{suffix}",
        name=path.name,
        suffix=path.suffix,
    )
