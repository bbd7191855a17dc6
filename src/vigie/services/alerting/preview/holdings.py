"""What rules about holdings would have told: by what a person owns now, at the close of each of the last 90 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.alert import AlertEvent
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS
from vigie.intelligence.valuation.states import State, state_name
from vigie.services.alerting.preview.past_events import DAYS, PastEvents, at_time, look_times
from vigie.services.alerting.rule_parsing import SUBJECTS
from vigie.services.alerting.watching import holdings
from vigie.services.alerting.watching.condition_state import ConditionState
from vigie.services.alerting.watching.holdings import HoldingSigns
from vigie.services.holdings.day_prices import day_of
from vigie.services.holdings.holding_book import HoldingSources, book_of, with_prices_since
from vigie.services.holdings.own_limits import share_limit_in
from vigie.services.market_data.valuations import ValuationSources, read_states

# What is held now is held in the past of a preview, too.
HELD_NOW: Final = "held_now"


@dataclass(frozen=True, slots=True)
class HoldingPast:
    """What the past of holdings is found in."""

    sources: HoldingSources
    valuations: ValuationSources


def find_holding_events(past: HoldingPast, owner: str, when: Mapping[str, tuple[str, ...]]) -> PastEvents:
    """Return what would have changed of what a person owns now, newest first, without the limit of a week."""
    sources, subjects = past.sources, when.get("subject", ()) or SUBJECTS[holdings.KIND]
    now = sources.clock.market_now()
    book = book_of(sources, owner, "USD")
    if "share" in subjects:
        book = with_prices_since(sources, book, "USD", day_of(now - DAYS * DAY_MS))
    coins = holdings.held_coins(sources, book)
    limit = share_limit_in(sources.accounts.settings(owner)[1])
    states = {coin: read_states(past.valuations, asset, now) for coin, asset in coins.items()}
    volumes = {coin: holdings.volume_ratios(sources.bar_reader, coin) for coin in coins}
    names = {coin: asset.name for coin, asset in coins.items()}
    known = {subject: ConditionState() for subject in subjects}
    events: list[AlertEvent] = []
    times = list(look_times(now, DAY_MS))
    for ts in times:
        signs = HoldingSigns(
            names=names,
            states=_states_at(states, ts),
            volume_ratios=_ratios_at(volumes, ts),
            above=(
                holdings.shares_above(sources, book, limit, day_of(ts - 1)) if "share" in subjects else {}
            ),
            limit=limit,
        )
        for subject, state in known.items():
            found = holdings.find_changes(subject, signs, state, owner, ts)
            events += [at_time(event, ts) for event in found]
            state.is_new = False
    events.sort(key=lambda event: -event.ts_seen)
    firsts = [int(ends[0]) for ends, _ in (*states.values(), *volumes.values()) if len(ends)]
    begins = max(firsts, default=None)
    return PastEvents(
        events,
        len(times) * len(coins),
        every_ms=DAY_MS,
        since=begins if begins is not None and begins > now - DAYS * DAY_MS else None,
        unknown=[coin for coin in coins if not len(states[coin][0])],
        notes=[HELD_NOW],
    )


def _states_at(states: Mapping[str, tuple[IntArray, IntArray]], ts: int) -> dict[str, State]:
    found: dict[str, State] = {}
    for coin, (ends, values) in states.items():
        last = int(np.searchsorted(ends, ts, side="right")) - 1
        word = state_name(int(values[last])) if last >= 0 else None
        if word is not None:
            found[coin] = word
    return found


def _ratios_at(volumes: Mapping[str, tuple[IntArray, FloatArray]], ts: int) -> dict[str, float]:
    found = {coin: holdings.last_ratio(ends, ratios, ts) for coin, (ends, ratios) in volumes.items()}
    return {coin: ratio for coin, ratio in found.items() if ratio is not None}
