"""What the list of emerging coins says of its lead over the press: columns, rows, the figures of the whole list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from pydantic import BaseModel, Field

from vigie.intelligence.market.leads import LeadSummary
from vigie.services.news.first_sightings import NewcomerLead
from vigie.services.rows import Row, shown

SOURCE: Final = "coingecko"


class NewcomerRow(Row):
    """One new coin or pool; its lead over the press is empty until it was written down."""

    id: str
    name: str = shown("Name")
    kind: str = shown("Kind", definition="coin or pool.")
    place: str = shown("Chain")
    age_hours: float = shown(
        "Age (h)", unit="count", definition="Since its creation, or since it was first seen."
    )
    liquidity_usd: float | None = shown(
        "Liquidity", unit="usd", definition="Value held in its pool.", source=SOURCE
    )
    volume_24h_usd: float | None = shown("Volume 24 h", unit="usd", source=SOURCE)
    turnover: float | None = shown("Turnover", unit="ratio", definition="24 h volume divided by liquidity.")
    is_trending: bool = shown("Trending", definition="One of the most traded pools recently.")
    flags: str = shown("Risk flags", definition="Reasons to be careful, each with its rule.")
    ts_first_seen: int = shown(
        "Created",
        unit="ms",
        definition="According to the source; for a coin, when the source's list first showed it here.",
    )
    ts_seen: int | None = shown(
        "First seen by Vigie",
        unit="ms",
        definition="When Vigie first saw it here; never changed afterwards.",
        default=None,
    )
    ts_reported: int | None = shown(
        "First in the press",
        unit="ms",
        definition="When the first outlet published its report, according to that outlet.",
        default=None,
    )
    outlet: str | None = shown(
        "Outlet", definition="The first to report it, among the outlets Vigie reads here.", default=None
    )
    lead_hours: float | None = shown(
        "Lead (h)",
        unit="count",
        definition="Time from first seen by Vigie to the first press report; negative: the press was first.",
        default=None,
    )
    lead_state: str | None = shown(
        "Lead status",
        definition="ahead, behind (the press was first), waiting (no report yet, or none before another coin "
        "took its name), before (existed before watching started: not counted), unclear (its name was always "
        "ambiguous: not counted); empty until it is recorded.",
        default=None,
    )
    report_title: str | None = shown("Headline", default=None)
    report_url: str | None = shown("Link", default=None)
    report_item: str | None = shown("Item", definition="Id of the news item.", default=None)
    is_day_only: bool | None = shown(
        "Date only",
        definition="The outlet gives a day without a time: Vigie takes the start of that day, which shortens the "
        "lead.",
        default=None,
    )
    is_generated: bool | None = shown(
        "Generated", definition="Generated demo history: nobody saw it at the time.", default=None
    )


class LeadFigures(BaseModel):
    """The lead over the press of all rows that meet the conditions, by Kaplan-Meier; coin and pools count once."""

    median_hours: float | None = Field(
        default=None, description="Null where there are too few, or where over half wait for a report."
    )
    low_hours: float | None = Field(default=None, description="Lower end of the 95 % interval of the median.")
    high_hours: float | None = Field(
        default=None, description="Upper end; null where the rows do not bound it."
    )
    counted: int = Field(
        default=0, description="Coins that count: those with a report and those that wait for one."
    )
    reported: int = Field(default=0, description="Of these, with a report.")
    waiting: int = Field(
        default=0,
        description="Of these, without: right-censored, they count with the hours waited, at most until "
        "their name was shared.",
    )
    press_first: int = Field(
        default=0, description="With a report from before the first sight: a lead below zero."
    )
    before: int = Field(
        default=0, description="Not counted: they existed when watching started (left-truncated)."
    )
    unclear: int = Field(
        default=0, description="Not counted: no name told them from others when they were first seen."
    )
    is_enough: bool = Field(
        default=False, description="At least 20 count and 10 have a report; else no median is stated."
    )
    is_generated: bool = Field(
        default=False, description="Rows of a demonstration's generated past are among them."
    )
    sentences: dict[str, list[str]] = Field(default={}, description="The same in words, by language.")


def figures_of(
    summary: LeadSummary, sentences: Mapping[str, list[str]], *, is_generated: bool
) -> LeadFigures:
    """Return the figures of a list, rounded to a hundredth of an hour."""
    values: dict[str, Any] = {
        name: round(value, 2) if isinstance(value, float) else value
        for name, value in asdict(summary).items()
    }
    return LeadFigures(**values, is_generated=is_generated, sentences=dict(sentences))


def with_lead(row: NewcomerRow, newcomer_lead: NewcomerLead | None) -> NewcomerRow:
    """Return the row of one newcomer with its lead over the press, where it was written down."""
    if newcomer_lead is None:
        return row
    sight, report, hours = newcomer_lead.sight, newcomer_lead.report, newcomer_lead.lead.hours
    return row.with_values(
        ts_seen=sight.ts_seen,
        ts_reported=report.ts_reported if report else None,
        outlet=report.outlet if report else None,
        lead_hours=None if hours is None else round(hours, 2),
        lead_state=newcomer_lead.lead.state,
        report_title=report.title if report else None,
        report_url=report.url if report else None,
        report_item=report.item if report else None,
        is_day_only=report.is_day_only if report else None,
        is_generated=sight.is_generated or bool(report and report.is_generated),
    )
