"""The letter about holdings as sentences, each with the figure that it says and where it leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from pydantic import Field

from vigie.catalogue import format_day, translate
from vigie.intelligence.holdings.letter import (
    HeldCoin,
    HoldingLetter,
    LetterSpan,
    LetterTask,
    LetterValuation,
    TaskCode,
)
from vigie.intelligence.market.words import MINUS, NumberFormatter, load_texts, numbers_of
from vigie.services.glossary import TERMS
from vigie.services.holdings.day_prices import Base
from vigie.services.holdings.holding_rows import ENGINE, SOURCE
from vigie.services.holdings.letter_words import PARTS, TEXTS
from vigie.services.operation import Table
from vigie.services.rows import Row, shown

# More coins than these are counted, not listed.
MOST_COINS: Final = 10
_CENT: Final = Decimal("0.005")
_CARDS: Final[Mapping[TaskCode, str]] = {"resolve": "/portfolio#choose", "share": "/portfolio#depends"}
_EXPLAINED: Final = ("stretched", "depressed")


class HoldingLetterRow(Row):
    """One sentence of a letter."""

    part: str = shown("Section", definition="task, held, moved, valuation, comes or lesson.", source=ENGINE)
    text: str = shown("What it says", source=ENGINE)
    amount: float | None = shown(
        "Amount", unit="base", definition="The money that it tells; empty where there is none.", source=ENGINE
    )
    asset: str = shown("Asset", definition="Catalogue id of the coin, or of a product.", source=SOURCE)
    entry: str = shown("Entry", definition="Id of the line of what you own.", source=SOURCE)
    day: str = shown("Day", definition="UTC.", source=ENGINE)
    address: str = shown("Address", definition="Page of Vigie, or of who announces it.", source=ENGINE)


class HoldingLetterTable(Table[HoldingLetterRow]):
    """A letter, sentence by sentence: the one thing to do first. What is not known is null."""

    span: LetterSpan
    start: str = Field(description="The day at whose close it begins.")
    first: str
    last: str
    currency: str
    language: str
    title: str
    worth: float | None = Field(description="At the end, of the coins that have a price.")
    change: float | None = Field(description="Over the period, without money put in and taken out.")
    put_in: float | None = Field(description="Money put in less money taken out during the period.")
    task: TaskCode
    lesson: str = Field(description="Key of a word of the glossary.")
    has_pdf: bool = Field(description="Whether this installation makes the PDF of it.")


@dataclass(frozen=True, slots=True)
class LetterWriter:
    """Says a letter.

    Attributes
    ----------
    letter : HoldingLetter
    language : str
        In which everything is said.
    base : Base
        Currency of all money.
    names : mapping of str to str
        Of coins and products.
    stablecoins : sequence of str
        Names of those that are held.
    share_limit : float
        The person's.
    uncosted : int
        Lines of the period whose cost is not known: what was put in has them at the price of their day.
    """

    letter: HoldingLetter
    language: str
    base: Base
    names: Mapping[str, str]
    stablecoins: tuple[str, ...]
    share_limit: float
    uncosted: int = 0

    def rows(self) -> list[HoldingLetterRow]:
        """Return all sentences, part by part."""
        told = (self._task(), self._held(), self._moved(), self._valuations(), self._dates(), self._lesson())
        return [row.with_values(part=part) for part, rows in zip(PARTS, told, strict=True) for row in rows]

    @property
    def title(self) -> str:
        """What the letter is called."""
        period = self.letter.period
        return self._say(f"title_{period.span}", first=self._day(period.first), last=self._day(period.last))

    def _task(self) -> Iterator[HoldingLetterRow]:
        task = self.letter.task
        key = f"do_share_{task.kind}" if task.code == "share" else f"do_{task.code}"
        text = self._say(
            key, name=task.name, share=self._percent(task.share), limit=self._percent(self.share_limit)
        )
        yield _row(text, entry=task.entry, address=_task_address(task))

    def _held(self) -> Iterator[HoldingLetterRow]:
        letter, period = self.letter, self.letter.period
        if not letter.held:
            yield _row(self._say("nothing_held"))
            return
        priced = sum(one.worth is not None for one in letter.held)
        key = "worth" if priced == len(letter.held) else "worth_known" if priced else "worth_unknown"
        yield _row(
            self._say(key, worth=self._money(letter.worth), day=self._day(period.last)),
            amount=letter.worth if priced else None,
        )
        yield self._change()
        yield self._flow()
        for one in letter.held[:MOST_COINS]:
            yield self._coin(one)
        if len(letter.held) > MOST_COINS:
            yield _row(self._say("more_coins", count=len(letter.held) - MOST_COINS))

    def _change(self) -> HoldingLetterRow:
        moved = self.letter.moved
        if moved is None:
            return _row(self._say("change_unknown"))
        text = self._say(
            "lost" if moved.change < 0 else "gained",
            day=self._day(self.letter.period.start),
            money=self._money(abs(moved.change)),
        )
        return _row(text, amount=moved.change)

    def _flow(self) -> HoldingLetterRow:
        put_in = self.letter.put_in
        if put_in is None:
            return _row(self._say("flow_unknown"))
        balanced = "even_flow" if self.letter.has_flows else "no_flow"
        key = balanced if abs(put_in) < _CENT else "put_in" if put_in > 0 else "taken_out"
        told = self._say(key, money=self._money(abs(put_in)))
        if self.uncosted:
            told = f"{told} {self._say('uncosted', count=str(self.uncosted))}"
        return _row(told, amount=put_in)

    def _coin(self, one: HeldCoin) -> HoldingLetterRow:
        name = self.names.get(one.coin, one.coin)
        if one.worth is None:
            return _row(self._say("coin_unpriced", name=name), asset=one.coin)
        share = float(one.worth / self.letter.worth) if self.letter.worth else 0.0
        text = self._say("coin", name=name, worth=self._money(one.worth), share=self._percent(share))
        return _row(text, amount=one.worth, asset=one.coin)

    def _moved(self) -> Iterator[HoldingLetterRow]:
        moved = self.letter.moved
        if moved is None:
            yield _row(self._say("moves_unknown"))
            return
        large = [(coin, change) for coin, change in moved.by_coin.items() if abs(change) >= _CENT]
        if not large and abs(moved.rest) < _CENT:
            yield _row(self._say("nothing_moved"))
        for coin, change in sorted(large, key=lambda pair: (-abs(pair[1]), pair[0]))[:MOST_COINS]:
            name = self.names.get(coin, coin)
            yield _row(self._say("move", name=name, money=self._signed(change)), amount=change, asset=coin)
        if len(large) > MOST_COINS:
            yield _row(self._say("more_coins", count=len(large) - MOST_COINS))
        if abs(moved.rest) >= _CENT:
            yield _row(self._say("rest", money=self._signed(moved.rest)), amount=moved.rest)

    def _valuations(self) -> Iterator[HoldingLetterRow]:
        if not self.letter.valuations and not self.stablecoins:
            yield _row(self._say("no_states"))
        explained: set[str] = set()
        for valuation in self.letter.valuations:
            yield _row(
                self._valuation(valuation, explained),
                asset=valuation.coin,
                address=f"/asset/{valuation.coin}#valuation",
            )
        if self.stablecoins:
            yield _row(self._say("stablecoins", names=", ".join(self.stablecoins)))

    def _valuation(self, one: LetterValuation, explained: set[str]) -> str:
        """Return the state of a coin; what it means for a price is said the first time."""
        name, texts = self.names.get(one.coin, one.coin), load_texts(self.language)
        if one.since is None:
            return self._say("state_unknown", name=name)
        word, state = texts(f"valuation.words.{one.word}"), texts(f"valuation.states.{one.state}")
        if one.state in _EXPLAINED and one.state not in explained:
            explained.add(one.state)
            word, state = (
                self._say(one.state, word=text) if named == one.state else text
                for named, text in ((one.word, word), (one.state, state))
            )
        key = "state_sharp" if one.word != one.state else "state_again" if one.earlier else "state"
        return self._say(key, name=name, word=word, state=state, day=self._day(one.since), count=one.earlier)

    def _dates(self) -> Iterator[HoldingLetterRow]:
        if not self.letter.dates:
            yield _row(self._say("no_dates"))
        for one in self.letter.dates:
            text = self._say("date", day=self._day(one.day), text=one.text)
            yield _row(text, day=one.day, address=one.address)

    def _lesson(self) -> Iterator[HoldingLetterRow]:
        term = next(term for term in TERMS if term.key == self.letter.lesson)
        word, meaning = translate(term.word, self.language), translate(term.meaning, self.language)
        yield _row(self._say("word", word=word, meaning=meaning), address=f"/help#{term.key}")

    def _say(self, key: str, **values: object) -> str:
        return TEXTS[self.language][key].format(**values)

    @property
    def _numbers(self) -> NumberFormatter:
        return numbers_of(self.language)

    def _money(self, amount: Decimal) -> str:
        numbers, sign = self._numbers, "\u20ac" if self.base == "EUR" else "$"
        text = numbers.number(float(amount), 2)
        return f"{sign}{text}" if numbers.is_sign_first else f"{text}\u00a0{sign}"

    def _signed(self, amount: Decimal) -> str:
        return f"{MINUS if amount < 0 else '+'}{self._money(abs(amount))}"

    def _percent(self, fraction: float) -> str:
        return self._numbers.percent(fraction, 0)

    def _day(self, day: date) -> str:
        # As pages write it.
        return format_day(day, self.language)


def _task_address(task: LetterTask) -> str:
    return f"/portfolio?edit={task.entry}#add" if task.entry else _CARDS.get(task.code, "")


def _row(
    text: str,
    *,
    amount: Decimal | None = None,
    asset: str = "",
    entry: str = "",
    day: date | None = None,
    address: str = "",
) -> HoldingLetterRow:
    return HoldingLetterRow(
        part="",
        text=text,
        amount=None if amount is None else float(amount),
        asset=asset,
        entry=entry,
        day="" if day is None else day.isoformat(),
        address=address,
    )
