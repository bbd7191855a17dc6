"""Slots that somebody has switched on: instrument x timeframe x strategy, kept with their settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.data.stores import DataStores
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.ids import parse_venue
from vigie.domain.time import TIMEFRAME_MS, timeframe_ms
from vigie.ports.accounts import UserStore
from vigie.ports.home import ResultsHome
from vigie.services.runs.run_orders import list_tradable_instruments
from vigie.trading import catalogue

SETTING_KEY: Final = "slots_on"
MAX_SLOTS_ON: Final = 400
MAX_TRIES: Final = 5
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
    match = _SLOT.fullmatch(text)
    if match is None:
        raise UsageError(
            "slot_must_look_like_binance",
            "slot must look like binance-perp:btc-usdt-perp/4h/ema_cross, was {text!r}",
            text=text,
        )
    slot = Slot(*match.groups())
    parse_venue(slot.venue)
    timeframe_ms(slot.timeframe)
    return slot


def active_slots(accounts: UserStore, user: str) -> list[Slot]:
    """Return the slots that a user has switched on, in order."""
    texts = accounts.settings(user)[1].get(SETTING_KEY, [])
    return sorted(parse_slot(text) for text in texts)


def check_slot(data: DataStores, results: ResultsHome, slot: Slot) -> None:
    """Refuse a slot that could never run here.

    Raises
    ------
    UsageError
        If the strategy is unknown, or no bars are stored that its timeframe could come from.
    """
    strategies = catalogue.available(results.strategies)
    if slot.strategy not in strategies:
        raise UsageError(
            "strategy_must",
            "strategy must be one of {available}, was {name!r}",
            available=" ".join(strategies),
            name=slot.strategy,
        )
    if slot.timeframe not in available_timeframes(data, slot.venue, slot.instrument):
        raise UsageError(
            "no_bars_make",
            "no bars of {instrument} on {venue} can make {timeframe}; import or fetch some",
            instrument=slot.instrument,
            venue=slot.venue,
            timeframe=slot.timeframe,
        )
    if slot.instrument not in list_tradable_instruments(data).get(slot.venue, []):
        raise UsageError(
            "tick_lot_unknown",
            "tick and lot of {instrument} on {venue} are unknown",
            instrument=slot.instrument,
            venue=slot.venue,
        )


def available_timeframes(data: DataStores, venue: str, instrument: str) -> list[str]:
    """Return the timeframes that the stored bars of an instrument give, resampled where need be."""
    spans = [TIMEFRAME_MS[series.timeframe] for series in data.bars.series(venue, instrument)]
    return [
        name for name, span in TIMEFRAME_MS.items() if any(span % stored_span == 0 for stored_span in spans)
    ]


def switch_slots(accounts: UserStore, user: str, slots: Sequence[Slot], *, on: bool) -> list[Slot]:
    """Switch slots on or off and return those that were not so before.

    Raises
    ------
    UsageError
        If too many would be on.
    Conflict
        If somebody else keeps changing the same settings.
    """
    for _ in range(MAX_TRIES):
        revision, settings = accounts.settings(user)
        before = set(settings.get(SETTING_KEY, []))
        requested = {str(slot) for slot in slots}
        after = before | requested if on else before - requested
        if len(after) > MAX_SLOTS_ON:
            raise UsageError(
                "most_slots",
                "at most {max_slots_on} slots may be on, would be {after_count}",
                max_slots_on=MAX_SLOTS_ON,
                after_count=len(after),
            )
        changed = after ^ before
        if not changed:
            return []
        try:
            accounts.put_settings(user, {SETTING_KEY: sorted(after)}, revision=revision)
        except UsageError:
            # Another tab was quicker: what it switched is kept, look again.
            continue
        return sorted(parse_slot(text) for text in changed)
    raise Conflict(
        "settings_being_changed_elsewhere",
        "these settings are being changed elsewhere; reload and repeat the change",
    )
