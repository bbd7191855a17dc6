"""The part of the public Python door that keeps holdings: `holdings` runs one case of their contract.

Lots, gains, worth, returns and the figures of two countries, from events and prices that are given; nothing is fetched,
nothing is written, and no clock is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vigie.domain.errors import UsageError
from vigie.intelligence.holdings import answers
from vigie.intelligence.holdings.amounts import ZERO, plain
from vigie.intelligence.holdings.answers import Answer
from vigie.intelligence.holdings.booking import BookRules, book_events
from vigie.intelligence.holdings.events import parse_time, read_events
from vigie.intelligence.holdings.france import ForeignAccount, FrenchSettings, french_years
from vigie.intelligence.holdings.germany import german_years
from vigie.intelligence.holdings.lots import METHODS
from vigie.intelligence.holdings.price_table import EURO, Close, PriceTable, Rate
from vigie.intelligence.holdings.records import BookedHoldings, HoldingEvent
from vigie.intelligence.holdings.returns import money_weighted, time_weighted
from vigie.intelligence.holdings.worth import worth_at

POOLS = ("place", "all")
# Prices and rates may have more decimals than what is booked.
PRICE = re.compile(r"[0-9]{1,18}(\.[0-9]{1,30})?", re.ASCII)
NOTHING: Mapping[str, object] = {}


def holdings(case: Mapping[str, object]) -> dict[str, Answer]:
    """Run one case of the contract of holdings.

    Parameters
    ----------
    case : mapping
        ``settings`` (``base``, ``method``, ``pool``, ``zone``, ``now``, ``fr``, ``de``), ``events``, ``prices``,
        ``rates``, and ``ask``: any of ``gains``, ``realised``, ``lots``, ``gaps``, ``income``, ``expenses``,
        ``refused``, ``notes``, ``fr`` and ``de`` (true), ``worth`` (a day), ``twr`` and ``xirr`` (two days). Numbers
        are texts such as ``"0.5"``.

    Returns
    -------
    dict
        What is asked, by name: numbers as texts without exponent, nothing for what is unknown.

    Raises
    ------
    UsageError
        Where settings, prices, rates or what is asked cannot be read. A bad event is no error: `refused` lists it.
    """
    asked = _mapping(case.get("ask"), "ask")
    for name in asked:
        if name not in ANSWERS:
            raise UsageError(f"ask must be one of {' '.join(sorted(ANSWERS))}, was {name!r}")
    run = _Run(case)
    return {name: ANSWERS[name](run, wanted) for name, wanted in asked.items() if wanted not in (False, None)}


@dataclass(frozen=True)
class _Run:
    """One case, of which only what is asked is worked out."""

    case: Mapping[str, object]

    @cached_property
    def settings(self) -> Mapping[str, object]:
        return _mapping(self.case.get("settings"), "settings")

    @cached_property
    def base(self) -> str:
        return _choice(self.settings, "base", EURO)

    @cached_property
    def rules(self) -> BookRules:
        zone = _choice(self.settings, "zone", "UTC")
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise UsageError(f"zone must be a zone such as Europe/Paris, was {zone!r}") from None
        return BookRules(
            method=_choice(self.settings, "method", "fifo", METHODS),
            is_one_queue=_choice(self.settings, "pool", "place", POOLS) == "all",
            zone=zone,
        )

    @cached_property
    def read(self) -> tuple[list[HoldingEvent], list[tuple[str, str]]]:
        given = self.settings.get("now")
        now = parse_time(given)
        if given is not None and now is None:
            raise UsageError(f"now must be a time with its zone, was {given!r}")
        return read_events(_rows(self.case, "events"), now)

    @cached_property
    def closes(self) -> list[Close]:
        return [
            (_text(row, "asset"), _day(row.get("day")), _number(row, "price"), _choice(row, "cur", EURO))
            for row in _rows(self.case, "prices")
        ]

    @cached_property
    def rates(self) -> list[Rate]:
        found = [
            (_text(row, "cur"), _day(row.get("day")), _number(row, "rate"))
            for row in _rows(self.case, "rates")
        ]
        if any(not rate for _, _, rate in found):
            raise UsageError("rate must be above 0")
        return found

    @cached_property
    def prices(self) -> PriceTable:
        return PriceTable(self.closes, self.rates, self.base)

    @cached_property
    def prices_in_euro(self) -> PriceTable:
        return PriceTable(self.closes, self.rates, EURO, unnamed=self.base)

    @cached_property
    def booked(self) -> BookedHoldings:
        return book_events(self.read[0], self.prices, self.rules)

    def worth(self, wanted: object) -> Answer:
        return answers.worth_answer(worth_at(self.booked, self.prices, _day(wanted)))

    def twr(self, wanted: object) -> Answer:
        return answers.time_answer(time_weighted(self.booked, self.prices, *_span(wanted)))

    def xirr(self, wanted: object) -> Answer:
        return answers.money_answer(money_weighted(self.booked, self.prices, *_span(wanted)))

    def fr(self, _: object) -> Answer:
        given = _mapping(self.settings.get("fr"), "fr")
        settings = FrenchSettings(
            scale=_switch(given, "scale") or False,
            acquisition_fees=_switch(given, "acquisition_fees"),
            income_enters_220=_switch(given, "income_enters_220"),
            opening_220=_number(given, "opening_220", ZERO),
            opening_221=_number(given, "opening_221", ZERO),
            accounts=tuple(
                ForeignAccount(
                    _text(row, "place"), _known_day(row.get("opened")), _known_day(row.get("closed"))
                )
                for row in _rows(given, "accounts_abroad")
            ),
        )
        return answers.french_answer(french_years(self.read[0], self.prices_in_euro, settings))

    def de(self, _: object) -> Answer:
        given = _mapping(self.settings.get("de"), "de")
        years = german_years(
            self.read[0],
            self.prices_in_euro,
            method=self.rules.method,
            is_one_queue=self.rules.is_one_queue,
            loss_carried=_number(given, "loss_carried", ZERO),
        )
        return answers.german_answer(years)


ANSWERS: dict[str, Callable[[_Run, object], Answer]] = {
    "gains": lambda run, _: answers.gain_rows(run.booked),
    "realised": lambda run, _: plain(answers.realised(run.booked)),
    "lots": lambda run, _: answers.lot_rows(run.booked, run.rules.zone),
    "gaps": lambda run, _: answers.gap_rows(run.booked),
    "income": lambda run, _: answers.income_rows(run.booked),
    "expenses": lambda run, _: plain(run.booked.expenses),
    "refused": lambda run, _: answers.pairs(run.read[1]),
    "notes": lambda run, _: answers.pairs(run.booked.notes),
    "worth": _Run.worth,
    "twr": _Run.twr,
    "xirr": _Run.xirr,
    "fr": _Run.fr,
    "de": _Run.de,
}


def _mapping(given: object, name: str) -> Mapping[str, object]:
    if given is None:
        return NOTHING
    if not isinstance(given, Mapping):
        raise UsageError(f"{name} must be a mapping, was {given!r}")
    return given


def _rows(given: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    rows = given.get(name) or ()
    if not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
        raise UsageError(f"{name} must be a list of mappings")
    return rows


def _text(given: Mapping[str, object], name: str) -> str:
    found = given.get(name)
    if not isinstance(found, str) or not found:
        raise UsageError(f"{name} must be a text, was {found!r}")
    return found


def _choice(given: Mapping[str, object], name: str, default: str, known: Sequence[str] = ()) -> str:
    found = default if given.get(name) is None else _text(given, name)
    if known and found not in known:
        raise UsageError(f"{name} must be one of {' '.join(known)}, was {found!r}")
    return found


def _switch(given: Mapping[str, object], name: str) -> bool | None:
    found = given.get(name)
    if found is None or isinstance(found, bool):
        return found
    raise UsageError(f"{name} must be true or false, was {found!r}")


def _number(given: Mapping[str, object], name: str, default: Decimal | None = None) -> Decimal:
    found = given.get(name)
    if found is None and default is not None:
        return default
    if not isinstance(found, str) or not PRICE.fullmatch(found):
        raise UsageError(f"{name} must be a plain decimal as a text, was {found!r}")
    return Decimal(found)


def _day(given: object) -> date:
    try:
        return date.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise UsageError(f"a day must be written as 2024-12-31, was {given!r}") from None


def _known_day(given: object) -> date | None:
    return None if given is None else _day(given)


def _span(given: object) -> tuple[date, date]:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != 2:
        raise UsageError(f"two days are wanted, was {given!r}")
    first, last = _day(given[0]), _day(given[1])
    if last < first:
        raise UsageError(f"the second day must not be before the first, was {given!r}")
    return first, last
