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

from vigie.domain.codes import REASONS
from vigie.domain.errors import StorageError
from vigie.domain.signal import Criterion
from vigie.engine.run import Run
from vigie.research.files import plain
from vigie.research.report import refusals, sections
from vigie.research.report.curves import AccountCurve, slot_curve, total_curve
from vigie.research.report.payload import ListedTrades, listed_trades
from vigie.research.report.render import rule_sentences
from vigie.research.report.texts import report_texts
from vigie.services.runs.asked import BacktestRequest
from vigie.services.runs.charged_funding import funding_gaps
from vigie.services.runs.results import Kept, assumptions

FOLDER: Final = "page"
RECORD: Final = "page.json"
TRADES: Final = "trades.parquet"
POINTS: Final = 360
SLOT_POINTS: Final = 40
MAX_TRADES: Final = 20_000
LANGUAGES: Final = ("en", "fr")


def page_files(run: Run, request: BacktestRequest, kept: Kept) -> dict[str, bytes]:
    """Return the files of a run's page by name."""
    listed = listed_trades(run, MAX_TRADES)
    record = {
        "curve": _curve(total_curve(run)),
        "slots": {str(s.plan.slot): _thin(slot_curve(s).thin(SLOT_POINTS).equity) for s in run.slots},
        "assumptions": assumptions(run, request),
        "funding_gaps": [asdict(one) for one in funding_gaps(run)] if request.funding is not None else [],
        "texts": {language: _texts(run, kept, language) for language in LANGUAGES},
        "listed": len(listed.trades),
        "quote": sections.quote_currency(run, report_texts("en")),
    }
    body = json.dumps(plain(record), ensure_ascii=False, allow_nan=False)
    return {RECORD: body.encode(), TRADES: _trades(run, listed)}


def _curve(whole: AccountCurve) -> dict[str, Any]:
    curve, months = whole.thin(POINTS), whole.months
    return {
        "ts": curve.ts.tolist(),
        "equity": _thin(curve.equity),
        "hold": _thin(curve.hold),
        "drawdown": [round(value, 6) for value in curve.drawdown.tolist()],
        "capital": curve.capital,
        "years": list(months.years),
        "months": months.months.tolist(),
        "totals": months.totals.tolist(),
    }


def _thin(values: Any) -> list[float]:
    return [float(f"{value:.7g}") for value in np.asarray(values).tolist()]


def _texts(run: Run, kept: Kept, language: str) -> dict[str, Any]:
    words = report_texts(language)
    trades = np.concatenate([slot.trades for slot in run.slots])
    steps, costs = sections.waterfall(trades, words)
    verdict = sections.verdict_lines(kept.verdict, words) if kept.verdict else None
    return {
        "lead": sections.lead_sentences(run, sections.quote_currency(run, words), words),
        "verdict": None
        if verdict is None
        else {"sentence": verdict[0], "lines": verdict[1], "reasons": verdict[2]},
        "rules": rule_sentences(run, words),
        "break_even": sections.break_even_sentence(costs, words),
        "beyond_plan": sections.beyond_plan_sentence(trades, words),
        "steps": [
            {"key": s.key, "name": s.name, "share": s.share, "left": s.left, "width": s.width} for s in steps
        ],
        "refusals": {
            row.code: {"title": row.title, "why": row.why, "limit": row.limit, "value": row.value}
            for row in refusals.refusal_rows(run, words)
        },
    }


def _trades(run: Run, listed: ListedTrades) -> bytes:
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
        "criteria": _criteria(run, listed),
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


def _criteria(run: Run, listed: ListedTrades) -> list[str]:
    """Return what every criterion of a trade's side read: ``name value / threshold yes|no``, joined by semicolons."""
    said: list[list[str]] = [[] for _ in range(len(listed.trades))]
    for number, slot in enumerate(run.slots):
        for side, criteria in ((1, slot.criteria.long), (-1, slot.criteria.short)):
            rows = np.flatnonzero((listed.slot == number) & (listed.trades["side"] == side))
            if len(rows):
                at = listed.trades["entry_bar"][rows] - 1
                for criterion in criteria:
                    _read(criterion, at, rows, said)
    return ["; ".join(parts) for parts in said]


def _read(criterion: Criterion, at: Any, rows: Any, said: list[list[str]]) -> None:
    reading = criterion.read()
    limits = np.broadcast_to(np.asarray(reading.threshold, np.float64), reading.value.shape)[at]
    values, holds = reading.value[at], reading.holds[at]
    for k, row in enumerate(rows.tolist()):
        mark = "yes" if holds[k] else "no"
        said[row].append(f"{criterion.name} {values[k]:.5g} / {limits[k]:.5g} {mark}")


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
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise StorageError(
            f"{path.name} of this result cannot be read: {fault}; run it again, or restore a backup"
        ) from fault
    return found


def read_trades(folder: Path) -> pl.DataFrame:
    """Read the trades of a run's page."""
    path = folder / FOLDER / TRADES
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.ComputeError) as fault:
        raise StorageError(f"the trades of this result cannot be read: {fault}; run it again") from fault


def summary_of(record: Mapping[str, Any], page_curve: Mapping[str, Any]) -> dict[str, Any]:
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
