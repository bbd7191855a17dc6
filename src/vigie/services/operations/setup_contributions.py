"""What counts for and against a setup: criteria, news, derivatives and on-chain figures, each told with its time."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, Field

from vigie.domain.person import Caller
from vigie.intelligence.setups.contributions import Family
from vigie.ports.facts import FactStore
from vigie.services.operation import Origin, Table, operation
from vigie.services.operations.setups import SetupInput, SetupSources, find_setup
from vigie.services.people.ownership import owner_of
from vigie.services.rows import table_of
from vigie.services.setups.contributing import contributions_of
from vigie.services.setups.setup_rows import SOURCE, ContributionRow
from vigie.services.setups.weighing import deciding_change
from vigie.services.setups.weights import weights_of


class FamilyResult(BaseModel):
    """One family of contributions."""

    family: str
    value: float = Field(description="From -1, wholly against the setup's side, to 1; 0 where it is absent.")
    weight: float = Field(description="In the total; 0 where it is absent.")
    absence: str = Field(
        description="`none` (no chart pattern holds), `missing`, `stale` or `not_built`; empty where it counts."
    )


class ContributionsTable(Table[ContributionRow]):
    """What counts for and against a setup, as it was known when it was decided, or formed."""

    families: list[FamilyResult]
    total_value: float | None = Field(description="Weighted mean of the families; null where none counts.")


_YOURS: Final = "0 to 1; null: as in your settings."


class ContributionsInput(SetupInput):
    """One setup, and how much each family weighs."""

    criteria: float | None = Field(None, ge=0.0, le=1.0, description=_YOURS)
    patterns: float | None = Field(None, ge=0.0, le=1.0, description=_YOURS)
    news: float | None = Field(None, ge=0.0, le=1.0, description=_YOURS)
    derivatives: float | None = Field(None, ge=0.0, le=1.0, description=_YOURS)
    traders: float | None = Field(None, ge=0.0, le=1.0, description=_YOURS)


@operation("setups.contributions", example={"setup": "0123456789abcdef"})
def list_contributions(
    caller: Caller, params: ContributionsInput, sources: SetupSources, facts: FactStore
) -> ContributionsTable:
    """List what counts for and against a setup, as it was known when it was decided, or formed."""
    change = deciding_change(find_setup(sources, caller, params))
    given: dict[Family, float | None] = {
        "criteria": params.criteria, "patterns": params.patterns, "news": params.news,
        "derivatives": params.derivatives, "traders": params.traders,
    }  # fmt: skip
    own = weights_of(sources.accounts, owner_of(sources.accounts, caller))
    weights = {family: own[family] if weight is None else weight for family, weight in given.items()}
    told = contributions_of(facts, sources.data.bars, change, weights)
    towards = -1.0 if change.side == "short" else 1.0
    rows = [
        ContributionRow(
            family=part.family, name=reading.name,
            lean=None if reading.absence else reading.lean * (1.0 if part.family == "criteria" else towards),
            value=reading.value, unit=reading.unit, weight=reading.weight, ts_known=reading.ts_known,
            absence=reading.absence,
        )
        for part in told.parts
        for reading in part.readings
    ]  # fmt: skip
    table = table_of(
        ContributionRow, rows, origins=[Origin(source=SOURCE, ts_known=told.ts)], total=len(rows)
    )
    return ContributionsTable(
        **{name: getattr(table, name) for name in Table.model_fields},
        families=[
            FamilyResult(family=part.family, value=part.value, weight=part.weight, absence=part.absence)
            for part in told.parts
        ],
        total_value=told.total,
    )
