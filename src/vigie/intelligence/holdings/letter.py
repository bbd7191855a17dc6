"""The letter about a week or a month of what a person holds, as figures and names; words come later.

Everything is read from the book and from what is handed in. Nothing in it says that somebody should buy or sell.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from vigie.intelligence.holdings.amounts import ZERO, exactly
from vigie.intelligence.holdings.attribution import Attribution, attribute
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import BookedHoldings
from vigie.intelligence.holdings.worth import worth_at

LetterSpan = Literal["week", "month"]
TaskCode = Literal["resolve", "gap", "missing_cost", "no_price", "share", "nothing"]
# What is asked first stands first.
TASKS: Final[tuple[TaskCode, ...]] = ("resolve", "gap", "missing_cost", "no_price", "share")
DAYS: Final[Mapping[LetterSpan, int]] = {"week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class LetterPeriod:
    """The days that a letter is about.

    Attributes
    ----------
    span : LetterSpan
    start : date
        The close at its end is the one that changes are counted from.
    first, last : date
        Both belong to it.
    end : date
        What was done until the end of this day counts; after `last` where its close is not known yet.
    number : int
        Counts periods: the same for all letters of one, and one more for the next.
    """

    span: LetterSpan
    start: date
    first: date
    last: date
    end: date
    number: int


@dataclass(frozen=True, slots=True)
class HeldCoin:
    """A coin that is held at the end.

    Attributes
    ----------
    coin : str
        Its key in the book.
    quantity : Decimal
    worth : Decimal or None
        None without a price.
    """

    coin: str
    quantity: Decimal
    worth: Decimal | None


@dataclass(frozen=True, slots=True)
class LetterValuation:
    """How a coin stands against its own past.

    Attributes
    ----------
    coin : str
        Catalogue id.
    word : str
        The state, or what overrides it; ``unknown`` where the history is too short.
    state : str
        Empty where it is not known.
    since : date or None
        Close from which on the state holds.
    earlier : int
        Episodes of this state before, thirty days apart; 0 where the state is normal or not known.
    """

    coin: str
    word: str
    state: str = ""
    since: date | None = None
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class LetterDate:
    """A date that is known beforehand.

    Attributes
    ----------
    day : date
    text, address : str
        What happens, and where that is announced.
    """

    day: date
    text: str
    address: str


@dataclass(frozen=True, slots=True)
class LetterTask:
    """The one thing to do.

    Attributes
    ----------
    code : TaskCode
        ``nothing`` where there is none.
    name : str
        The coin, place, issuer or chain that it is about.
    entry : str
        The line; empty where it is about no single one.
    kind : str
        Of a share: coin, place, issuer or chain.
    share : float
        Of a share that is above the limit.
    """

    code: TaskCode
    name: str = ""
    entry: str = ""
    kind: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class LetterMaterial:
    """What a letter is written from beside the book.

    Attributes
    ----------
    valuations : sequence of LetterValuation
        Of the coins that are held at its end.
    dates : sequence of LetterDate
        The next one first.
    lessons : sequence of str
        Keys of words of the glossary: one after another, by the number of the period.
    tasks : sequence of LetterTask
        All that is to be done.
    """

    valuations: Sequence[LetterValuation]
    dates: Sequence[LetterDate]
    lessons: Sequence[str]
    tasks: Sequence[LetterTask]


@dataclass(frozen=True, slots=True)
class HoldingLetter:
    """What a letter says.

    Attributes
    ----------
    period : LetterPeriod
    held : tuple of HeldCoin
        Most worth first, then those without a price.
    worth : Decimal
        Of the coins that have a price.
    put_in : Decimal or None
        Money put in less money taken out during the period; None where a flow is not known.
    has_flows : bool
        Whether any money was put in or taken out.
    moved : Attribution or None
        None where a price or a flow is not known.
    valuations : tuple of LetterValuation
    dates : tuple of LetterDate
    lesson : str
        Key of a word of the glossary.
    task : LetterTask
    """

    period: LetterPeriod
    held: tuple[HeldCoin, ...]
    worth: Decimal
    put_in: Decimal | None
    has_flows: bool
    moved: Attribution | None
    valuations: tuple[LetterValuation, ...]
    dates: tuple[LetterDate, ...]
    lesson: str
    task: LetterTask


def letter_period(span: LetterSpan, end: date, newest_close: date | None) -> LetterPeriod:
    """Return the days of a letter that ends with a day.

    Parameters
    ----------
    span : LetterSpan
        Seven or thirty days.
    end : date
        The last day.
    newest_close : date or None
        The letter ends with it where no close of the last day is known yet.

    Returns
    -------
    LetterPeriod
        Numbers of weeks change on Mondays, those of months with the month.
    """
    last = min(end, newest_close or end)
    start = last - timedelta(DAYS[span])
    number = (last.toordinal() - 1) // 7 if span == "week" else last.year * 12 + last.month
    return LetterPeriod(span, start, start + timedelta(1), last, end, number)


def held_at(booked: BookedHoldings, day: date) -> Mapping[str, Decimal]:
    """Return what is held at the end of a day, without coins of which nothing is left."""
    at = bisect_right(booked.days, day, key=lambda day_end: day_end.day)
    held = booked.days[at - 1].held if at else {}
    return {coin: quantity for coin, quantity in held.items() if quantity > 0}


def first_task(tasks: Sequence[LetterTask]) -> LetterTask:
    """Return what is to be done first: by the order of `TASKS`, then by the order given."""
    return min(tasks, key=lambda task: TASKS.index(task.code), default=LetterTask("nothing"))


@exactly
def write_letter(
    booked: BookedHoldings, prices: PriceTable, period: LetterPeriod, material: LetterMaterial
) -> HoldingLetter:
    """Put a letter together.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.
    prices : PriceTable
        Closes of days.
    period : LetterPeriod
        Of the letter.
    material : LetterMaterial
        What the book does not say.

    Returns
    -------
    HoldingLetter
        The same arguments give the same letter.
    """
    coins = [
        HeldCoin(coin, quantity, prices.value(coin, quantity, period.end))
        for coin, quantity in held_at(booked, period.end).items()
    ]
    coins.sort(key=lambda one: (one.worth is None, -(one.worth or ZERO), one.coin))
    return HoldingLetter(
        period=period,
        held=tuple(coins),
        worth=worth_at(booked, prices, period.end).total,
        put_in=_put_in(booked, period),
        has_flows=any(
            period.start < day <= period.end and (flow.money_in or flow.money_out)
            for day, flow in booked.flows.items()
        ),
        moved=attribute(booked, prices, period.start, period.end),
        valuations=tuple(material.valuations),
        dates=tuple(material.dates),
        lesson=material.lessons[period.number % len(material.lessons)],
        task=first_task(material.tasks),
    )


@exactly
def _put_in(booked: BookedHoldings, period: LetterPeriod) -> Decimal | None:
    total = ZERO
    for day, flow in booked.flows.items():
        if period.start < day <= period.end:
            if flow.money_in is None or flow.money_out is None:
                return None
            total += flow.money_in - flow.money_out
    return total
