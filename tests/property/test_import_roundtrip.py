"""Whatever the bars and the format: what is imported is what was written, and nothing gets lost."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.data.material import START, make_desk
from vigie.data.frames import BAR_SCHEMA
from vigie.data.importer import import_files
from vigie.data.intake.reader import read_rows
from vigie.data.quality import check_rows
from vigie.domain.errors import DataError
from vigie.domain.ids import SeriesId

HOUR = 3_600_000
NOW = START + 10_000 * HOUR
prices = st.floats(min_value=1e-8, max_value=1e8, allow_nan=False, allow_infinity=False)


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    hours = sorted(draw(st.sets(st.integers(0, 9_000), min_size=2, max_size=30)))
    rows = []
    for hour in hours:
        low, first, last, high = sorted(draw(st.lists(prices, min_size=4, max_size=4)))
        opened, close = (first, last) if draw(st.booleans()) else (last, first)
        rows.append((START + hour * HOUR, opened, high, low, close, draw(st.floats(0, 1e12))))
    frame = pl.DataFrame(rows, schema=dict.fromkeys(BAR_SCHEMA, pl.Float64), orient="row")
    return frame.cast({"timestamp": pl.Int64}).cast(BAR_SCHEMA)


def written(frame: pl.DataFrame, path: Path) -> None:
    epoch = frame.with_columns(pl.col("timestamp").to_physical())
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".feather":
        frame.rename({"timestamp": "date"}).write_ipc(path)
    elif path.suffix == ".json":
        path.write_text(json.dumps([list(row) for row in epoch.iter_rows()]))
    else:
        epoch.write_csv(path)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(frame=frames(), ending=st.sampled_from([".parquet", ".feather", ".json", ".csv"]))
def test_every_format_gives_back_every_bit(frame: pl.DataFrame, ending: str):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "binance-perp" / f"BTCUSDT-1h{ending}"
        path.parent.mkdir()
        written(frame, path)
        desk = make_desk(Path(folder) / "home", now=NOW)
        report = import_files(desk, [path])
        assert not report.problems
        assert desk.bars.read(SeriesId("binance-perp", "btc-usdt-perp", "1h")).equals(frame)
        assert import_files(desk, [path]).changed == 0


cells = st.one_of(
    st.floats(), st.integers(-(10**20), 10**20), st.sampled_from(["", "x", "nan", "-", "1e999", '"', "1.5"])
)
lines = st.lists(
    st.lists(cells, min_size=0, max_size=8).map(lambda row: ",".join(map(str, row))), max_size=20
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(body=lines, good=st.integers(0, 5))
def test_any_text_below_a_header_is_stored_refused_or_counted(body: list[str], good: int):
    rows = [f"{START + hour * HOUR},2,3,1,2,{hour}" for hour in range(good)]
    text = "\n".join(["timestamp,open,high,low,close,volume", *rows, *body])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(text)
        try:
            raw = read_rows(path)
        except DataError as error:
            assert "the file is empty" in str(error)  # noqa: PT017 - the only refusal that is right here
            return
    judged = check_rows(raw, span_ms=HOUR, now_ms=NOW)
    assert len(judged.good) + len(judged.bad) + judged.duplicates == len(raw)
    assert not judged.good["timestamp"].is_duplicated().any()
    assert judged.bad["reason"].null_count() == 0
    filled = [line for line in text.splitlines()[1:] if line.strip(' ,;\t|"')]
    assert len(raw) >= len(filled)
