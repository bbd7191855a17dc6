"""How an account stands, from its log and its book alone: the trading process need not run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.order import TradeRun
from vigie.domain.person import OWNER
from vigie.domain.time import iso
from vigie.services.house import House
from vigie.services.trading.alive import is_alive, is_traded, silent_s
from vigie.services.trading.barring import barred_until
from vigie.services.trading.chronicle import Chronicle
from vigie.services.trading.happenings import Happening, concerns, happenings
from vigie.services.trading.kept_folds import folded
from vigie.services.trading.level_distances import distances, marks_of
from vigie.services.trading.plan import kept_plan
from vigie.services.trading.seen_stops import SeenStops
from vigie.services.trading.trading import open_slots

_NEWEST: Final = 5
SIDES: Final = {1: "long", -1: "short"}


def whose(house: House, account: str, user: str = "") -> str:
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
        found = house.accounts.by_name(user)
        if found is None:
            raise NotFound(f"there is no user {user!r}; `vigie user list` names them")
        return found.id
    known = house.trades.run(account)
    return _heir(house, account) if known is None else known.owner


def _heir(house: House, account: str) -> str:
    users = [one for one in house.accounts.users() if not one.is_disabled]
    if not users:
        return OWNER.user
    likely = [one for one in users if one.role == "admin"] or users
    if len(likely) > 1:
        raise UsageError(f"a new account {account} must be somebody's; say whose with --user NAME")
    return likely[0].id


def run_of(house: House, account: str, owner: str) -> TradeRun:
    """Return the present run of somebody's account.

    Raises
    ------
    NotFound
        If they have no such account.
    """
    found = house.trades.run(account)
    if found is None or found.owner != owner:
        names = " ".join(one.account for one in house.trades.accounts(owner)) or "none"
        raise NotFound(
            f"there is no trading account {account!r} of yours (there are: {names}); "
            f"begin one with `vigie trade run CONFIG --account {account}`"
        )
    return found


def standing(house: House, account: str, owner: str) -> dict[str, Any]:
    """Return state, money, positions, orders under way and what happened lately, as plain values."""
    run = run_of(house, account, owner)
    chronicle = folded(house, run)
    known = house.trades.intents(run.id, open_only=True)
    capital = float(run.capital)
    there = chronicle.account
    seen = SeenStops()
    seen.look(house, run)
    barred = barred_until(
        there.record if there is not None else None, ts=chronicle.ts or 0, now=house.clock.market_now()
    )
    return {
        "account": run.account,
        "run": run.id,
        "mode": run.mode,
        "venue": run.venue,
        "state": house.trades.state(account),
        "barred_by": list(barred),
        "barred_until": {name: iso(until) for name, until in barred.items()},
        "is_simulated": house.is_simulated,
        "is_traded": is_traded(house, account),
        "is_alive": is_alive(house, account),
        "silent_s": silent_s(
            house, run.venue, [one.slot.instrument for one in kept_plan(house, run.id).slots]
        ),
        "begun": iso(run.ts),
        "last_event": iso(chronicle.ts) if chronicle.ts else None,
        "capital": capital,
        "cash": there.cash if there is not None else capital,
        "equity": there.equity if there is not None else capital,
        "trades": len(there.trades) if there is not None else 0,
        "refusals": len(chronicle.refusals),
        "decision_hash": there.decision_hash if there is not None else "",
        "concerns": [_told(one) for one in concerns(house, run, _held(chronicle))],
        "happened": [_told(one) for one in happenings(house, run, limit=_NEWEST)],
        "positions": _placed(house, run, chronicle, seen.shown(positions(chronicle))),
        "open_intents": [
            {"id": one.intent.id, "slot": one.intent.slot, "leg": one.intent.leg, "state": one.move.state}
            for one in known
        ],
    }


def _placed(
    house: House, run: TradeRun, chronicle: Chronicle, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return positions with how far present prices are from their levels."""
    marks = marks_of(house, run) if rows else {}
    return [row | distances(chronicle.plan, row, marks.get(row["instrument"])) for row in rows]


def _held(chronicle: Chronicle) -> list[str]:
    account = chronicle.account
    return [] if account is None else [str(account.slots[number].id) for number in open_slots(chronicle)]


def _told(one: Happening) -> dict[str, Any]:
    return {
        "seq": one.seq, "at": iso(one.ts), "weight": one.word.weight, "kind": one.kind, "subject": one.subject,
        "title": one.word.title, "why": one.why, "todo": one.word.todo, "line": str(one),
    }  # fmt: skip


def positions(chronicle: Chronicle) -> list[dict[str, Any]]:
    """Return what the slots of an account hold, as plain values."""
    account = chronicle.account
    if account is None:
        return []
    found = []
    for number in open_slots(chronicle):
        slot, id_ = account.slot(number), account.slots[number].id
        ts = int(slot["entry_ts"])
        found.append(
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
    return found
