"""How an account stands, from its log and its book alone: the trading process need not run.

Also whether a process trades it now (it has the right to, and it was heard of), whether prices come, and how far they
are from stop and liquidation; quotes only mark, they trade nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from vigie.data.stores import DataStores
from vigie.domain.errors import Conflict, NotFound, TransientError, UsageError
from vigie.domain.order import TradeRun
from vigie.domain.person import OWNER
from vigie.domain.refusal import listed
from vigie.domain.time import SECOND_MS, iso, timeframe_ms
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.health import HomeHealth, part_name
from vigie.ports.home import IsSimulated, ResultsHome
from vigie.ports.quotes import QuoteStore
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.account_plans.account_plan import AccountPlan, load_plan
from vigie.services.trading.accounts.missing_others import find_missing_others
from vigie.services.trading.limits.active_limits import find_account_limits
from vigie.services.trading.log.event_log import SIDES, EventLog
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.log.trading_events import TradingEvent, find_open_concerns, list_trading_events
from vigie.services.trading.log.venue_stops import VenueStops
from vigie.services.trading.process.trading import LEASE_S

# A process that trades is heard of every five seconds; a busy machine may be late.
SILENT_S: Final = 10.0
# A stream of prices that says nothing for so long is silent: it is opened again.
STREAM_SILENT_S: Final = 30.0
_NEWEST: Final = 5


class MarkPrice(NamedTuple):
    """The present price of an instrument, and the market's time at which it was."""

    price: float
    ts: int


def marks_of(quote_store: QuoteStore, run: TradeRun) -> dict[str, MarkPrice]:
    """Return the present price of every instrument of an account's venue: the mark where it is told, else the last.

    None of a replay: what it holds is of another time.
    """
    return {} if run.is_replayed else venue_marks(quote_store, run.venue)


def venue_marks(quote_store: QuoteStore, venue: str) -> dict[str, MarkPrice]:
    """Return the present price of every instrument of a venue: the mark where it is told, else the last."""
    _, quotes = quote_store.since(0)
    return {
        quote.instrument: MarkPrice(quote.last if quote.mark is None else quote.mark, quote.ts_event)
        for quote in quotes
        if quote.venue == venue
    }


def distance(side: str, price: float | None, level: float) -> float | None:
    """Return how far a price may still move before it meets a level, as a share of it; below 0 it is beyond."""
    if price is None or level <= 0.0:
        return None
    return (price - level) / price if side == "long" else (level - price) / price


def move_to(price: float | None, level: float) -> float | None:
    """Return the move from a price to a level, as a share of the price; below 0 it is a fall."""
    return None if price is None or level <= 0.0 else (level - price) / price


