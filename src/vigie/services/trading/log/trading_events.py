"""What happened to an account beside its trades, from the audit chain: weight, plain words, what to do.

Takes audit records of kind ``trade.<what>``; gives events. An account's are those that name it since its owner's
first run of it, and those of its owner that were written before records named accounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.domain.order import TradeRun
from vigie.domain.person import OWNER
from vigie.domain.time import iso
from vigie.ports.audit import AuditEvent, AuditLog
from vigie.ports.home import IsSimulated
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.log.trading_event_texts import INTENT, KINDS, TradingEventKind, reason_parts

_PAGE: Final = 500
_RUN: Final = "trade.run"
_BLIND: Final = "trade.blind"
# What ends it.
_SIGHTED: Final = "trade.sighted"


@dataclass(frozen=True, slots=True)
class TradingEvent:
    """One record.

    Attributes
    ----------
    account : str
        Empty in old records about one of several instruments, which name none.
    text : mapping
        What was written beside it; empty where it was forgotten.
    """

    seq: int
    ts: int
    kind: str
    account: str
    subject: str
    text: Mapping[str, Any]

    @property
    def kind_text(self) -> TradingEventKind:
        """What this kind is called, how grave it is and what is to be done."""
        return KINDS[self.kind]

    @property
    def why(self) -> str:
        """What is known of it, in English."""
        sentence, values = reason_parts(self.kind, self.text)
        return sentence % values

    def __str__(self) -> str:
        """Return it as one line."""
        about = "" if self.subject in ("", self.account) else f" {self.subject}:"
        return f"{iso(self.ts)}{about} {': '.join(part for part in (self.kind_text.title, self.why) if part)}"


@dataclass(frozen=True, slots=True)
class AccountEventFilter:
    """Which records are about an account of its present owner.

    Attributes
    ----------
    first_seq : int or None
        Record of the owner's first run of it: what names the account later is about this one, whoever wrote it, and
        what names it before may be about an account of somebody who is gone.
    is_inherited : bool
        Whether it was begun before there were users, when everything was the local owner's.
    """

    run: TradeRun
    first_seq: int | None
    is_inherited: bool

    def matches(self, event: AuditEvent) -> bool:
        """Tell whether a record is about the account."""
        named = named_account(event)
        if named:
            is_theirs = event.actor == self.run.owner or (
                self.first_seq is not None and event.seq >= self.first_seq
            )
            return named == self.run.account and is_theirs
        return event.actor == self.run.owner or (self.is_inherited and event.actor == OWNER.user)


def make_event_filter(audit: AuditLog, trades: TradeBook, run: TradeRun) -> AccountEventFilter:
    """Return which records are about a run's account."""
    own_runs = {item.id for item in trades.runs_of(run.owner) if item.account == run.account}
    for item in _records_after(audit, 0, (_RUN,)):
        if item.subject == run.account and item.text is not None and item.text.get("run") in own_runs:
            return AccountEventFilter(run, item.seq, item.actor == OWNER.user)
    return AccountEventFilter(run, None, is_inherited=False)


def named_account(event: AuditEvent) -> str:
    """Return the account that a record names, nothing where it names none."""
    account = (event.text or {}).get("account", "")
    kind = KINDS.get(event.kind)
    return str(account) or (event.subject if kind is not None and kind.is_of_account else "")


def list_trading_events(
    audit: AuditLog, trades: TradeBook, run: TradeRun, *, before: int = 0, limit: int = _PAGE
) -> list[TradingEvent]:
    """Return the newest events of an account before a record; 0 begins with the newest of all."""
    event_filter, seq = make_event_filter(audit, trades, run), before or audit.newest() + 1
    events: list[TradingEvent] = []
    while len(events) < limit and (page := audit.before(seq, limit=_PAGE, kinds=tuple(KINDS))):
        events += [_trading_event(event) for event in page if event_filter.matches(event)]
        seq = page[-1].seq
    return events[:limit]


def find_open_concerns(
    audit: AuditLog, trades: TradeBook, run: TradeRun, held_slots: Sequence[str]
) -> list[TradingEvent]:
    """Return what is grave and not over, the newest first, each thing once.

    It is over when a person let the account enter again or took note of it; when the position that it was about is
    gone; when positions can be read again; and, of what a trading process sees with its own eyes, when another one has
    begun since: that tells it again where it is still so.

    Parameters
    ----------
    held_slots : sequence of str
        Slots that hold a position.
    """
    is_halted = trades.state(run.account) == "halted"
    current: dict[tuple[str, str], TradingEvent] = {}
    has_begun = is_sighted = False
    seen_until = 0
    for event in list_trading_events(audit, trades, run):
        if event.kind == "trade.seen":
            seen_until = max(seen_until, int(event.text.get("until", 0)))
        if event.kind == "trade.state" and event.text.get("state") == "active":
            break
        is_sighted = is_sighted or event.kind == _SIGHTED
        if event.kind == _BLIND and is_sighted:
            continue
        has_begun = has_begun or (event.kind == "trade.lease" and not event.text.get("by_force"))
        if (
            event.seq <= seen_until
            or event.kind_text.weight != "grave"
            or (event.kind_text.is_seen and has_begun)
        ):
            continue
        if (event.kind == "trade.halted" and not is_halted) or not _is_position_open(event, held_slots):
            continue
        current.setdefault((event.kind, event.subject), event)
    return list(current.values())


def _is_position_open(event: TradingEvent, held_slots: Sequence[str]) -> bool:
    """Tell whether the position that an event is about is still there; others have none."""
    if not event.kind_text.is_of_position:
        return True
    return any(slot == event.subject or slot.startswith(f"{event.subject}/") for slot in held_slots)


def record_seen(audit: AuditLog, run: TradeRun, *, by: str, until: int) -> int:
    """Write down that somebody saw what happened up to a record, and return its number."""
    newest = audit.newest()
    until = min(until or newest, newest)
    audit.append("trade.seen", actor=by, subject=run.account, text={"until": until})
    return until


class TradingEventReader:
    """What happens while a process trades, that it does not say anyway."""

    def __init__(self, audit: AuditLog, is_simulated: IsSimulated, run: TradeRun) -> None:
        self._audit = audit
        self._is_simulated = is_simulated
        self._filter = AccountEventFilter(run, audit.newest(), is_inherited=False)
        self._seq = audit.newest()

    def new_lines(self) -> list[str]:
        """Return one line for each event since it was asked last."""
        # Decisions are told beside them by the market's clock, which runs otherwise in the simulated world.
        clock = " (this machine's clock)" if self._is_simulated else ""
        lines = []
        for event in _records_after(self._audit, self._seq, ()):
            self._seq = event.seq
            kind = KINDS.get(event.kind)
            if kind is not None and not kind.is_reported and self._filter.matches(event):
                lines.append(f"{_trading_event(event)}{clock}")
        return lines


def iterate_records(audit: AuditLog, trades: TradeBook, run: TradeRun) -> Iterator[AuditEvent]:
    """Yield every record of the chain about an account's trading, its intents too, oldest first."""
    event_filter = make_event_filter(audit, trades, run)
    for event in _records_after(audit, 0, (INTENT, *KINDS)):
        if event_filter.matches(event):
            yield event


def _trading_event(event: AuditEvent) -> TradingEvent:
    return TradingEvent(
        event.seq, event.ts, event.kind, named_account(event), event.subject, event.text or {}
    )


def _records_after(audit: AuditLog, seq: int, kinds: Sequence[str]) -> Iterator[AuditEvent]:
    while page := audit.after(seq, limit=_PAGE, kinds=kinds):
        yield from page
        seq = page[-1].seq
