from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from tests.unit.data.material import csv_of, make_frame
from vigie.data.frames import NUMBERS
from vigie.data.intake.reader import read_rows
from vigie.domain.errors import DataError, UsageError

FRAME = make_frame(5)
TIMES = FRAME["timestamp"].to_physical().to_list()


def same(raw: pl.DataFrame) -> bool:
    values = raw.select("timestamp", *NUMBERS)
    return values.equals(FRAME.with_columns(pl.col("timestamp").to_physical())) and not raw["line"].count()


def binance_dump() -> str:
    rows = []
    for row in FRAME.with_columns(pl.col("timestamp").to_physical()).iter_rows():
        ts, o, h, low, c, v = row
        rows.append(f"{ts},{o},{h},{low},{c},{v},{ts + 3_599_999},{v * c},17,{v / 2},{v * c / 2},0")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("unit_ms", [1_000, 1, 0.001], ids=["s", "ms", "us"])
def test_csv_with_epoch_times(tmp_path: Path, unit_ms: float):
    path = tmp_path / "a.csv"
    path.write_text(csv_of(FRAME, unit_ms=unit_ms))
    raw = read_rows(path)
    assert same(raw)
    assert raw["row"].to_list() == [2, 3, 4, 5, 6]  # line numbers, the header is line 1


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_with_any_separator(tmp_path: Path, separator: str):
    path = tmp_path / "a.csv"
    path.write_text(csv_of(FRAME).replace(",", separator))
    assert same(read_rows(path))


def test_csv_with_iso_times_quotes_blank_lines_and_windows_ends(tmp_path: Path):
    path = tmp_path / "a.csv"
    iso = FRAME.with_columns(pl.col("timestamp").dt.strftime("%Y-%m-%d %H:%M:%S"))
    path.write_bytes(iso.write_csv(quote_style="always").replace("\n", "\r\n").encode() + b"\r\n")
    assert same(read_rows(path))


def test_csv_with_an_address_above_the_header_and_newest_first(tmp_path: Path):
    path = tmp_path / "a.csv"
    text = csv_of(FRAME.reverse(), ("unix", *NUMBERS[:4], "Volume BTC"))
    path.write_text("https://www.example.org/\n" + text)
    raw = read_rows(path, base="btc")
    assert raw["timestamp"].to_list() == TIMES[::-1]
    assert raw["row"].to_list() == [3, 4, 5, 6, 7]


def test_binance_dump_without_header(tmp_path: Path):
    path = tmp_path / "BTCUSDT-1h-2024-01.csv"
    path.write_text(binance_dump())
    raw = read_rows(path)
    assert same(raw)
    assert raw["row"].to_list() == [1, 2, 3, 4, 5]


def test_binance_futures_dump_with_header(tmp_path: Path):
    header = (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
        "taker_buy_quote_volume,ignore\n"
    )
    path = tmp_path / "a.csv"
    path.write_text(header + binance_dump())
    assert same(read_rows(path))


def test_packed_files(tmp_path: Path):
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("BTCUSDT-1h-2024-01.csv", binance_dump())
    assert same(read_rows(packed))
    squeezed = tmp_path / "a.csv.gz"
    squeezed.write_bytes(gzip.compress(csv_of(FRAME).encode()))
    assert same(read_rows(squeezed))


def test_freqtrade_json_of_lists_records_and_text_numbers(tmp_path: Path):
    rows = [list(row) for row in FRAME.with_columns(pl.col("timestamp").to_physical()).iter_rows()]
    path = tmp_path / "BTC_USDT-1h.json"
    path.write_text(json.dumps(rows))
    assert same(read_rows(path))
    path.write_text(json.dumps([dict(zip(("date", *NUMBERS), row, strict=True)) for row in rows]))
    assert same(read_rows(path))
    path.write_text(json.dumps({"data": [[str(value) for value in row] + ["1.0"] for row in rows]}))
    assert same(read_rows(path))
    packed = tmp_path / "BTC_USDT-1h.json.gz"
    packed.write_bytes(gzip.compress(json.dumps(rows).encode()))
    assert same(read_rows(packed))


def test_freqtrade_feather(tmp_path: Path):
    path = tmp_path / "BTC_USDT-1h.feather"
    FRAME.rename({"timestamp": "date"}).write_ipc(path, compression="lz4")
    assert same(read_rows(path))


