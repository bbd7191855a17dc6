"""Rows of a reconciliation: what a platform reported beside own lines, with the lines behind each figure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel, Field

from vigie.intelligence.holdings.amounts import plain
from vigie.intelligence.holdings.own_categories import CategoryLine
from vigie.intelligence.holdings.reconciliation import ReportedDifference, difference
from vigie.services.holdings.holding_rows import ENGINE, SOURCE
from vigie.services.holdings.reported_words import TEXTS
from vigie.services.operation import Table
from vigie.services.rows import Row, shown


class ReportedOwnLine(BaseModel):
    """One own line behind a figure, or near it."""

    entry: str
    day: str
    kind: str
    place: str
    units: str
    amount: str | None = Field(description="Null where it is not known.")
    near: str = Field(description="Why it is not in the own figure, as a code; empty where it is in it.")
    says: str = Field(description="The same as words.")


class ReportedPart(BaseModel):
    """One reported row of a figure: those of a category are told by type."""

    sort: str = Field(description="The type, as the platform writes it; codes of the CARF schema as words.")
    units: str
    amount: str | None
    transactions: int | None


class ReportedDifferenceRow(Row):
    """One asset and category of a platform's year, as reported and by own lines."""

    place: str = shown("Platform", source=SOURCE)
    year: int = shown("Year", source=SOURCE)
    asset: str = shown("Asset", definition="Catalogue id of the coin.", source=SOURCE)
    name: str = shown("Coin")
    category: str = shown(
        "Category",
        definition="fiat_in, fiat_out, crypto_in, crypto_out, transfer_in, transfer_out, transfer_wallet or "
        "retail_payment.",
        source=SOURCE,
    )
    status: str = shown(
        "Match",
        definition="different, only_reported, only_own, unchecked, rounded or equal.",
        source=ENGINE,
    )
    reported_units: str | None = shown("Reported units", unit="base units", source=SOURCE)
    own_units: str | None = shown("Own units", unit="base units", source=ENGINE)
    units_difference: str | None = shown(
        "Units difference", unit="base units", definition="Own less reported.", source=ENGINE
    )
    reported_amount: str | None = shown("Reported amount", source=SOURCE)
    own_amount: str | None = shown("Own amount", definition="Empty where it is not known.", source=ENGINE)
    amount_difference: str | None = shown("Amount difference", definition="Own less reported.", source=ENGINE)
    currency: str = shown("Currency", definition="Of both amounts.", source=SOURCE)
    reported_transactions: int | None = shown("Reported transactions", source=SOURCE)
    own_transactions: int | None = shown("Own lines", source=ENGINE)
    why: str = shown("Explanation", definition="What may explain the difference.", source=ENGINE)
    codes: list[str]
    reported: list[ReportedPart]
    lines: list[ReportedOwnLine]


class ReportedStatementInfo(BaseModel):
    """A statement that is kept."""

    reported_statement: str
    place: str
    year: int
    rows: int
    ts_added: int


class ReportedTable(Table[ReportedDifferenceRow]):
    """The reconciliation of a year, differences first."""

    year: int
    statements: list[ReportedStatementInfo] = Field(description="All that are kept, of every year.")
    unreported: list[str] = Field(description="Places with own lines in that year, but no statement.")


def difference_row(
    found: ReportedDifference, names: Mapping[str, str], language: str
) -> ReportedDifferenceRow:
    """Return the row of a difference.

    Parameters
    ----------
    found : ReportedDifference
    names : mapping of str to str
        Of coins, by catalogue id.
    language : str
        Of the sentences.

    Returns
    -------
    ReportedDifferenceRow
    """
    texts = TEXTS[language]
    why = [
        texts[f"why_{reason.code}"].format(count=reason.count, name=texts.get(reason.name, reason.name))
        for reason in found.reasons
    ]
    return ReportedDifferenceRow(
        place=found.place,
        year=found.year,
        asset=found.asset,
        name=names.get(found.asset, found.asset),
        category=found.category,
        status=found.status,
        reported_units=plain(found.units[0]),
        own_units=plain(found.units[1]),
        units_difference=plain(difference(found.units)),
        reported_amount=plain(found.amount[0]),
        own_amount=plain(found.amount[1]),
        amount_difference=plain(difference(found.amount)),
        currency=found.currency,
        reported_transactions=_whole(found.transactions[0]),
        own_transactions=_whole(found.transactions[1]),
        why=" ".join(why),
        codes=[reason.code for reason in found.reasons],
        reported=[
            ReportedPart(
                sort=_sort(row.sort, texts), units=plain(row.units) or "0", amount=plain(row.amount),
                transactions=row.transactions,
            )
            for row in found.reported
        ],
        lines=[
            *(_line(line, "", "") for line in found.own),
            *(_line(near.line, near.reason, texts[f"near_{near.reason}"]) for near in found.near),
        ],
    )  # fmt: skip


def _sort(sort: str, texts: Mapping[str, str]) -> str:
    """Return a type in words where it is written in codes of the CARF schema."""
    return (
        ", ".join(texts.get(f"type_{word}", word) for word in sort.split())
        if sort.startswith("CARF")
        else sort
    )


def _line(line: CategoryLine, near: str, says: str) -> ReportedOwnLine:
    return ReportedOwnLine(
        entry=line.event, day=line.day.isoformat(), kind=line.kind, place=line.place,
        units=plain(line.units) or "0", amount=plain(line.amount), near=near, says=says,
    )  # fmt: skip


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number)
