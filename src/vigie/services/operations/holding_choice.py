"""Which coin is meant by a name that several share: the candidates, and the choice of a person."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.holding import HoldingRecord, holding_content, holding_event
from vigie.domain.pasted_secrets import refuse_secrets
from vigie.domain.person import Caller
from vigie.intelligence.holdings.bank_products import is_open
from vigie.services.holdings.coin_choice import SharedCoinName, find_coin
from vigie.services.holdings.coin_origins import ORIGINS
from vigie.services.holdings.day_prices import read_closes_on, read_markets
from vigie.services.holdings.entries import parse_day
from vigie.services.holdings.holding_book import HoldingSources
from vigie.services.holdings.holding_rows import ChangeHoldingResult, HoldingCoinRow
from vigie.services.operation import OperationInput, Table, operation
from vigie.services.operations.holdings import HoldingInput, correct_line
from vigie.services.people.ownership import owner_of
from vigie.services.rows import table_of


class HoldingCoinsInput(OperationInput):
    """A name as it was typed."""

    coin: str = Field(min_length=1, max_length=80, description="Name, ticker or catalogue id.")
    day: str = Field(
        "", max_length=10, description="Whose price is told too, such as 2024-12-31; empty for none."
    )


class ResolveHoldingInput(HoldingInput):
    """Which coin a line is about."""

    asset: str = Field(
        max_length=80, description="Catalogue id, one of the candidates.", examples=["bitcoin"]
    )
    version: str = Field(
        "", max_length=16, description="The revision that you read; another one is refused as a conflict."
    )


@operation("holdings.coins", example={"coin": "BTC"})
def list_holding_coins(
    caller: Caller, params: HoldingCoinsInput, sources: HoldingSources
) -> Table[HoldingCoinRow]:
    """List the coins that a name or ticker may mean, with price and chain; one, or all that share it."""
    # First, because other refusals repeat what they refuse.
    refuse_secrets((params.coin,))
    try:
        found = [find_coin(sources.catalog.assets(), params.coin)]
    except SharedCoinName as shared:
        found = list(shared.assets)
    markets = read_markets(
        sources.facts, sources.bar_reader, [asset.id for asset in found], sources.clock.market_now()
    )
    listed = _listed_prices(sources)
    then = (
        read_closes_on(
            sources.facts,
            sources.bar_reader,
            [asset.id for asset in found],
            parse_day(params.day, sources.today),
            sources.clock.market_now(),
        )
        if params.day
        else {}
    )
    rows = [
        HoldingCoinRow(
            asset=asset.id,
            symbol=asset.symbol,
            name=asset.name,
            price_usd=markets[asset.id].last_close if asset.id in markets else listed.get(asset.id),
            chain=ORIGINS[asset.id].chain if asset.id in ORIGINS else "",
            price_then_usd=then.get(asset.id),
        )
        for asset in found
    ]
    return table_of(HoldingCoinRow, rows, total=len(rows))


def _listed_prices(sources: HoldingSources) -> Mapping[str, float]:
    """Return the last prices of the list of coins, for those whose days are not collected."""
    markets = sources.facts.document("coingecko", "markets")
    rows = markets[1].get("rows", []) if markets else []
    return {
        str(row.get("id")): float(row["current_price"])
        for row in rows
        if isinstance(row, Mapping) and isinstance(row.get("current_price"), (int, float))
    }


@operation("holdings.resolve", scope="write", example={"holding": "e0123456789abcdef", "asset": "bitcoin"})
def resolve_holding(
    caller: Caller, params: ResolveHoldingInput, sources: HoldingSources
) -> ChangeHoldingResult:
    """Choose the coin of a line whose name several share; it counts from then on, and undoing opens it again."""
    refuse_secrets((params.asset,))
    revisions = sources.holdings.revisions(owner_of(sources.accounts, caller), params.holding)
    if not revisions or not revisions[-1].content:
        raise NotFound("no_holding_event", "there is no line {event!r}", event=params.holding)
    told = holding_event(revisions[-1])
    if not is_open(told):
        raise UsageError("holding_is_resolved", "the coin of this line is chosen; correct the line instead")
    typed = str(told["typed"])
    try:
        candidates = [find_coin(sources.catalog.assets(), typed).id]
    except SharedCoinName as shared:
        candidates = [asset.id for asset in shared.assets]
    if params.asset not in candidates:
        raise UsageError(
            "holding_not_a_candidate",
            "{asset} is no coin with the name or ticker {typed}; choose one of {names}",
            asset=params.asset,
            typed=typed,
            names=", ".join(candidates),
        )
    chosen = {name: value for name, value in told.items() if name != "typed"} | {"asset": params.asset}
    record = HoldingRecord(params.holding, holding_content(chosen))
    return correct_line(sources, caller, record, params.version, "change")
