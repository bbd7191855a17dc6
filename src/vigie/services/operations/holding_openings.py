"""What a person carries into a year's tax file from before: acquisition prices, capital used, a loss."""

from __future__ import annotations

from pydantic import Field

from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.services.holdings.holding_book import HoldingSources
from vigie.services.holdings.tax_openings import ALL_OPENINGS, keep_openings, kept_openings
from vigie.services.operation import NoInput, OperationInput, Table, operation
from vigie.services.operations.holding_tax import CARRIED
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of


class TaxOpeningsInput(OperationInput):
    """Amounts of one year, in EUR; what is left out stays, an empty one goes."""

    year: int = Field(
        ge=2009, le=2100, description="Calendar year, from whose beginning on they hold.", examples=[2025]
    )
    opening_220: str | None = Field(
        None, pattern=CARRIED, description="France: acquisition prices from before.", examples=["12000"]
    )
    opening_221: str | None = Field(
        None, pattern=CARRIED, description="France: capital used before.", examples=["1500.50"]
    )
    loss_carried: str | None = Field(None, pattern=CARRIED, description="Germany: loss carried from before.")


class TaxOpeningsRow(Row):
    """What is carried into one year."""

    year: int = shown("Year", definition="It holds from the beginning of this year.")
    opening_220: str = shown("220", unit="eur", definition="France: acquisition prices from before.")
    opening_221: str = shown("221", unit="eur", definition="France: capital used before.")
    loss_carried: str = shown(
        "Loss carried forward", unit="eur", definition="Germany: loss carried from before."
    )
    entered: str = shown("Entered", definition="Day of the last change.")


@operation("holdings.tax_openings", example={})
def list_tax_openings(caller: Caller, params: NoInput, sources: HoldingSources) -> Table[TaxOpeningsRow]:
    """List what you carry into tax files from before, the newest year first."""
    _, kept = kept_openings(sources.accounts, owner_of(sources.accounts, caller))
    rows = [
        TaxOpeningsRow(
            year=year,
            entered=max(one.entered for one in values.values()),
            **{name: values[name].amount if name in values else "" for name in ALL_OPENINGS},
        )
        for year, values in sorted(kept.items(), reverse=True)
    ]
    return table_of(TaxOpeningsRow, rows, total=len(rows))


@operation("holdings.enter_openings", scope="write", example={"year": 2025, "opening_220": "12000"})
def enter_tax_openings(
    caller: Caller, params: TaxOpeningsInput, sources: HoldingSources
) -> Table[TaxOpeningsRow]:
    """Enter what you carry into a year's tax file from before; later years go on from it."""
    changes = {name: given for name in ALL_OPENINGS if (given := getattr(params, name)) is not None}
    if not changes:
        raise UsageError("holding_no_openings", "give opening_220, opening_221 or loss_carried")
    owner = owner_of(sources.accounts, caller)
    keep_openings(sources.accounts, owner, params.year, changes, sources.today.isoformat())
    return list_tax_openings(caller, NoInput(), sources)
