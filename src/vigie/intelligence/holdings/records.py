"""What is read and what is booked: frozen records that all parts of holdings pass on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class MoneyAmount:
    """Money as it was paid.

    Attributes
    ----------
    amount : Decimal
        How much.
    currency : str or None
        Of which; nothing is the base currency.
    """

    amount: Decimal
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class HoldingFee:
    """The fee of an event: money, or coins.

    Attributes
    ----------
    money : MoneyAmount or None
        A fee in money.
    asset : str
        The coin of a fee in coins; empty for money.
    quantity : Decimal
        So many coins.
    value : MoneyAmount or None
        What they were worth, where it was given.
    """

    money: MoneyAmount | None = None
    asset: str = ""
    quantity: Decimal = Decimal(0)
    value: MoneyAmount | None = None


@dataclass(frozen=True, slots=True)
class NamedLot:
    """A lot that an event names.

    Attributes
    ----------
    lot : str
        Its id.
    quantity : Decimal
        So much of it.
    """

    lot: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class HoldingEvent:
    """One event of holdings, read and found good.

    Attributes
    ----------
    id, kind, place, asset : str
        Which, what, where, of what.
    at : datetime
        In UTC.
    quantity : Decimal
        Without the fee; zero for a fork.
    seq : int
        The venue's own order inside one time.
    cost, proceeds, value : MoneyAmount or None
        Money paid, received, or the worth that was given.
    to_asset, to_place : str
        What a swap or fork brings; where a transfer goes.
    to_quantity : Decimal
        How much a swap or fork brings.
    sort, way : str
        The sort of income; in or out of a gift.
    fee : HoldingFee or None
        At most one.
    lots : tuple of NamedLot
        What leaves, where the event names it.
    giver_cost : MoneyAmount or None
        What the giver of a gift paid.
    giver_at : datetime or None
        When the giver bought, in UTC.
    """

    id: str
    at: datetime
    kind: str
    place: str
    asset: str
    quantity: Decimal
    seq: int = 0
    cost: MoneyAmount | None = None
    proceeds: MoneyAmount | None = None
    value: MoneyAmount | None = None
    to_asset: str = ""
    to_quantity: Decimal = Decimal(0)
    to_place: str = ""
    sort: str = ""
    way: str = ""
    fee: HoldingFee | None = None
    lots: tuple[NamedLot, ...] = ()
    giver_cost: MoneyAmount | None = None
    giver_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisposalPart:
    """One part of a disposal: from one lot, or what was not there.

    Attributes
    ----------
    lot : str or None
        The id of the lot; nothing for a gap.
    acquired : datetime or None
        When the lot was acquired.
    quantity : Decimal
        So much.
    proceeds, cost : Decimal or None
        Unknown is nothing.
    """

    lot: str | None
    acquired: datetime | None
    quantity: Decimal
    proceeds: Decimal | None
    cost: Decimal | None

    @property
    def gain(self) -> Decimal | None:
        """Proceeds less cost."""
        return None if self.proceeds is None or self.cost is None else self.proceeds - self.cost


@dataclass(frozen=True, slots=True)
class Disposal:
    """What left for something or for nothing, with a gain.

    Attributes
    ----------
    event : HoldingEvent
        Whose.
    kind : str
        sell, swap, fee or loss.
    asset : str
        What left.
    parts : tuple of DisposalPart
        In the order in which they left.
    """

    event: HoldingEvent
    kind: str
    asset: str
    parts: tuple[DisposalPart, ...]


@dataclass(frozen=True, slots=True)
class HoldingIncome:
    """Coins received for something.

    Attributes
    ----------
    event : HoldingEvent
        Which.
    value : Decimal or None
        At receipt.
    """

    event: HoldingEvent
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class HoldingGap:
    """Coins that left without having been there.

    Attributes
    ----------
    event, asset, place : str
        Where they were missed.
    quantity : Decimal
        How many.
    """

    event: str
    asset: str
    place: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot as it stands at the end.

    Attributes
    ----------
    lot, asset, place : str
        Which, of what, where.
    acquired : datetime or None
        Nothing for a pool.
    quantity : Decimal
        What is left.
    cost : Decimal or None
        What it cost.
    """

    lot: str
    asset: str
    place: str
    acquired: datetime | None
    quantity: Decimal
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class DayEnd:
    """What is held at the end of a day on which something happened.

    Attributes
    ----------
    day : date
        In the zone of the book.
    held : dict of str to Decimal
        Quantity of each asset.
    cost : Decimal or None
        Of all lots.
    """

    day: date
    held: dict[str, Decimal]
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class DayFlow:
    """Money put in and taken out on a day.

    Attributes
    ----------
    money_in, money_out : Decimal or None
        Unknown is nothing.
    """

    money_in: Decimal | None
    money_out: Decimal | None


@dataclass(frozen=True, slots=True)
class BookedHoldings:
    """All that follows from the events.

    Attributes
    ----------
    disposals, income, gaps, lots : tuple
        In order of booking; lots by asset, place and age.
    notes : tuple of (event, code)
        In order of booking.
    expenses : Decimal or None
        Fees in money that belong to no trade.
    given_cost : Decimal or None
        Cost of gifts made.
    days : tuple of DayEnd
        One a day with events, ascending.
    flows : dict of date to DayFlow
        Days with money in or out.
    missing : frozenset of str
        Lots whose cost is not known.
    """

    disposals: tuple[Disposal, ...]
    income: tuple[HoldingIncome, ...]
    gaps: tuple[HoldingGap, ...]
    lots: tuple[LotRow, ...]
    notes: tuple[tuple[str, str], ...]
    expenses: Decimal | None
    given_cost: Decimal | None
    days: tuple[DayEnd, ...]
    flows: dict[date, DayFlow] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CoinIncome:
    """Coins received for something, as a country lists them by value.

    Attributes
    ----------
    event, sort, asset : str
        Which, of what sort, of what.
    quantity : Decimal
        How many.
    value : Decimal or None
        In EUR at receipt.
    """

    event: str
    sort: str
    asset: str
    quantity: Decimal
    value: Decimal | None
