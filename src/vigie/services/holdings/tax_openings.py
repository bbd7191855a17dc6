"""What a person carries into a year's tax file from before: kept by year, with the day on which it was entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from vigie.intelligence.holdings.amounts import ZERO, parse_plain
from vigie.intelligence.holdings.records import HoldingEvent
from vigie.ports.accounts import UserStore

# By country, what its file may carry.
OPENING_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "FR": ("opening_220", "opening_221"),
    "DE": ("loss_carried",),
}
ALL_OPENINGS: Final = tuple(name for names in OPENING_NAMES.values() for name in names)
_PLACE: Final = "tax_openings"


@dataclass(frozen=True, slots=True)
class OpeningValue:
    """An amount in EUR, as it was typed.

    Attributes
    ----------
    amount : str
        A plain decimal.
    entered : str
        The day on which it was; empty for one that is given for a single look.
    """

    amount: str
    entered: str = ""

    @property
    def value(self) -> Decimal:
        """The amount as a number."""
        return parse_plain(self.amount) or ZERO


@dataclass(frozen=True, slots=True)
class TaxOpenings:
    """What is carried into a file.

    Attributes
    ----------
    year : int
        It holds from the beginning of this year.
    values : mapping of str to OpeningValue
        By name.
    """

    year: int
    values: Mapping[str, OpeningValue] = field(default_factory=dict)

    def amount(self, name: str) -> Decimal:
        """Return an amount; zero where it was not given."""
        return self.values[name].value if name in self.values else ZERO


def kept_openings(accounts: UserStore, owner: str) -> tuple[int, Mapping[int, Mapping[str, OpeningValue]]]:
    """Return the revision and, by year, what a person has entered."""
    revision, body = accounts.settings(f"{owner}/{_PLACE}")
    return revision, {
        int(year): {name: OpeningValue(one["amount"], one["entered"]) for name, one in values.items()}
        for year, values in body.items()
    }


def keep_openings(
    accounts: UserStore, owner: str, year: int, changes: Mapping[str, str], entered: str
) -> None:
    """Keep what a person enters for a year; an empty amount takes one away, and the same again keeps its day.

    Raises
    ------
    Conflict
        Where another request changed them meanwhile.
    """
    revision, kept = kept_openings(accounts, owner)
    values = dict(kept.get(year, {}))
    for name, amount in changes.items():
        if not amount:
            values.pop(name, None)
        elif name not in values or values[name].amount != amount:
            values[name] = OpeningValue(amount, entered)
    body = {name: {"amount": one.amount, "entered": one.entered} for name, one in values.items()}
    accounts.put_settings(f"{owner}/{_PLACE}", {str(year): body or None}, revision=revision)


def openings_for(
    accounts: UserStore, owner: str, country: str, year: int, given: Mapping[str, str]
) -> TaxOpenings:
    """Return what is carried into a year's file.

    Parameters
    ----------
    accounts : UserStore
        Keeps what was entered.
    owner : str
        Whose.
    country : str
        ``FR`` or ``DE``.
    year : int
        Of the file.
    given : mapping of str to str
        For this look, by name; where one is given, what was entered does not count.

    Returns
    -------
    TaxOpenings
        Else what was entered for the year, or for the last one before it: a book goes on from there.
    """
    names = OPENING_NAMES[country]
    if own := {name: OpeningValue(given[name]) for name in names if given.get(name)}:
        return TaxOpenings(year, own)
    _, kept = kept_openings(accounts, owner)
    for entered in sorted((one for one in kept if one <= year), reverse=True):
        values = {name: one for name, one in kept[entered].items() if name in names}
        if values:
            return TaxOpenings(entered, values)
    return TaxOpenings(year)


def has_opening_coins(events: Sequence[HoldingEvent], year: int) -> bool:
    """Tell whether coins that were held before a year are there, as purchases at cost 0."""
    return any(
        event.kind == "buy" and event.cost is not None and not event.cost.amount and event.at.year <= year
        for event in events
    )


def has_paid_before(events: Sequence[HoldingEvent], year: int) -> bool:
    """Tell whether purchases before a year bring acquisition prices that its opening values hold already."""
    return any(
        event.kind == "buy" and event.cost is not None and event.cost.amount > 0 and event.at.year < year
        for event in events
    )
