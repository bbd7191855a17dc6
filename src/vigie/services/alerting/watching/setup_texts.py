"""What an alert about a setup says: state, market, side, criteria, cancelling level, sources with their age.

In every language that alerts are sent in at most 280 characters: where names are long, they are cut before figures are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.catalogue import complete_languages
from vigie.domain.alert import AlertEvent
from vigie.domain.asset import WATCHED, watched_ids
from vigie.domain.ids import parse_instrument, parse_slot
from vigie.intelligence.setups.contributions import Contribution
from vigie.ports.setups import StoredChange
from vigie.services.alerting.watching.event_arguments import EventArgument, word
from vigie.services.alerting.watching.event_texts import make_event, make_message, say_message
from vigie.services.alerting.watching.setup_words import CAUSES

MOST_CHARACTERS: Final = 280
# How many criteria are named, with how many characters of each, tried one after the other: fewer before shorter.
_FITS: Final = ((3, 60), (2, 60), (1, 60), (1, 40), (1, 28), (1, 18), (1, 10))
_NAMES: Final = {asset.symbol.lower(): asset.name for asset in WATCHED}


def setup_event(
    change: StoredChange,
    parts: Sequence[Contribution],
    *,
    owner: str,
    ts_market: int,
    now: int,
    **more: object,
) -> AlertEvent:
    """Return a change of a setup as what rules may be about.

    Parameters
    ----------
    change : StoredChange
        Forming, confirmed or invalidated.
    parts : sequence of Contribution
        What counted for and against it: their ages are told.
    owner : str
        Of the account.
    ts_market, now : int
        Epoch milliseconds of the market and on the wall.
    more : object
        Further facts.

    Returns
    -------
    AlertEvent
        Its title is the whole text; ``facts.short`` names it in a few words.
    """
    slot = parse_slot(change.slot)
    values = _fitted_values(change, parts, ts_market)
    return make_event(
        "setup", change.state, f"{change.account}/{change.setup}", values, now,
        status=change.state, owner=owner, account=change.account, strategy=slot.strategy, instrument=slot.instrument,
        side=change.side, state=change.state, setup=change.setup,
        assets=watched_ids(parse_instrument(slot.instrument).base),
        short=make_message(f"setup.title.{change.state}", {"name": values["name"]}),
        url=f"/setup/{change.setup}?account={change.account}",
        **more,
    )  # fmt: skip


def _fitted_values(
    change: StoredChange, parts: Sequence[Contribution], ts_market: int
) -> dict[str, str | EventArgument]:
    """Return the values of the text, with names as long as every language that alerts are sent in has room for."""
    fitted: dict[str, str | EventArgument] = {}
    for most, width in _FITS:
        fitted = _values(change, parts, ts_market, most, width)
        message = make_message(f"setup.{change.state}", fitted)
        if all(len(say_message(message, language)) <= MOST_CHARACTERS for language in complete_languages()):
            break
    return fitted


def _values(
    change: StoredChange, parts: Sequence[Contribution], ts_market: int, most: int, width: int
) -> dict[str, str | EventArgument]:
    slot, stop = parse_slot(change.slot), change.body.get("stop")
    base = parse_instrument(slot.instrument).base
    return {
        "name": EventArgument("setup_name", {
            "coin": _NAMES.get(base.lower(), base.upper()), "side": change.side, "strategy": slot.strategy,
            "timeframe": slot.timeframe,
        }),
        "criteria": EventArgument("setup_criteria", {"names": _criteria(change)[:most], "width": width}),
        "cancelled": EventArgument("setup_level", {
            "side": change.side, "stop": stop if isinstance(stop, int | float) else None,
        }),
        "sources": EventArgument("setup_sources", _ages(change, parts, ts_market)),
        **({"cause": word(CAUSES, change.cause)} if change.state == "invalidated" else {}),
    }  # fmt: skip


def _criteria(change: StoredChange) -> list[str]:
    """Return the names of criteria that hold, the heaviest first, required ones before others."""
    given = change.body.get("criteria")
    held = [item for item in (given if isinstance(given, list) else []) if item.get("holds")]
    held.sort(key=lambda item: (not item.get("required"), -float(item.get("weight") or 0.0)))
    return [str(item["name"]) for item in held]


def _ages(change: StoredChange, parts: Sequence[Contribution], ts_market: int) -> Mapping[str, int]:
    """Return how old prices, news and derivatives were, milliseconds; those that counted."""
    ages = {"prices": ts_market - change.ts_known}
    for part in parts:
        known = [
            reading.ts_known
            for reading in part.readings
            if not reading.absence and reading.ts_known is not None
        ]
        if part.family in ("news", "derivatives") and part.weight > 0.0 and known:
            ages[part.family] = ts_market - max(known)
    return ages
