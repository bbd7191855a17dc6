"""Setups of one's own accounts: signals with a life, from forming to their end, as they were decided on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from pydantic import Field

from vigie.data.request_memo import NO_MEMO, RequestMemo
from vigie.data.stores import DataStores
from vigie.domain.errors import DataError, NotFound
from vigie.domain.ids import SeriesId, SlotId, parse_instrument, parse_slot
from vigie.domain.person import Caller
from vigie.domain.setup import ENDED, STATES, SetupScope, SetupSide, SetupState
from vigie.domain.time import parse_time
from vigie.engine.live.entry_room import binding_size
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.ports.health import HomeHealth
from vigie.ports.setup_counts import SetupPlace
from vigie.ports.setups import SetupFilter, SetupStore, StoredChange
from vigie.ports.tradebook import TradeBook
from vigie.services.operation import OperationInput, Origin, Table, operation
from vigie.services.people.ownership import accounts_of, owner_of
from vigie.services.plans.venue_links import VENUE_SETTING, link_of
from vigie.services.rows import table_of
from vigie.services.setups.notice_marks import marks_of
from vigie.services.setups.noticing import NoticeSources
from vigie.services.setups.setup_results import (
    SetupChangeResult,
    SetupCorrection,
    SetupCriterion,
    SetupMoney,
    SetupResult,
)
from vigie.services.setups.setup_rows import (
    SOURCE,
    SetupChangeTableRow,
    SetupRow,
    number_of,
    to_change_row,
    to_setup_row,
)
from vigie.services.setups.tallying import counts_of, page_of
from vigie.services.setups.weighing import WeighedSetups, deciding_change
from vigie.services.setups.weights import weights_of
from vigie.services.trading.accounts.account_status import find_run
from vigie.services.trading.accounts.present_account import PresentAccount, present_account
from vigie.services.trading.log.account_view import AccountLogs

SETUP: Final = r"^[0-9a-f]{16}$"
REVISED: Final = "trade.bar_revised"
Replayed = Literal["with", "without", "only", "usual"]


@dataclass(frozen=True, slots=True)
class SetupSources:
    """What is read of setups."""

    setups: SetupStore
    logs: AccountLogs
    accounts: UserStore
    audit: AuditLog
    data: DataStores
    home_health: HomeHealth
    memo: RequestMemo = NO_MEMO

    @property
    def trades(self) -> TradeBook:
        """Return the log of the accounts."""
        return self.logs.trades


class SetupsInput(OperationInput):
    """Setups of the caller's own accounts."""

    account: str = Field("", max_length=60, description="Name of the account; empty for all.")
    state: Literal["", "open", "ended", "forming", "confirmed", "played_out", "invalidated", "expired"] = (
        Field("", description="`open`: forming or confirmed; `ended`: all others; empty for all.")
    )
    side: Literal["", "long", "short"] = ""
    instrument: str = Field("", max_length=80)
    timeframe: str = Field("", max_length=10)
    strategy: str = Field("", max_length=80)
    replayed: Replayed = Field(
        "with",
        description="Whether setups that were decided afterwards are listed; `usual`: only where there are no others.",
    )
    least: float | None = Field(
        None,
        ge=-1.0,
        le=1.0,
        description="Least total of what counts for and against, by your weights; then `total` counts what was found.",
    )
    alerted: Literal["", "sent", "held"] = Field(
        "",
        description="Only setups of which an alert was sent, or of which none was, though a rule was about them.",
    )
    cursor: str = Field(
        "", pattern=r"^(\d{1,15}-\d{1,15})?$", description="`next_cursor` of the page before."
    )
    limit: int = Field(100, ge=1, le=1_000, description="Maximum number of rows.")
    ended_limit: int | None = Field(
        None,
        ge=1,
        le=1_000,
        description="With an empty state: open setups first, at most `limit`, then as many ended ones; `cursor` "
        "goes on with the ended ones.",
    )


