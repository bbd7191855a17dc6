"""Slots that somebody has switched on: instrument x timeframe x strategy, kept with their settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import Conflict, UsageError
from vigie.domain.ids import parse_venue
from vigie.domain.time import TIMEFRAME_MS, timeframe_ms
from vigie.services.app_context import AppContext
from vigie.services.runs.orders import venues
from vigie.trading import catalogue

KEY: Final = "slots_on"
MOST: Final = 400
TRIES: Final = 5
_SLOT: Final = re.compile(r"([a-z0-9-]{3,40}):([a-z0-9-]{3,60})/([0-9a-zA-Z]{2,4})/([a-z][a-z0-9_]{0,60})")


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Where a strategy may trade: ``binance-perp:btc-usdt-perp/4h/ema_cross``."""

    venue: str
    instrument: str
    timeframe: str
    strategy: str

    def __str__(self) -> str:
        """Write it as it is kept."""
        return f"{self.venue}:{self.instrument}/{self.timeframe}/{self.strategy}"


def parse_slot(text: str) -> Slot:
    """Read a slot.

    Raises
    ------
    UsageError
        If it is none.
    """
    found = _SLOT.fullmatch(text)
    if found is None:
        raise UsageError(f"slot must look like binance-perp:btc-usdt-perp/4h/ema_cross, was {text!r}")
    slot = Slot(*found.groups())
    parse_venue(slot.venue)
    timeframe_ms(slot.timeframe)
    return slot


def switched_on(house: AppContext, user: str) -> list[Slot]:
    """Return the slots that a user has switched on, in order."""
    kept = house.accounts.settings(user)[1].get(KEY, [])
    return sorted(parse_slot(text) for text in kept)


def check_slot(house: AppContext, slot: Slot) -> None:
    """Refuse a slot that could never run here.

    Raises
    ------
    UsageError
        If the strategy is unknown, or no bars are stored that its timeframe could come from.
    """
    known = catalogue.available(house.results.strategies)
    if slot.strategy not in known:
        raise UsageError(f"strategy must be one of {' '.join(known)}, was {slot.strategy!r}")
    if slot.timeframe not in timeframes(house, slot.venue, slot.instrument):
        raise UsageError(
            f"no bars of {slot.instrument} on {slot.venue} make {slot.timeframe}; import or fetch some"
        )
    if slot.instrument not in venues(house).get(slot.venue, []):
        raise UsageError(f"tick and lot of {slot.instrument} on {slot.venue} are not known")


def timeframes(house: AppContext, venue: str, instrument: str) -> list[str]:
    """Return the timeframes that the stored bars of an instrument give, resampled where need be."""
    spans = [
        TIMEFRAME_MS[one.timeframe]
        for one in house.data.bars.series()
        if one.venue == venue and one.instrument == instrument
    ]
    return [name for name, span in TIMEFRAME_MS.items() if any(span % have == 0 for have in spans)]


def switch(house: AppContext, user: str, slots: Sequence[Slot], *, on: bool) -> list[Slot]:
    """Switch slots on or off and return those that were not so before.

    Raises
    ------
    UsageError
        If too many would be on.
    Conflict
        If somebody else keeps changing the same settings.
    """
    for _ in range(TRIES):
        revision, settings = house.accounts.settings(user)
        before = set(settings.get(KEY, []))
        wanted = {str(slot) for slot in slots}
        after = before | wanted if on else before - wanted
        if len(after) > MOST:
            raise UsageError(f"at most {MOST} slots may be on, were {len(after)}")
        changed = after ^ before
        if not changed:
            return []
        try:
            house.accounts.put_settings(user, {KEY: sorted(after)}, revision=revision)
        except UsageError:
            # Another tab was quicker: what it switched is kept, look again.
            continue
        return sorted(parse_slot(text) for text in changed)
    raise Conflict("these settings are being changed elsewhere; load again and repeat the change")
