"""What the page of a run shows beside its files: curves with few points, months, sentences in both languages, and
every trade with the criteria that held at its entry.

Written once by the worker, so that a page never runs anything again.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from vigie.catalogue import complete_languages
from vigie.domain.codes import REASONS
from vigie.domain.errors import StorageError
from vigie.domain.signal import Criterion
from vigie.engine.run import Run
from vigie.research.files import to_json_value
from vigie.research.report import refusals, sections
from vigie.research.report.curves import AccountCurve, slot_curve, total_curve
from vigie.research.report.payload import ListedTrades, listed_trades
from vigie.research.report.render import rule_sentences
from vigie.research.report.texts import report_texts
from vigie.services.runs.assumptions import assumptions, find_funding_gaps
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.runs.results import SavedRun

FOLDER: Final = "page"
RECORD: Final = "page.json"
TRADES: Final = "trades.parquet"
POINTS: Final = 360
SLOT_POINTS: Final = 40
MAX_TRADES: Final = 20_000


def page_files(run: Run, request: BacktestRequest, saved: SavedRun) -> dict[str, bytes]:
    """Return the files of a run's page by name."""
    listed = listed_trades(run, MAX_TRADES)
    record = {
        "curve": _curve_record(total_curve(run)),
        "slots": {str(s.plan.slot): _round_values(slot_curve(s).thin(SLOT_POINTS).equity) for s in run.slots},
        "assumptions": assumptions(run, request),
        "funding_gaps": [asdict(gap) for gap in find_funding_gaps(run)]
        if request.funding is not None
        else [],
        "texts": {language: _page_texts(run, saved, language) for language in complete_languages()},
        "listed": len(listed.trades),
        "quote": sections.quote_currency(run, report_texts("en")),
    }
    body = json.dumps(to_json_value(record), ensure_ascii=False, allow_nan=False)
    return {RECORD: body.encode(), TRADES: _trades_parquet(run, listed)}


def _curve_record(full_curve: AccountCurve) -> dict[str, Any]:
    curve, months = full_curve.thin(POINTS), full_curve.months
    return {
        "ts": curve.ts.tolist(),
        "equity": _round_values(curve.equity),
        "hold": _round_values(curve.hold),
        "drawdown": [round(value, 6) for value in curve.drawdown.tolist()],
        "capital": curve.capital,
        "years": list(months.years),
        "months": months.months.tolist(),
        "totals": months.totals.tolist(),
    }


def _round_values(values: Any) -> list[float]:
    return [float(f"{value:.7g}") for value in np.asarray(values).tolist()]


def _page_texts(run: Run, saved: SavedRun, language: str) -> dict[str, Any]:
    texts = report_texts(language)
    trades = np.concatenate([slot.trades for slot in run.slots])
    steps, costs = sections.waterfall(trades, texts)
    verdict = sections.verdict_lines(saved.verdict, texts) if saved.verdict else None
    return {
        "lead": sections.lead_sentences(run, sections.quote_currency(run, texts), texts),
        "verdict": None
        if verdict is None
        else {"sentence": verdict[0], "lines": verdict[1], "reasons": verdict[2]},
        "rules": rule_sentences(run, texts),
        "break_even": sections.break_even_sentence(costs, texts),
        "beyond_plan": sections.beyond_plan_sentence(trades, texts),
        "steps": [
            {"key": s.key, "name": s.name, "share": s.share, "left": s.left, "width": s.width} for s in steps
        ],
        "refusals": {
            row.code: {"title": row.title, "why": row.why, "limit": row.limit, "value": row.value}
            for row in refusals.refusal_rows(run, texts)
        },
    }


