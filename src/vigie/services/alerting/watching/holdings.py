"""What a person owns: a coin's valuation changes, its volume is back, or a share is above its limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vigie.data.bar_reader import BarReader
from vigie.domain.alert import AlertEvent, AlertRule
from vigie.domain.asset import Asset
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS
from vigie.intelligence.alerts.rule_matching import first_unmet_condition
from vigie.intelligence.valuation.states import STATES, State
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.services.alerting.dispatch import AlertDispatch
from vigie.services.alerting.rule_parsing import SUBJECTS
from vigie.services.alerting.watching.condition_state import ConditionChange, ConditionState, raise_changes
from vigie.services.alerting.watching.event_arguments import figure
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.caches.holding_books import HoldingBook
from vigie.services.holdings.holding_book import HoldingSources, book_of
from vigie.services.holdings.holding_sums import shares_of
from vigie.services.holdings.own_limits import share_limit_in
from vigie.services.market_data.valuations import ValuationSources, read_valuation

KIND: Final = "holding"
# Most alerts that a person gets in a week.
MOST_A_WEEK: Final = 3
WEEK_MS: Final = 7 * DAY_MS
# Volume is back with so many times the median of the days before, and gone again at the median itself.
BACK: Final = 2.0
GONE: Final = 1.0
USUAL_DAYS: Final = 30
# An older day says nothing of today.
_NEWEST_MS: Final = 2 * DAY_MS


@dataclass(frozen=True, slots=True)
class HoldingSigns:
    """What is looked at of one person's holdings.

    Attributes
    ----------
    names : mapping of str to str
        Of coins, by id.
    states : mapping of str to State
        Valuation of each coin that has one.
    volume_ratios : mapping of str to float
        Volume of the last day against the usual one, by coin.
    above : mapping of str to bool
        Whether a share is above its limit, by kind and name, such as ``coin/Bitcoin``.
    limit : float
        Of a share, as a fraction.
    """

    names: Mapping[str, str]
    states: Mapping[str, State]
    volume_ratios: Mapping[str, float]
    above: Mapping[str, bool]
    limit: float


def look(
    dispatch: AlertDispatch,
    sources: HoldingSources,
    valuations: ValuationSources,
    bookmarks: SourceBookmarks,
    clock: Clock,
) -> int:
    """Raise what changed of what people own who have a rule about it; return how many alerts that makes."""
    rules = dispatch.alerts.rules_of(KIND)
    owners = sorted({rule.owner for rule in rules})
    signs = {owner: read_signs(sources, valuations, owner) for owner in owners}
    now = clock.wall_now()
    weeks = {owner: _Week([rule for rule in rules if rule.owner == owner], dispatch, now) for owner in owners}

    def find(place: str, state: ConditionState) -> list[AlertEvent]:
        owner, _, subject = place.rpartition("/")
        events = find_changes(subject, signs[owner], state, owner, now)
        return [weeks[owner].paced(event) for event in events]

    places = [f"{owner}/{subject}" for owner in owners for subject in SUBJECTS[KIND]]
    return raise_changes(dispatch, bookmarks, clock, "alerts/holding", places, find)


class _Week:
    """Holds back what is more than a person is told in a week."""

    def __init__(self, rules: Sequence[AlertRule], dispatch: AlertDispatch, now: int) -> None:
        self._rules = rules
        sent = dispatch.alerts.sent_since([rule.id for rule in rules], now - WEEK_MS)
        self._left = MOST_A_WEEK - sum(map(len, sent.values()))

    def paced(self, event: AlertEvent) -> AlertEvent:
        """Return an event, marked where the week is full; one that no rule is about takes no place."""
        if all(first_unmet_condition(rule, event) for rule in self._rules):
            return event
        self._left -= 1
        return event if self._left >= 0 else replace(event, facts={**event.facts, "held": "week"})


def read_signs(sources: HoldingSources, valuations: ValuationSources, owner: str) -> HoldingSigns:
    """Return what is looked at of a person's holdings, now."""
    now, limit = sources.clock.market_now(), share_limit_in(sources.accounts.settings(owner)[1])
    # Shares are the same in every currency.
    book = book_of(sources, owner, "USD")
    coins = held_coins(sources, book)
    read = {coin: read_valuation(valuations, asset, now, None) for coin, asset in coins.items()}
    states = {coin: one.valuation.state for coin, one in read.items() if one is not None}
    ratios = {coin: last_ratio(*volume_ratios(sources.bar_reader, coin), now) for coin in coins}
    return HoldingSigns(
        names={coin: asset.name for coin, asset in coins.items()},
        states={coin: state for coin, state in states.items() if state is not None},
        volume_ratios={coin: ratio for coin, ratio in ratios.items() if ratio is not None},
        above=shares_above(sources, book, limit),
        limit=limit,
    )