class SetupInput(OperationInput):
    """One setup."""

    setup: str = Field(pattern=SETUP, description="Its id.", examples=["0123456789abcdef"])
    account: str = Field(
        "", max_length=60, description="Whose it is; empty: the only one, or the first by name."
    )
    replayed: bool = Field(False, description="The one of the account's replayed past, where both have it.")


class SetupsTable(Table[SetupRow]):
    """Setups, and what they can be narrowed by."""

    counts: dict[str, int] = Field(description="Setups by state, whatever state is asked for.")
    instruments: list[str] = Field(description="Instruments, timeframes and strategies that had setups.")
    timeframes: list[str]
    strategies: list[str]
    accounts: list[str] = Field(description="The caller's accounts.")
    has_live: bool = Field(description="Whether these had setups that were decided at their closes.")
    has_replayed: bool = Field(description="Whether these had setups of a past that was replayed.")


@operation("setups.list", example={})
def list_setups(
    caller: Caller, params: SetupsInput, sources: SetupSources, facts: FactStore, notices: NoticeSources
) -> SetupsTable:
    """List the setups of one's accounts, the latest close first."""
    owner = owner_of(sources.accounts, caller)
    own = accounts_of(sources.trades, owner)
    if params.account:
        find_run(sources.trades, params.account, owner)
    places = sources.setups.places(own)
    ids = {
        slot: parse_slot(slot)
        for slot in {place.slot for place in places if params.account in ("", place.account)}
    }
    pasts = {place.is_replayed for place in places}
    wanted = SetupFilter(
        [params.account] if params.account else own,
        _states(params.state),
        _sides(params.side),
        _slots(params, ids),
        _is_replayed(params.replayed, pasts),
        {"": None, "sent": True, "held": False}[params.alerted],
    )
    if wanted.is_told is not None:
        places = sources.setups.places(own, is_told=wanted.is_told)
    listed = [place for place in places if params.account in ("", place.account)]
    counts = counts_of(listed, wanted)
    page, after = _pages(sources, facts, listed, wanted, params, owner)
    # Of what ended nothing is remembered.
    scopes = {_scope(change) for change in page if change.state not in ENDED}
    remembered = {scope: sources.setups.lives(scope) for scope in scopes}
    marks = marks_of(notices, owner, page)
    rows = [
        to_setup_row(change, remembered.get(_scope(change), {}), mark)
        for change, mark in zip(page, marks, strict=True)
    ]
    table = table_of(
        SetupRow,
        rows,
        origins=[Origin(source=SOURCE)],
        total=sum(count for state, count in counts.items() if state in (wanted.states or counts))
        if params.least is None
        else len(page),
        next_cursor=None if after is None else f"{after[0]}-{after[1]}",
    )
    return SetupsTable(
        **{name: getattr(table, name) for name in Table.model_fields},
        counts=counts,
        instruments=sorted({slot.instrument for slot in ids.values()}),
        timeframes=sorted({slot.timeframe for slot in ids.values()}),
        strategies=sorted({slot.strategy for slot in ids.values()}),
        accounts=list(own),
        has_live=False in pasts,
        has_replayed=True in pasts,
    )


@operation("setups.read", example={"setup": "0123456789abcdef"})
def read_setup(
    caller: Caller,
    params: SetupInput,
    sources: SetupSources,
    notices: NoticeSources,
    directory: ConnectorDirectory,
) -> SetupResult:
    """Show one setup: its state, every change with its criteria, and bars that were corrected since."""
    changes = find_setup(sources, caller, params)
    owner = owner_of(sources.accounts, caller)
    (mark,) = marks_of(notices, owner, changes[-1:])
    row = to_setup_row(changes[-1], sources.setups.lives(_scope(changes[-1])), mark)
    chosen = str(sources.accounts.settings(owner)[1].get(VENUE_SETTING) or "")
    link = link_of(
        directory.market_pages(), sources.data.instruments, row.venue, row.instrument, chosen=chosen,
        language=caller.language,
    )  # fmt: skip
    return SetupResult(
        link=link.address,
        link_venue=link.title,
        link_unlisted=link.unlisted,
        newest=row,
        run=changes[-1].run,
        changes=[_change_result(change) for change in changes],
        corrections=list(_corrections(sources.audit, changes)),
        money=None if changes[-1].state in ENDED else _money(sources, deciding_change(changes)),
    )


