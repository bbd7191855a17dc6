"""One setup in full: its changes with their criteria, what it is in money, its chart."""

from __future__ import annotations

from pydantic import BaseModel, Field

from vigie.services.operation import OperationResult
from vigie.services.setups.setup_rows import SetupRow
from vigie.services.trading.accounts.present_account import Standing


class SetupCriterion(BaseModel):
    """A criterion at the close of a change."""

    name: str
    value: float | None
    threshold: float | None
    weight: float
    required: bool
    holds: bool
    nearness: float | None
    sense: str


class SetupChangeResult(BaseModel):
    """One change of a setup."""

    number: int
    state: str
    cause: str
    ts_known: int
    entry: float | None = Field(
        description="Null where nothing was judged: the account no longer trades the slot."
    )
    stop: float | None
    target: float | None
    score: float | None
    nearness: float | None
    criteria: list[SetupCriterion]
    bars: str = Field(description="SHA-256 of the bars that were judged.")
    digest: str = Field(description="SHA-256 of the whole change as it is kept.")
    r: float | None = Field(
        description="At an end: what its trade alone made after fees, slippage and funding over what it risked. Null "
        "where there was no trade, and where the end was written before R was kept."
    )
    funding: float | None = Field(
        description="What of `r` is funding; null where there is no R, and where funding is left out of it."
    )


class SetupCorrection(BaseModel):
    """A bar that the venue corrected after it was decided on; the setup keeps to what was seen."""

    ts_bar: int
    ts_told: int


class SetupMoney(BaseModel):
    """What such a trade makes in the account with what that holds now, by the fill model.

    Where the entry is refused, `refusal` says why and all sums are 0.
    """

    currency: str
    standing: Standing = Field(
        description="`running`; `stopped`: nobody trades it now, the account counts as its log ends; `not_started`: it "
        "has decided nothing yet, it counts with its starting capital."
    )
    capital: float = Field(description="Equity of the account.")
    risk_fraction: float = Field(
        description="Share of the capital that the account would lose at the stop before costs if no other limit "
        "made the entry smaller."
    )
    risk: float = Field(description="The share that this quantity loses at the stop before costs.")
    binding: str = Field(
        description="The limit that decides the size, such as `risk` or `instrument_exposure`; empty where refused."
    )
    leverage: float
    refusal: str
    limit: float = Field(description="What the refusal compared.")
    value: float
    qty: float
    notional: float
    loss: float = Field(description="Result at the stop after fees and slippage, without funding.")
    gain: float = Field(description="Result at the target after fees and slippage, without funding.")
    costs: float = Field(description="Fees and slippage in and out at the stop.")
    liquidation: float
    break_even: float | None = Field(
        description="Share of such trades that must reach the target to lose nothing."
    )


class SetupPattern(BaseModel):
    """A chart pattern that held at the setup's newest change: neither completed nor ended by then."""

    kind: str = Field(description="`double_top`, `channel`, ...: see the page Chart patterns.")
    side: str = Field(description="Where it points: `long` or `short`.")
    confirmed: bool = Field(description="A bar closed beyond its confirmation level.")
    ts_known: int = Field(description="The close at which its last swing was confirmed.")
    confirmation: float
    target: float
    invalidation: float
    swings: list[tuple[int, float]] = Field(
        description="[opened, price] of the bars it is made of, oldest first."
    )
    bars: int = Field(description="Bars before that close in which its kind was counted.")
    ended: int = Field(description="Patterns of its kind that became known there 60 bars or more before.")
    completed: int = Field(description="Of these, those that reached their target before their invalidation.")
    completed_share: float | None = Field(description="Null where fewer than 30 ended.")
    any_bar: float | None = Field(
        description="How often the same distances, as shares of the price, are reached from other bars."
    )
    any_bar_atr: float | None = Field(
        description="The same with distances as multiples of each bar's average true range."
    )


class SetupResult(OperationResult):
    """One setup in full."""

    newest: SetupRow = Field(description="The row of `setups.list`.")
    run: str = Field(description="The run of the account in which it entered its newest state.")
    changes: list[SetupChangeResult] = Field(description="Oldest first.")
    corrections: list[SetupCorrection]
    money: SetupMoney | None = Field(
        description="Null where stop or target are not known, or its run is gone."
    )
    link: str = Field(description="The market at its venue; empty where its address is not known.")
    link_venue: str = Field(
        description="Title of the venue that the link leads to: your own choice in Settings."
    )
    link_unlisted: str = Field(
        description="Title of the venue of your choice where it does not list this market; else empty."
    )
