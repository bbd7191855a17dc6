"""Today's rules from the venue, kept as a new version where they changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from vigie.data.instruments.caps import leverage_cap
from vigie.data.instruments.table import shipped_instruments
from vigie.data.instruments.versions import changed_rules, current_rules
from vigie.data.stores import DataStores
from vigie.domain.instrument import Instrument
from vigie.ports.venue import Terms


@dataclass(frozen=True, slots=True)
class RulesRefresh:
    """What a refresh of a venue's rules brought.

    Attributes
    ----------
    changed : tuple of Instrument
        New versions, with `valid_from` now.
    same : tuple of str
        Instruments whose rules are as before.
    absent : tuple of str
        Instruments of our table that the venue does not list.
    """

    venue: str
    changed: tuple[Instrument, ...]
    same: tuple[str, ...]
    absent: tuple[str, ...]


def refresh_rules(stores: DataStores, venue: str, instruments: Sequence[str] = ()) -> RulesRefresh:
    """Ask a venue for the rules of every instrument in our table and keep what changed.

    Parameters
    ----------
    stores : DataStores
        Venues, versions, clock.
    venue : str
        ``bitget-perp``.
    instruments : sequence of str
        Only these, and of each its maintenance margin, which is a question of its own.

    Returns
    -------
    RulesRefresh
        Old versions stay. What the venue does not publish (often the maintenance rate) stays as known.
    """
    now = stores.clock.market_now()
    traded = [
        line.instrument.name
        for line in shipped_instruments()
        if line.instrument.venue == venue and not line.is_display
    ]
    traded = [name for name in traded if not instruments or name in instruments]
    known = current_rules(stores.instruments, venue)
    feed = stores.feed(venue)
    terms = {item.name: item for item in feed.terms(traded)}
    for name in set(instruments) & set(terms):
        terms[name] = replace(terms[name], maintenance_rate=feed.maintenance_rate(name))
    fresh = [_instrument(terms[name], known[name], venue, now) for name in traded if name in terms]
    changed = changed_rules(known, fresh)
    stores.instruments.add(venue, changed)
    names = {item.name for item in changed}
    return RulesRefresh(
        venue=venue,
        changed=tuple(changed),
        same=tuple(item.name for item in fresh if item.name not in names),
        absent=tuple(name for name in traded if name not in terms),
    )


def _instrument(terms: Terms, known: Instrument, venue: str, now_ms: int) -> Instrument:
    values: dict[str, Any] = {
        name: value
        for name in (
            "min_qty",
            "max_qty",
            "min_notional",
            "max_leverage",
            "maintenance_rate",
            "taker",
            "maker",
        )
        if (value := getattr(terms, name)) is not None
    }
    return replace(
        known,
        venue=venue,
        tick=terms.tick,
        lot=terms.lot,
        significant_figures=terms.significant_figures,
        leverage_cap=leverage_cap(terms.name),
        valid_from=now_ms,
        **values,
    )
