"""Lines of what a person owns: added by hand, corrected, removed, undone; each person's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Literal

from pydantic import Field

from vigie.domain.errors import Conflict, NotFound
from vigie.domain.holding import HoldingRecord, holding_event
from vigie.domain.person import Caller
from vigie.intelligence.holdings.bank_products import ProductForm
from vigie.services.holdings.coin_choice import find_coin
from vigie.services.holdings.entries import (
    Currency,
    EntryKind,
    GiftWay,
    IncomeSort,
    TypedEntry,
    keep_moment,
    to_record,
)
from vigie.services.holdings.event_money import event_fee, event_fields, event_money, event_text
from vigie.services.holdings.file_checks import amount_check
from vigie.services.holdings.holding_book import HoldingSources, base_for, read_book
from vigie.services.holdings.holding_rows import (
    SOURCE,
    AddHoldingResult,
    ChangeHoldingResult,
    HoldingBatchRow,
    HoldingEntryRow,
    HoldingVersionRow,
    UndoHoldingsResult,
)
from vigie.services.operation import NoInput, OperationInput, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.random_tokens import random_token
from vigie.services.rows import table_of

ENTRY: Final = r"^e[A-Za-z0-9_-]{16}$"
ENTRY_OR_NONE: Final = r"^(e[A-Za-z0-9_-]{16})?$"
BATCH: Final = r"^h[0-9a-f]{16}$"
# Each look books them all.
MOST: Final = 100_000
_EXAMPLE: Final = {
    "coin": "bitcoin",
    "quantity": "0.25",
    "day": "2024-01-10",
    "amount": "10000",
    "currency": "EUR",
}


class HoldingListInput(OperationInput):
    """Which rows."""

    holding: str = Field("", pattern=ENTRY_OR_NONE, description="This line alone; empty for all.")
    cursor: str = Field("", pattern=r"^\d{0,6}$", description="`next_cursor` of the page before.")
    limit: int = Field(0, ge=0, le=10_000, description="Maximum number of rows; 0 gives all.")


class HoldingEntryInput(OperationInput):
    """A line by hand: the coin and the quantity suffice."""

    coin: str = Field(
        min_length=1, max_length=80, description="Name, ticker or catalogue id.", examples=["bitcoin"]
    )
    quantity: str = Field(
        max_length=80,
        description="Coins, without the fee; of a transfer what arrived; empty for a fork.",
        examples=["0.25"],
    )
    kind: EntryKind = Field("buy", description="What happened; `sell` for goods or services, too.")
    day: str = Field("", max_length=40, description="2024-12-31; empty counts from today.")
    amount: str = Field(
        "",
        max_length=80,
        description="Money paid or received in all, before the fee, or what a swap, an income or a gift was worth; "
        "empty where it is not known.",
    )
    fee: str = Field("", max_length=80, description="Money, or coins of `fee_coin`; empty for none.")
    currency: Currency = Field("EUR", description="Of amount and fee.")
    place: str = Field("", max_length=60, description="Where the coins lie.", examples=["Kraken"])
    fee_coin: str = Field(
        "", max_length=80, description="The coin in which the fee was paid; empty for money."
    )
    to_coin: str = Field("", max_length=80, description="The coin that came in a swap or a fork.")
    to_quantity: str = Field("", max_length=80, description="How much of it came.")
    to_place: str = Field("", max_length=60, description="Where a transfer arrived.")
    sort: IncomeSort = Field("", description="Of an income; `airdrop`: nothing was done for it.")
    way: GiftWay = Field("", description="Of a gift: `in`, received, or `out`, made.")
    product: str = Field(
        "",
        max_length=60,
        description="Name of a bank's product that follows the coin; the quantity is in coins it stood for that day.",
    )
    product_form: Literal["", ProductForm] = Field(
        "", description="Of a product: `digital` for a digital asset, `security` for a security."
    )
    yearly_fee: str = Field("", max_length=40, description="Of a product, per cent.", examples=["1.5"])
    spread: str = Field("", max_length=40, description="Of a product, per cent.", examples=["1"])


class AddHoldingInput(HoldingEntryInput):
    """A new line."""

    new_id: str = Field(
        "",
        pattern=ENTRY_OR_NONE,
        description="An id of your choice, `e` and 16 letters or digits: however often it is sent, it is one line.",
    )
    dry_run: bool = Field(False, description="Only say whether it would be added.")
    may_stay_open: bool = Field(
        False,
        description="Keep a name that several coins share; the line counts nothing until one is chosen.",
    )


class HoldingInput(OperationInput):
    """One line."""

    holding: str = Field(pattern=ENTRY, description="Its id.", examples=["e0123456789abcdef"])


class ChangeHoldingInput(HoldingEntryInput):
    """What a line is to be; what it was is kept."""

    holding: str = Field(pattern=ENTRY, description="Its id.")
    version: str = Field(
        "", max_length=16, description="The revision that you read; another one is refused as a conflict."
    )


class RemoveHoldingInput(HoldingInput):
    """A line that is to go; undoing its batch brings it back."""

    version: str = Field(
        "", max_length=16, description="The revision that you read; another one is refused as a conflict."
    )


class UndoHoldingsInput(OperationInput):
    """One batch."""

    holding_batch: str = Field(pattern=BATCH, description="Its id.", examples=["h0123456789abcdef"])


@operation("holdings.list", example={})
def list_holdings(
    caller: Caller, params: HoldingListInput, sources: HoldingSources
) -> Table[HoldingEntryRow]:
    """List the lines of what you own, the newest day first."""
    book = read_book(sources, caller, base_for(sources, caller))
    lines = book.lines.lines
    if params.holding:
        lines = tuple(line for line in lines if line[0].event == params.holding)
    if params.holding and not lines:
        raise NotFound("no_holding_event", "there is no line {event!r}", event=params.holding)
    begin = int(params.cursor or 0)
    end = begin + params.limit if params.limit else len(lines)
    names = {asset.id: asset.name for asset in sources.catalog.assets()}
    rows = [_entry_row(*line, names, book.codes.get(line[0].event, ())) for line in lines[begin:end]]
    return table_of(
        HoldingEntryRow,
        rows,
        origins=[Origin(source=SOURCE)],
        total=len(lines),
        next_cursor=str(end) if end < len(lines) else None,
    )


def _entry_row(
    record: HoldingRecord, told: Mapping[str, object], names: Mapping[str, str], codes: Sequence[str]
) -> HoldingEntryRow:
    asset, product = event_text(told, "asset"), event_fields(told, "product")
    money, fee = event_money(told), event_fee(told)
    return HoldingEntryRow(
        entry=record.event,
        version=content_version(record.content),
        batch=record.batch,
        day=event_text(told, "at")[:10],
        is_dated="undated" not in told,
        kind=event_text(told, "kind"),
        asset=asset,
        name=event_text(product, "name") or event_text(told, "typed") or names.get(asset, asset),
        quantity=event_text(told, "qty"),
        amount=money[0] if money else None,
        fee=fee[0] if fee else None,
        currency=(money or fee or ("", ""))[1],
        place=event_text(told, "place"),
        fee_coin=fee[2] if fee else "",
        to_asset=event_text(told, "to_asset"),
        to_quantity=event_text(told, "to_qty"),
        to_place=event_text(told, "to_place"),
        sort=event_text(told, "sort"),
        way=event_text(told, "way"),
        typed=event_text(told, "typed"),
        product=event_text(product, "name"),
        product_form=event_text(product, "form"),
        yearly_fee=float(event_text(product, "yearly_fee")) if product else None,
        spread=float(event_text(product, "spread")) if product else None,
        codes=" ".join(codes),
    )


def content_version(content: str) -> str:
    """Return what changes with every correction of a line."""
    return hashlib.sha256(content.encode()).hexdigest()[:16]


@operation("holdings.versions", example={"holding": "e0123456789abcdef"})
def list_holding_versions(
    caller: Caller, params: HoldingInput, sources: HoldingSources
) -> Table[HoldingVersionRow]:
    """List what a line was, the oldest version first."""
    owner = owner_of(sources.accounts, caller)
    revisions = sources.holdings.revisions(owner, params.holding)
    if not revisions:
        raise NotFound("no_holding_event", "there is no line {event!r}", event=params.holding)
    rows = []
    for record in revisions:
        told = holding_event(record) if record.content else {}
        money = event_money(told)
        rows.append(
            HoldingVersionRow(
                batch=record.batch,
                is_removed=not record.content,
                quantity=event_text(told, "qty"),
                day=event_text(told, "at")[:10],
                amount=" ".join(money) if money else None,
            )
        )
    return table_of(HoldingVersionRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation("holdings.batches", example={})
def list_holding_batches(caller: Caller, params: NoInput, sources: HoldingSources) -> Table[HoldingBatchRow]:
    """List what was added and corrected, the newest first; each can be undone."""
    batches = sources.holdings.batches(owner_of(sources.accounts, caller))
    rows = [
        HoldingBatchRow(
            batch=batch.id,
            kind=batch.kind,
            name=batch.name,
            ts_added=batch.ts_added,
            entries=batch.n_events,
            ts_undone=batch.ts_undone,
        )
        for batch in batches
    ]
    return table_of(HoldingBatchRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation("holdings.add", scope="write", example=_EXAMPLE)
def add_holding(caller: Caller, params: AddHoldingInput, sources: HoldingSources) -> AddHoldingResult:
    """Add a line of what you own; the same id with the same content twice changes nothing."""
    owner, entry = owner_of(sources.accounts, caller), params.new_id or f"e{random_token(12)}"
    assets = sources.catalog.assets()
    record = to_record(entry, _typed(params), assets, sources.today, may_stay_open=params.may_stay_open)
    batch, found = sources.holdings.add(owner, "form", "", [record], most=MOST, dry_run=params.dry_run)
    if found.conflicting:
        raise Conflict(
            "holding_id_is_taken",
            "the id {entry} is that of another line; choose another, or leave it out",
            entry=entry,
        )
    if batch:
        _note(sources, caller, "add")
    asset = event_text(holding_event(record), "asset")
    return AddHoldingResult(
        entry=entry,
        batch=batch,
        added=len(found.new),
        asset=asset,
        name=find_coin(assets, asset).name if asset else params.coin,
        is_done=not params.dry_run,
        noted=_far_amount(sources, record),
    )


def _far_amount(sources: HoldingSources, record: HoldingRecord) -> str:
    """Return what is told of a line whose amount is far from the price of its day, as of a row of a file."""
    told = holding_event(record)
    asset, day = event_text(told, "asset"), date.fromisoformat(event_text(told, "at")[:10])
    if not asset or event_money(told) is None:
        return ""
    return amount_check(sources, [asset], day).find_far(told) or ""


def _typed(params: HoldingEntryInput) -> TypedEntry:
    return TypedEntry(**{name: getattr(params, name) for name in TypedEntry.__slots__})


def _note(sources: HoldingSources, caller: Caller, what: Literal["add", "change", "remove", "undo"]) -> None:
    # That it was done, and nothing of what is owned.
    sources.audit.append(f"holdings.{what}", actor=caller.user, subject=caller.user, text={})


@operation(
    "holdings.change",
    scope="write",
    example={"holding": "e0123456789abcdef", "coin": "bitcoin", "quantity": "0.3"},
)
def change_holding(
    caller: Caller, params: ChangeHoldingInput, sources: HoldingSources
) -> ChangeHoldingResult:
    """Correct a line; what it was is kept, and undoing the correction brings it back."""
    record = to_record(params.holding, _typed(params), sources.catalog.assets(), sources.today)
    revisions = sources.holdings.revisions(owner_of(sources.accounts, caller), params.holding)
    record = keep_moment(record, revisions)
    changed = correct_line(sources, caller, record, params.version, "change")
    return changed.model_copy(update={"noted": _far_amount(sources, record)})


@operation("holdings.remove", scope="write", example={"holding": "e0123456789abcdef"})
def remove_holding(
    caller: Caller, params: RemoveHoldingInput, sources: HoldingSources
) -> ChangeHoldingResult:
    """Remove a line; what it was is kept, and undoing the removal brings it back."""
    return correct_line(sources, caller, HoldingRecord(params.holding, ""), params.version, "remove")


def correct_line(
    sources: HoldingSources,
    caller: Caller,
    record: HoldingRecord,
    version: str,
    what: Literal["change", "remove"],
) -> ChangeHoldingResult:
    """Put another content in the place of a line's, and note that it was done."""
    owner = owner_of(sources.accounts, caller)
    revisions = sources.holdings.revisions(owner, record.event)
    if not revisions or not revisions[-1].content:
        raise NotFound("no_holding_event", "there is no line {event!r}", event=record.event)
    before = revisions[-1].content
    if version and version != content_version(before):
        raise Conflict("holding_changed_meanwhile", "the line was changed meanwhile; open it again")
    batch = sources.holdings.correct(owner, record, before=before)
    _note(sources, caller, what)
    return ChangeHoldingResult(entry=record.event, batch=batch)


@operation("holdings.undo", scope="write", example={"holding_batch": "h0123456789abcdef"})
def undo_holdings(caller: Caller, params: UndoHoldingsInput, sources: HoldingSources) -> UndoHoldingsResult:
    """Undo what was added or corrected together; what it corrected is as before."""
    undone = sources.holdings.undo(owner_of(sources.accounts, caller), params.holding_batch)
    if undone:
        _note(sources, caller, "undo")
    return UndoHoldingsResult(undone=undone)
