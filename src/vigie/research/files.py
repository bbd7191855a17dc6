"""The files of a run: CSV, Parquet and JSON as bytes, ready to be written together.

Numbers are written with full precision (Python's `repr`), times as ISO 8601 UTC. Nothing here depends on when
or where a run was made: the same request on the same bars gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import polars as pl

from vigie.engine.journal import decision_hash
from vigie.engine.run import Run
from vigie.quant.metrics.costs import CostWaterfall
from vigie.quant.stats.verdict import Verdict
from vigie.research import tables

NAMES: Final = (
    "trades.csv",
    "summary.csv",
    "by_strategy.csv",
    "by_asset.csv",
    "equity.parquet",
    "refusals.csv",
    "report.html",
    "result.json",
)


def csv_bytes(frame: pl.DataFrame, columns: list[str] | None = None) -> bytes:
    """Write a frame as CSV: times ISO UTC, floats by `repr`.

    Parameters
    ----------
    frame : polars.DataFrame
        Times as ``datetime[ms, UTC]``.
    columns : list of str or None
        Which to write, in this order; None for all.

    Returns
    -------
    bytes
        UTF-8 with a header, lines ended by a line feed; times lose their milliseconds.
    """
    chosen = frame.select(columns) if columns else frame
    cells = []
    for series in chosen.get_columns():
        if isinstance(series.dtype, pl.Datetime):
            moments = series.dt.epoch("ms").to_numpy().astype("datetime64[ms]")
            cells.append([f"{text}Z" for text in np.datetime_as_string(moments, unit="s").tolist()])
        else:
            cells.append(series.to_list())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(chosen.columns)
    writer.writerows(zip(*cells, strict=True))
    return text.getvalue().encode()


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """Write a frame as Parquet (zstd).

    Parameters
    ----------
    frame : polars.DataFrame
        Any.

    Returns
    -------
    bytes
        A whole file.
    """
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    return buffer.getvalue()


def to_json_value(value: Any) -> Any:
    """Return a value that JSON can hold: NaN and infinities become None and words.

    Parameters
    ----------
    value : any
        Nested dicts, lists and tuples of numbers, text and numpy scalars.

    Returns
    -------
    any
        Tuples as lists; infinities as ``"Infinity"`` and ``"-Infinity"``.
    """
    if isinstance(value, dict):
        return {key: to_json_value(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [to_json_value(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value


def result_record(
    run: Run,
    *,
    configuration: dict[str, Any],
    configuration_hash: str,
    fingerprint: str,
    version: str,
    verdict: Verdict | None,
    judged: str,
    costs: CostWaterfall,
    simulated: bool,
) -> dict[str, Any]:
    """Return what `result.json` holds.

    Parameters
    ----------
    judged : str
        Which slot or account the verdict is about.
    simulated : bool
        Whether the bars are the simulated market's.

    Returns
    -------
    dict
        Plain JSON values.
    """
    log = run.log
    codes = Counter(tables.refusals_frame(log, run.values)["code"].to_list())
    record: dict[str, Any] = to_json_value(
        {
            "version": version,
            "simulated": simulated,
            "configuration": configuration,
            "configuration_hash": configuration_hash,
            "data_fingerprint": fingerprint,
            "decision_hash": decision_hash(log),
            "checked": run.checked,
            "mode": run.account.mode,
            "protections": asdict(run.account.protections) if run.account.protections else None,
            "market": list(run.market),
            "total": asdict(run.total),
            "slots": [
                {
                    "slot": str(slot.plan.slot),
                    "params": asdict(slot.plan.params),
                    **({"require": list(required)} if (required := slot.plan.strategy.require) else {}),
                    "bars": len(slot.plan.bars) - slot.plan.first,
                    "first_ts": int(slot.plan.bars.ts[slot.plan.first]),
                    "last_ts": int(slot.plan.bars.ts[-1]),
                    "tick": str(slot.plan.versions[-1].tick),
                    "lot": str(slot.plan.versions[-1].lot),
                    **asdict(slot.summary),
                }
                for slot in run.slots
            ],
            "refusals": dict(sorted(codes.items())),
            "costs": asdict(costs),
            "verdict": None if verdict is None else {"about": judged, **asdict(verdict)},
        }
    )
    return record


def run_files(run: Run, record: dict[str, Any], report: str) -> dict[str, bytes]:
    """Return the files of a run's folder by name.

    Parameters
    ----------
    run : Run
        Isolated or portfolio.
    record : dict
        As `result_record` gives it.
    report : str
        HTML of the report.

    Returns
    -------
    dict of str to bytes
        The content of each of `NAMES`.
    """
    names = tables.slot_names(run)
    return {
        "trades.csv": csv_bytes(tables.all_trades(run), tables.TRADE_COLUMNS),
        "summary.csv": csv_bytes(tables.summary_frame(run), tables.SUMMARY_COLUMNS),
        "by_strategy.csv": csv_bytes(tables.group_frame(run, "strategy")),
        "by_asset.csv": csv_bytes(tables.group_frame(run, "asset")),
        "equity.parquet": parquet_bytes(tables.equity_frame(run)),
        "refusals.csv": csv_bytes(tables.refusals_frame(run.log, run.values, names)),
        "report.html": report.encode(),
        "result.json": (json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode(),
    }