def _trades_parquet(run: Run, listed: ListedTrades) -> bytes:
    """Return the listed trades, each with what its criteria read at the close that decided it."""
    trades = listed.trades
    names = [str(slot.plan.slot) for slot in run.slots]
    columns: dict[str, Any] = {
        "slot": [names[k] for k in listed.slot.tolist()],
        "side": ["long" if side > 0 else "short" for side in trades["side"].tolist()],
        "entry_ts": trades["entry_ts"],
        "exit_ts": trades["exit_ts"],
        "entry": trades["entry"],
        "exit": trades["exit"],
        "stop": trades["stop"],
        "target": trades["target"],
        "qty": trades["qty"],
        "fees": trades["fees"],
        "slippage": trades["slippage"],
        "funding": trades["funding"],
        "pnl": trades["pnl"],
        "return": trades["return_pct"] / 100.0,
        "bars_held": trades["bars_held"],
        "reason": [REASONS.get(code, "") for code in trades["reason"].tolist()],
        "criteria": _criteria_texts(run, listed),
    }
    schema = {"slot": pl.String, "side": pl.String, "reason": pl.String, "criteria": pl.String}
    frame = pl.DataFrame(
        {
            key: np.ascontiguousarray(value) if isinstance(value, np.ndarray) else value
            for key, value in columns.items()
        },
        schema_overrides=schema,
    )
    out = io.BytesIO()
    frame.write_parquet(out, compression="zstd")
    return out.getvalue()


def _criteria_texts(run: Run, listed: ListedTrades) -> list[str]:
    """Return what every criterion of a trade's side read: ``name value / threshold yes|no``, joined by semicolons."""
    texts: list[list[str]] = [[] for _ in range(len(listed.trades))]
    for number, slot in enumerate(run.slots):
        for side, criteria in ((1, slot.criteria.long), (-1, slot.criteria.short)):
            rows = np.flatnonzero((listed.slot == number) & (listed.trades["side"] == side))
            if len(rows):
                bar_indices = listed.trades["entry_bar"][rows] - 1
                for criterion in criteria:
                    _add_criterion(criterion, bar_indices, rows, texts)
    return ["; ".join(parts) for parts in texts]


def _add_criterion(criterion: Criterion, bar_indices: Any, rows: Any, texts: list[list[str]]) -> None:
    reading = criterion.read()
    limits = np.broadcast_to(np.asarray(reading.threshold, np.float64), reading.value.shape)[bar_indices]
    values, holds = reading.value[bar_indices], reading.holds[bar_indices]
    for k, row in enumerate(rows.tolist()):
        answer = "yes" if holds[k] else "no"
        texts[row].append(f"{criterion.name} {values[k]:.5g} / {limits[k]:.5g} {answer}")


def read_page(folder: Path) -> dict[str, Any]:
    """Read what a run's page shows.

    Raises
    ------
    StorageError
        If it is gone or damaged.
    """
    return read_json(folder / FOLDER / RECORD)


def read_json(path: Path) -> dict[str, Any]:
    """Read a file of a result."""
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise StorageError(
            "result_cannot_read_run",
            "{name} of this result cannot be read: {fault}; run it again, or restore a backup",
            name=path.name,
            fault=fault,
        ) from fault
    return record


def read_trades(folder: Path) -> pl.DataFrame:
    """Read the trades of a run's page."""
    path = folder / FOLDER / TRADES
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.ComputeError) as fault:
        raise StorageError(
            "trades_result_cannot_read",
            "the trades of this result cannot be read: {fault}; run it again",
            fault=fault,
        ) from fault


def run_summary(record: Mapping[str, Any], page_curve: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures that the table of runs shows."""
    total, verdict = record["total"], record["verdict"]
    names = (
        "trades total_return buy_hold_return sharpe max_drawdown profit_factor win_rate exposure fees funding "
        "final_equity capital"
    ).split()
    slots = record["slots"]
    equity = page_curve["equity"]
    step = max(1, len(equity) // SLOT_POINTS)
    return {
        **{name: total[name] for name in names},
        "is_luck": None if verdict is None else verdict["is_luck"],
        "slots": len(slots),
        "first_ts": min(slot["first_ts"] for slot in slots),
        "last_ts": max(slot["last_ts"] for slot in slots),
        "spark": equity[::step],
        "strategies": list(dict.fromkeys(slot["slot"].split("/")[2].partition("#")[0] for slot in slots)),
        "instruments": list(dict.fromkeys(slot["slot"].split("/")[0] for slot in slots)),
        "simulated": record["simulated"],
    }
