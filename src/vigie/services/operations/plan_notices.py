"""Alerts about an open plan: what was told of it, and what was kept because six were told that day."""

from __future__ import annotations

from typing import Final

from vigie.domain.person import Caller
from vigie.ports.plan_notices import PlanNotice, PlanNoticeStore
from vigie.ports.plans import MarkedPlan
from vigie.services.alerting.watching.event_texts import reader_title, title_of
from vigie.services.alerting.watching.plan_texts import plan_event
from vigie.services.operation import Origin, Table, operation
from vigie.services.operations.plans import PlanIdInput
from vigie.services.plans.plan_rows import SOURCE
from vigie.services.plans.plan_sources import PlanSources, find_plan
from vigie.services.rows import Row, shown, table_of

_BOOKED: Final = "vigie"


class PlanNoticeTableRow(Row):
    """One thing that an open plan gave cause to tell."""

    ts: int = shown("Noticed", unit="ms", source=_BOOKED)
    version: int = shown("Version", unit="count", source=SOURCE)
    kind: str = shown(
        "Kind",
        definition="state: what became of it; near: the price is near a level; news: of its asset; risk: losses.",
        source=SOURCE,
    )
    text: str = shown("Alert", source=SOURCE)
    text_fr: str = shown("Alert (French)", definition="News stay in their own language.", source=SOURCE)
    ts_known: int = shown("Known since", unit="ms", source=SOURCE)
    held: str = shown(
        "Not sent",
        definition="full: six were sent that day; rule: every rule about plans was silent; empty: sent.",
        source=SOURCE,
    )


@operation("plans.notices", example={"plan": "p0123456789abcdef"})
def list_plan_notices(
    caller: Caller, params: PlanIdInput, sources: PlanSources, notices: PlanNoticeStore
) -> Table[PlanNoticeTableRow]:
    """List the alerts about a plan, the newest first, also those that were not sent."""
    versions = {one.number: one for one in find_plan(sources, caller, params.plan)}
    rows = [_to_row(versions[notice.version], notice) for notice in notices.of_versions(list(versions))]
    return table_of(PlanNoticeTableRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


def _to_row(marked: MarkedPlan, notice: PlanNotice) -> PlanNoticeTableRow:
    event = plan_event(marked, notice, notice.ts)
    return PlanNoticeTableRow(
        ts=notice.ts, version=marked.plan.version, kind=notice.kind, text=reader_title(event),
        text_fr=title_of(event, "fr"), ts_known=notice.ts_known, held=notice.held,
    )  # fmt: skip
