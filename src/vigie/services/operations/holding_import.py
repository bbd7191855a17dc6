"""Holdings from a file: what it would add and leave out, what must be answered; it enters whole or not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

from pydantic import Field

from vigie.domain.errors import Conflict, UsageError
from vigie.domain.holding import HoldingRecord, SortedRecords, holding_event
from vigie.domain.pasted_secrets import refuse_secrets
from vigie.domain.person import Caller
from vigie.ports.holdings import HoldingStore
from vigie.services.holdings.coin_origins import ORIGINS
from vigie.services.holdings.column_words import header_choices, proposed_columns
from vigie.services.holdings.day_prices import day_of, read_closes_on, read_markets
from vigie.services.holdings.event_money import event_fee, event_money
from vigie.services.holdings.file_checks import KeptLines, amount_check, no_rate, unrated_currencies
from vigie.services.holdings.file_choices import FileChoices, keep_choices, kept_choices
from vigie.services.holdings.file_drafts import FileFault, refuse_elsewhere
from vigie.services.holdings.file_events import FileEvents, TickerBook, remembered, to_events
from vigie.services.holdings.file_readers import FileDrafts, NoReader, read_drafts
from vigie.services.holdings.file_rows import (
    ImportCandidate,
    ImportedLine,
    ImportFault,
    ImportHoldingsResult,
    ImportQuestion,
)
from vigie.services.holdings.file_table import FileStyle, Mark
from vigie.services.holdings.holding_book import HoldingSources
from vigie.services.holdings.own_columns import NEEDED
from vigie.services.operation import OperationInput, operation
from vigie.services.operations.holdings import MOST
from vigie.services.outside.cells import DateOrder, find_zone
from vigie.services.people.ownership import owner_of

MAX_CHARACTERS: Final = 40_000_000
SHOWN: Final = 100
_CANDIDATES: Final = 20
_DATES: Final[Mapping[str, DateOrder]] = {"day_first": "day_first", "month_first": "month_first"}
_MARKS: Final[Mapping[str, Mark]] = {"point": "point", "comma": "comma"}
_Name = Annotated[str, Field(max_length=120)]
_EXAMPLE: Final = {
    "text": "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency\n"
    "2024-01-10 12:00:00,10000,EUR,0.25,BTC,10,EUR\n"
}


class ImportHoldingsInput(OperationInput):
    """A file, and how it is meant."""

    text: str = Field(max_length=MAX_CHARACTERS, description="The file, CSV.")
    file_name: str = Field("", max_length=120, description="Kept with the batch.")
    reader: str = Field("", max_length=40, description="Its reader; empty: the one whose headers it has.")
    columns: dict[_Name, _Name] = Field(
        {}, max_length=20,
        description="For a file of no reader whose headers are not evident: by time, kind, coin, quantity, amount (of "
        "the whole row), unit_price (of one coin), currency, fee, fee_coin, to_coin, to_quantity, id and place, the "
        "header of its column.",
    )  # fmt: skip
    place: str = Field("", max_length=60, description="Where its coins lie; empty: what its reader says.")
    zone: str = Field(
        "UTC", max_length=60,
        description="Time zone of times that do not say theirs; those of Binance, Coinbase, Koinly and Kraken are UTC.",
    )  # fmt: skip
    dates: Literal["", "day_first", "month_first"] = Field(
        "",
        description="Order of days such as 06/01/2026; empty: what some day of the file shows, else such days are "
        "refused. With dots the day is first.",
    )
    mark: Mark = Field(
        "",
        description="Of decimals; empty: what the numbers of `columns` show, else a point; 1,234 is refused.",
    )
    currency: Literal["", "EUR", "USD"] = Field(
        "",
        description="For a file of no reader: of all amounts, where neither a column nor the number says it.",
    )
    coins: dict[_Name, _Name] = Field(
        {}, max_length=200, description="By ticker, the catalogue id of the coin that is meant; kept for next time."
    )  # fmt: skip
    leave_out: list[int] = Field(
        [], max_length=1_000,
        description="Rows that are not to enter; of a trade of several rows, one is enough.",
    )  # fmt: skip
    keep_changed: bool = Field(
        False, description="Rows that say something else than a kept line do not hold the file back."
    )
    dry_run: bool = Field(True, description="Only say what would be added.")


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """A file that was read, and what of it is to enter."""

    drafts: FileDrafts
    events: FileEvents
    tickers: TickerBook
    place: str
    choices: FileChoices
    is_remembered: bool


@dataclass(slots=True)
class _Said:
    """What is kept under an id; read once, and only for files whose ids may be those of other rows."""

    holdings: HoldingStore
    owner: str
    _kept: dict[str, HoldingRecord] | None = None
    _files: frozenset[str] = frozenset()

    def __call__(self, event: str) -> Collection[str]:
        if self._kept is None:
            self._kept = {record.event: record for record in self.holdings.records(self.owner)}
            batches = self.holdings.batches(self.owner)
            self._files = frozenset(batch.id for batch in batches if batch.kind == "file")
        record = self._kept.get(event)
        if record is None or record.batch in self._files:
            return [record.content] if record else []
        # It was corrected, or joined with another: its file said something else.
        return [
            revision.content for revision in self.holdings.revisions(self.owner, event) if revision.content
        ]


@operation("holdings.import", scope="write", example=_EXAMPLE)
def import_holdings(
    caller: Caller, params: ImportHoldingsInput, sources: HoldingSources
) -> ImportHoldingsResult:
    """Say what a file would add to what you own, or add it, whole or not at all; the same row twice changes nothing."""
    refuse_secrets(_texts_beside(params))
    owner = owner_of(sources.accounts, caller)
    file = _read_file(params, sources, owner)
    if not params.dry_run:
        _refuse_open(file)
    records = [record for _, record in file.events.records]
    batch, found = sources.holdings.add(
        owner, "file", params.file_name, records, most=MOST, dry_run=params.dry_run
    )
    if found.conflicting and not params.dry_run:
        if not params.keep_changed:
            raise Conflict(
                "import_changed",
                "{count} rows say something else than kept lines of the same id; nothing was added; correct these "
                "lines by hand, or let what is kept stay",
                count=len(found.conflicting),
            )
        batch, _ = sources.holdings.add(owner, "file", params.file_name, found.new, most=MOST)
    if file.choices.columns and not file.is_remembered and not params.dry_run:
        keep_choices(sources.accounts, owner, file.drafts.headers, file.choices, sources.clock.wall_now())
    if batch:
        sources.audit.append("holdings.import", actor=caller.user, subject=caller.user, text={})
    return _result(params, sources, owner, file, batch, found)


def _texts_beside(params: ImportHoldingsInput) -> Iterator[str]:
    """Yield what is said of a file, which is kept or repeated."""
    yield from (params.file_name, params.reader, params.place, params.zone)
    for names in (params.columns, params.coins):
        yield from names
        yield from names.values()


def _read_file(params: ImportHoldingsInput, sources: HoldingSources, owner: str) -> _ReadFile:
    now = max(sources.clock.wall_now(), sources.clock.market_now())
    if (taken := refuse_elsewhere(params.place)) is not None:
        raise UsageError(taken)
    drafts, choices, is_remembered = _read_as_meant(params, sources, owner, now)
    assets, place = sources.catalog.assets(), " ".join(params.place.split()) or drafts.reader.place
    chosen = {ticker.upper(): coin for ticker, coin in params.coins.items()}
    tickers = TickerBook(assets, chosen)
    said = _Said(sources.holdings, owner)
    events = to_events(drafts, tickers, place, said)
    if tickers.asked:
        # Only now: what was chosen before is read from all that is kept.
        kept = remembered(sources.holdings.records(owner))
        before = {ticker: coin for ticker, coin in kept.items() if ticker in tickers.asked}
        if before:
            tickers = TickerBook(assets, {**before, **chosen})
            events = to_events(drafts, tickers, place, said)
    return _ReadFile(drafts, events, tickers, place, choices, is_remembered)


def _read_as_meant(
    params: ImportHoldingsInput, sources: HoldingSources, owner: str, now: int
) -> tuple[FileDrafts, FileChoices, bool]:
    """Read a file as it is said, else as the last one with its headers, else by headers that are evident.

    It tells how, and whether that was remembered.
    """
    said = FileChoices(params.columns, params.mark, params.dates, params.zone, params.currency)

    def read(choices: FileChoices) -> FileDrafts:
        style = FileStyle(
            now, find_zone(choices.zone), _DATES.get(choices.dates, ""), _MARKS.get(choices.mark, "")
        )
        return read_drafts(
            params.text,
            style,
            name=params.reader,
            columns=choices.columns,
            currency=choices.currency,
            leave_out=set(params.leave_out),
        )

    try:
        return read(said), said, False
    except NoReader:
        if params.reader:
            raise
        kept = kept_choices(sources.accounts, owner, params.text)
        if kept is None:
            evident = replace(said, columns=proposed_columns(header_choices(params.text)))
            if not all(name in evident.columns for name in NEEDED):
                raise
            return read(evident), evident, False
    # What is said beside the columns holds for this file alone.
    zone = params.zone if params.zone != "UTC" else kept.zone
    meant = FileChoices(
        kept.columns,
        params.mark or kept.mark,
        params.dates or kept.dates,
        zone,
        params.currency or kept.currency,
    )
    return read(meant), meant, True


def _refuse_open(file: _ReadFile) -> None:
    """Refuse a file with rows that cannot be read, or tickers that nobody has answered for."""
    refused = [*file.drafts.refused, *file.events.refused]
    if refused:
        raise UsageError(
            "import_rows_refused",
            "{count} rows cannot be read, the first is row {row}: {message}; nothing was added",
            count=len(refused),
            row=refused[0].line,
            message=refused[0].message,
        )
    if file.tickers.asked:
        raise UsageError(
            "import_tickers_open",
            "say which coin is meant by {tickers}; nothing was added",
            tickers=", ".join(sorted(file.tickers.asked)),
        )


def _result(
    params: ImportHoldingsInput,
    sources: HoldingSources,
    owner: str,
    file: _ReadFile,
    batch: str,
    found: SortedRecords,
) -> ImportHoldingsResult:
    rows = {record.event: line for line, record in file.events.records}
    refused = sorted([*file.drafts.refused, *file.events.refused], key=lambda fault: fault.line)
    left_out = sorted([*file.drafts.left_out, *file.events.left_out], key=lambda fault: fault.line)
    without_cost, checked = _check_new(sources, owner, file, batch, found, rows)
    noted = sorted([*file.drafts.noted, *file.events.noted, *checked], key=lambda fault: fault.line)
    return ImportHoldingsResult(
        reader=file.drafts.reader.name,
        place=file.place,
        batch=batch,
        new=len(found.new),
        known=len(found.known),
        changed=len(found.conflicting),
        without_cost=without_cost,
        refused=_faults(refused),
        refused_count=len(refused),
        left_out=_faults(left_out),
        left_out_count=len(left_out),
        noted=_faults(noted),
        noted_count=len(noted),
        questions=_questions(sources, file),
        new_lines=[_line(record, rows) for record in found.new[:SHOWN]],
        changed_lines=[_line(record, rows) for record in found.conflicting[:SHOWN]],
        columns=dict(file.choices.columns),
        mark=file.drafts.mark,
        dates=file.drafts.dates,
        zone=file.choices.zone,
        currency=file.choices.currency,
        is_remembered=file.is_remembered,
        is_done=not params.dry_run,
    )


def _check_new(
    sources: HoldingSources,
    owner: str,
    file: _ReadFile,
    batch: str,
    found: SortedRecords,
    rows: Mapping[str, int],
) -> tuple[int, list[FileFault]]:
    """Return how many new lines say no cost, and what is to be known of new lines; each is read once."""
    if not found.new:
        return 0, []
    first = day_of(min(draft.ts for draft in file.drafts.drafts))
    amounts = amount_check(sources, file.tickers.known(), first)
    # Reading all lines is left out where this file is all that there is: the largest ones are.
    has_others = any(one.id != batch and one.ts_undone is None for one in sources.holdings.batches(owner))
    records = sources.holdings.records(owner) if has_others else ()
    kept = KeptLines(record for record in records if record.event not in rows)
    without_cost, faults = 0, []
    unrated: set[str] = set()
    for record in found.new:
        told = holding_event(record)
        # Of a currency the first row is enough: most often all rows have it.
        for currency in sorted(unrated_currencies(told) - unrated):
            faults.append(FileFault(rows[record.event], "", no_rate(currency)))
            unrated.add(currency)
        without_cost += not _has_cost(told)
        if (far := amounts.find_far(told)) is not None:
            faults.append(FileFault(rows[record.event], "", far))
        if (like := kept.find_like(told)) is not None:
            faults.append(FileFault(rows[record.event], "", like.message, like.entry))
    return without_cost, faults


def _faults(faults: Sequence[FileFault]) -> list[ImportFault]:
    return [
        ImportFault(row=fault.line, column=fault.column, message=fault.message, entry=fault.entry)
        for fault in faults[:SHOWN]
    ]


def _questions(sources: HoldingSources, file: _ReadFile) -> list[ImportQuestion]:
    asked = file.tickers.asked
    coins = sorted({asset.id for assets in asked.values() for asset in assets[:_CANDIDATES]})
    markets = (
        read_markets(sources.facts, sources.bar_reader, coins, sources.clock.market_now()) if coins else {}
    )
    prices = {coin: market.last_close for coin, market in markets.items()}
    # In one pass: of a hostile file each row names another ticker.
    naming: dict[str, list[int]] = {ticker: [] for ticker in sorted(asked)}
    for draft in file.drafts.drafts:
        for ticker in {one.ticker for one in (draft.gave, draft.got, draft.fee) if one is not None}:
            if ticker in naming:
                naming[ticker].append(draft.ts)
    return [_question(sources, file, ticker, times, prices) for ticker, times in naming.items()]


def _question(
    sources: HoldingSources, file: _ReadFile, ticker: str, naming: Sequence[int], prices: Mapping[str, float]
) -> ImportQuestion:
    assets, day = file.tickers.asked[ticker][:_CANDIDATES], day_of(min(naming))
    coins, now = [asset.id for asset in assets], sources.clock.market_now()
    then = read_closes_on(sources.facts, sources.bar_reader, coins, day, now) if coins else {}
    return ImportQuestion(
        ticker=ticker,
        rows=len(naming),
        day=day.isoformat(),
        candidates=[
            ImportCandidate(
                asset=asset.id,
                name=asset.name,
                price_usd=prices.get(asset.id),
                chain=ORIGINS[asset.id].chain if asset.id in ORIGINS else "",
                price_then_usd=then.get(asset.id),
            )
            for asset in assets
        ],
    )


def _has_cost(told: Mapping[str, object]) -> bool:
    """Tell whether an event that brings coins says what they cost or were worth."""
    if told["kind"] == "buy":
        return "cost" in told
    return told["kind"] not in ("income", "gift") or "value" in told or told.get("way") == "out"


def _line(record: HoldingRecord, rows: Mapping[str, int]) -> ImportedLine:
    told = holding_event(record)
    amount, currency = event_money(told) or ("", "")
    fee, money, coin = event_fee(told) or ("", "", "")
    return ImportedLine(
        row=rows[record.event],
        entry=record.event,
        at=str(told["at"]),
        kind=str(told["kind"]),
        way=str(told.get("way", "")),
        asset=str(told.get("asset", "")),
        quantity=str(told.get("qty", "")),
        amount=amount,
        currency=currency,
        fee=fee,
        fee_currency=money or coin,
        has_cost=_has_cost(told),
    )
