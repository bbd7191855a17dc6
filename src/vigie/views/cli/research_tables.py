"""What a person reads in the terminal after a sweep or a walk-forward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from vigie.views.cli.tables import console, number

if TYPE_CHECKING:
    from vigie.services.sweeps import KeptSweep

_HEADS = {
    "score": ("score", 1.0, 3),
    "total_return": ("return %", 100.0, 2),
    "sharpe": ("Sharpe", 1.0, 2),
    "max_drawdown": ("max DD %", 100.0, 1),
    "calmar": ("Calmar", 1.0, 2),
    "trades": ("trades", 1.0, 0),
    "win_rate": ("win %", 100.0, 1),
    "profit_factor": ("PF", 1.0, 2),
}


def print_sweep(kept: KeptSweep) -> None:
    """Print the best combinations, what lies around the best, the verdict and where the files are."""
    out = console()
    record = kept.record
    names = [axis.name for axis in kept.plan.space.axes]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("", *names, *(head for head, _, _ in _HEADS.values())):
        table.add_column(head, justify="right", no_wrap=True)
    for place, row in enumerate(record["top"], start=1):
        figures = [_scaled(row[key], scale, digits) for key, (_, scale, digits) in _HEADS.items()]
        table.add_row(str(place), *(_value(row[name]) for name in names), *figures)
    out.print(table)
    if len(kept.found.best.slots) > 1:
        out.print()
        out.print(_slot_table(kept))
    out.print()
    counted = f"{record['run']:,} of {record['combinations']:,} combinations run"
    if record["refused"]:
        counted += f", {record['refused']:,} refused ({record['refused_because']})"
    out.print(counted, highlight=False, soft_wrap=True)
    out.print(f"Around the best: {kept.found.plateau.sentence}", highlight=False, soft_wrap=True)
    if kept.found.heat is not None:
        from vigie.research.sweep.terrain import text_map

        out.print(text_map(kept.found.heat), highlight=False, markup=False, no_wrap=True)
    if kept.found.permutation is not None:
        out.print(
            f"Permutation p-value {number(kept.found.permutation.p_value, 3)} "
            f"against {kept.found.permutation.samples} shuffled histories, each searched anew",
            highlight=False,
        )
    print_verdict(out, kept.found.verdict)
    out.print(f"Files: {kept.folder}", highlight=False, soft_wrap=True)


def print_verdict(out: Any, verdict: Any) -> None:
    """Print the line of the verdict and its reasons."""
    out.print()
    out.print(verdict.sentence, style="bold", highlight=False, soft_wrap=True)
    for reason in verdict.reasons:
        out.print(f"  {reason.text}", highlight=False, soft_wrap=True)


def _slot_table(kept: KeptSweep) -> Table:
    table = Table(
        box=None, pad_edge=False, header_style="bold", title="The best on each series", title_justify="left"
    )
    for head in ("slot", "trades", "return %", "Sharpe", "max DD %", "PF"):
        table.add_column(head, justify="left" if head == "slot" else "right", no_wrap=True)
    for slot in kept.found.best.slots:
        figures = slot.summary
        table.add_row(
            str(slot.plan.slot),
            number(figures.trades),
            number(figures.total_return * 100),
            number(figures.sharpe),
            number(figures.max_drawdown * 100, 1),
            number(figures.profit_factor),
        )
    return table


def _scaled(value: Any, scale: float, digits: int) -> str:
    return number(value * scale if isinstance(value, float) else value, digits)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"
