"""Setups proposed for trades made elsewhere: by coin, side and time; a person accepts one or refuses it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.outside import MatchVerdict, OutsideStore, TradeMatch
from vigie.ports.setups import SetupStore
from vigie.ports.tradebook import TradeBook
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.operations.outside import KEY, find_trip, trips_to_match
from vigie.services.operations.setups import SETUP
from vigie.services.outside.outside_rows import SOURCE
from vigie.services.outside.proposals import SetupProposals
from vigie.services.people.ownership import accounts_of, owner_of
from vigie.services.rows import Row, shown, table_of


@dataclass(frozen=True, slots=True)
class MatchSources:
    """What is read to propose setups."""

    outside: OutsideStore
    setups: SetupStore
    trades: TradeBook
    accounts: UserStore


class ProposalsInput(OperationInput):
    """Which proposals."""

    outside_trade: str = Field("", pattern=rf"{KEY}|^$", description="Of this trade; empty: of all.")
    with_decided: bool = Field(True, description="Also those that you accepted or refused.")


class DecideMatchInput(OperationInput):
    """What you say of a setup that is proposed for a trade."""

    outside_trade: str = Field(pattern=KEY, description="The trade.")
    setup: str = Field(pattern=SETUP, description="The setup.")
    account: str = Field(min_length=1, max_length=60, description="The account that the setup is of.")
    verdict: MatchVerdict = Field(description="`accepted` or `refused`.")


class DecideMatchResult(OperationResult):
    """What is kept now."""

    outside_trade: str
    setup: str
    verdict: MatchVerdict


class ProposalRow(Row):
    """A setup that a trade may have followed."""

    outside_trade: str = shown("Trade", source=SOURCE)
    ts_opened: int = shown("Opened", unit="ms", source=SOURCE)
    instrument: str = shown("Instrument", source=SOURCE)
    side: str = shown("Side", source=SOURCE)
    setup: str = shown("Setup", source="vigie")
    account: str = shown("Account", source="vigie")
    slot: str = shown("Active strategy", source="vigie")
    ts_confirmed: int = shown("Confirmed", unit="ms", source="vigie")
    verdict: str = shown("Your answer", definition="Empty: none yet.", source="vigie")


@operation("outside.proposals", example={})
def list_proposals(caller: Caller, params: ProposalsInput, sources: MatchSources) -> Table[ProposalRow]:
    """List setups that trades made elsewhere may have followed: of their coin and side, confirmed when they opened."""
    owner = owner_of(sources.accounts, caller)
    trips = trips_to_match(sources.outside, owner, params.outside_trade)
    said = {
        (match.trade, match.target, match.account): match.verdict
        for match in sources.outside.matches(owner)
        if match.kind == "setup"
    }
    proposals = _proposals(sources, owner)
    rows = [
        ProposalRow(
            outside_trade=trip.id,
            ts_opened=trip.ts_opened,
            instrument=trip.instrument,
            side=trip.side,
            setup=proposed.setup,
            account=proposed.account,
            slot=proposed.slot,
            ts_confirmed=proposed.ts_confirmed,
            verdict=said.get((trip.id, proposed.setup, proposed.account), ""),
        )
        for trip in trips
        for proposed in proposals.of(trip)
    ]
    rows = rows if params.with_decided else [row for row in rows if not row.verdict]
    return table_of(ProposalRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation(
    "outside.match",
    scope="write",
    example={
        "outside_trade": "0123456789abcdef", "setup": "0123456789abcdef", "account": "main", "verdict": "accepted",
    },
)  # fmt: skip
def decide_match(caller: Caller, params: DecideMatchInput, sources: MatchSources) -> DecideMatchResult:
    """Accept or refuse a setup that is proposed for a trade made elsewhere; the last answer counts."""
    owner = owner_of(sources.accounts, caller)
    trip = find_trip(sources.outside, owner, params.outside_trade)
    proposed = _proposals(sources, owner).of(trip)
    if all((item.setup, item.account) != (params.setup, params.account) for item in proposed):
        raise NotFound(
            "no_such_proposal", "setup {setup!r} is not proposed for this trade", setup=params.setup
        )
    sources.outside.decide(owner, TradeMatch(trip.id, "setup", params.setup, params.account, params.verdict))
    return DecideMatchResult(outside_trade=trip.id, setup=params.setup, verdict=params.verdict)


def _proposals(sources: MatchSources, owner: str) -> SetupProposals:
    return SetupProposals(sources.setups, accounts_of(sources.trades, owner))
