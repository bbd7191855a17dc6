"""Vigie itself, from where its facts are written: the audit, the accounts, the states of streams."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.domain.alert import AlertEvent
from vigie.domain.order import TradeRun
from vigie.domain.refusal import read_refusals
from vigie.domain.time import DAY_MS
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.audit import AuditEvent, AuditLog
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.quotes import QuoteStore
from vigie.ports.tradebook import TradeBook
from vigie.services.alerting.dispatch import AlertDispatch, dispatch_events
from vigie.services.alerting.watching.condition_state import ConditionState, raise_changes
from vigie.services.alerting.watching.event_arguments import STATES, sentence, text, word
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.trading.accounts.figures import limit_rows, marks_of, open_rows
from vigie.services.trading.gateway.overrides import load_overrides
from vigie.services.trading.log.account_view import AccountLogs, open_account_view
from vigie.services.trading.log.trading_event_texts import KINDS, reason_parts
from vigie.services.trading.log.trading_events import named_account

PLACE = "alerts/audit"
LEVELS = (100, 80, 50)
_PAGE = 200
_SUBJECT_OF = {
    "trade.state": "state", "trade.halted": "halt", "trade.unexplained_position": "difference",
    "trade.unexplained_order": "difference",
}  # fmt: skip
# Written at each start, so that a look back knows of it.
STARTED = "vigie.started"
WRITTEN = (
    "job.failed",
    "trade.state",
    *(kind for kind, word in KINDS.items() if word.weight != "notice"),
)


def look(
    dispatch: AlertDispatch,
    quotes: QuoteStore,
    bookmarks: SourceBookmarks,
    audit: AuditLog,
    trades: TradeBook,
    clock: Clock,
) -> int:
    """Raise what was written since the last look, and streams that fell silent; return how many alerts that makes."""
    saved = bookmarks.get(PLACE)
    if not dispatch.alerts.rules_of("desk"):
        if saved:
            bookmarks.put(PLACE, "")
        return raise_changes(dispatch, bookmarks, clock, "alerts/stream", (), lambda *_: ())
    seq = int(saved) if saved else audit.newest()
    alert_count, now = 0, clock.wall_now()
    while page := audit.after(seq, limit=_PAGE, kinds=WRITTEN):
        alert_count += dispatch_events(
            dispatch, clock, [event_of_record(trades, record, now) for record in page]
        )
        seq = page[-1].seq
    if str(seq) != saved:
        bookmarks.put(PLACE, str(seq))
    return alert_count + raise_changes(
        dispatch,
        bookmarks,
        clock,
        "alerts/stream",
        ["stream"],
        lambda _, state: _stream_events(quotes, clock, state),
    )


def look_at_losses(
    logs: AccountLogs, dispatch: AlertDispatch, quotes: QuoteStore, accounts: UserStore, clock: Clock
) -> int:
    """Raise accounts that used half, four fifths or all of the loss allowed a day; return how many alerts."""
    rules = dispatch.alerts.rules_of("desk")
    owners = {rule.owner for rule in rules if "loss" in rule.when.get("subject", ("loss",))}
    events = [
        event
        for run in logs.trades.accounts()
        if run.owner in owners and not run.is_replayed
        for event in _loss_events(logs, quotes, accounts, dispatch.alerts, clock, run)
    ]
    return dispatch_events(dispatch, clock, events)


def record_start(dispatch: AlertDispatch, audit: AuditLog, clock: Clock) -> int:
    """Write down and raise that Vigie was started, once a start."""
    event = audit.append(STARTED, actor="vigie", subject="vigie", text={})
    return dispatch_events(dispatch, clock, [start_event(event, clock.wall_now())])


def start_event(event: AuditEvent, now: int) -> AlertEvent:
    """Return a start as what rules may be about."""
    return make_event("desk", "restart", f"restart/{event.seq}", {}, now, subject="restart", url="/admin")


def event_of_record(trades: TradeBook, event: AuditEvent, now: int) -> AlertEvent:
    """Return an event of the audit as what rules may be about."""
    known = read_refusals(event.text or {})
    if event.kind == "job.failed":
        values = {"job": text(known.get("kind", "")), "why": text(known.get("message", ""))}
        return make_event(
            "desk", "job", f"job/{event.subject}", values, now, subject="job", owner=event.actor,
            url=f"/jobs/{event.subject}",
        )  # fmt: skip
    account = named_account(event)
    run = trades.run(account) if account else None
    reason, reason_values = reason_parts(event.kind, known)
    subject = _SUBJECT_OF.get(event.kind, "trouble")
    values = {
        "account": account or event.subject, "why": sentence(reason, reason_values),
        "what": text(KINDS[event.kind].title),
        "state": word(STATES, known.get("state", "")), "before": word(STATES, known.get("before", "")),
    }  # fmt: skip
    return make_event(
        "desk", subject, f"audit/{event.seq}", values, now, subject=subject,
        owner=run.owner if run is not None else event.actor, url="/trading",
    )  # fmt: skip


def _loss_events(
    logs: AccountLogs,
    quotes: QuoteStore,
    accounts: UserStore,
    alerts: AlertStore,
    clock: Clock,
    run: TradeRun,
) -> Iterator[AlertEvent]:
    now = clock.market_now()
    with open_account_view(logs, run) as story:
        rows = limit_rows(story, load_overrides(accounts, run), open_rows(story, marks_of(quotes, run)), now)
    share = next((float(row["share"] or 0.0) for row in rows if row["name"] == "daily_loss"), 0.0)
    level = next((threshold for threshold in LEVELS if 100 * share >= threshold), None)
    if level is None:
        return
    day = f"loss/{run.account}/{run.id}/{now // DAY_MS}"
    # Who recovers from all of it to four fifths is not told so again.
    if not alerts.sent_statuses("desk", [f"{day}/{threshold}" for threshold in LEVELS if threshold > level]):
        yield make_event(
            "desk", "loss", f"{day}/{level}",
            {"account": run.account, "share": level}, clock.wall_now(), subject="loss", owner=run.owner,
            url="/trading",
        )  # fmt: skip


def _stream_events(quotes: QuoteStore, clock: Clock, state: ConditionState) -> list[AlertEvent]:
    now = clock.wall_now()
    health = {
        health_row.source: health_row
        for health_row in quotes.health()
        if health_row.mode in ("stream", "poll")
    }
    # While it polls, the stream is down.
    holds = {
        name: health_row.mode == "poll" or health_row.state in ("stale", "failing")
        for name, health_row in health.items()
        if health_row.state not in ("paused", "off", "waiting")
    }
    whys = {name: text(row.error) if row.error else word(STATES, row.state) for name, row in health.items()}
    return [
        make_event(
            "desk", f"stream.{change.turn}", f"stream/{change.name}",
            {"name": change.name, "why": whys[change.name]}, now,
            status=f"{change.turn}/{change.number}", subject="stream", turn=change.turn, url="/sources",
        )
        for change in state.changes(holds, first_counts=True)
    ]  # fmt: skip