@pytest.mark.parametrize(
    "time",
    [
        pl.col("timestamp"),
        pl.col("timestamp").dt.cast_time_unit("ns"),
        pl.col("timestamp").to_physical() // 1_000,
    ],
    ids=["ms", "ns", "epoch seconds"],
)
def test_parquet(tmp_path: Path, time: pl.Expr):
    path = tmp_path / "a [1].parquet"
    FRAME.with_columns(time, extra=pl.lit("x")).write_parquet(path)
    assert same(read_rows(path))


def test_text_in_a_price_keeps_its_line(tmp_path: Path):
    path = tmp_path / "a.csv"
    lines = csv_of(FRAME).splitlines()
    lines[3] = lines[3].replace(lines[3].split(",")[2], "n/a")
    path.write_text("\n".join(lines))
    raw = read_rows(path)
    assert raw["high"].null_count() == 1
    assert raw.filter(pl.col("high").is_null()).select("row", "line").row(0) == (4, lines[3])
    assert raw["line"].count() == 1


def test_forms_of_time_may_be_mixed_in_a_file(tmp_path: Path):
    path = tmp_path / "a.csv"
    lines = csv_of(FRAME).splitlines()
    lines[3] = "2024-01-01T02:00:00Z" + lines[3][lines[3].index(",") :]
    path.write_text("\n".join(lines))
    assert same(read_rows(path))


def test_line_with_too_few_fields_keeps_its_text(tmp_path: Path):
    path = tmp_path / "a.csv"
    lines = csv_of(FRAME).splitlines()
    lines[2] = lines[2].rpartition(",")[0]
    path.write_text("\n".join(lines))
    raw = read_rows(path)
    assert raw.filter(pl.col("volume").is_null()).select("row", "line").row(0) == (3, lines[2])


@pytest.mark.parametrize("has_header", [True, False], ids=["header", "no header"])
@pytest.mark.parametrize("place", [2, -1], ids=["in the middle", "at the end"])
def test_a_line_cut_off_in_its_volume_is_no_bar_of_less_volume(tmp_path: Path, has_header: bool, place: int):
    names = ",".join(["open_time", *NUMBERS, "close_time", "quote", "count", "buy", "buy_quote", "ignore"])
    lines = [names] * has_header + binance_dump().splitlines()
    cut = lines[place] = ",".join(lines[place].split(",")[:6])[:-1]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines))
    raw = read_rows(path)
    bad = raw.filter(pl.col("fault").is_not_null()).select("row", "fault", "line").rows()
    assert bad == [(lines.index(cut) + 1, "the line has 6 fields, the file has 12", cut)]
    assert len(raw) == len(FRAME)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
@pytest.mark.parametrize(
    ("encoding", "newline"), [("utf-16", "\n"), ("utf-16", "\r\n"), ("utf-8", "\r"), ("utf-16", "\r")]
)
def test_what_spreadsheets_save_is_read(tmp_path: Path, encoding: str, newline: str, ending: str):
    path = tmp_path / f"a{ending}"
    content = csv_of(FRAME).replace(",", "\t").replace("\n", newline).encode(encoding)
    path.write_bytes(gzip.compress(content) if ending.endswith(".gz") else content)
    assert same(read_rows(path))


