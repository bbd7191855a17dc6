"""What is to be known of the new rows of a file: amounts far from the day's price, and rows like a kept line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, get_args

from vigie.domain.holding import HoldingRecord, holding_event
from vigie.domain.refusal import Refusal
from vigie.intelligence.holdings.amounts import exactly, plain
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import MoneyAmount
from vigie.services.holdings.day_prices import Base, PriceQuestion, read_price_table
from vigie.services.holdings.event_money import event_currencies, event_fee, event_money, event_text
from vigie.services.holdings.holding_book import HoldingSources

# From so many times the day's price an amount is more likely that of one coin, or of another currency.
FAR: Final = 3
# Closes are in it: a row in dollars needs no rate.
_BASE: Final = "USD"
# Amounts in cents and prices of spreadsheets are rounded.
_ROUNDING: Final = Decimal("0.01")
# Of one place and moment: a hostile file has more.
_MOST_ALIKE: Final = 8
# Of lines that say a day alone.
_MIDNIGHT: Final = "T00:00:00Z"


@dataclass(frozen=True, slots=True)
class AmountCheck:
    """Tells which amounts are far from the price of their day.

    Attributes
    ----------
    prices : PriceTable
        Of the coins and the days of a file.
    names : mapping of str to str
        By catalogue id.
    """

    prices: PriceTable
    names: Mapping[str, str]
    _usual: dict[tuple[str, str, str], Decimal | None] = field(default_factory=dict)

    def find_far(self, told: Mapping[str, object]) -> Refusal | None:
        """Return what is told of an event whose amount is far; None where it is near, or no price is known."""
        money, asset, quantity = event_money(told), event_text(told, "asset"), event_text(told, "qty")
        if money is None or not asset or not quantity:
            return None
        day, (paid, currency) = event_text(told, "at")[:10], money
        key = asset, day, currency
        if key not in self._usual:
            self._usual[key] = self._find_usual(*key)
        usual = self._usual[key]
        if usual is None:
            return None
        amount, worth = Decimal(paid), Decimal(quantity) * usual
        if worth <= amount * FAR and amount <= worth * FAR:
            return None
        return Refusal(
            "import_far_amount",
            "{amount} {currency} for {quantity} {coin} is {price} {currency} a coin, and the price of {day} was "
            "{usual} {currency}: check whether the amount is that of the whole row, and its currency",
            amount=paid,
            currency=currency,
            quantity=quantity,
            coin=self.names.get(asset, asset),
            price=_rounded(amount / Decimal(quantity)),
            day=day,
            usual=_rounded(usual),
        )

    @exactly
    def _find_usual(self, asset: str, at: str, currency: str) -> Decimal | None:
        """Return what one coin cost on a day, in the money of a row."""
        day = date.fromisoformat(at)
        close = self.prices.ratio(asset, day)
        one = self.prices.convert(MoneyAmount(Decimal(1), currency), day)
        return close[0] / close[1] / one if close and one else None


def amount_check(sources: HoldingSources, coins: Collection[str], first: date) -> AmountCheck:
    """Return the check of a file with these coins, whose first row is of this day."""
    question = PriceQuestion(tuple(sorted(coins)), _BASE, first, sources.clock.market_now())
    return AmountCheck(
        read_price_table(sources.facts, sources.bar_reader, question),
        {asset.id: asset.name for asset in sources.catalog.assets()},
    )


def unrated_currencies(told: Mapping[str, object]) -> set[str]:
    """Return the currencies of an event that nothing here converts: what it cost and brought is then not known."""
    return event_currencies(told) - set(get_args(Base))


def no_rate(currency: str) -> Refusal:
    """Return what is told of a currency that nothing here converts."""
    return Refusal(
        "import_no_rate",
        "no rate of {currency} is known here: rows with it keep their amounts, but what they cost and brought stays "
        "unknown; write them in EUR or USD if you know these amounts",
        currency=currency,
    )


@dataclass(frozen=True, slots=True)
class LikeLine:
    """A kept line that a new row looks like.

    Attributes
    ----------
    entry : str
        Its id.
    message : str
        What is told of it.
    """

    entry: str
    message: str


class KeptLines:
    """Tells which new rows look like a kept line: a row that was corrected in its file is a new one by its content.

    Parameters
    ----------
    records : iterable of HoldingRecord
        Kept lines, without those of the file's own rows.
    """

    def __init__(self, records: Iterable[HoldingRecord]) -> None:
        # Of each moment and each day the first line is enough: a hostile file has the same one often.
        self._moments: dict[tuple[str, ...], HoldingRecord] = {}
        self._days: dict[tuple[str, ...], HoldingRecord] = {}
        # Whatever their quantity: under each moment, and each day with no time.
        self._places: dict[tuple[str, ...], list[Mapping[str, object]]] = {}
        for record in records:
            told = holding_event(record)
            if event_text(told, "asset"):
                same, at = _sameness(told), event_text(told, "at")
                self._moments.setdefault((*same, at), record)
                self._days.setdefault((*same, at[:10]), record)
                for when in (at, at[:10]):
                    there = self._places.setdefault((*_place_sameness(told), when), [])
                    if len(there) < _MOST_ALIKE:
                        there.append({**told, "id": record.event})

    def find_like(self, told: Mapping[str, object]) -> LikeLine | None:
        """Return the kept line of the same kind, coin and time, or of that day where one has no time.

        One of another quantity is at the same place and has the same amount or price of one coin.
        """
        if not self._moments:
            return None
        same, at = _sameness(told), event_text(told, "at")
        midnight = f"{at[:10]}{_MIDNIGHT}"
        kept = self._moments.get((*same, at)) or self._moments.get((*same, midnight))
        if kept is None and at == midnight:
            kept = self._days.get((*same, at[:10]))
        if kept is not None:
            return _like_line(kept.event, at[:10], _difference(told, holding_event(kept)))
        moments = (at, midnight) if at != midnight else (at[:10],)
        for moment in moments:
            for other in self._places.get((*_place_sameness(told), moment), ()):
                if _is_in_proportion(told, other):
                    difference = Refusal("import_word_other_quantity", "with another quantity")
                    return _like_line(event_text(other, "id"), at[:10], difference)
        return None


def _like_line(entry: str, day: str, difference: Refusal) -> LikeLine:
    return LikeLine(
        entry,
        Refusal(
            "import_looks_kept",
            "the row looks like the line of {day} that is here already, {difference}: the import adds a second "
            "line; if it is the same, leave the row out and correct that line",
            day=day,
            difference=difference,
        ),
    )


def _place_sameness(told: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a row and a kept line of another quantity have in common where they may be one."""
    return tuple(event_text(told, name) for name in ("kind", "way", "asset", "to_asset", "place", "to_place"))