def held_coins(sources: HoldingSources, book: HoldingBook) -> dict[str, Asset]:
    """Return the coins that are held, themselves or by a product; none that is meant to stand."""
    products = book.lines.products
    ids = {products[coin].underlying if coin in products else coin for coin, _ in book.held}
    return {
        asset.id: asset
        for asset in sources.catalog.assets()
        if asset.id in ids and asset.kind != "stablecoin"
    }


def shares_above(
    sources: HoldingSources, book: HoldingBook, limit: float, day: date | None = None
) -> dict[str, bool]:
    """Return whether each share with a name is above the limit, by kind and name; at the prices of a day."""
    assets = {asset.id: asset for asset in sources.catalog.assets()}
    shares = shares_of(book, assets, limit, day)
    return {f"{share.kind}/{share.name}": share.is_above for share in shares if share.name}


def last_ratio(ends: IntArray, ratios: FloatArray, now: int) -> float | None:
    """Return the ratio of the last day that has ended, of `volume_ratios`; None where it is not known or old."""
    last = int(np.searchsorted(ends, now, side="right")) - 1
    if last < 0 or now - ends[last] > _NEWEST_MS or np.isnan(ratios[last]):
        return None
    return float(ratios[last])


def volume_ratios(bar_reader: BarReader, coin: str) -> tuple[IntArray, FloatArray]:
    """Return when each day of a coin's market ended, and its volume against the median of the thirty days before.

    Returns
    -------
    ends : int64 array, shape (n_days,)
        Epoch milliseconds.
    ratios : float64 array, shape (n_days,)
        NaN where fewer days are stored, or nothing was traded on most of them.
    """
    bars = bar_reader.of_asset(coin, "1d")
    if bars is None or len(bars) <= USUAL_DAYS:
        return np.zeros(0, np.int64), np.zeros(0)
    traded = bars.close * bars.volume
    usual = np.median(sliding_window_view(traded[:-1], USUAL_DAYS), axis=1)
    ratios = np.full(len(bars), np.nan)
    np.divide(traded[USUAL_DAYS:], usual, out=ratios[USUAL_DAYS:], where=usual > 0.0)
    return bars.ts + DAY_MS, ratios


def find_changes(
    subject: str, signs: HoldingSigns, state: ConditionState, owner: str, now: int
) -> list[AlertEvent]:
    """Return what changed of one subject since what is known."""
    match subject:
        case "valuation":
            holds = {
                f"{coin}/{word}": known == word for coin, known in signs.states.items() for word in STATES
            }
        case "volume":
            holds = {
                coin: ratio >= (GONE if state.known.get(coin, [0])[0] else BACK)
                for coin, ratio in signs.volume_ratios.items()
            }
        case _:
            # What is not held any more is not above.
            holds = {**dict.fromkeys(state.known, False), **signs.above}
    changes = state.changes(holds, first_counts=subject == "share")
    events = [_event(subject, change, signs, owner, now) for change in changes]
    return [event for event in events if event is not None]


def _event(
    subject: str, change: ConditionChange, signs: HoldingSigns, owner: str, now: int
) -> AlertEvent | None:
    """Return what a change is told as; None for one that is no news by itself."""
    coin, _, word = change.name.partition("/")
    more: dict[str, Any] = {"subject": subject, "owner": owner, "turn": change.turn, "url": "/portfolio"}
    more["status"] = f"{change.turn}/{change.number}"
    key = f"{subject}/{change.name}"
    if subject == "share":
        values = {"name": word, "limit": f"{100 * signs.limit:.0f}"}
        return make_event(KIND, "share", key, values, now, **more) if change.turn == "enters" else None
    more |= {"assets": [coin], "url": f"/asset/{coin}"}
    if subject == "volume":
        ratio = figure(f"{signs.volume_ratios[coin]:.1f}")
        told = {"name": signs.names[coin], "ratio": ratio}
        return make_event(KIND, "volume", key, told, now, **more) if change.turn == "enters" else None
    if change.turn == "leaves" and signs.states[coin] != "normal":
        # From one to the other: the other is told.
        return None
    text_key = word if change.turn == "enters" else "normal"
    return make_event(KIND, text_key, key, {"name": signs.names[coin]}, now, **more)
