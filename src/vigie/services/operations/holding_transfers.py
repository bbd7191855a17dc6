"""Transfers that are proposed from what left one place and what arrived at another: joined, refused, each undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from pydantic import Field

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.holding import HoldingRecord
from vigie.domain.person import Caller
from vigie.services.holdings.holding_book import HoldingSources, base_for, lines_of, read_book
from vigie.services.holdings.holding_rows import (
    SOURCE,
    JoinedTransferRow,
    JoinTransfersResult,
    RefuseTransferResult,
    TransferProposalRow,
)
from vigie.services.holdings.transfer_pairs import TransferProposal, propose_transfers
from vigie.services.operation import NoInput, OperationInput, Origin, Table, operation
from vigie.services.operations.holdings import ENTRY, ENTRY_OR_NONE
from vigie.services.people.ownership import owner_of
from vigie.services.rows import table_of

MOST_SHOWN: Final = 500


class JoinTransfersInput(OperationInput):
    """Which two lines, or all that are clear."""

    holding: str = Field(
        "", pattern=ENTRY_OR_NONE, description="The line of what left.", examples=["e0123456789abcdef"]
    )
    arrival: str = Field("", pattern=ENTRY_OR_NONE, description="The line of what arrived.")
    all_clear: bool = Field(
        False,
        description="All proposals that are the only one for both lines and of no sale or loss, as one batch.",
    )


class JoinedTransfersInput(OperationInput):
    """Which rows."""

    cursor: str = Field("", pattern=r"^\d{0,6}$", description="`next_cursor` of the page before.")
    limit: int = Field(0, ge=0, le=10_000, description="Maximum number of rows; 0 gives all.")


class RefuseTransferInput(OperationInput):
    """Two lines that are no transfer."""

    holding: str = Field(pattern=ENTRY, description="The line of what left.", examples=["e0123456789abcdef"])
    arrival: str = Field(
        pattern=ENTRY, description="The line of what arrived.", examples=["eabcdef0123456789"]
    )


@operation("holdings.transfers", example={})
def list_transfers(caller: Caller, params: NoInput, sources: HoldingSources) -> Table[TransferProposalRow]:
    """List what left one place and what arrived at another that may be one transfer; nothing is joined by itself."""
    found, _ = _proposals(caller, sources)
    names = {asset.id: asset.name for asset in sources.catalog.assets()}
    rows = [
        _row(proposal, names.get(str(proposal.left_told["asset"]), "")) for proposal in found[:MOST_SHOWN]
    ]
    return table_of(TransferProposalRow, rows, origins=[Origin(source=SOURCE)], total=len(found))


def _proposals(caller: Caller, sources: HoldingSources) -> tuple[list[TransferProposal], str]:
    owner = owner_of(sources.accounts, caller)
    lines = read_book(sources, caller, base_for(sources, caller)).lines.lines
    return propose_transfers(lines, sources.holdings.refusals(owner))[0], owner


def _row(one: TransferProposal, name: str) -> TransferProposalRow:
    left, arrived = one.left_told, one.arrived_told
    asset = str(left["asset"])
    return TransferProposalRow(
        entry=one.left.event,
        arrival=one.arrived.event,
        asset=asset,
        name=name or asset,
        kind=str(left["kind"]),
        place=str(left.get("place", "")),
        to_place=str(arrived["to_place"]),
        left_at=str(left["at"]),
        arrived_at=str(arrived["at"]),
        quantity=str(left["qty"]),
        arrived_quantity=str(arrived["qty"]),
        fee=f"{one.fee:f}" if one.fee else "0",
        choices=one.choices,
        is_clear=one.is_clear,
    )


@operation("holdings.joined_transfers", example={})
def list_joined_transfers(
    caller: Caller, params: JoinedTransfersInput, sources: HoldingSources
) -> Table[JoinedTransferRow]:
    """List the transfers that were joined, the newest first; undoing a batch brings its lines back."""
    owner = owner_of(sources.accounts, caller)
    joined = {
        batch.id: batch.ts_added
        for batch in sources.holdings.batches(owner)
        if batch.kind == "transfer" and batch.ts_undone is None
    }
    lines = [
        (record, told)
        for record, told in (lines_of(sources, owner).lines if joined else ())
        if record.batch in joined and told["kind"] == "transfer"
    ]
    begin = int(params.cursor or 0)
    end = begin + params.limit if params.limit else len(lines)
    together = Counter(record.batch for record, _ in lines)
    names = {asset.id: asset.name for asset in sources.catalog.assets()}
    rows = [
        _joined_row(record, told, names, together[record.batch], joined[record.batch])
        for record, told in lines[begin:end]
    ]
    return table_of(
        JoinedTransferRow,
        rows,
        origins=[Origin(source=SOURCE)],
        total=len(lines),
        next_cursor=str(end) if end < len(lines) else None,
    )


def _joined_row(
    record: HoldingRecord,
    told: Mapping[str, object],
    names: Mapping[str, str],
    together: int,
    ts_joined: int,
) -> JoinedTransferRow:
    asset = str(told["asset"])
    return JoinedTransferRow(
        entry=record.event,
        batch=record.batch,
        together=together,
        at=str(told["at"]),
        asset=asset,
        name=names.get(asset, asset),
        quantity=str(told["qty"]),
        place=str(told.get("place", "")),
        to_place=str(told["to_place"]),
        ts_joined=ts_joined,
    )


@operation(
    "holdings.join_transfers",
    scope="write",
    example={"holding": "e0123456789abcdef", "arrival": "eabcdef0123456789"},
)
def join_transfers(
    caller: Caller, params: JoinTransfersInput, sources: HoldingSources
) -> JoinTransfersResult:
    """Put one transfer in the place of two lines; both are kept, and undoing the batch brings them back."""
    if params.all_clear == bool(params.holding or params.arrival):
        raise UsageError(
            "transfer_which",
            "name the line of what left and the one of what arrived, or ask for all that are clear",
        )
    found, owner = _proposals(caller, sources)
    chosen = (
        [proposal for proposal in found if proposal.is_clear]
        if params.all_clear
        else [_find(found, params.holding, params.arrival)]
    )
    batch = sources.holdings.join(owner, [proposal.pair for proposal in chosen]) if chosen else ""
    if batch:
        sources.audit.append("holdings.join", actor=caller.user, subject=caller.user, text={})
    gone = {event for proposal in chosen for event in (proposal.left.event, proposal.arrived.event)}
    left = [proposal for proposal in found if not gone & {proposal.left.event, proposal.arrived.event}]
    return JoinTransfersResult(batch=batch, joined=len(chosen), left=len(left))


def _find(found: list[TransferProposal], left: str, arrived: str) -> TransferProposal:
    for proposal in found:
        if (proposal.left.event, proposal.arrived.event) == (left, arrived):
            return proposal
    raise NotFound("no_transfer_proposal", "nothing is proposed of the lines {left} and {arrived}",
                   left=left, arrived=arrived)  # fmt: skip


@operation(
    "holdings.refuse_transfer",
    scope="write",
    example={"holding": "e0123456789abcdef", "arrival": "eabcdef0123456789"},
)
def refuse_transfer(
    caller: Caller, params: RefuseTransferInput, sources: HoldingSources
) -> RefuseTransferResult:
    """Say that two lines are no transfer; they are not proposed again until the batch is undone."""
    found, owner = _proposals(caller, sources)
    one = _find(found, params.holding, params.arrival)
    batch = sources.holdings.refuse(owner, one.left.event, one.arrived.event)
    sources.audit.append("holdings.refuse", actor=caller.user, subject=caller.user, text={})
    return RefuseTransferResult(batch=batch)
