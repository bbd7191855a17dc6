"""Rows of trading accounts that stand beside what a person owns; amounts are text, digit by digit."""

from __future__ import annotations

from vigie.services.operation import OperationResult
from vigie.services.rows import Row, shown
from vigie.services.trading.accounts.account_rows import SOURCE


class HoldingAccountRow(Row):
    """One trading account; its amounts are null until it is included."""

    account: str = shown("Account", source=SOURCE)
    mode: str = shown("Mode", source=SOURCE)
    venue: str = shown("Venue", source=SOURCE)
    is_included: bool = shown("Included", definition="Whether it is listed beside your holdings.")
    is_real: bool = shown("Real money", definition="Paper and demo accounts trade none.")
    currency: str = shown("Currency", source=SOURCE)
    results: str | None = shown("Realised results", definition="Of what fills closed, before fees.")
    fees: str | None = shown("Fees", definition="Negative where paid.", source=SOURCE)
    fundings: str | None = shown("Funding", definition="Negative where paid.", source=SOURCE)
    change: str | None = shown("Change of cash", definition="Results, fees and funding together.")
    events: int = shown("Events", unit="count")
    ts_last: int | None = shown("Last event", unit="ms", source=SOURCE)


class HoldingAccountEventRow(Row):
    """One change of an account's cash; none of it is an event of the contract of holdings."""

    place: str = shown("Place", definition="Name of the account.", source=SOURCE)
    mode: str = shown("Mode", source=SOURCE)
    ts: int = shown("Time", unit="ms", source=SOURCE)
    kind: str = shown("Kind", definition="result, fee or funding.")
    instrument: str = shown("Instrument", source=SOURCE)
    amount: str = shown("Amount", definition="Negative where lost or paid.")
    currency: str = shown("Currency", source=SOURCE)
    id: str = shown("Id", definition="Of the fill or the settlement, at the venue.", source=SOURCE)


class IncludeAccountResult(OperationResult):
    """Whether an account stands beside what you own now."""

    account: str
    is_included: bool
