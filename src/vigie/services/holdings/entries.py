"""A line as a person types it, to an event of the contract of holdings: name and quantity suffice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from vigie.domain.asset import Asset
from vigie.domain.errors import UsageError
from vigie.domain.holding import HoldingRecord, holding_content, holding_event
from vigie.domain.pasted_secrets import refuse_secrets
from vigie.intelligence.holdings.amounts import ZERO, parse_plain
from vigie.intelligence.holdings.bank_products import ProductForm
from vigie.services.holdings.coin_choice import SharedCoinName, find_coin

EntryKind = Literal["buy", "sell", "swap", "transfer", "income", "fee", "gift", "loss", "fork"]
IncomeSort = Literal["", "staking", "mining", "interest", "service", "airdrop"]
GiftWay = Literal["", "in", "out"]
Currency = Literal["EUR", "USD"]
# The first coin was made on it.
FIRST_DAY: Final = date(2009, 1, 3)
_SHOWN: Final = 40
# Where an event keeps its money; the other kinds have none.
_MONEY: Final = {"buy": "cost", "sell": "proceeds", "swap": "value", "income": "value", "gift": "value"}
# What costs more a year is typed wrong.
_MOST_PERCENT: Final = 50


@dataclass(frozen=True, slots=True)
class TypedEntry:
    """A line as it is typed.

    Attributes
    ----------
    kind : str
        As the contract of holdings names it.
    coin : str
        Catalogue id, ticker or name.
    quantity : str
        Coins, a plain decimal.
    day : str
        ISO; empty for today.
    amount : str
        Money paid or received in all, before the fee, or what it was worth; empty where it is not known.
    fee : str
        Money, or coins of `fee_coin`; empty for none.
    currency : str
        Of amount and fee.
    place : str
        Where the coins lie.
    fee_coin : str
        The coin in which the fee was paid; empty for money.
    to_coin, to_quantity : str
        What came in a swap or a fork.
    to_place : str
        Where a transfer arrived.
    sort : str
        Of an income.
    way : str
        Of a gift: ``in`` or ``out``.
    product : str
        Name of a bank's product that follows the coin; empty for the coin itself.
    product_form : str
        ``digital`` or ``security``, of a product.
    yearly_fee, spread : str
        Per cent, of a product; empty for none.
    """

    kind: EntryKind
    coin: str
    quantity: str
    day: str = ""
    amount: str = ""
    fee: str = ""
    currency: Currency = "EUR"
    place: str = ""
    fee_coin: str = ""
    to_coin: str = ""
    to_quantity: str = ""
    to_place: str = ""
    sort: IncomeSort = ""
    way: GiftWay = ""
    product: str = ""
    product_form: Literal["", ProductForm] = ""
    yearly_fee: str = ""
    spread: str = ""


def to_record(
    event: str, typed: TypedEntry, assets: Sequence[Asset], today: date, *, may_stay_open: bool = False
) -> HoldingRecord:
    """Return what is kept of a line; where it may stay open, a name of several coins is kept as it was typed.

    Raises
    ------
    UsageError
        If a part of it cannot be; the sentence says what was given and what is accepted.
    """
    # First, because other refusals repeat what they refuse.
    refuse_secrets(str(getattr(typed, name)) for name in TypedEntry.__slots__)
    try:
        coin = {"asset": find_coin(assets, typed.coin).id}
    except SharedCoinName:
        if not may_stay_open:
            raise
        coin = {"typed": " ".join(typed.coin.split())}
    day = parse_day(typed.day, today)
    told: dict[str, object] = {
        "kind": typed.kind,
        # The day counts: every coin bought on it is there before one is sold.
        "at": f"{day.isoformat()}T00:00:00Z",
        "place": " ".join(typed.place.split()),
        **coin,
        **_parts(typed, assets),
    }
    if product := _parse_product(typed):
        told["product"] = product
    if not typed.day.strip():
        told["undated"] = True
    if amount := typed.amount.strip():
        if typed.kind not in _MONEY:
            raise UsageError(
                "holding_no_money_here",
                "an amount of money belongs to a purchase, sale, swap, income or gift; leave it empty, and give a fee "
                "as a fee",
            )
        told[_MONEY[typed.kind]] = {"amount": _parse_money(amount, typed.currency), "cur": typed.currency}
    elif typed.kind == "sell":
        raise UsageError(
            "holding_sale_without_money",
            "a sale needs the money that was received, such as 250.00; nothing was given",
        )
    if fee := typed.fee.strip():
        told["fee"] = (
            {"asset": find_coin(assets, typed.fee_coin).id, "qty": _parse_quantity(fee)}
            if typed.fee_coin.strip()
            else {"amount": _parse_money(fee, typed.currency), "cur": typed.currency}
        )
    return HoldingRecord(event, holding_content(told))


def keep_moment(record: HoldingRecord, revisions: Sequence[HoldingRecord]) -> HoldingRecord:
    """Return a correction with the time of day that its line has, where its day stays.

    A form asks for days; what a file told to the second keeps its order within the day.
    """
    if not revisions or not revisions[-1].content:
        return record
    before, told = holding_event(revisions[-1]), holding_event(record)
    if str(before["at"])[:10] != str(told["at"])[:10]:
        return record
    told.update({name: before[name] for name in ("at", "seq", "lots") if name in before})
    return HoldingRecord(record.event, holding_content(told))


def _parts(typed: TypedEntry, assets: Sequence[Asset]) -> dict[str, object]:
    """Return what an event of this kind needs beside its coin, its day and its place."""
    quantity: dict[str, object] = {} if typed.kind == "fork" else {"qty": _parse_quantity(typed.quantity)}
    if typed.kind in ("swap", "fork"):
        if not typed.to_coin.strip():
            raise UsageError(
                "holding_needs_to_coin", "a swap or a fork needs the coin that came in; nothing was given"
            )
        came = {"to_asset": find_coin(assets, typed.to_coin).id, "to_qty": _parse_quantity(typed.to_quantity)}
        return {**quantity, **came}
    if typed.kind == "transfer":
        arrived = " ".join(typed.to_place.split())
        if arrived in ("", " ".join(typed.place.split())):
            raise UsageError(
                "holding_needs_to_place",
                "a transfer needs the place where it arrived, another than the one it came from; was {text!r}",
                text=arrived[:_SHOWN],
            )
        return {**quantity, "to_place": arrived}
    if typed.kind == "income":
        if not typed.sort:
            raise UsageError(
                "holding_needs_sort",
                "an income needs its sort: staking, mining, interest, service or airdrop; nothing was given",
            )
        return {**quantity, "sort": typed.sort}
    if typed.kind == "gift":
        if not typed.way:
            raise UsageError(
                "holding_needs_way", "a gift needs its way: in, received, or out, made; nothing was given"
            )
        return {**quantity, "way": typed.way}
    return quantity


def _parse_product(typed: TypedEntry) -> dict[str, str]:
    """Return what is kept of a bank's product; nothing of a coin itself."""
    name = " ".join(typed.product.split())
    if not name and not typed.product_form:
        return {}
    if not (name and typed.product_form):
        raise UsageError(
            "holding_product_incomplete",
            "a bank's product needs its name, and whether it is a digital asset or a security",
        )
    return {
        "name": name,
        "form": typed.product_form,
        "yearly_fee": _parse_percent("yearly fee", typed.yearly_fee),
        "spread": _parse_percent("spread", typed.spread),
    }


def _parse_percent(name: str, text: str) -> str:
    """Return a part of a hundred as a fraction."""
    value = parse_plain(text.strip()) if text.strip() else ZERO
    if value is None or value > _MOST_PERCENT:
        raise UsageError(
            "holding_percent_out_of_range",
            "{name} must be between 0 and {most} per cent, such as 1.5, was {text!r}",
            name=name,
            most=_MOST_PERCENT,
            text=text[:_SHOWN],
        )
    return f"{(value / 100).normalize():f}"


def _parse_quantity(text: str) -> str:
    found = parse_plain(text.strip())
    if not found:
        raise UsageError(
            "holding_quantity_must_number",
            "quantity must be a number above 0 with at most 18 decimals, such as 0.25, was {text!r}",
            text=text[:_SHOWN],
        )
    return text.strip()


def _parse_money(text: str, currency: Currency) -> str:
    if parse_plain(text) is None:
        raise UsageError(
            "holding_money_must_number",
            "an amount must be a number in {currency} such as 250.00, not negative, was {text!r}",
            currency=currency,
            text=text[:_SHOWN],
        )
    return text


def parse_day(text: str, today: date) -> date:
    """Return a day as it is typed: empty means today, and none lies ahead."""
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