@exactly
def _is_in_proportion(told: Mapping[str, object], kept: Mapping[str, object]) -> bool:
    """Tell whether a row has the amount or the price of one coin of a kept line; neither may say an amount."""
    money, other = event_money(told), event_money(kept)
    if money is None or other is None:
        return money is other
    if money[1] != other[1]:
        return False
    amount, before = Decimal(money[0]), Decimal(other[0])
    quantity, quantity_before = (Decimal(event_text(one, "qty") or "0") for one in (told, kept))
    return _is_near(amount, before) or _is_near(amount * quantity_before, before * quantity)


def _is_near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(one, other) * _ROUNDING


def _sameness(told: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a row and a kept line have in common where they may be one."""
    names = ["kind", "way", "asset", "qty", "to_asset", "to_qty"]
    # What left one place and what came to another are two lines.
    places = ["place", "to_place"] if told["kind"] == "transfer" else []
    return tuple(event_text(told, name) for name in (*names, *places))


def _difference(told: Mapping[str, object], kept: Mapping[str, object]) -> Refusal:
    if event_money(told) != event_money(kept):
        return Refusal("import_word_other_amount", "with another amount")
    if event_fee(told) != event_fee(kept):
        return Refusal("import_word_other_fee", "with another fee")
    if event_text(told, "place") != event_text(kept, "place"):
        return Refusal("import_word_other_place", "at another place")
    return Refusal("import_word_other_time", "at another time or with other details")


@exactly
def _rounded(price: Decimal) -> str:
    """Return a price with cents, or with four figures where it is below one."""
    if price >= 1 or not price:
        return plain(price.quantize(Decimal("0.01"))) or ""
    return plain(price.quantize(Decimal(1).scaleb(price.adjusted() - 3))) or ""