@operation("setups.changes", example={"setup": "0123456789abcdef"})
def list_setup_changes(
    caller: Caller, params: SetupInput, sources: SetupSources
) -> Table[SetupChangeTableRow]:
    """List the changes of a setup, oldest first."""
    rows = [to_change_row(change) for change in find_setup(sources, caller, params)]
    return table_of(SetupChangeTableRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


def _pages(
    sources: SetupSources,
    facts: FactStore,
    listed: Sequence[SetupPlace],
    wanted: SetupFilter,
    params: SetupsInput,
    owner: str,
) -> tuple[Sequence[StoredChange], tuple[int, int] | None]:
    """Return a page of setups, and where the next one goes on; None where there is none."""
    ts, _, number = params.cursor.partition("-")
    before = (int(ts), int(number)) if number else None

    def page(
        part: SetupFilter, limit: int, before: tuple[int, int] | None
    ) -> tuple[Sequence[StoredChange], tuple[int, int] | None]:
        if params.least is not None:
            weights = weights_of(sources.accounts, owner)
            weighed = WeighedSetups(sources.setups, facts, sources.data.bars, weights)
            return weighed.newest(part, params.least, before=before, limit=limit)
        found = page_of(listed, part, before=before, limit=limit + 1)
        first = found[:limit]
        changes = sources.setups.numbered_in([change.number for change in first])
        return changes, (first[-1].ts_known, first[-1].number) if len(found) > limit else None

    if params.ended_limit is None or params.state:
        return page(wanted, params.limit, before)
    open_ones, _ = page(replace(wanted, states=_states("open")), params.limit, None)
    ended, after = page(replace(wanted, states=ENDED), params.ended_limit, before)
    return [*open_ones, *ended], after


def own_accounts(sources: SetupSources, caller: Caller) -> list[str]:
    """Return the names of the accounts that a caller sees setups of."""
    owner = owner_of(sources.accounts, caller)
    return list(sources.memo.once(("accounts", owner), lambda: accounts_of(sources.trades, owner)))


def _scope(change: StoredChange) -> SetupScope:
    return SetupScope(change.account, change.is_replayed)


def _states(state: str) -> Sequence[SetupState]:
    if state == "open":
        return ("forming", "confirmed")
    if state == "ended":
        return ENDED
    return [known for known in STATES if known == state]


def _slots(params: SetupsInput, ids: Mapping[str, SlotId]) -> Sequence[str] | None:
    """Return the slots that are asked for; None for all."""
    if not (params.instrument or params.timeframe or params.strategy):
        return None
    return [
        name
        for name, slot in ids.items()
        if params.instrument in ("", slot.instrument)
        and params.timeframe in ("", slot.timeframe)
        and params.strategy in ("", slot.strategy)
    ]


def _is_replayed(asked: Replayed, pasts: Collection[bool]) -> bool | None:
    if asked == "usual":
        return None if True in pasts and False not in pasts else False
    return {"with": None, "without": False, "only": True}[asked]


def _sides(side: str) -> Sequence[SetupSide]:
    known: tuple[SetupSide, ...] = ("long", "short")
    return [name for name in known if name == side]


def find_setup(sources: SetupSources, caller: Caller, params: SetupInput) -> list[StoredChange]:
    """Return the changes of one setup of the caller's, oldest first; whose it is else is not told."""
    own = own_accounts(sources, caller)
    accounts = tuple(name for name in own if params.account in ("", name))
    changes = sources.memo.once(
        ("setup", params.setup, accounts), lambda: sources.setups.of(params.setup, accounts)
    )
    scopes = sorted(
        {_scope(change) for change in changes}, key=lambda scope: (scope.is_replayed, scope.account)
    )
    chosen = [scope for scope in scopes if scope.is_replayed or not params.replayed] or scopes
    if not chosen:
        raise NotFound(
            "no_such_setup",
            "there is no setup {setup}; `vigie setups list` and the page Signals list yours",
            setup=params.setup,
        )
    return [change for change in changes if _scope(change) == chosen[0]]


def _change_result(change: StoredChange) -> SetupChangeResult:
    row = to_change_row(change)
    criteria = change.body["criteria"]
    return SetupChangeResult(
        **{name: row[name] for name in row},
        criteria=[
            SetupCriterion(
                **{**item, **{name: number_of(item, name) for name in ("value", "threshold", "nearness")}}
            )
            for item in (criteria if isinstance(criteria, list) else [])
        ],
    )


def _corrections(audit: AuditLog, changes: Sequence[StoredChange]) -> Iterator[SetupCorrection]:
    """Yield the bars of a setup that were corrected after they were decided on."""
    first, last = changes[0], changes[-1]
    slot = parse_slot(first.slot)
    series = str(SeriesId(first.venue, slot.instrument, slot.timeframe))
    seq = 0
    while page := audit.after(seq, kinds=[REVISED], subject=first.account):
        for event in page:
            told = event.text or {}
            if told.get("series") != series:
                continue
            ts_bar = parse_time(str(told["bar"]))
            if first.ts_bar <= ts_bar <= last.ts_bar:
                yield SetupCorrection(ts_bar=ts_bar, ts_told=event.ts)
        seq = page[-1].seq


def _money(sources: SetupSources, change: StoredChange) -> SetupMoney | None:
    """Return what the trade of a setup makes at its levels, as its account would size it now."""
    stop, target = number_of(change.body, "stop"), number_of(change.body, "target")
    entry = number_of(change.body, "entry")
    found = _present_slot(sources, change)
    if found is None or entry is None or stop is None or target is None:
        return None
    held, number = found
    side, plan_slot = (1 if change.side == "long" else -1), held.plan.slots[number]
    # What the slot holds, or waits for, may be the setup's own trade.
    tried = held.try_entry(number, side, entry, stop, target, is_instead=True)
    told = tried.results
    binding = binding_size(held.measure_room(number, side, entry, stop, target, is_instead=True))
    return SetupMoney(
        currency=parse_instrument(plan_slot.slot.instrument).quote.upper(), standing=held.standing,
        capital=tried.equity, risk_fraction=tried.risk_fraction, leverage=plan_slot.sizing.leverage,
        risk=told.qty * abs(entry - stop) / tried.equity if tried.equity > 0.0 else 0.0,
        binding=binding.name if binding and not told.refusal else "",
        refusal=told.refusal, limit=told.limit, value=told.value, qty=told.qty, notional=told.notional,
        loss=told.loss, gain=told.gain, costs=told.costs_at_stop, liquidation=told.liquidation,
        break_even=told.break_even,
    )  # fmt: skip


def _present_slot(sources: SetupSources, change: StoredChange) -> tuple[PresentAccount, int] | None:
    """Return the account that trades a setup's slot, or did, and the number of the slot; None where that is gone."""
    now, run = sources.data.clock.market_now(), sources.trades.run(change.account)
    if run is None:
        return None
    before = [
        earlier_run
        for earlier_run in sources.trades.runs_of(run.owner)
        if earlier_run.id == change.run != run.id
    ]
    for traded_run in (run, *before):
        try:
            held = present_account(sources.logs, sources.home_health, traded_run, now)
        except DataError:
            continue
        slots = [str(plan_slot.slot) for plan_slot in held.plan.slots]
        if change.slot in slots:
            return held, slots.index(change.slot)
    return None
