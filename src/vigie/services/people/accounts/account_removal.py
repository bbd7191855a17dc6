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
from vigie.services.app_context import AppContext
from vigie.services.people.accounts import throttle
from vigie.services.people.accounts.users import check_admin_remains
from vigie.services.runs import trash
from vigie.services.trading.plans.paper_requests import folder_of as folder_of_prepared
from vigie.services.trading.plans.plan import folder_of

FORMAT: Final = 1
_PAGE: Final = 500


def export(app_context: AppContext, user: User) -> dict[str, Any]:
    """Return all that is kept of a person, plain values; hashes of secrets are left out."""
    accounts = app_context.accounts
    return {
        "format": FORMAT,
        "ts": app_context.clock.wall_now(),
        "user": asdict(user),
        "settings": [
            {"revision": revision, "ts": ts, "settings": body}
            for revision, ts, body in accounts.settings_history(user.id)
        ],
        "kept_apart": dict(accounts.extra_settings(user.id)),
        "watchlists": [asdict(item) for item in accounts.watchlists(user.id)],
        "boards": [{**asdict(item), "plan": dict(item.plan)} for item in accounts.boards(user.id)],
        "sessions": [
            {"ts_created": item.ts_created, "ts_expires": item.ts_expires}
            for item in accounts.sessions(user.id)
        ],
        "tokens": [{**asdict(item), "scopes": sorted(item.scopes)} for item in accounts.tokens(user.id)],
        "jobs": _jobs(app_context, user.id),
        "runs": _runs(app_context, user.id),
        "removed_runs": trash.list_removed(app_context, user.id),
        "trading": [_trading_data(app_context, item) for item in app_context.trades.runs_of(user.id)],
        "prepared": _prepared_files(app_context, user.id),
        "alerts": _alerts(app_context, user.id),
        "events": _events(app_context, user.id),
    }


def _jobs(app_context: AppContext, owner: str) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = []
    while page := app_context.jobs.list(owner=owner, before=jobs[-1]["id"] if jobs else None, limit=_PAGE):
        jobs += [asdict(job) for job in page]
    return jobs


def _runs(app_context: AppContext, owner: str) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = []
    while page := app_context.runs.list(owner=owner, before=runs[-1]["id"] if runs else None, limit=_PAGE):
        runs += [asdict(run) for run in page]
    return runs


def _prepared_files(app_context: AppContext, owner: str) -> dict[str, str]:
    folder = folder_of_prepared(Path(app_context.about.get("home", "")), owner)
    return {file.name: file.read_text("utf-8", "replace") for file in sorted(folder.glob("*.toml"))}


def _alerts(app_context: AppContext, owner: str) -> dict[str, Any]:
    deliveries: list[dict[str, Any]] = []
    while page := app_context.alerts.told(
        owner, before=deliveries[-1]["delivery"]["id"] if deliveries else "", limit=_PAGE
    ):
        deliveries += [asdict(item) for item in page]
    return {
        "channels": [asdict(item) for item in app_context.alerts.channels(owner)],
        "rules": [asdict(item) for item in app_context.alerts.rules(owner)],
        "told": deliveries,
    }


def _trading_data(app_context: AppContext, run: TradeRun) -> dict[str, Any]:
    return {
        **_record_data(run),
        "steps": [_record_data(item) for item in app_context.trades.steps(run.id)],
        "intents": [
            {**_record_data(item.intent), "became": _record_data(item.move)}
            for item in app_context.trades.intents(run.id)
        ],
        "fills": [_record_data(item) for item in app_context.trades.fills(run.id)],
        "fundings": [_record_data(item) for item in app_context.trades.fundings(run.id)],
    }


def _record_data(record: Any) -> dict[str, Any]:
    # Amounts keep their digits as text.
    return {
        name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(record).items()
    }


def _events(app_context: AppContext, user: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    seq = 0
    while page := app_context.audit.after(seq, limit=_PAGE):
        seq = page[-1].seq
        events += [
            {
                "seq": event.seq,
                "ts": event.ts,
                "kind": event.kind,
                "subject": event.subject,
                "text": event.text,
            }
            for event in page
            if user in (event.actor, event.subject)
        ]
    return events


def delete_account(app_context: AppContext, caller: Caller, user: User) -> None:
    """Remove a person and all that is theirs; the audit chain keeps pseudonymous records and stays whole.

    Raises
    ------
    UsageError
        If it is the last admin while others stay, or an account of theirs is being traded.
    """
    if len(app_context.accounts.users()) > 1:
        check_admin_remains(app_context, caller, user)
    folders = [folder_of(app_context, run.id) for run in app_context.trades.runs_of(user.id)]
    app_context.trades.forget(user.id)
    for folder in [*folders, folder_of_prepared(Path(app_context.about.get("home", "")), user.id)]:
        if folder.exists():
            shutil.rmtree(folder)  # plans, wishes and folds, which hold every trade; what was prepared
    app_context.alerts.forget(user.id)
    trash.erase_owner(app_context, user.id)
    app_context.accounts.delete(user.id)
    throttle.forget(app_context.accounts, name=user.name)
    app_context.audit.forget(user.id)
    app_context.audit.append("account.delete", actor=caller.user, subject=user.id, text={"via": caller.via})
