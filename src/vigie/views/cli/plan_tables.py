"""Tables of plans for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from vigie.domain.time import iso
from vigie.views.cli.strategy_tables import price_text
from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vigie.services.operations.plans import PlansTable
    from vigie.services.plans.plan_rows import PlanLine, PlanPreview, PlanResult, PlanRoom, PlanSum

STANDINGS: Final = {
    "running": "with what the account holds now",
    "stopped": "the account is not running: with what it held last",
    "not_started": "the account has not started: with its starting capital",
}
_LINES: Final = {"target": "target first", "stop": "stop first", "neither": "neither"}


def print_plans(told: PlansTable) -> None:
    """Print a row a plan."""
    table = Table("plan", "market", "side", "state", "zone", "stop", "target", "until", "result", box=None)
    for row in told.rows:
        zone = "at once" if row.low is None else f"{price_text(row.low)} – {price_text(row.high)}"
        table.add_row(
            row.plan, row.instrument, row.side, " ".join(filter(None, (row.state, row.code))), zone,
            price_text(row.stop), price_text(row.target), iso(row.until),
            "" if row.pnl is None else f"{row.pnl:+.2f}",
        )  # fmt: skip
    console().print(table if told.rows else "no plans")


def print_plan(told: PlanResult) -> None:
    """Print one plan, what became of it, and its text."""
    row, out = told.newest, console()
    out.print(f"{row.plan} version {row.version}: {row.state} {row.code}".rstrip(), highlight=False)
    if told.limit or told.value:
        out.print(f"limit {told.limit:g}, was {told.value:g}", highlight=False)
    if row.entry is not None:
        result = "open" if row.pnl is None else f"{row.pnl:+.2f}"
        out.print(f"entered at {price_text(row.entry)}, result {result}", highlight=False)
    out.print(told.ticket, highlight=False)
    if told.link:
        out.print(told.link, highlight=False)


def print_preview(told: PlanPreview) -> None:
    """Print what a plan comes to, by hand and in its account."""
    out = console()
    if told.in_account is not None and told.standing is not None:
        out.print(f"in the account: {_sum_text(told.in_account)}", highlight=False)
        out.print(STANDINGS[told.standing], highlight=False)
        _print_room(told.room)
    out.print(f"by hand: {_sum_text(told.by_hand)}", highlight=False)
    _print_lines(told.lines, told.expected)
    for odds in told.setups:
        held = "" if odds.held_bars is None else f", held {odds.held_bars:.1f} bars on average"
        out.print(f"ended setups of {odds.strategy} like it, {odds.kind}{held}:", highlight=False)
        _print_lines(odds.lines, odds.expected)


def _print_room(rooms: Sequence[PlanRoom]) -> None:
    """Print what each limit leaves, the one that binds marked."""
    if not rooms:
        return
    table = Table("limit", "left", "of", "quantity", "", box=None)
    for room in rooms:
        digits = 0 if room.kind == "count" else 2
        qty = "" if room.left_qty is None else f"{room.left_qty:.8g}"
        table.add_row(
            room.limit,
            f"{room.left:.{digits}f}",
            f"{room.most:.{digits}f}",
            qty,
            "binds" if room.binds else "",
        )
    console().print(table)


def _print_lines(lines: Sequence[PlanLine], expected: float | None) -> None:
    out = console()
    for line in lines:
        rate = "" if line.rate is None else f" ({line.rate:.0%}, {line.low:.0%} to {line.high:.0%})"
        result = "" if line.result is None else f" {line.result:+.2f}"
        out.print(f"{_LINES[line.kind]}: {line.count} of {line.of}{rate}{result}", highlight=False)
    if expected is not None:
        out.print(f"mean result at these rates: {expected:+.2f}", highlight=False)


def _sum_text(one: PlanSum) -> str:
    if one.refusal:
        return f"refused, {one.refusal} (limit {one.limit:g}, was {one.value:g})"
    even = "" if one.break_even is None else f", must be right in {one.break_even:.0%}"
    return (
        f"{one.qty:.8g} from {price_text(one.entry)}: at the stop it {_result_text(one.loss)}, at the target it "
        f"{_result_text(one.gain)} {one.currency}{even}\n"
        f"  from the worst close in the zone, with funding that is paid, it {_result_text(one.worst_loss)} "
        f"{one.currency} at the stop"
    )


def _result_text(value: float) -> str:
    return f"{'loses' if value < 0.0 else 'gains'} {abs(value):.2f}"
