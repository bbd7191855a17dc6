"""How far ahead of the press the newcomers of a list were seen, from what was written down of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vigie.domain.first_sighting import FirstSighting, PressReport
from vigie.intelligence.market.leads import Lead, LeadSummary, measure_lead, summarise_leads
from vigie.intelligence.news.gazetteer.newcomer_names import NewcomerNames
from vigie.ports.clock import Clock
from vigie.ports.first_sightings import FirstSightingStore
from vigie.ports.names import NameStore
from vigie.services.news.naming import gazetteer_of, own_names
from vigie.services.news.sight_rules import WATCHED_MS


@dataclass(frozen=True, slots=True)
class NewcomerLead:
    """What is known of one newcomer of a list; `report` is the earliest of the press."""

    sight: FirstSighting
    report: PressReport | None
    lead: Lead


def leads_of(
    name_store: NameStore,
    first_sightings: FirstSightingStore,
    clock: Clock,
    ids: Sequence[str],
    as_of: int | None = None,
) -> Mapping[str, NewcomerLead]:
    """Return by id what was known of newcomers at a time; one that was not written down yet is not there."""
    now = clock.market_now() if as_of is None else as_of
    sights = [known_sight for known_sight in first_sightings.get(ids).values() if known_sight.ts_seen <= now]
    reports = first_sightings.first_reports([known_sight.id for known_sight in sights], as_of=as_of)
    names = NewcomerNames(gazetteer_of(own_names(name_store)))
    names.add(
        known_sight
        for known_sight in first_sightings.namesakes(sights, WATCHED_MS)
        if known_sight.ts_seen <= now
    )
    leads = {}
    for sight in sights:
        report, span = reports.get(sight.id), WATCHED_MS[sight.kind]
        lead = measure_lead(
            sight.ts_seen,
            report.ts_reported if report else None,
            min(now, sight.ts_seen + span),
            token=names.token(sight, span),
            is_from_before=sight.is_from_before,
            unclear_from=names.unclear_from(sight, span),
        )
        leads[sight.id] = NewcomerLead(sight, report, lead)
    return leads


def summary_of(leads: Mapping[str, NewcomerLead]) -> LeadSummary:
    """Return the lead over a list."""
    return summarise_leads(newcomer_lead.lead for newcomer_lead in leads.values())
