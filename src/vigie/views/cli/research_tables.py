"""What a person reads in the terminal after a sweep or a walk-forward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from vigie.views.cli.tables import DRAWDOWN_DIGITS, SIMULATED, console, format_number, print_empty

if TYPE_CHECKING:
    from rich.console import Console

    from vigie.services.searches.sweeps import SavedSweep
    from vigie.services.searches.walk_forwards import SavedWalk

_HEADS = {
    "score": ("score", 1.0, 3),
    "total_return": ("return %", 100.0, 2),
    "sharpe": ("Sharpe", 1.0, 2),
    "max_drawdown": ("max DD %", 100.0, DRAWDOWN_DIGITS),
    "calmar": ("Calmar", 1.0, 2),
    "trades": ("trades", 1.0, 0),
    "win_rate": ("win %", 100.0, 1),
    "profit_factor": ("PF", 1.0, 2),
}


def print_sweep(saved: SavedSweep, *, is_simulated: bool) -> None:
    """Print the best combinations, what lies around the best, the verdict and where the files are."""
    out = console()
    _print_origin(out, is_simulated=is_simulated or saved.record["simulated"])
    record = saved.record
    names = [axis.name for axis in saved.plan.space.axes]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("", *names, *(head for head, _, _ in _HEADS.values())):
        table.add_column(head, justify="right", no_wrap=True)
    for rank, row in enumerate(record["top"], start=1):
        figures = [_scaled(row[key], scale, digits) for key, (_, scale, digits) in _HEADS.items()]
        table.add_row(str(rank), *(_value(row[name]) for name in names), *figures)
    out.print(table)
    if len(saved.findings.best.slots) > 1:
        out.print()
        out.print(_slot_table(saved))
    out.print()
    count_text = f"{record['run']:,} of {record['combinations']:,} combinations run"
    if record["refused"]:
        count_text += f", {record['refused']:,} refused ({record['refused_because']})"
    out.print(count_text, highlight=False, soft_wrap=True)
    out.print(f"Near the best: {saved.findings.plateau.sentence}", highlight=False, soft_wrap=True)
    if saved.findings.heat is not None:
        from vigie.research.sweep.terrain import text_map

        out.print(text_map(saved.findings.heat), highlight=False, markup=False, no_wrap=True)
    if saved.findings.permutation is not None:
        out.print(
            f"Permutation p-value {format_number(saved.findings.permutation.p_value, 3)} "
            f"against {saved.findings.permutation.samples} shuffled histories, with a full search on each",
            highlight=False,
        )
    print_empty(out, saved.empty_features)
    print_verdict(out, saved.findings.verdict)
    out.print(f"Files: {saved.folder}", highlight=False, soft_wrap=True)


def print_verdict(out: Any, verdict: Any) -> None:
    """Print the line of the verdict and its reasons."""
    out.print()
    out.print(verdict.sentence, style="bold", highlight=False, soft_wrap=True)
    for reason in verdict.reasons:
        out.print(f"  {reason.text}", highlight=False, soft_wrap=True)


def _slot_table(saved: SavedSweep) -> Table:
    table = Table(
        box=None, pad_edge=False, header_style="bold", title="The best by slot", title_justify="left"
    )
    for head in ("slot", "trades", "return %", "Sharpe", "max DD %", "PF"):
        table.add_column(head, justify="left" if head == "slot" else "right", no_wrap=True)
    for slot in saved.findings.best.slots:
        figures = slot.summary
        table.add_row(
            str(slot.plan.slot),
            format_number(figures.trades),
            format_number(figures.total_return * 100),
            format_number(figures.sharpe),
            format_number(figures.max_drawdown * 100, DRAWDOWN_DIGITS),
            format_number(figures.profit_factor),
        )
    return table


def _scaled(value: Any, scale: float, digits: int) -> str:
    return format_number(value * scale if isinstance(value, float) else value, digits)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _print_origin(out: Console, *, is_simulated: bool) -> None:
    if is_simulated:
        out.print(SIMULATED, style="bold", highlight=False)


def print_walk(saved: SavedWalk, *, is_simulated: bool) -> None:
    """Print the windows or folds, the joined result, the verdict and where the files are."""
    out = console()
    _print_origin(out, is_simulated=is_simulated)
    if "windows" in saved.record:
        _print_windows(out, saved)
    else:
        _print_folds(out, saved)
    if saved.permutation is not None:
        out.print(
            f"Permutation p-value {format_number(saved.permutation.p_value, 3)} "
            f"against {saved.permutation.samples} shuffled histories, with a full walk-forward on each",
            highlight=False,
        )
    print_empty(out, saved.empty_features)
    print_verdict(out, saved.verdict)
    out.print(f"Files: {saved.folder}", highlight=False, soft_wrap=True)


def _print_windows(out: Any, saved: SavedWalk) -> None:
    record = saved.record
    names = [axis.name for axis in saved.plan.space.axes]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("test from", "to", *names, "in sample", "out", "return %", "trades"):
        table.add_column(head, justify="left" if head in ("test from", "to") else "right", no_wrap=True)
    for row in record["windows"]:
        values = [_value(row[name]) if row[name] is not None else "–" for name in names]
        table.add_row(
            row["test_from"][:16],
            row["test_to"][:16],
            *values,
            format_number(row["in_sample"]),
            format_number(row["out_of_sample"]),
            format_number(row["out_of_sample_return"] * 100),
            format_number(row["trades"]),
        )
    out.print(table)
    joined = record["out_of_sample"]
    out.print()
    out.print(
        f"Out of sample, joined: return {format_number(joined['total_return'] * 100)} %, Sharpe "
        f"{format_number(joined['sharpe'])}, "
        f"trades {format_number(joined['trades'])}; {format_number(joined['profitable_share'] * 100, 0)} % of the "
        f"windows earned; "
        f"efficiency {format_number(joined['efficiency'])} (yearly return out of sample over in sample)",
        highlight=False,
        soft_wrap=True,
    )


def _print_folds(out: Any, saved: SavedWalk) -> None:
    record = saved.record
    names = [axis.name for axis in saved.plan.space.axes]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("fold", *names, "in sample", "out of sample", "tested"):
        table.add_column(head, justify="left" if head == "tested" else "right", no_wrap=True)
    for row in record["folds"]:
        spans = ", ".join("–".join(time[:10] for time in span.split("/")) for span in row["test"].split(" "))
        table.add_row(
            str(row["fold"]),
            *(_value(row[name]) for name in names),
            format_number(row["in_sample"]),
            format_number(row["out_of_sample"]),
            spans,
        )
    out.print(table)
    out.print()
    if record["paths"] == 1:
        words = f"Sharpe out of sample, folds joined: {format_number(record['path_sharpes'][0])}"
    else:
        shares = "  ".join(
            f"{float(part):.0%} {format_number(value)}" for part, value in record["sharpe_quantiles"].items()
        )
        words = (
            f"Sharpe out of sample over {record['paths']} paths: {shares}; "
            f"{format_number(record['losing_share'] * 100, 0)} % at or below 0"
        )
    low, high = (format_number(share) for share in record["pbo_range"])
    summary = f"{words}; PBO {format_number(record['pbo'])} ({low} to {high})"
    out.print(summary, highlight=False, soft_wrap=True)
