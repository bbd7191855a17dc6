"""What a person reads about strategies and signals in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table
from rich.text import Text

from vigie.views.cli.tables import age_text, console, format_number, print_empty, print_other_markets

if TYPE_CHECKING:
    from vigie.domain.signal import Signal
    from vigie.services.caches.strategy_pages import StrategyLine, StrategyPage
    from vigie.services.judging.signals import SignalReport
    from vigie.services.judging.strategy_contract.findings import ContractReport


def field_values(record: Any) -> dict[str, Any]:
    """Return a record's fields by name."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def line_values(line: StrategyLine) -> dict[str, Any]:
    """Return a listed strategy as plain values."""
    return field_values(line) | {"parameters": [field_values(parameter) for parameter in line.parameters]}


def print_list(lines: list[StrategyLine], own: Path) -> None:
    """Print a row a strategy; the ones that every run refuses are explained on standard error."""
    table = Table("name", "timeframe", "parameters", "from", "what it does", box=None, pad_edge=False)
    for line in lines:
        values = " ".join(f"{parameter.name}={parameter.default:g}" for parameter in line.parameters)
        origin = "own, replaces built-in" if line.replaces else "own" if line.is_own else "built-in"
        words = line.title.partition(": ")[2] or line.title
        table.add_row(line.name, line.timeframe, values, origin, words)
    out = console()
    out.print(table)
    out.print(f"\nYour own: {own}   Details: vigie strategy show NAME", highlight=False, soft_wrap=True)
    for line in lines:
        if line.problem:
            typer.echo(f"{line.path}: {line.problem}", err=True)


def print_page(page: StrategyPage) -> None:
    """Print everything about one strategy but its text."""
    out = console()
    out.print(page.doc, highlight=False, markup=False)
    out.print(
        f"\nTimeframe {page.line.timeframe}. Warm-up: {page.warmup_bars} bars; first possible decision at "
        f"bar {page.first_decision}.\n",
        highlight=False,
    )
    table = Table("parameter", "type", "default", "from", "to", "search", "step", box=None, pad_edge=False)
    for parameter in page.line.parameters:
        search = f"{parameter.search[0]:g}..{parameter.search[1]:g}"
        table.add_row(
            parameter.name,
            parameter.kind,
            f"{parameter.default:g}",
            f"{parameter.low:g}",
            f"{parameter.high:g}",
            search,
            f"{parameter.step:g}",
        )
    out.print(table)
    out.print()
    table = Table("side", "criterion", "required for entry", "weight", box=None, pad_edge=False)
    for criterion in page.criteria:
        weight = "" if "exit" in criterion.side else f"{criterion.weight:g}"
        table.add_row(criterion.side, criterion.name, "yes" if criterion.required else "", weight)
    out.print(table)
    out.print(f"\nFile: {page.line.path}   Source code: --source", highlight=False, soft_wrap=True)
    if page.line.problem:
        typer.echo(f"{page.line.path}: {page.line.problem}", err=True)


def print_report(report: ContractReport) -> None:
    """Print a row a check, with the cure where something is wrong."""
    styles = {"pass": "green", "warn": "yellow", "fail": "bold red", "skip": "dim"}
    out = console()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in report.findings:
        table.add_row(Text(finding.status, style=styles[finding.status]), finding.check, Text(finding.detail))
        if finding.cure and finding.status in ("warn", "fail"):
            table.add_row("", "", Text(f"fix: {finding.cure}", style="italic"))
    out.print(table)
    failed = len(report.failures)
    verdict = "meets the contract" if report.passed else f"fails {failed} check{'s' if failed > 1 else ''}"
    out.print(
        f"\n{report.strategy} {verdict} ({len(report.samples)} histories): {report.path}",
        highlight=False,
        soft_wrap=True,
    )


def print_signals(report: SignalReport, *, explain: bool) -> None:
    """Print a row a slot, and below it the criteria where they are asked for."""
    from vigie.domain.time import iso

    out = console()
    heads = ("slot", "closed", "signal", "entry", "stop", "target", "horizon", "score", "note")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        is_number = head in ("entry", "stop", "target", "score")
        table.add_column(head, justify="right" if is_number else "left", no_wrap=head == "slot")
    for signal in report.signals:
        bars_behind = report.bars_behind(signal)
        table.add_row(
            str(signal.slot), iso(signal.ts_known)[:16].replace("T", " "), _side_text(signal),
            price_text(signal.entry),
            price_text(signal.stop), price_text(signal.target), _horizon_text(signal), format_number(signal.score),
            _note_text(signal, bars_behind),
            style="dim" if bars_behind else None,
        )  # fmt: skip
    out.print(table)
    old_signals = [signal for signal in report.signals if report.bars_behind(signal)]
    if old_signals:
        out.print(_age_warning(report, old_signals), highlight=False)
    print_empty(out, report.empty_features)
    print_other_markets(out, report.other_markets)
    if explain:
        for signal in report.signals:
            _print_criteria(out, signal)
    for refused in report.refused:
        typer.echo(f"{refused.slot}: {refused.message}", err=True)


def _side_text(signal: Signal) -> str:
    if signal.side != "none":
        return signal.side
    return f"{signal.forming} forming" if signal.forming != "none" else "none"


def price_text(value: float | None) -> str:
    """Return a price with the digits it has; a dash where none is known."""
    return "–" if value is None else f"{value:.10g}"


def _horizon_text(signal: Signal) -> str:
    if signal.horizon_bars is None:
        return "no trade yet"
    bars = f"{signal.horizon_bars:g} bars"
    return f"{bars} (median of {signal.horizon_trades})" if signal.horizon_trades else f"{bars} (time stop)"


def _note_text(signal: Signal, bars_behind: int) -> str:
    notes = [f"would be refused: {signal.refusal}"] if signal.refusal else []
    if bars_behind:
        notes.append(f"{bars_behind:,} bar{'s' if bars_behind > 1 else ''} old")
    return ", ".join(notes)


def _age_warning(report: SignalReport, old_signals: list[Signal]) -> str:
    """Say that what is shown is of then and not of now, and how to get newer bars."""
    newest = max(old_signals, key=lambda signal: signal.ts_known)
    which = (
        "Every slot"
        if len(old_signals) == len(report.signals)
        else f"{len(old_signals)} of {len(report.signals)} slots"
    )
    verb = "is" if len(old_signals) in (1, len(report.signals)) else "are"
    return (
        f"\n{which} {verb} from a bar that closed {age_text(report.age_ms(newest))} ago or earlier: "
        f"a signal from then no longer applies.\n"
        f"Newer bars: vigie data fetch {newest.venue or 'VENUE'} {newest.slot.instrument} "
        f"--timeframe {newest.slot.timeframe}"
    )


def _print_criteria(out: Any, signal: Signal) -> None:
    side = signal.outlook_side
    title = f"{signal.slot}: {side}, score {signal.score:.2f}"
    table = Table(
        "criterion", "value", "threshold", "met", "near", "required", "weight",
        title=title, title_justify="left", box=None, pad_edge=False,
    )  # fmt: skip
    for criterion in signal.criteria:
        table.add_row(
            criterion.name, format_number(criterion.value, 6), format_number(criterion.threshold, 6),
            "yes" if criterion.holds else "no",
            format_number(criterion.nearness), "yes" if criterion.required else "", format_number(criterion.weight),
        )  # fmt: skip
    out.print()
    out.print(table)