def next_close(ts: int, timeframe: str) -> int:
    """Return when the bar of a moment closes: a strategy decides there."""
    span = timeframe_ms(timeframe)
    return (ts // span + 1) * span


def distances(plan: AccountPlan, row: dict[str, Any], mark: MarkPrice | None) -> dict[str, Any]:
    """Return how far the price of a position is from its levels, when it is decided next, when a passed stop settles.

    On paper a stop that the price has passed settles at the close of the bar, or finer bar, on which levels are met.
    """
    price = None if mark is None else mark.price
    to_stop = distance(row["side"], price, float(row["stop"]))
    is_passed = plan.mode == "paper" and mark is not None and to_stop is not None and to_stop <= 0.0
    settles = None
    if is_passed and mark is not None:
        plan_slot = next(plan_slot for plan_slot in plan.slots if str(plan_slot.slot) == row["slot"])
        span = timeframe_ms(plan.detail_of(plan_slot) or plan_slot.slot.timeframe)
        settles = (mark.ts // span + 1) * span
    return {
        "stop_distance": to_stop,
        "liquidation_distance": distance(row["side"], price, row["liquidation"]),
        "stop_move": move_to(price, float(row["stop"])),
        "target_move": move_to(price, float(row["target"])),
        "liquidation_move": move_to(price, row["liquidation"]),
        "decides_ts": None if mark is None else next_close(mark.ts, row["timeframe"]),
        "is_stop_passed": is_passed,
        "settles_ts": settles,
    }


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


@dataclass(frozen=True, slots=True)
class AccountStatusSources:
    """What the status of a trading account is read from."""

    trades: TradeBook
    results: ResultsHome
    quotes: QuoteStore
    audit: AuditLog
    home_health: HomeHealth
    clock: Clock
    is_simulated: IsSimulated
    data: DataStores


def resolve_owner(accounts: UserStore, trades: TradeBook, account: str, user: str = "") -> str:
    """Return the id of the owner of an account that is named on this machine's command line.

    The named person; else whose it is already. A new one is the local owner's, and where there are users their only
    administrator's: what belongs to the local owner then can be reached on no page.

    Raises
    ------
    NotFound
        If there is nobody of that name.
    UsageError
        If nobody is named and several come into question.
    """
    if user:
        named_user = accounts.by_name(user)
        if named_user is None:
            raise NotFound(
                "no_user_names", "there is no user {user!r}; `vigie user list` names them", user=user
            )
        return named_user.id
    run = trades.run(account)
    return _default_owner(accounts, account) if run is None else run.owner


def _default_owner(accounts: UserStore, account: str) -> str:
    users = [user for user in accounts.users() if not user.is_disabled]
    if not users:
        return OWNER.user
    candidates = [user for user in users if user.role == "admin"] or users
    if len(candidates) > 1:
        raise UsageError(
            "new_account_needs_owner",
            "a new account {account} needs an owner; name one with --user NAME",
            account=account,
        )
    return candidates[0].id


def find_run(trades: TradeBook, account: str, owner: str) -> TradeRun:
    """Return the present run of somebody's account.

    Raises
    ------
    NotFound
        If they have no such account.
    """
    run = trades.run(account)
    if run is None or run.owner != owner:
        names = listed(other_run.account for other_run in trades.accounts(owner))
        raise NotFound(
            "no_trading_account_create",
            "you have no trading account {account!r} (you have: {names}); create one with `vigie trade "
            "run CONFIG --account {account_2}`",
            account=account,
            names=names,
            account_2=account,
        )
    return run


def find_traded_run(trades: TradeBook, account: str, owner: str) -> TradeRun:
    """Return the present run of a person's account, for commands.

    Raises
    ------
    NotFound
        If they have no such account.
    Conflict
        While its past is replayed: what a person does now would change what was decided then.
    """
    run = find_run(trades, account, owner)
    if run.is_replayed:
        raise Conflict(
            "account_is_being_replayed",
            "the past of account {account} is being replayed; wait until it is traded",
            account=account,
        )
    return run


def get_account_status(sources: AccountStatusSources, account: str, owner: str) -> dict[str, Any]:
    """Return state, money, positions, orders under way and what happened lately, as plain values."""
    run = find_run(sources.trades, account, owner)
    event_log = load_event_log(sources.results, sources.trades, run)
    intents = sources.trades.intents(run.id, open_only=True)
    capital = float(run.capital)
    live_account = event_log.account
    venue_stops = VenueStops()
    venue_stops.update(sources.audit, run)
    account_limits = find_account_limits(
        live_account.record if live_account is not None else None,
        ts=event_log.ts or 0,
        now=sources.clock.market_now(),
    )
    return {
        "account": run.account,
        "run": run.id,
        "mode": run.mode,
        "is_replayed": run.is_replayed,
        "venue": run.venue,
        "state": sources.trades.state(account),
        "barred_by": list(account_limits),
        "barred_until": {name: iso(until) for name, until in account_limits.items()},
        "is_simulated": sources.is_simulated,
        "is_traded": is_traded(sources.trades, sources.home_health, account),
        "is_alive": is_alive(sources.home_health, account),
        "silent_s": silent_s(
            sources.quotes,
            sources.clock,
            run.venue,
            [item.slot.instrument for item in load_plan(sources.results, run.id).slots],
        ),
        "missing_others": {
            name: None if until is None else iso(until)
            for name, until in find_missing_others(
                sources.data.bars, sources.results, event_log.plan, event_log.ts
            ).items()
        },
        "begun": iso(run.ts),
        "last_event": iso(event_log.ts) if event_log.ts else None,
        "capital": capital,
        "cash": live_account.cash if live_account is not None else capital,
        "equity": live_account.equity if live_account is not None else capital,
        "trades": len(live_account.trades) if live_account is not None else 0,
        "refusals": len(event_log.refusals),
        "decision_hash": live_account.decision_hash if live_account is not None else "",
        "concerns": [
            _event_row(item)
            for item in find_open_concerns(sources.audit, sources.trades, run, _open_slot_names(event_log))
        ],
        "happened": [
            _event_row(item)
            for item in list_trading_events(sources.audit, sources.trades, run, limit=_NEWEST)
        ],
        "positions": _add_distances(
            sources.quotes, run, event_log, venue_stops.apply_to(list_positions(event_log))
        ),
        "open_intents": [
            {"id": item.intent.id, "slot": item.intent.slot, "leg": item.intent.leg, "state": item.move.state}
            for item in intents
        ],
    }


def _add_distances(
    quotes: QuoteStore, run: TradeRun, event_log: EventLog, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return positions with how far present prices are from their levels."""
    marks = marks_of(quotes, run) if rows else {}
    return [row | distances(event_log.plan, row, marks.get(row["instrument"])) for row in rows]


def _open_slot_names(event_log: EventLog) -> list[str]:
    account = event_log.account
    return [] if account is None else [str(account.slots[number].id) for number in event_log.open_slots]


def _event_row(event: TradingEvent) -> dict[str, Any]:
    return {
        "seq": event.seq, "at": iso(event.ts), "weight": event.kind_text.weight, "kind": event.kind,
        "subject": event.subject,
        "title": event.kind_text.title, "why": event.why, "todo": event.kind_text.todo, "line": str(event),
    }  # fmt: skip


def list_positions(event_log: EventLog) -> list[dict[str, Any]]:
    """Return what the slots of an account hold, as plain values."""
    account = event_log.account
    if account is None:
        return []
    rows = []
    for number in event_log.open_slots:
        slot, id_ = account.slot(number), account.slots[number].id
        ts = int(slot["entry_ts"])
        rows.append(
            {
                "slot": str(id_),
                "instrument": id_.instrument,
                "timeframe": id_.timeframe,
                "strategy": id_.strategy,
                "side": SIDES[int(slot["side"])],
                "qty": f"{account.qty(number, ts, int(slot['lots'])):f}",
                "entry": float(slot["entry"]),
                "entry_ts": ts,
                "stop": f"{account.price(number, ts, int(slot['stop_ticks'])):f}",
                "target": f"{account.price(number, ts, int(slot['target_ticks'])):f}",
                "liquidation": float(slot["liquidation"]),
            }
        )
    return rows
