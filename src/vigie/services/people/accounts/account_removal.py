"""What is kept of a person as one document, and how they leave without a trace but pseudonymous records."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from vigie.domain.errors import DataError, TransientError
from vigie.domain.holding import holding_event
from vigie.domain.order import TradeRun
from vigie.domain.person import Caller
from vigie.domain.reported import ReportedStatement
from vigie.ports.accounts import User, UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.holding_addresses import HoldingAddressStore
from vigie.ports.holding_links import HoldingLinkStore
from vigie.ports.holdings import HoldingStore
from vigie.ports.home import HomeFolder, ResultsHome
from vigie.ports.jobs import JobQueue
from vigie.ports.learned_models import LearnedModels
from vigie.ports.outside import OutsideStore
from vigie.ports.plans import PlanStore
from vigie.ports.reported import ReportedStore
from vigie.ports.run_files import RunFileStore
from vigie.ports.runs import RunIndex
from vigie.ports.tradebook import TradeBook
from vigie.services.people.accounts import throttle
from vigie.services.people.accounts.users import check_admin_remains
from vigie.services.runs import trash
from vigie.services.trading.account_plans.account_plan import folder_of, load_plan
from vigie.services.trading.account_plans.paper_requests import folder_of as folder_of_prepared
from vigie.services.trading.account_plans.plan_facts import take_back

FORMAT: Final = 1
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class PersonalRecords:
    """Where a home keeps what belongs to one person."""

    accounts: UserStore
    alerts: AlertStore
    audit: AuditLog
    jobs: JobQueue
    runs: RunIndex
    results: ResultsHome
    trades: TradeBook
    plans: PlanStore
    run_files: RunFileStore
    facts: FactStore
    clock: Clock
    outside: OutsideStore
    holdings: HoldingStore
    holding_addresses: HoldingAddressStore
    holding_links: HoldingLinkStore
    reported: ReportedStore
    learned_models: LearnedModels
    home: HomeFolder


def export(records: PersonalRecords, clock: Clock, user: User) -> dict[str, Any]:
    """Return all that is kept of a person, plain values; hashes of secrets are left out."""
    accounts = records.accounts
    return {
        "format": FORMAT,
        "ts": clock.wall_now(),
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
        "jobs": _jobs(records.jobs, user.id),
        "runs": _runs(records.runs, user.id),
        "removed_runs": trash.list_removed(records.results, user.id),
        "trading": [_trading_data(records.trades, item) for item in records.trades.runs_of(user.id)],
        "plans": [asdict(item) for item in records.plans.versions(user.id)],
        "run_files": [asdict(item) for item in records.run_files.versions(user.id)],
        "outside": _outside_data(records.outside, user.id),
        "holdings": _holding_data(records.holdings, user.id),
        # Encrypted: a copy of one's things may lie anywhere.
        "holding_addresses": [asdict(item) for item in records.holding_addresses.addresses(user.id)],
        # Without digests: they would let others guess at the words.
        "holding_links": [
            {"id": item.id, "ts_created": item.ts_created, "ts_expires": item.ts_expires}
            for item in records.holding_links.links(user.id)
        ],
        "reported": [_statement_data(item) for item in records.reported.statements(user.id)],
        "learned": [asdict(item) for item in records.learned_models.fits() if item.owner == user.id],
        "prepared": _prepared_files(records.home, user.id),
        "alerts": _alerts(records.alerts, user.id),
        "events": _events(records.audit, user.id),
    }


def _jobs(job_queue: JobQueue, owner: str) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = []
    while page := job_queue.list(owner=owner, before=jobs[-1]["id"] if jobs else None, limit=_PAGE):
        jobs += [asdict(job) for job in page]
    return jobs


def _runs(run_index: RunIndex, owner: str) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = []
    while page := run_index.list(owner=owner, before=runs[-1]["id"] if runs else None, limit=_PAGE):
        runs += [asdict(run) for run in page]
    return runs


def _prepared_files(home: HomeFolder, owner: str) -> dict[str, str]:
    folder = folder_of_prepared(home, owner)
    return {file.name: file.read_text("utf-8", "replace") for file in sorted(folder.glob("*.toml"))}


def _alerts(alerts: AlertStore, owner: str) -> dict[str, Any]:
    deliveries: list[dict[str, Any]] = []
    while page := alerts.list_deliveries(
        owner, before=deliveries[-1]["delivery"]["id"] if deliveries else "", limit=_PAGE
    ):
        deliveries += [asdict(item) for item in page]
    return {
        "channels": [asdict(item) for item in alerts.channels(owner)],
        "rules": [asdict(item) for item in alerts.rules(owner)],
        "told": deliveries,
    }


def _trading_data(trades: TradeBook, run: TradeRun) -> dict[str, Any]:
    return {
        **_record_data(run),
        "steps": [_record_data(item) for item in trades.steps(run.id)],
        "intents": [
            {**_record_data(item.intent), "became": _record_data(item.move)}
            for item in trades.intents(run.id)
        ],
        "fills": [_record_data(item) for item in trades.fills(run.id)],
        "fundings": [_record_data(item) for item in trades.fundings(run.id)],
    }


def _holding_data(holdings: HoldingStore, owner: str) -> dict[str, object]:
    return {
        "events": [holding_event(record) for record in holdings.records(owner)],
        "batches": [asdict(batch) for batch in holdings.batches(owner)],
    }


def _statement_data(statement: ReportedStatement) -> dict[str, object]:
    return {**asdict(statement), "rows": [_record_data(row) for row in statement.rows]}


def _outside_data(outside: OutsideStore, owner: str) -> dict[str, object]:
    # Addresses stay encrypted: a copy of one's things may lie anywhere.
    return {
        "fills": [_record_data(item) for item in outside.fills(owner)],
        "addresses": [asdict(item) for item in outside.addresses(owner)],
        "matches": [asdict(item) for item in outside.matches(owner)],
    }


def _record_data(record: Any) -> dict[str, Any]:
    # Amounts keep their digits as text.
    return {
        name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(record).items()
    }


def _events(audit: AuditLog, user: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    seq = 0
    while page := audit.after(seq, limit=_PAGE):
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


def _plan_keys(results: ResultsHome, run: str) -> list[str]:
    """Return under which word a run read its plans; nothing where its plan is lost: that keeps nobody here."""
    try:
        return [load_plan(results, run).plan_key]
    except DataError:
        return []


def _market_now(clock: Clock) -> int:
    try:
        return clock.market_now()
    except TransientError:
        # A simulated market that is away holds nobody here.
        return 0


def delete_account(records: PersonalRecords, caller: Caller, user: User) -> None:
    """Remove a person and all that is theirs; the audit chain keeps pseudonymous records and stays whole.

    Raises
    ------
    UsageError
        If it is the last admin while others stay, or an account of theirs is being traded.
    """
    if len(records.accounts.users()) > 1:
        check_admin_remains(records.accounts, caller, user)
    runs = records.trades.runs_of(user.id)
    folders = [folder_of(records.results, run.id) for run in runs]
    plan_keys = {key for run in runs for key in _plan_keys(records.results, run.id)}
    records.trades.forget(user.id)
    # Nobody trades these accounts any more, and no fact says that anything is planned there.
    for plan_key in sorted(plan_keys):
        take_back(records.facts, plan_key, _market_now(records.clock))
    for folder in [*folders, folder_of_prepared(records.home, user.id)]:
        if folder.exists():
            shutil.rmtree(folder)  # plans, wishes and folds, which hold every trade; what was prepared
    records.alerts.forget(user.id)
    records.plans.forget(user.id)
    records.run_files.forget(user.id)
    records.outside.forget(user.id)
    records.holdings.forget(user.id)
    records.holding_addresses.forget(user.id)
    records.holding_links.forget(user.id)
    records.reported.forget(user.id)
    # A model belongs to the home, and accounts may trade it: only who ordered it is forgotten.
    records.learned_models.hand_over(user.id, "")
    trash.erase_owner(records.results, records.jobs, records.runs, records.home, user.id)
    records.accounts.delete(user.id)
    throttle.forget(records.accounts, name=user.name)
    records.audit.forget(user.id)
    records.audit.append("account.delete", actor=caller.user, subject=user.id, text={"via": caller.via})
