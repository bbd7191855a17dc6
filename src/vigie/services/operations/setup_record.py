"""The record of one's setups: results with what chance could have made, and which changes the budget held back."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from vigie.domain.person import Caller
from vigie.intelligence.alerts.pacing import wall_day
from vigie.intelligence.setups.record import notice_cells, record_cells
from vigie.ports.alerts import AlertStore
from vigie.ports.clock import Clock
from vigie.ports.home import IsSimulated
from vigie.services.alerting.dispatch import zone_of
from vigie.services.caches.setup_records import SetupRecord, SetupRecordCache
from vigie.services.languages import Language
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.people.ownership import accounts_of, owner_of
from vigie.services.rows import table_of
from vigie.services.setups.ended import ended_setups, late_count, live_changes, sealed_ts, with_notices
from vigie.services.setups.noticing import NoticeSources, budget_of
from vigie.services.setups.published.packing import PublishSources, publish_record, unfit_counts
from vigie.services.setups.record_rows import SOURCE, NoticeRow, RecordRow, to_notice_row, to_record_rows

_MOST: Final = 5_000


class RecordInput(OperationInput):
    """Which part of the record."""

    by: Literal["", "all", "strategy", "instrument", "regime", "horizon", "notice"] = Field(
        "", description="One grouping; empty for all of them. `notice`: alerts sent, and not sent."
    )


class RecordTable(Table[RecordRow]):
    """Results of ended setups, and how far they can be held to."""

    sealed: int = Field(description="Changes that were sealed in the audit chain when they were written.")
    unsealed: int = Field(
        description="Changes of before; they count, and nothing proves when they were written."
    )
    late: int = Field(
        description="Ended setups that were sealed only after their outcome was known, as without a worker; they count."
    )
    anchored_to: int = Field(
        description="Number of the newest chain record that a message outside Vigie carried; 0 for none: whoever keeps "
        "this home could have made the whole chain anew."
    )
    is_publishable: bool = Field(
        description="False where an earlier version sealed changes in a way that tells an account's capital, or "
        "without the time of a simulated market."
    )


class NoticesInput(OperationInput):
    """Which candidates."""

    held: Literal["", "yes", "no"] = Field("", description="Only those not sent, or only those sent.")
    limit: int = Field(100, ge=1, le=1_000, description="Maximum number of rows.")


class NoticesTable(Table[NoticeRow]):
    """Changes that were candidates for alerts, the newest first, and the day's number."""

    budget: int = Field(description="Most alerts about setups a day.")
    used: int = Field(
        description="Sent today, by the person's time zone; ends of what was told are not counted."
    )
    threshold: float | None = Field(description="As for the newest candidate.")


@operation("setups.record")
def read_record(
    caller: Caller,
    params: RecordInput,
    sources: NoticeSources,
    alerts: AlertStore,
    cache: SetupRecordCache,
    is_simulated: IsSimulated,
) -> RecordTable:
    """Read what the ended setups of one's accounts made: by strategy, market, regime, horizon, and alert."""
    owner = owner_of(sources.accounts, caller)
    record = record_of(sources, cache, owner, accounts_of(sources.trades, owner))
    cells = [cell for cell in record.cells if params.by in ("", cell.grouping)]
    table = table_of(RecordRow, to_record_rows(cells), origins=[Origin(source=SOURCE)], total=len(cells))
    return RecordTable(
        **{name: getattr(table, name) for name in Table.model_fields},
        sealed=record.sealed, unsealed=record.unsealed, late=record.late,
        anchored_to=newest_anchor(alerts, owner),
        is_publishable=not record.formerly and not (is_simulated and record.timeless),
    )  # fmt: skip


class PublishInput(OperationInput):
    """How the record is published."""

    language: Language = Field("en", description="Of the page.")
    reveals_capital: bool = Field(
        False, description="Also where setups were sealed in a way that tells the capital of an account."
    )


class PublishedResult(OperationResult):
    """The record as one ZIP: `content` in base64, `digest` the SHA-256 of its bytes."""

    name: str
    size: int
    digest: str
    content: str
    page: str = Field(description="The static page that stands in it, HTML.")


@operation("setups.publish")
def read_published(
    caller: Caller, params: PublishInput, sources: NoticeSources, publish: PublishSources
) -> PublishedResult:
    """Read the record for others: changes, random words, bars, results, and a program that checks."""
    accounts = accounts_of(sources.trades, owner_of(sources.accounts, caller))
    files = publish_record(publish, accounts, params.language, reveals_capital=params.reveals_capital)
    content = files["record.zip"]
    return PublishedResult(
        name="record.zip", size=len(content), digest=hashlib.sha256(content).hexdigest(),
        content=b64encode(content).decode(), page=files["index.html"].decode(),
    )  # fmt: skip


@operation("setups.notices")
def list_notices(
    caller: Caller, params: NoticesInput, sources: NoticeSources, cache: SetupRecordCache, clock: Clock
) -> NoticesTable:
    """List which setups were candidates for alerts: sent, or held back with threshold and rank, and what they made."""
    owner = owner_of(sources.accounts, caller)
    accounts = accounts_of(sources.trades, owner)
    found = sources.notices.notices(accounts, limit=_MOST)
    wanted = [notice for notice in found if params.held == "" or bool(notice.held) == (params.held == "yes")]
    made = {setup.setup: setup.r for setup in record_of(sources, cache, owner, accounts).ended}
    rows = [to_notice_row(notice, made.get(notice.setup)) for notice in wanted[: params.limit]]
    table = table_of(NoticeRow, rows, origins=[Origin(source=SOURCE)], total=len(wanted))
    today = wall_day(clock.wall_now(), zone_of(sources.accounts, owner))
    return NoticesTable(
        **{name: getattr(table, name) for name in Table.model_fields},
        budget=budget_of(sources.accounts, owner), used=sources.notices.told(accounts, *today),
        threshold=found[0].threshold if found else None,
    )  # fmt: skip


def record_of(
    sources: NoticeSources, cache: SetupRecordCache, owner: str, accounts: Sequence[str]
) -> SetupRecord:
    """Return what the setups of some accounts of one owner made."""

    def make() -> SetupRecord:
        changes = live_changes(sources.setups, accounts)
        ended = with_notices(ended_setups(changes), sources.notices.notices(accounts))
        with_seal = [change for change in changes if change.seal]
        sealed = [(change.setup, sealed_ts(change, change.ts_written)) for change in with_seal]
        return SetupRecord(
            ended, [*record_cells(ended), *notice_cells(ended)], len(sealed), len(changes) - len(sealed),
            late_count(ended, sealed),
            *unfit_counts(with_seal, is_simulated=True),
        )  # fmt: skip

    return cache.get(owner, accounts, (sources.setups.last_number(), sources.notices.count(accounts)), make)


def newest_anchor(alerts: AlertStore, owner: str) -> int:
    """Return the number of the newest record of the chain that a message outside Vigie carried; 0 for none."""
    numbers = [
        int(record["number"])
        for alert in alerts.sent_outside(owner, "setup", limit=_MOST)
        if isinstance(record := alert.happening.facts.get("record"), dict)
    ]
    return max(numbers, default=0)
