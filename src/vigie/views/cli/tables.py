"""What a person reads in the terminal: the table of a run, its verdict, comparisons and explanations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console

    from vigie.engine.run import Run
    from vigie.quant.metrics.summary import Summary
    from vigie.services.runs.features import FeatureWithoutValues
    from vigie.services.runs.judged_markets import OtherMarket
    from vigie.services.runs.results import SavedRun

WIDTH_WITHOUT_TERMINAL = 140
MOST_NAMED = 3
SHOWN_DIFFERENCES = 30
# One less than in the report: a row of figures shares the width of a terminal.
DRAWDOWN_DIGITS: Final = 1
SIMULATED: Final = "Simulated bars: from the sandbox, not from a market."
UNFUNDED: Final = (
    "Funding counts as 0: no funding settlements are stored for what was traded. Real perpetuals charge it."
)


def console() -> Console:
    """Return a console that never breaks a table where nobody watches."""
    from rich.console import Console

    plain = Console()
    return plain if plain.is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL, soft_wrap=False)


def age_text(age_ms: int) -> str:
    """Return how long ago in the unit a reader thinks in: minutes, hours, days."""
    minutes = age_ms // 60_000
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2_880 else f"{minutes // 1_440:,} d"


def format_number(value: object, digits: int = 2) -> str:
    """Format a figure; what is not known is a dash."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        return "∞" if math.isinf(value) else f"{value:,.{digits}f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def print_run(run: Run, saved: SavedRun) -> None:
    """Print a row a slot, a total, the verdict and where the files are."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True)
    rows = [(str(slot.plan.slot), slot.summary) for slot in run.slots]
    footer = (f"total ({len(rows)} slots)", *_figure_cells(run.total))
    heads = (
        "slot",
        "trades",
        "win %",
        "pnl",
        "return %",
        "Sharpe",
        "max DD %",
        "PF",
        "in market %",
        "fees",
        "funding",
    )
    for head, foot in zip(heads, footer, strict=True):
        table.add_column(head, footer=foot, justify="left" if head == "slot" else "right", no_wrap=True)
    for name, figures in rows:
        table.add_row(name, *_figure_cells(figures))
    if has_different_starts(run):
        out.print("Warning: slots start at different times; set --from", style="bold", highlight=False)
    if saved.record["simulated"]:
        out.print(Text(SIMULATED, style="bold"))
    out.print(table)
    out.print()
    print_shortfalls(out, run, saved)
    print_verdict(out, saved)
    out.print(
        f"Files: {saved.folder}   Report: {saved.folder / 'report.html'}", highlight=False, soft_wrap=True
    )


def _figure_cells(figures: Summary) -> tuple[str, ...]:
    return (
        format_number(figures.trades),
        format_number(figures.win_rate * 100, 1),
        format_number(figures.final_equity - figures.capital),
        format_number(figures.total_return * 100),
        format_number(figures.sharpe),
        format_number(figures.max_drawdown * 100, DRAWDOWN_DIGITS),
        format_number(figures.profit_factor),
        format_number(figures.exposure * 100, 0),
        format_number(figures.fees, 0),
        format_number(figures.funding, 0),
    )


def print_shortfalls(out: Console, run: Run, saved: SavedRun) -> None:
    """Print what was not charged, not there, or not walked as it was asked for."""
    from vigie.services.runs.judged_markets import find_other_markets

    if is_unfunded(run):
        out.print(UNFUNDED, highlight=False, soft_wrap=True)
    elif missing := funding_gaps_text(run):
        out.print(f"Funding counts as 0 where it is missing: {missing}", highlight=False, soft_wrap=True)
    if saved.series_gaps:
        examples = ", ".join(map(str, saved.series_gaps[:MOST_NAMED])) + (
            ", ..." if saved.series_gaps[MOST_NAMED:] else ""
        )
        out.print(
            f"Missing bars: {examples}; after a gap, the run continues at the next bar.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    print_empty(out, saved.empty_features)
    print_other_markets(out, find_other_markets(slot.plan for slot in run.slots))
    if saved.fine_bar_coverage:
        examples = ", ".join(map(str, saved.fine_bar_coverage[:MOST_NAMED])) + (
            ", ..." if saved.fine_bar_coverage[MOST_NAMED:] else ""
        )
        out.print(
            f"Finer bars cover only {examples}; in the others, the stop is assumed to be hit before the target.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


def print_empty(out: Console, empty: Sequence[FeatureWithoutValues]) -> None:
    """Print which features were read and have no value on the bars."""
    if empty:
        examples = "; ".join(map(str, empty[:MOST_NAMED])) + ("; ..." if empty[MOST_NAMED:] else "")
        out.print(f"Features with no value on these bars: {examples}.", highlight=False, soft_wrap=True)


def print_other_markets(out: Console, others: Sequence[OtherMarket]) -> None:
    """Print which models run on bars that they were not judged on."""
    for other in others[:MOST_NAMED]:
        out.print(f"Warning: {other}; an account refuses it there.", highlight=False, soft_wrap=True)
    if others[MOST_NAMED:]:
        out.print(
            f"{len(others) - MOST_NAMED} more models on markets that they were not judged on.",
            highlight=False,
        )


def is_unfunded(run: Run) -> bool:
    """Tell whether perpetuals were traded without any settlement of funding stored for them."""
    has_perpetual = any("-perp/" in str(slot.plan.slot) for slot in run.slots)
    return has_perpetual and not any(len(slot.plan.funding.ts) for slot in run.slots)


def funding_gaps_text(run: Run) -> str:
    """Say which perpetuals have settlements of funding for a part of their bars, or none; empty where all have."""
    from vigie.services.runs.assumptions import find_funding_gaps

    gaps = [str(gap) for gap in find_funding_gaps(run) if gap.instrument.endswith("-perp")]
    return ", ".join(gaps[:MOST_NAMED]) + (", ..." if gaps[MOST_NAMED:] else "")


def has_different_starts(run: Run) -> bool:
    """Tell whether slots of one account begin more than a tenth of the run apart."""
    if run.account.mode != "portfolio":
        return False
    starts = [int(slot.plan.bars.ts[slot.plan.first]) for slot in run.slots]
    end = max(int(slot.plan.bars.ts[-1]) + slot.plan.bars.span_ms for slot in run.slots)
    return max(starts) - min(starts) > (end - min(starts)) / 10


def print_verdict(out: Console, saved: SavedRun) -> None:
    """Print the verdict, the break-even cost, refusals and what changed."""
    for shortfall in saved.short_slots[:MOST_NAMED]:
        out.print(f"Too few bars: {shortfall}", style="bold", highlight=False, soft_wrap=True)
    if len(saved.short_slots) > MOST_NAMED:
        out.print(f"and {len(saved.short_slots) - MOST_NAMED} more slots with too few bars", highlight=False)
    if saved.verdict is not None:
        out.print(f"Verdict on {saved.judged}: {saved.verdict.sentence}", highlight=False, soft_wrap=True)
    elif saved.short_slots and len(saved.short_slots) == len(saved.record["slots"]):
        out.print("No trades, so no verdict: too few bars.")
    elif not saved.record["total"]["trades"]:
        out.print("No trades, so no verdict: no entry signal, or every signal was refused.")
    else:
        out.print("No verdict: with --no-check, a result may use future data.", highlight=False)
    costs = saved.record["costs"]
    breakeven = costs.get("breakeven_bps")
    if breakeven is not None:
        charged = (costs["fees"] + costs["slippage"]) / costs["notional"] * 1e4
        words = (
            f"Break-even cost: {breakeven:.1f} bps a side"
            if breakeven > 0
            else "No profit even without costs"
        )
        out.print(f"{words}; this run paid {charged:.1f}", highlight=False)
        if charged == 0.0:
            out.print("No fees and no slippage were charged: this result is too good.", highlight=False)
    refused = ", ".join(f"{code} {count}" for code, count in saved.record["refusals"].items())
    out.print(f"Refused entries: {refused or 'none'}", highlight=False, soft_wrap=True)
    if not saved.record["checked"]:
        out.print("Checks were switched off (--no-check): not checked for look-ahead.", highlight=False)
    if saved.changes:
        out.print("Changes since the last run with this configuration:", highlight=False)
        for what, before, now in saved.changes:
            out.print(f"  {what}: {before} -> {now}", highlight=False)
    elif not saved.is_first:
        out.print("Same decisions as in the last run with this configuration.", highlight=False)


def print_comparison(difference: Mapping[str, Any]) -> None:
    """Print what differs between two runs."""
    from rich.table import Table

    out = console()
    if difference["same"]:
        out.print("Both runs are identical: settings, data, decisions and figures.")
        return
    for title in ("settings", "figures"):
        rows = difference[title]
        if not rows:
            continue
        table = Table("what", "first", "second", title=title, title_justify="left", box=None, pad_edge=False)
        for row in rows[:SHOWN_DIFFERENCES]:
            table.add_row(str(row["what"]), format_number(row["first"], 4), format_number(row["second"], 4))
        out.print(table)
        if len(rows) > SHOWN_DIFFERENCES:
            out.print(f"and {len(rows) - SHOWN_DIFFERENCES} more; --json lists all")
        out.print()
    trades = difference["trades"]
    out.print(
        f"Trades: {trades['same']} in both, {len(trades['only_first'])} only in the first, "
        f"{len(trades['only_second'])} only in the second, {len(trades['changed'])} changed."
    )
    for title in ("only_first", "only_second", "changed"):
        for trade in trades[title][:10]:
            out.print(f"  {title}: {trade}", highlight=False, soft_wrap=True)


def print_why(result: Mapping[str, Any]) -> None:
    """Print the explanation of one bar."""
    from rich.table import Table

    out = console()
    out.print(f"{result['slot']}  bar {result['bar']}  close {result['close']}", highlight=False)
    if result["bars_changed"]:
        out.print(
            "The bars have changed since that run; this explanation uses the current bars.", highlight=False
        )
    out.print(result["sentence"], highlight=False, soft_wrap=True)
    for side in ("long", "short"):
        rows = result["criteria"][side]
        # A crossing compares two bars: the one before is shown beside this one.
        crossings = ("value before", "threshold before") if any(row["before"] for row in rows) else ()
        table = Table(
            "criterion", *crossings, "value", "threshold", "met", "required", "weight",
            title=f"{side}: score {format_number(result['score'][side])}", title_justify="left", box=None,
            pad_edge=False,
        )  # fmt: skip
        for row in rows:
            before = row["before"] or {}
            earlier = [format_number(before[name], 6) if before else "" for name in ("value", "threshold")]
            table.add_row(
                row["name"],
                *(earlier if crossings else ()),
                format_number(row["value"], 6),
                format_number(row["threshold"], 6),
                "yes" if row["holds"] else "no",
                "yes" if row["required"] else "",
                format_number(row["weight"]),
            )
        out.print(table)
    for event in result["events"]:
        out.print(f"  {event}", highlight=False, soft_wrap=True)