def test_an_empty_last_field_is_no_line_cut_off(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("".join(f"{line},\n" for line in csv_of(FRAME).splitlines()))
    raw = read_rows(path)
    assert same(raw)
    assert not raw["fault"].count()


def test_lines_that_do_not_fit_are_kept_with_the_reason(tmp_path: Path):
    path = tmp_path / "a.csv"
    lines = csv_of(FRAME).splitlines()
    lines[2] += ",1,2"
    path.write_text("\n".join(lines))
    raw = read_rows(path)
    assert raw.filter(pl.col("fault").is_not_null()).select("row", "fault", "line").row(0) == (
        3,
        "the line has 8 fields, the file has 6",
        lines[2],
    )


def test_text_in_a_price_of_json_and_parquet_keeps_the_text(tmp_path: Path):
    table = FRAME.with_columns(pl.col("close").cast(pl.String))
    table = table.with_columns(
        pl.when(pl.int_range(pl.len()) == 1).then(pl.lit("dear")).otherwise("close").alias("close")
    )
    path = tmp_path / "a.parquet"
    table.write_parquet(path)
    raw = read_rows(path)
    assert raw["close"].null_count() == 1
    assert "dear" in raw["line"].drop_nulls()[0]


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_empty_file_is_refused(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_text("" if name == "a.csv" else "[]")
    with pytest.raises(DataError, match=f"{name}: the file is empty"):
        read_rows(path)


def test_header_without_rows_is_an_empty_file(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("timestamp,open,high,low,close,volume\n")
    with pytest.raises(DataError, match="the file is empty"):
        read_rows(path)


def test_wrong_columns_are_refused_with_what_was_found(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("date,price,size,side,venue,id\n2024-01-01,1,2,buy,x,3\n")
    with pytest.raises(DataError, match="open, high, low, close not found among date, price"):
        read_rows(path)
    path.write_text("hello\nworld\n")
    with pytest.raises(DataError, match="the file begins with 'hello'"):
        read_rows(path)


@pytest.mark.parametrize("name", ["a.parquet", "a.feather", "a.json", "a.zip", "a.csv.gz"])
def test_damaged_file_is_refused_by_name(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match=name):
        read_rows(path)


def test_missing_file_and_unknown_ending_are_the_callers_mistake(tmp_path: Path):
    with pytest.raises(UsageError, match="file not found"):
        read_rows(tmp_path / "none.csv")
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match="the file name must end in \\.parquet \\.csv \\.csv\\.gz"):
        read_rows(path)


def long_table(names: list[str]) -> pl.DataFrame:
    return FRAME.with_columns(pl.Series("symbol", names))


def write_table(path: Path, table: pl.DataFrame, kind: str) -> Path:
    whole = path.with_suffix(f".{kind.split()[0]}")
    if kind == "json":
        whole.write_text(json.dumps(table.with_columns(pl.col("timestamp").to_physical()).to_dicts()))
    elif kind == "parquet":
        table.write_parquet(whole)
    elif kind == "feather":
        table.write_ipc(whole)
    else:
        iso = table.with_columns(pl.col("timestamp").dt.strftime("%Y-%m-%d %H:%M:%S"))
        whole.write_text(iso.write_csv(quote_style="always" if "quoted" in kind else "necessary"))
    return whole


KINDS = ("csv", "csv quoted", "json", "parquet", "feather")


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_several_instruments_are_not_one_series(tmp_path: Path, kind: str):
    path = write_table(tmp_path / "a", long_table(["BTCUSDT"] * 3 + ["ETHUSDT"] * 2), kind)
    with pytest.raises(DataError, match="a file must contain bars of one instrument, this one has"):
        read_rows(path)


@pytest.mark.parametrize("kind", KINDS)
def test_one_instrument_may_be_named_in_every_row(tmp_path: Path, kind: str):
    assert same(
        read_rows(write_table(tmp_path / "a", long_table(["BTCUSDT", "btcusdt "] + ["BTCUSDT"] * 3), kind))
    )


def test_a_line_that_was_cut_off_before_its_symbol_is_no_bar(tmp_path: Path):
    path = write_table(tmp_path / "a", long_table(["BTCUSDT"] * 5), "csv")
    path.write_text(path.read_text().rstrip("\n").removesuffix(",BTCUSDT")[:-1])
    assert read_rows(path)["fault"].to_list() == [None] * 4 + ["the line has 6 fields, the file has 7"]


@pytest.mark.parametrize(
    ("line", "more"),
    [
        pytest.param("symbol,timestamp,open,high,low,close,volume", "", id="header again"),
        pytest.param("rows,total,5,,,,", "", id="sums"),
        pytest.param("7,BTCUSDT,2024-01-01 05:00:00,1,2,0.5,1.5,10", "", id="a field too many"),
        pytest.param("SYMBOL,timestamp,open,high,low,close,volume", '"', id="quoted header again"),
    ],
)
def test_what_is_no_bar_names_no_other_instrument(tmp_path: Path, line: str, more: str):
    path = write_table(tmp_path / "a", long_table(["BTCUSDT"] * 5).select("symbol", *FRAME.columns), "csv")
    kept = path.read_text().replace("BTCUSDT", f"{more}BTCUSDT{more}")
    path.write_text(f"{kept}{line}\n")
    raw = read_rows(path)
    assert raw["line"].to_list() == [None] * 5 + [line]


def test_one_instrument_may_be_written_in_two_ways(tmp_path: Path):
    names = ["BTC/USDT"] * 3 + ["BTCUSDT"] * 2
    assert same(read_rows(write_table(tmp_path / "a", long_table(names), "csv")))
    with pytest.raises(DataError, match="a file must contain bars of one instrument, this one"):
        read_rows(write_table(tmp_path / "b", long_table([*names[:4], "BTC-USDC"]), "csv"))
