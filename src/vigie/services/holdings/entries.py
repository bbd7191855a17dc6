"""A line as a person types it, to an event of the contract of holdings: name and quantity suffice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from vigie.domain.asset import Asset
from vigie.domain.errors import UsageError
from vigie.domain.holding import HoldingRecord, holding_content
from vigie.intelligence.holdings.amounts import parse_plain
from vigie.services.holdings.coin_choice import find_coin

EntryKind = Literal["buy", "sell"]
Currency = Literal["EUR", "USD"]
# The first coin was made on it.
FIRST_DAY: Final = date(2009, 1, 3)
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class TypedEntry:
    """A line as it is typed.

    Attributes
    ----------
    kind : str
        ``buy`` for what came in, ``sell`` for what was sold.
    coin : str
        Catalogue id, ticker or name.
    quantity : str
        Coins, a plain decimal.
    day : str
        ISO; empty for today.
    amount : str
        Money paid or received in all, before the fee; empty where it is not known.
    fee : str
        Money; empty for none.
    currency : str
        Of amount and fee.
    place : str
        Where the coins lie.
    """

    kind: EntryKind
    coin: str
    quantity: str
    day: str = ""
    amount: str = ""
    fee: str = ""
    currency: Currency = "EUR"
    place: str = ""


def to_record(event: str, typed: TypedEntry, assets: Sequence[Asset], today: date) -> HoldingRecord:
    """Return what is kept of a line.

    Raises
    ------
    UsageError
        If a part of it cannot be; the sentence says what was given and what is accepted.
    """
    asset = find_coin(assets, typed.coin)
    day = _parse_day(typed.day, today)
    told: dict[str, object] = {
        "kind": typed.kind,
        # The day counts: every coin bought on it is there before one is sold.
        "at": f"{day.isoformat()}T00:00:00Z",
        "place": " ".join(typed.place.split()),
        "asset": asset.id,
        "qty": _parse_quantity(typed.quantity),
    }
    if not typed.day.strip():
        told["undated"] = True
    if amount := typed.amount.strip():
        name = "cost" if typed.kind == "buy" else "proceeds"
        told[name] = {"amount": _parse_money(amount), "cur": typed.currency}
    elif typed.kind == "sell":
        raise UsageError(
            "holding_sale_without_money",
            "a sale needs the money that was received, such as 250.00; nothing was given",
        )
    if fee := typed.fee.strip():
        told["fee"] = {"amount": _parse_money(fee), "cur": typed.currency}
    return HoldingRecord(event, holding_content(told))


def _parse_quantity(text: str) -> str:
    found = parse_plain(text.strip())
    if not found:
        raise UsageError(
            "holding_quantity_must_number",
            "quantity must be a number above 0 with at most 18 decimals, such as 0.25, was {text!r}",
            text=text[:_SHOWN],
        )
    return text.strip()


def _parse_money(text: str) -> str:
    if parse_plain(text) is None:
        raise UsageError(
            "holding_money_must_number",
            "an amount must be a number such as 250.00, not negative and without a currency sign, was {text!r}",
            text=text[:_SHOWN],
        )
    return text


def _parse_day(text: str, today: date) -> date:
    if not text.strip():
        return today
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            "holding_day_must_date", "day must be a date such as 2024-12-31, was {text!r}", text=text[:_SHOWN]
        ) from None
    if not FIRST_DAY <= day <= today:
        raise UsageError(
            "holding_day_out_of_range",
            "day must be between {first} and today, {today}, was {day}",
            first=FIRST_DAY.isoformat(),
            today=today.isoformat(),
            day=day.isoformat(),
        )
    return day
