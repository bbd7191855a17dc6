"""How an account stands, from its log and its book alone: the trading process need not run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.order import TradeRun
from vigie.domain.person import OWNER
from vigie.domain.time import iso
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.health import HomeHealth
from vigie.ports.home import IsSimulated, ResultsHome
from vigie.ports.quotes import QuoteStore
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.accounts.alive import is_alive, is_traded, silent_s
from vigie.services.trading.accounts.level_distances import distances, marks_of
from vigie.services.trading.limits.active_limits import find_active_limits
from vigie.services.trading.log.event_log import EventLog
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.log.trading_events import TradingEvent, find_open_concerns, list_trading_events
from vigie.services.trading.log.venue_stops import VenueStops
from vigie.services.trading.plans.plan import load_plan
from vigie.services.trading.process.trading import open_slots

_NEWEST: Final = 5
SIDES: Final = {1: "long", -1: "short"}


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
        names = " ".join(other_run.account for other_run in trades.accounts(owner)) or "none"
        raise NotFound(
            "no_trading_account_create",
            "you have no trading account {account!r} (you have: {names}); create one with `vigie trade "
            "run CONFIG --account {account_2}`",
            account=account,
            names=names,
            account_2=account,
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
    active_limits = find_active_limits(
        live_account.record if live_account is not None else None,
        ts=event_log.ts or 0,
        now=sources.clock.market_now(),
    )
    return {
        "account": run.account,
        "run": run.id,
        "mode": run.mode,
        "venue": run.venue,
        "state": sources.trades.state(account),
        "barred_by": list(active_limits),
        "barred_until": {name: iso(until) for name, until in active_limits.items()},
        "is_simulated": sources.is_simulated,
        "is_traded": is_traded(sources.trades, sources.home_health, account),
        "is_alive": is_alive(sources.home_health, account),
        "silent_s": silent_s(
            sources.quotes,
            sources.clock,
            run.venue,
            [item.slot.instrument for item in load_plan(sources.results, run.id).slots],
        ),
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
    return [] if account is None else [str(account.slots[number].id) for number in open_slots(event_log)]


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
    for number in open_slots(event_log):
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
