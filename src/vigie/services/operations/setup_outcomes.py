"""What followed setups like one: of the same strategy and side, live and replayed ones apart."""

from __future__ import annotations

from dataclasses import asdict

from vigie.domain.ids import parse_slot
from vigie.domain.person import Caller
from vigie.ports.setups import SetupFilter
from vigie.services.operation import Origin, Table, operation
from vigie.services.operations.setups import SetupInput, SetupSources, find_setup
from vigie.services.rows import table_of
from vigie.services.setups.outcomes import outcomes_of
from vigie.services.setups.setup_rows import SOURCE, OutcomeRow


@operation("setups.outcomes", example={"setup": "0123456789abcdef"})
def list_outcomes(caller: Caller, params: SetupInput, sources: SetupSources) -> Table[OutcomeRow]:
    """List what followed setups of the same strategy and side, on all instruments of the same account."""
    change = find_setup(sources, caller, params)[-1]
    strategy = parse_slot(change.slot).strategy
    # Of one account: two that trade alike have each setup twice.
    accounts = [change.account]
    slots = [slot for slot in sources.setups.slots(accounts) if parse_slot(slot).strategy == strategy]
    ends = sources.setups.ends(SetupFilter(accounts, sides=[change.side], slots=slots))
    rows = [
        OutcomeRow(kind=kind, **asdict(outcomes_of(ends, is_replayed=is_replayed)))
        for kind, is_replayed in (("live", False), ("replayed", True))
    ]
    return table_of(OutcomeRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))
