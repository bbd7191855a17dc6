"""How far ahead of the press the newcomers of a list were seen, from what was written down of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vigie.domain.first_sighting import FirstSighting, PressReport
from vigie.intelligence.market.leads import Lead, LeadSummary, lead_of, lead_summary
from vigie.intelligence.news.gazetteer.newcomers import NewcomerNames
from vigie.services.house import House
from vigie.services.news.naming import gazetteer_of, own_names
from vigie.services.news.sighting import WATCHED_MS


@dataclass(frozen=True, slots=True)
class NewcomerLead:
    """What is known of one newcomer of a list; `report` is the earliest of the press."""

    sight: FirstSighting
    report: PressReport | None
    lead: Lead


def leads_of(house: House, ids: Sequence[str], as_of: int | None = None) -> Mapping[str, NewcomerLead]:
    """Return by id what was known of newcomers at a time; one that was not written down yet is not there."""
    now = house.clock.market_now() if as_of is None else as_of
    sights = [one for one in house.first_sights.get(ids).values() if one.ts_seen <= now]
    reports = house.first_sights.first_reports([one.id for one in sights], as_of=as_of)
    names = NewcomerNames(gazetteer_of(own_names(house.names)))
    names.add(one for one in house.first_sights.namesakes(sights, WATCHED_MS) if one.ts_seen <= now)
    found = {}
    for sight in sights:
        report, span = reports.get(sight.id), WATCHED_MS[sight.kind]
        lead = lead_of(
            sight.ts_seen,
            report.ts_reported if report else None,
            min(now, sight.ts_seen + span),
            token=names.token(sight, span),
            is_from_before=sight.is_from_before,
            unclear_from=names.unclear_from(sight, span),
        )
        found[sight.id] = NewcomerLead(sight, report, lead)
    return found


def summary_of(leads: Mapping[str, NewcomerLead]) -> LeadSummary:
    """Return the lead over a list."""
    return lead_summary(one.lead for one in leads.values())
