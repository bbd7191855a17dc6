"""Whether a process trades an account now: it has the right to, and it was heard of; and whether prices come."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from vigie.domain.errors import TransientError
from vigie.domain.time import SECOND_MS
from vigie.ports.clock import Clock
from vigie.ports.health import HomeHealth, part_name
from vigie.ports.quotes import QuoteStore
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.process.trading import LEASE_S

# A process that trades is heard of every five seconds; a busy machine may be late.
SILENT_S: Final = 10.0
# A stream of prices that says nothing for so long is silent: it is opened again.
STREAM_SILENT_S: Final = 30.0


def is_traded(trades: TradeBook, home_health: HomeHealth, account: str) -> bool:
    """Tell whether a process has the right to trade an account and gives signs of life.

    The right outlives a process that was killed by half a minute. A sign of life that is older than that is of another
    process than the one that holds the right now, which may run on another machine.
    """
    if trades.holder(account) is None:
        return False
    part = part_name(account)
    ages = [beat.age_s for beat in home_health.beats() if beat.part == part]
    return not any(SILENT_S < age <= LEASE_S for age in ages)


def is_alive(home_health: HomeHealth, account: str) -> bool:
    """Tell whether the process of an account gives signs of life, also without the right to trade.

    A process that cannot write, as on a full disk, loses that right after half a minute and goes on guarding.
    """
    part = part_name(account)
    return any(beat.part == part and beat.age_s <= SILENT_S for beat in home_health.beats())


def silent_s(quote_store: QuoteStore, clock: Clock, venue: str, instruments: Collection[str]) -> float | None:
    """Return for how many seconds on the wall no price of some instruments was heard.

    None where none was ever heard, or nobody tells the market's time now.
    """
    quotes = quote_store.since(0)[1]
    times = [quote.ts_known for quote in quotes if quote.venue == venue and quote.instrument in instruments]
    if not times:
        return None
    try:
        now = clock.market_now()
    except TransientError:
        return None
    return max(now - max(times), 0) / SECOND_MS / clock.market_speed()
