"""What is kept of a person as one document, and how they leave without a trace but pseudonymous records."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from vigie.domain.order import TradeRun
from vigie.domain.person import Caller
from vigie.ports.accounts import User
from vigie.services.house import House
from vigie.services.people.accounts import throttle
from vigie.services.people.accounts.people import keep_an_admin
from vigie.services.running.wanted import folder_of as folder_of_prepared
from vigie.services.runs import trash
from vigie.services.trading.plan import folder_of

FORMAT: Final = 1
_PAGE: Final = 500


def export(house: House, user: User) -> dict[str, Any]:
    """Return all that is kept of a person, plain values; hashes of secrets are left out."""
    accounts = house.accounts
    return {
        "format": FORMAT,
        "ts": house.clock.wall_now(),
        "user": asdict(user),
        "settings": [
            {"revision": revision, "ts": ts, "settings": body}
            for revision, ts, body in accounts.settings_history(user.id)
        ],
        "kept_apart": dict(accounts.extra_settings(user.id)),
        "watchlists": [asdict(one) for one in accounts.watchlists(user.id)],
        "boards": [{**asdict(one), "plan": dict(one.plan)} for one in accounts.boards(user.id)],
        "sessions": [
            {"ts_created": one.ts_created, "ts_expires": one.ts_expires} for one in accounts.sessions(user.id)
        ],
        "tokens": [{**asdict(one), "scopes": sorted(one.scopes)} for one in accounts.tokens(user.id)],
        "jobs": _jobs(house, user.id),
        "runs": _runs(house, user.id),
        "removed_runs": trash.removed_of(house, user.id),
        "trading": [_traded(house, one) for one in house.trades.runs_of(user.id)],
        "prepared": _prepared(house, user.id),
        "alerts": _alerts(house, user.id),
        "events": _events(house, user.id),
    }


def _jobs(house: House, owner: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while page := house.jobs.list(owner=owner, before=found[-1]["id"] if found else None, limit=_PAGE):
        found += [asdict(one) for one in page]
    return found


def _runs(house: House, owner: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while page := house.runs.list(owner=owner, before=found[-1]["id"] if found else None, limit=_PAGE):
        found += [asdict(one) for one in page]
    return found


def _prepared(house: House, owner: str) -> dict[str, str]:
    folder = folder_of_prepared(Path(house.about.get("home", "")), owner)
    return {one.name: one.read_text("utf-8", "replace") for one in sorted(folder.glob("*.toml"))}


def _alerts(house: House, owner: str) -> dict[str, Any]:
    told: list[dict[str, Any]] = []
    while page := house.alerts.told(owner, before=told[-1]["delivery"]["id"] if told else "", limit=_PAGE):
        told += [asdict(one) for one in page]
    return {
        "channels": [asdict(one) for one in house.alerts.channels(owner)],
        "rules": [asdict(one) for one in house.alerts.rules(owner)],
        "told": told,
    }


def _traded(house: House, run: TradeRun) -> dict[str, Any]:
    return {
        **_plain(run),
        "steps": [_plain(one) for one in house.trades.steps(run.id)],
        "intents": [
            {**_plain(one.intent), "became": _plain(one.move)} for one in house.trades.intents(run.id)
        ],
        "fills": [_plain(one) for one in house.trades.fills(run.id)],
        "fundings": [_plain(one) for one in house.trades.fundings(run.id)],
    }


def _plain(record: Any) -> dict[str, Any]:
    # Amounts keep their digits as text.
    return {
        name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(record).items()
    }


def _events(house: House, user: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    seq = 0
    while page := house.audit.after(seq, limit=_PAGE):
        seq = page[-1].seq
        found += [
            {"seq": one.seq, "ts": one.ts, "kind": one.kind, "subject": one.subject, "text": one.text}
            for one in page
            if user in (one.actor, one.subject)
        ]
    return found


def delete_account(house: House, caller: Caller, user: User) -> None:
    """Remove a person and all that is theirs; the audit chain keeps pseudonymous records and stays whole.

    Raises
    ------
    UsageError
        If it is the last admin while others stay, or an account of theirs is being traded.
    """
    if len(house.accounts.users()) > 1:
        keep_an_admin(house, caller, user)
    traded = [folder_of(house, one.id) for one in house.trades.runs_of(user.id)]
    house.trades.forget(user.id)
    for folder in [*traded, folder_of_prepared(Path(house.about.get("home", "")), user.id)]:
        if folder.exists():
            shutil.rmtree(folder)  # plans, wishes and folds, which hold every trade; what was prepared
    house.alerts.forget(user.id)
    trash.burn(house, user.id)
    house.accounts.delete(user.id)
    throttle.forget(house.accounts, name=user.name)
    house.audit.forget(user.id)
    house.audit.append("account.delete", actor=caller.user, subject=user.id, text={"via": caller.via})
