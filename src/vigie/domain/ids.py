"""Names of venues, assets, instruments and slots, and the spellings people use for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.time import timeframe_ms

QUOTES: Final = ("USDT", "USDC", "USD")

# Catalogue ids of the assets of the watch; other tickers are their own lower-case id.
ASSET_BY_TICKER: Final[dict[str, str]] = {
    "BTC": "bitcoin",
    "ETH": "ethereum",
    "USDT": "tether",
    "USDC": "usd-coin",
    "BNB": "binancecoin",
    "XRP": "ripple",
    "SOL": "solana",
    "ADA": "cardano",
    "AVAX": "avalanche-2",
    "DOT": "polkadot",
    "DOGE": "dogecoin",
    "TRX": "tron",
    "ATOM": "cosmos",
}

# Coins that some venues trade by the thousand under a k: kPEPE is a contract of 1,000 PEPE, KAVA is a coin.
THOUSANDS: Final = frozenset({"KPEPE", "KSHIB", "KBONK", "KFLOKI", "KLUNC", "KDOGS", "KNEIRO"})
# 1000PEPE, 1000000MOG, 1MBABYDOGE; 1INCH is a coin.
_MANY = re.compile(r"^(1000|10000|1000000|1M)([A-Z][A-Z0-9]{2,})$")
_MILLION: Final = 1_000_000

_INSTRUMENT = re.compile(r"^[a-z0-9]+-[a-z0-9]+-(perp|spot)$")
_VENUE = re.compile(r"^[a-z0-9]+-(perp|spot)$")


@dataclass(frozen=True, slots=True)
class InstrumentId:
    """One instrument: base and quote ticker and kind of market, without a venue.

    Written ``btc-usdt-perp``; the venue's raw symbol is ``BTCUSDT``.

    Attributes
    ----------
    base : str
        Upper case, as the venue spells it: ``BTC``, ``1000PEPE``.
    quote : str
        Upper case: ``USDT``.
    market : str
        ``perp`` or ``spot``.
    """

    base: str
    quote: str
    market: str

    def __str__(self) -> str:
        """Return the id as written in files and on the command line."""
        return f"{self.base.lower()}-{self.quote.lower()}-{self.market}"

    @property
    def symbol(self) -> str:
        """The concatenated spelling used in file names: ``BTCUSDT``."""
        return f"{self.base}{self.quote}"

    @property
    def asset(self) -> str:
        """The catalogue id of what one unit is priced in, ``bitcoin``; a contract of a thousand coins has its own."""
        return ASSET_BY_TICKER.get(self.base, self.base.lower())

    @property
    def coin(self) -> str:
        """The coin that it is about: ``PEPE`` of ``PEPE``, ``1000PEPE`` and ``KPEPE``."""
        return _split_multiplier(self.base)[0]

    @property
    def multiplier(self) -> int:
        """How many coins one unit is: prices and quantities of the venue are of so many."""
        return _split_multiplier(self.base)[1]

    @property
    def coin_asset(self) -> str:
        """The catalogue id of the coin, however many of them a unit is."""
        return ASSET_BY_TICKER.get(self.coin, self.coin.lower())

    def is_same_as(self, other: InstrumentId) -> bool:
        """Whether both are of one coin, currency and market, so that prices of one coin can be compared.

        Parameters
        ----------
        other : InstrumentId
            May be of another venue.

        Returns
        -------
        bool
            True also where one trades by the thousand; multiply by `multiplier` before comparing prices.
        """
        return (self.coin, self.quote, self.market) == (other.coin, other.quote, other.market)


def _split_multiplier(base: str) -> tuple[str, int]:
    """Divide ``1000PEPE`` into the coin and how many of it a unit is."""
    if base in THOUSANDS:
        return base[1:], 1_000
    match = _MANY.match(base)
    if match is None:
        return base, 1
    return match[2], _MILLION if match[1] == "1M" else int(match[1])


def parse_slot(text: str) -> SlotId:
    """Read the name of a slot.

    Parameters
    ----------
    text : str
        ``btc-usdt-perp/1h/donchian_breakout``.

    Returns
    -------
    SlotId

    Raises
    ------
    UsageError
        If it is none.
    """
    parts = text.split("/", 2)
    if len(parts) != 3:
        raise UsageError(
            "slot_must_have_three_parts",
            "a slot must be instrument/timeframe/strategy, was {text!r}",
            text=text,
        )
    strategy, _, number = parts[2].partition("#")
    return SlotId(parts[0], parts[1], strategy, int(number or 1))


def parse_venue(text: str) -> str:
    """Check a venue id such as ``binance-perp`` and return it.

    Parameters
    ----------
    text : str
        Lower case, without spaces.

    Returns
    -------
    str
        The same text.

    Raises
    ------
    UsageError
        If the text is not `<exchange>-perp` or `<exchange>-spot`.
    """
    if not _VENUE.match(text):
        raise UsageError(
            "venue_must_look_like_binance",
            "venue must look like binance-perp or bitget-spot, was {text!r}",
            text=text,
        )
    return text


def split_full_name(text: str) -> tuple[str, str]:
    """Divide ``binance-perp:btc-usdt-perp``; the venue is empty where none is named, as in ``BTC/USDT:USDT``.

    Parameters
    ----------
    text : str
        With or without a venue; spaces around it are dropped.

    Returns
    -------
    tuple of str, str
        Venue and the rest; the rest is not checked.
    """
    venue, _, name = text.strip().partition(":")
    return (venue, name) if _VENUE.match(venue) else ("", text.strip())


def venue_market(venue: str) -> str:
    """Return the kind of market of a venue id: ``perp`` or ``spot``.

    Parameters
    ----------
    venue : str
        A venue id such as ``bitget-spot``.

    Returns
    -------
    str
        ``perp`` for every id that does not end in ``-spot``.
    """
    return "spot" if venue.endswith("-spot") else "perp"


# A home has some hundred instruments, and a page asks for each of them several times.
@lru_cache(maxsize=4_096)
def parse_instrument(text: str, *, market: str = "perp") -> InstrumentId:
    """Understand ``BTC``, ``BTCUSDT``, ``BTC/USDT:USDT``, ``BTC-PERP`` and ``btc-usdt-perp``.

    Parameters
    ----------
    text : str
        What a person typed or a file is called.
    market : str
        ``perp`` or ``spot``; used where the text does not say.

    Returns
    -------
    InstrumentId
        Tickers in upper case.

    Raises
    ------
    UsageError
        If no instrument can be read from the text.
    """
    raw = text.strip()
    if not raw.isascii():
        return _refuse_instrument(text)
    lowered = raw.lower().rpartition(":")[2] if _VENUE.match(raw.lower().partition(":")[0]) else raw.lower()
    if _INSTRUMENT.match(lowered):
        base, quote, kind = lowered.split("-")
        return InstrumentId(base.upper(), quote.upper(), kind)
    upper = lowered.upper().split(":")[0]
    if upper.endswith("-PERP"):
        upper, market = upper.removesuffix("-PERP"), "perp"
        return InstrumentId(upper, "USD", market) if upper.isalnum() and upper else _refuse_instrument(text)
    parts = [part for part in re.split(r"[/_-]", upper) if part]
    if len(parts) == 2 and all(part.isalnum() for part in parts):
        return InstrumentId(parts[0], parts[1], market)
    if len(parts) != 1 or not parts[0].isalnum():
        return _refuse_instrument(text)
    word = parts[0]
    for quote in QUOTES:
        if word.endswith(quote) and len(word) > len(quote):
            return InstrumentId(word.removesuffix(quote), quote, market)
    return InstrumentId(word, "USD" if word == "USDT" else "USDT", market)


def _refuse_instrument(text: str) -> InstrumentId:
    raise UsageError(
        "instrument_must_look_like_btc",
        "instrument must look like BTC, BTCUSDT or btc-usdt-perp, was {text!r}",
        text=text,
    )


@dataclass(frozen=True, slots=True)
class SlotId:
    """One place where a strategy may trade: instrument, timeframe, strategy, number of its parameter set.

    Attributes
    ----------
    instrument : str
        ``btc-usdt-perp``, without the venue.
    timeframe : str
        ``4h``.
    strategy : str
        Name of the strategy's file.
    number : int
        From 1; tells parameter sets of one strategy apart.
    """

    instrument: str
    timeframe: str
    strategy: str
    number: int = 1

    def __str__(self) -> str:
        """Return ``btc-usdt-perp/1d/macd_cross``, with ``#2`` for a second set of parameters."""
        tail = f"#{self.number}" if self.number > 1 else ""
        return f"{self.instrument}/{self.timeframe}/{self.strategy}{tail}"


@dataclass(frozen=True, slots=True, order=True)
class SeriesId:
    """One stored history of bars: venue, instrument, timeframe.

    Written ``binance-perp:btc-usdt-perp/1h``.

    Attributes
    ----------
    venue : str
        ``binance-perp``.
    instrument : str
        ``btc-usdt-perp``.
    timeframe : str
        ``1h``.
    """

    venue: str
    instrument: str
    timeframe: str

    def __str__(self) -> str:
        """Return the id as printed and as accepted on the command line."""
        return f"{self.venue}:{self.instrument}/{self.timeframe}"

    @property
    def span_ms(self) -> int:
        """The nominal length of a bar in milliseconds."""
        return timeframe_ms(self.timeframe)

    @property
    def symbol(self) -> str:
        """The concatenated spelling used in file names: ``BTCUSDT``."""
        base, quote, _ = self.instrument.split("-")
        return f"{base}{quote}".upper()
