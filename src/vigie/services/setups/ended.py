"""The setups of some accounts that ended, as the record counts them: each once, whoever traded it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Final

from vigie.domain.ids import parse_slot
from vigie.domain.setup import ENDED, MARKET_TIME, SetupScope
from vigie.domain.time import timeframe_ms
from vigie.intelligence.setups.expectation import EndedTrade
from vigie.intelligence.setups.record import EndedSetup, EndKind, horizon_of
from vigie.ports.setup_notices import SetupNotice
from vigie.ports.setups import SetupStore, StoredChange
from vigie.services.caches.ended_setups import KnownEnds
from vigie.services.setups.outcomes import NEVER_CONFIRMED

_PAGE: Final = 500
_NO_ENTRY: Final = ("gap_through_level", "entry_refused")


def live_changes(setups: SetupStore, accounts: Sequence[str]) -> list[StoredChange]:
    """Return all changes of some accounts, without those of replayed pasts.

    Parameters
    ----------
    setups : SetupStore
        Where they are kept.
    accounts : sequence of str
        Names.

    Returns
    -------
    list of StoredChange
        By account, each one's oldest first.
    """
    return [change for account in sorted(accounts) for change in setups.changes(SetupScope(account))]


def ended_setups(changes: Iterable[StoredChange]) -> list[EndedSetup]:
    """Return what became of the setups that ended.

    Parameters
    ----------
    changes : iterable of StoredChange
        Each account's oldest first. Of accounts that trade alike the first one's count: the same setup has the same id.

    Returns
    -------
    list of EndedSetup
        In the order they ended.
    """
    return each_once(ended_lives(changes))


def ended_lives(changes: Iterable[StoredChange]) -> dict[tuple[str, str], EndedSetup]:
    """Return what became of the setups that ended, by setup and account; each account's oldest first."""
    lives: dict[tuple[str, str], list[StoredChange]] = {}
    for change in changes:
        lives.setdefault((change.setup, change.account), []).append(change)
    return {key: _ended(life) for key, life in lives.items() if life[-1].state in ENDED}


def each_once(ended: Mapping[tuple[str, str], EndedSetup]) -> list[EndedSetup]:
    """Return ended setups in the order they ended; of accounts that trade alike the first one's.

    Parameters
    ----------
    ended : mapping
        By setup and account.
    """
    found: dict[str, EndedSetup] = {}
    for setup, account in sorted(ended, key=itemgetter(1)):
        found.setdefault(setup, ended[setup, account])
    return sorted(found.values(), key=lambda one: (one.ts_known, one.setup))


def ends_since(setups: SetupStore, accounts: Sequence[str], known: KnownEnds | None) -> KnownEnds:
    """Return which setups of some accounts ended; of what is known already only what was written since is read.

    Parameters
    ----------
    known : KnownEnds or None
        What was returned before for the same accounts; None for the first time.
    """
    newest = setups.last_number()
    # Fewer changes than before: the home was put back from a backup.
    if known is None or newest < known.number:
        return KnownEnds(newest, ended_lives(live_changes(setups, accounts)))
    number, touched = known.number, dict[tuple[str, str], None]()
    while number < newest and (page := setups.after(number, limit=_PAGE)):
        number = page[-1].number
        of_accounts = (change for change in page if change.account in accounts and not change.is_replayed)
        touched |= dict.fromkeys((mark.setup, mark.account) for mark in of_accounts)
    if number == known.number:
        return known
    ended = dict(known.ended)
    for setup, account in touched:
        # The whole life once more: what ended may have been written anew.
        ended.pop((setup, account), None)
        ended |= ended_lives(change for change in setups.of(setup, [account]) if not change.is_replayed)
    return KnownEnds(number, ended)


def with_notices(ended: Iterable[EndedSetup], notices: Iterable[SetupNotice]) -> list[EndedSetup]:
    """Return some ended setups with what became of alerts about them.

    Parameters
    ----------
    ended : iterable of EndedSetup
        In their order.
    notices : iterable of SetupNotice
        Of the same accounts. A setup was told where any of its changes was.
    """
    told: dict[str, bool] = {}
    for notice in notices:
        told[notice.setup] = told.get(notice.setup, False) or not notice.held
    return [
        replace(trade, notice="told" if told[trade.setup] else "held") if trade.setup in told else trade
        for trade in ended
    ]


def trades_of(ended: Iterable[EndedSetup]) -> list[EndedTrade]:
    """Return those of some ended setups that were traded, as expectations are made of."""
    return [
        EndedTrade(trade.strategy, trade.instrument, trade.regime, trade.ts_known, trade.r)
        for trade in ended
        if trade.kind == "trade" and trade.r is not None
    ]


def late_count(ended: Iterable[EndedSetup], sealed: Iterable[tuple[str, int]]) -> int:
    """Return how many ended setups were first sealed when their end was known already.

    Parameters
    ----------
    ended : iterable of EndedSetup
        Those that are counted.
    sealed : iterable of (str, int)
        Of each change with a seal the setup, and when it was sealed, epoch milliseconds.

    Returns
    -------
    int
        Setups of which no change has a seal are not among them.
    """
    first: dict[str, int] = {}
    for setup, ts in sealed:
        first[setup] = min(ts, first.get(setup, ts))
    return sum(first[trade.setup] >= trade.ts_known for trade in ended if trade.setup in first)


def sealed_ts(change: StoredChange, ts: int) -> int:
    """Return when a change was sealed by the clock that its bars are told by: the market's where it is simulated.

    Parameters
    ----------
    ts : int
        By the machine's clock, epoch milliseconds.
    """
    return int(str(change.body.get(MARKET_TIME, ts)))


def regime_of(change: StoredChange) -> str:
    """Return the regime that a change was written with; empty where none was."""
    return str(change.body.get("regime") or "")


def _ended(life: Sequence[StoredChange]) -> EndedSetup:
    end, slot = life[-1], parse_slot(life[-1].slot)
    deciding = next((change for change in life if change.state == "confirmed"), None)
    r, bars = end.body.get("r"), (deciding or end).body.get("horizon_bars")
    return EndedSetup(
        setup=end.setup,
        kind=_kind(end),
        strategy=slot.strategy,
        instrument=slot.instrument,
        regime=regime_of(deciding or life[0]),
        horizon=horizon_of(
            bars if deciding is not None and isinstance(bars, int) else 0, timeframe_ms(slot.timeframe)
        ),
        ts_known=end.ts_known,
        r=float(r) if isinstance(r, int | float) else None,
    )


def _kind(end: StoredChange) -> EndKind:
    if end.cause == "strategy_changed" and end.body.get("r") is None:
        return "void"
    if end.cause in NEVER_CONFIRMED:
        return "unconfirmed"
    if end.cause in _NO_ENTRY:
        return "no_entry"
    return "trade" if isinstance(end.body.get("r"), int | float) else "unkept"
