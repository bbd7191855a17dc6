"""However a file of bars is written, it reads to the same bars as the plain one, when it is said how."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.data.importer import infer_timeframe
from vigie.data.intake.form import FileForm
from vigie.data.intake.preview import to_open_times
from vigie.data.intake.reader import read_rows
from vigie.data.quality import check_rows
from vigie.domain.time import TIMEFRAME_MS, parse_time

NOW = parse_time("2026-01-01")
HEADERS = {
    "open": "Ouverture",
    "high": "Plus haut",
    "low": "Plus, bas",
    "close": "Clôture",
    "volume": "Échangé",
}
FORMATS = {
    "DD/MM/YYYY HH:mm": "%d/%m/%Y %H:%M",
    "MM-DD-YY hh:mm A": "%m-%d-%y %I:%M %p",
    "%Y%m%d %H%M%S": "%Y%m%d %H%M%S",
    "": "%Y-%m-%d %H:%M:%S",
}
ZONES = ["", "UTC+2", "-05:30", "Europe/Paris", "America/New_York", "Australia/Lord_Howe"]
prices = st.integers(100, 10**9).map(lambda cents: cents / 100)


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, list[tuple[float, ...]]]:
    """Consecutive bars, often over a change of clocks, of a timeframe."""
    span = TIMEFRAME_MS[draw(st.sampled_from(["5m", "30m", "1h", "2h", "4h"]))]
    changes = ["2024-03-31", "2024-10-27", "2024-11-03", "2024-04-07", "2024-06-01"]
    first = parse_time(draw(st.sampled_from(changes))) // span * span - span * draw(st.integers(0, 9))
    rows = []
    for at in range(draw(st.integers(3, 40))):
        low, one, other, high = sorted(draw(st.lists(prices, min_size=4, max_size=4)))
        rows.append((first + at * span, one, high, low, other, draw(prices)))
    return span, rows


def number(value: float, decimal: str, apart: str) -> str:
    whole, _, rest = f"{value:,.2f}".partition(".")
    return whole.replace(",", apart) + decimal + rest


def local(ts: int, zone: str) -> datetime:
    moment = datetime.fromtimestamp(ts / 1000, UTC)
    if zone in ("", "UTC+2", "-05:30"):
        hours = {"": 0.0, "UTC+2": 2.0, "-05:30": -5.5}[zone]
        return moment.astimezone(timezone(timedelta(hours=hours)))
    return moment.astimezone(ZoneInfo(zone))


@settings(derandomize=True, deadline=None, max_examples=80)
@given(table=tables(), data=st.data())
def test_every_form_reads_to_the_same_bars(table, data):
    span, rows = table
    decimal = data.draw(st.sampled_from([".", ","]), "decimal")
    apart = data.draw(st.sampled_from(["", "'", " ", "\u00a0", "," if decimal == "." else "."]), "apart")
    separator = data.draw(st.sampled_from([",", ";", "\t", "|"]), "separator")
    zone, form = (
        data.draw(st.sampled_from(ZONES), "zone"),
        data.draw(st.sampled_from(list(FORMATS)), "format"),
    )
    stamp = data.draw(st.sampled_from(["", "open", "close"]), "stamp")
    has_volume = data.draw(st.booleans(), "volume")
    names = data.draw(st.permutations(["timestamp", *HEADERS][: 6 if has_volume else 5]), "order")
    told = io.StringIO()
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), "quoting")
    out = csv.writer(
        told, delimiter=separator, quoting=quoting, lineterminator=data.draw(st.sampled_from(["\n", "\r\n"]))
    )
    out.writerow([HEADERS.get(name, "Quand") for name in names])
    written = rows[::-1] if data.draw(st.booleans(), "newest first") else rows
    for ts, *values in written:
        moment = local(ts + (span if stamp == "close" else 0), zone)
        cells = {
            "timestamp": moment.strftime(FORMATS[form]),
            **{name: number(value, decimal, apart) for name, value in zip(HEADERS, values, strict=True)},
        }
        out.writerow([cells[name] for name in names])
    said = FileForm.parse(
        columns=["timestamp=Quand", *(f"{name}={HEADERS[name]}" for name in names if name in HEADERS)],
        tz=zone, date_format=form, decimal=decimal, stamp=stamp, no_volume=not has_volume,
    )  # fmt: skip
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]), "encoding")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "BTCUSDT.csv"
        path.write_bytes(told.getvalue().encode(encoding))
        raw = read_rows(path, form=said)
    assert TIMEFRAME_MS[infer_timeframe(raw["timestamp"])] == span
    judged = check_rows(to_open_times(raw, span, said), span_ms=span, now_ms=NOW)
    assert judged.bad.is_empty()
    bars = judged.good
    expected = pl.DataFrame(rows, schema=["timestamp", *HEADERS], orient="row")
    assert bars["timestamp"].to_physical().to_list() == expected["timestamp"].to_list()
    for name in ("open", "high", "low", "close"):
        assert bars[name].to_list() == expected[name].to_list()
    assert bars["volume"].is_nan().all() if not has_volume else bars["volume"].equals(expected["volume"])
