"""Tables of setups for the terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.table import Table

from vigie.views.cli.strategy_tables import price_text
from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from vigie.services.setups.replaying import SetupReplay

STATES: Final = {
    "forming": "forming",
    "confirmed": "confirmed",
    "played_out": "played out",
    "invalidated": "invalidated",
    "expired": "expired",
}
CAUSES: Final = {
    "near": "criteria near for two closes",
    "decided": "entry decided",
    "stop": "stop reached",
    "target": "target reached",
    "liquidation": "liquidated",
    "not_near": "criteria far for two closes",
    "beyond_stop": "closed beyond the stop",
    "gap": "bars are missing",
    "strategy_changed": "strategy changed",
    "gap_through_level": "opened beyond a level",
    "exit_condition": "exit condition",
    "opposite_signal": "opposite signal",
    "closes": "ten closes without an entry",
    "horizon": "horizon reached",
}


def print_changes(report: SetupReplay) -> None:
    """Print a row a change, and below how many of each there are."""
    from vigie.domain.time import iso

    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("known", "slot", "side", "state", "cause", "close", "stop", "target", "setup"):
        is_number = head in ("close", "stop", "target")
        table.add_column(head, justify="right" if is_number else "left", no_wrap=head in ("slot", "setup"))
    for change in report.changes:
        table.add_row(
            iso(change.ts_known)[:16].replace("T", " "), str(change.slot), change.side, STATES[change.state],
            CAUSES[change.cause], price_text(change.entry), price_text(change.stop), price_text(change.target),
            change.setup,
        )  # fmt: skip
    out.print(table)
    counts: Counter[str] = Counter(change.state for change in report.changes)
    told = ", ".join(f"{counts[state]} {name}" for state, name in STATES.items() if counts[state])
    out.print(f"{report.n_slots} slots, {report.n_closes} closes: {told or 'no setups'}", highlight=False)
