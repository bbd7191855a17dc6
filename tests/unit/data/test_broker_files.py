"""Files of brokers: known by their headers, or by what a person says; refused with value, line and three forms."""

from __future__ import annotations

import gzip
import math
import zipfile
from pathlib import Path

import polars as pl
import pytest

from tests.unit.data.material import make_desk
from vigie.data.importer import import_files, read_file
from vigie.data.intake.form import FileForm
from vigie.data.intake.names import read_name
from vigie.data.intake.reader import read_rows
from vigie.data.previews import preview_files
from vigie.domain.errors import DataError, UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import iso, parse_time

NOW = parse_time("2025-06-01")
HOUR = parse_time("2024-01-01T01:00:00Z") - parse_time("2024-01-01")
DAYS = ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"]
HOURS = ["2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z", "2024-01-01T02:00:00Z"]

# Headers as the programs write them; docs/own-files.md says where each was seen.
MT5 = (
    "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n"
    "2024.01.01\t00:00:00\t42500.5\t42600\t42400\t42550\t1120\t{0}\t25\n"
    "2024.01.01\t01:00:00\t42550\t42700\t42500\t42650\t900\t{1}\t25\n"
    "2024.01.01\t02:00:00\t42650\t42660\t42600\t42610\t300\t0\t25\n"
)
TRADINGVIEW = (
    "time,open,high,low,close,Volume,Volume MA\n"
    "1704067200,42500.5,42600,42400,42550,12.5,\n"
    "1704070800,42550,42700,42500,42650,11,\n"
    "1704074400,42650,42660,42600,42610,7,10.1\n"
)
YAHOO = (
    "Date,Open,High,Low,Close,Adj Close,Volume\n"
    "2024-01-01,42500.5,42600,42400,42550,42550,18426978443\n"
    "2024-01-02,42550,42700,42500,42650,42650,39335274536\n"
    "2024-01-03,42650,42660,42600,42610,42610,46342323118\n"
)
KRAKEN = (
    "1704067200,42500.5,42600,42400,42550,12.5,310\n"
    "1704070800,42550,42700,42500,42650,11,280\n"
    "1704074400,42650,42660,42600,42610,7,99\n"
)
KRAKEN_HEADED = (
    "time,open,high,low,close,vwap,volume,count\n"
    "1704067200,42500.5,42600,42400,42550,42511,12.5,310\n"
    "1704070800,42550,42700,42500,42650,42600,11,280\n"
    "1704074400,42650,42660,42600,42610,42620,7,99\n"
)
BITSTAMP = (
    "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price\n"
    "1704067200,42500.5,42600,42400,42550,12.5,531250,42511\n"
    "1704070800,42550,42700,42500,42650,11,469150,42600\n"
    "1704074400,42650,42660,42600,42610,7,298270,42620\n"
)
KNOWN = [
    ("BTCUSD_H1_202401010000_202401010200.csv", MT5.format(12, 11), "MetaTrader 5", HOURS, [12, 11, 0]),
    ("BTCUSD_H1.csv", MT5.format(0, 0), "MetaTrader 5", HOURS, None),
    ("BITSTAMP_BTCUSD, 60.csv", TRADINGVIEW, "TradingView", HOURS, [12.5, 11, 7]),
    ("BTC-USD.csv", YAHOO, "Yahoo Finance", DAYS, None),
    ("XBTUSD_60.csv", KRAKEN, "Kraken", HOURS, [12.5, 11, 7]),
    ("BTCUSD-1h.csv", KRAKEN_HEADED, "Kraken", HOURS, [12.5, 11, 7]),
    ("BTCUSD_1h.csv", BITSTAMP, "Bitstamp", HOURS, [12.5, 11, 7]),
]


def written(folder: Path, text: str, name: str = "BTCUSD-1h.csv") -> Path:
    path = folder / "other-spot" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def bars_of(path: Path, **said: object) -> pl.DataFrame:
    return read_file(path, form=FileForm.parse(**said), now_ms=NOW)[1]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text", "exporter", "times", "volumes"), KNOWN, ids=lambda one: str(one)[:12]
)
def test_files_of_known_programs_are_read_without_a_word(tmp_path, name, text, exporter, times, volumes):
    path = written(tmp_path, text, name)
    (shown,), problems = preview_files([path])
    assert not problems
    assert (shown.exporter, shown.instrument) == (exporter, "btc-usd-spot")
    assert [iso(row.ts) for row in shown.rows] == times
    assert [row.open for row in shown.rows] == [42500.5, 42550.0, 42650.0]
    desk = make_desk(tmp_path / "home", now=NOW)
    (done,) = import_files(desk, [path]).series
    stored = desk.bars.read(done.series)
    assert [iso(ts) for ts in stored["timestamp"].to_physical()] == times
    assert stored["close"].to_list() == [42550.0, 42650.0, 42610.0]
    if volumes is None:
        assert stored["volume"].is_nan().all()
        assert [row.volume for row in shown.rows] == [None] * 3
        assert done.findings.unknown_volume == 3
        assert "volume_unknown" in done.notes
    else:
        assert stored["volume"].to_list() == volumes
    assert import_files(desk, [path]).changed == 0


def test_what_is_said_of_a_known_program_wins(tmp_path: Path):
    yahoo = written(tmp_path, YAHOO, "BTC-USD.csv")
    assert bars_of(yahoo, columns=["volume=Volume"])["volume"][0] == 18426978443.0
    server = written(tmp_path, MT5.format(0, 0))
    assert preview_files([server])[0][0].notes == ("server_time", "volume_unknown")
    zoned = preview_files([server], form=FileForm.parse(tz="UTC+2", columns=["volume=<TICKVOL>"]))[0][0]
    assert zoned.notes == ()
    assert iso(zoned.rows[0].ts) == "2023-12-31T22:00:00Z"
    assert zoned.rows[0].volume == 1120.0


def test_a_brokers_file_in_french_is_read_as_it_is_said(tmp_path: Path):
    lines = [
        'Date;Ouverture;"Plus haut";"Plus bas";Clôture',
        "01/03/2024 02:00;42 500,5;42.600;42400;42 550,25",
        "01/03/2024 03:00;42550,25;42 700;42500;42650",
    ]
    path = tmp_path / "other-spot" / "BTCUSD-1h.csv"
    path.parent.mkdir()
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    said = {
        "columns": ["timestamp=Date,open=Ouverture,high=Plus haut,low=plus bas", "close=Clôture"],
        "tz": "Europe/Paris", "date_format": "DD/MM/YYYY HH:mm", "decimal": ",", "stamp": "close", "no_volume": True,
    }  # fmt: skip
    bars = bars_of(path, **said)
    assert [iso(ts) for ts in bars["timestamp"].to_physical()] == [
        "2024-03-01T00:00:00Z",
        "2024-03-01T01:00:00Z",
    ]
    assert bars.row(0)[1:5] == (42500.5, 42600.0, 42400.0, 42550.25)
    assert math.isnan(bars["volume"][0])
    form = FileForm.parse(**said)
    assert FileForm.from_plain(form.to_plain()) == form


@pytest.mark.parametrize(
    ("cell", "said", "told"),
    [
        (
            "13/02/2024",
            {},
            "is not valid; accepted",
        ),
        (
            "2024-02-13 00:00",
            {"date_format": "DD/MM/YYYY"},
            ("line 2: time '2024-02-13 00:00' is not valid; accepted"),
        ),
        (
            "2024-03-31 02:30",
            {"tz": "Europe/Paris"},
            ("line 2: time '2024-03-31 02:30' is not valid; accepted"),
        ),
    ],
)
def test_a_time_that_cannot_be_read_is_shown_with_line_and_three_forms(tmp_path, cell, said, told):
    path = written(tmp_path, f"time,open,high,low,close,volume\n{cell},1,2,0.5,1,3\n")
    with pytest.raises(DataError, match=told):
        bars_of(path, **said)
    desk = make_desk(tmp_path / "home", now=NOW)
    (problem,) = import_files(desk, [path], form=FileForm.parse(**said)).problems
    assert "accepted: " in problem.message


@pytest.mark.parametrize("rows", [["Jan 2 2024"], ["Jan 2 2024", "Jan 3 2024"], ["2024-01-01", "Jan 2 2024"]])
def test_it_is_shown_where_the_files_name_says_no_timeframe_either(tmp_path, rows):
    text = "".join(f"{cell},1,2,0.5,1,3\n" for cell in rows)
    path = written(tmp_path, "time,open,high,low,close,volume\n" + text, name="BTCUSDT.csv")
    told = f"line {len(rows) + 1 if '2024-01-01' in rows else 2}: time 'Jan 2 2024' is not valid; accepted"
    with pytest.raises(DataError, match=told):
        bars_of(path)
    desk = make_desk(tmp_path / "home", now=NOW)
    for dry_run in (True, False):
        (problem,) = import_files(desk, [path], dry_run=dry_run).problems
        assert told in problem.message
    assert not desk.bars.holdings()


@pytest.mark.parametrize(
    ("cell", "said", "told"),
    [
        (
            '"42713,30"',
            {},
            (
                "line 3: close '42713,30' is not a number; accepted: 42713.3 or 42713 or 4.27133e4 "
                "\\(--decimal ,"
            ),
        ),
        (
            '"42,713"',
            {},
            "line 3: close '42,713' is not a number; accepted",
        ),  # a little over 42, or 42 thousand
        (
            "42713.30",
            {"decimal": ","},
            "line 3: close '42713.30' is not a number; accepted: 42713,3 or 42.713,3 or 42713",
        ),
        ('=HYPERLINK(""http://x.example"")', {}, "line 3: close '=HYPERLINK.* is not a number; accepted"),
        ("=1+41", {}, "sorts rows, skips bad ones and stores the rest; line"),
    ],
)
def test_a_number_that_cannot_be_read_is_shown_with_line_and_three_forms(tmp_path, cell, said, told):
    good = '2024-01-01 00:00,"1","2","1","1","3"'
    path = written(tmp_path, f"time,open,high,low,close,volume\n{good}\n2024-01-01 01:00,1,2,1,{cell},3\n")
    with pytest.raises(DataError, match=told):
        bars_of(path, **said)
    (done,) = import_files(make_desk(tmp_path / "home", now=NOW), [path]).series if not said else (None,)
    if done is not None:
        assert done.quarantined == 1
        assert "--decimal , reads a decimal comma" in done.refused[0]


HEAD = b'time,open,high,low,close,volume,"note"\n2024-01-01,1,2,1,1,3,caf\xc3\xa9\n'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (HEAD + b"2024-01-02,1,2,1,1,3\0,\n", "line 3 contains a NUL byte"),
        (
            HEAD + b'2024-01-02,"' + b"1" * 70_000 + b'",2,1,1,3,\n',
            ("line 3 is longer than 65536 bytes: this is not a table of"),
        ),
        (HEAD + b"2024-01-02,1,2,1,1,3,caf\xe9\n", "line 3 is in Windows-1252, line 2 is in UTF-8"),
    ],
    ids=["NUL", "a field without end", "two encodings"],
)
def test_hostile_texts_are_refused_in_words(tmp_path: Path, content: bytes, told: str):
    path = written(tmp_path, "")
    path.write_bytes(content)
    with pytest.raises(DataError, match=told):
        read_rows(path, base="BTC")


def test_a_quote_that_is_never_closed_costs_its_own_line_only(tmp_path: Path):
    text = 'time,open,high,low,close,volume\n2024-01-01 00:00,"1,2,1,1,3\n2024-01-01 01:00,1,2,1,1,"3"\n'
    raw = read_rows(written(tmp_path, text))
    assert raw["fault"].to_list() == ["the line has 2 fields, the file has 6", None]
    assert raw["volume"].to_list() == [None, 3.0]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            {"columns": ["opening=Ouverture"]},
            "--map must name timestamp date time open .*was 'opening=Ouverture'",
        ),
        ({"columns": ["open=A,open=B"]}, "--map names open twice"),
        (
            {"tz": "Paris/Europe"},
            "--tz must be a zone such as Europe/Paris, UTC or UTC\\+2, was 'Paris/Europe'",
        ),
        ({"tz": "../../etc/passwd"}, "--tz must be a zone"),
        ({"date_format": "HH:mm"}, "--date-format must look like DD/MM/YYYY HH:mm"),
        ({"decimal": ";"}, "--decimal must be . or , and was ';'"),
        ({"stamp": "middle"}, "--stamp must be open or close, was 'middle'"),
        ({"no_volume": True, "columns": ["volume=V"]}, "--no-volume and a volume in --map contradict"),
    ],
)
def test_what_is_said_wrongly_is_refused_with_what_may_be(said, told):
    with pytest.raises(UsageError, match=told):
        FileForm.parse(**said)


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path):
    path = written(tmp_path, TRADINGVIEW)
    with pytest.raises(
        DataError, match="--map: there is no column 'Ouverture' for open among time, open, high"
    ):
        bars_of(path, columns=["open=Ouverture"])


def test_columns_may_be_numbered_where_there_is_no_header(tmp_path: Path):
    path = written(tmp_path, "BTC;2024.01.01;00:00;1;3;0.5;2\nBTC;2024.01.01;01:00;2;3;0.5;1\n")
    said = ["date=2,time=3,open=4,high=5,low=6,close=7"]
    bars = bars_of(path, columns=said, no_volume=True)
    assert [iso(ts) for ts in bars["timestamp"].to_physical()] == HOURS[:2]
    assert bars["close"].to_list() == [2.0, 1.0]


def test_unknown_volume_is_never_nought_on_its_way_through_the_store(tmp_path: Path):
    desk = make_desk(tmp_path / "home", now=NOW)
    path = written(tmp_path, "time,open,high,low,close\n" + "".join(f"{t},1,2,1,1\n" for t in HOURS))
    with pytest.raises(
        DataError, match=r"column volume .* not found among .*; --no-volume leaves it unknown"
    ):
        read_file(path, now_ms=NOW)
    report = import_files(desk, [path], form=FileForm.parse(no_volume=True))
    series = SeriesId("other-spot", "btc-usd-spot", "1h")
    assert report.series[0].added == 3
    assert desk.bars.read(series)["volume"].is_nan().all()
    # Known later: the bars are revised, as with any other value.
    known = written(
        tmp_path, "time,open,high,low,close,volume\n" + "".join(f"{t},1,2,1,1,5\n" for t in HOURS)
    )
    assert import_files(desk, [known]).series[0].revised == 3


@pytest.mark.parametrize(
    ("name", "instrument", "timeframe"),
    [
        ("XBTUSD_1440", "btc-usd-spot", "1d"),
        ("XBTEUR_720", "btc-eur-spot", "12h"),
        ("BITSTAMP_BTCUSD, 1D_ab12c", "btc-usd-spot", "1d"),
        ("BINANCE_BTCUSDT.P, 240", "btc-usdt-spot", "4h"),
        ("ETHUSD_M15_202401010000_202402010000", "eth-usd-spot", "15m"),
        ("ETHUSD_Daily_202401010000_202402010000", "eth-usd-spot", "1d"),
    ],
)
def test_names_that_programs_give_their_files_are_understood(name: str, instrument: str, timeframe: str):
    named = read_name(Path(f"other-spot/{name}.csv"))
    assert (named.instrument, named.timeframe) == (instrument, timeframe)


@pytest.mark.parametrize("ending", [".csv.gz", ".zip"])
def test_a_packed_file_of_a_known_program_is_known_as_well(tmp_path: Path, ending: str):
    path = tmp_path / "other-spot" / f"BTC-USD{ending}"
    path.parent.mkdir()
    if ending == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("BTC-USD.csv", YAHOO)
    else:
        path.write_bytes(gzip.compress(YAHOO.encode()))
    (shown,), problems = preview_files([path])
    assert (shown.exporter, len(shown.rows), problems) == ("Yahoo Finance", 3, [])
    desk = make_desk(tmp_path / "home", now=NOW)
    assert import_files(desk, [path]).series[0].notes == ("volume_in_money", "volume_unknown")


def test_of_a_folder_one_file_of_each_form_is_shown(tmp_path: Path):
    for day in range(1, 4):
        lines = f"time,open,high,low,close,volume\n2024-01-0{day} 00:00,1,2,1,1,1\n2024-01-0{day} 01:00,1,2,1,1,1\n"
        written(tmp_path, lines, f"BTCUSD-1h-2024-01-0{day}.csv")
    folder = written(tmp_path, YAHOO, "ETH-USD.csv").parent
    shown, problems = preview_files([folder])
    assert ([one.instrument for one in shown], problems) == (["btc-usd-spot", "eth-usd-spot"], [])


def damaged(body):
    """Overwrite values in the middle of a file, where no format says how it is laid out."""
    start = len(body) // 2
    if body.startswith(b"ARROW1"):
        # A part is its marker, the length of what is said of it, that, and the values.
        start = body.index(b"\xff\xff\xff\xff", start)
        start += 8 + int.from_bytes(body[start + 4 : start + 8], "little")
    return body[:start] + b"\xff" * 256 + body[start + 256 :]


@pytest.mark.parametrize("ending", ["parquet", "feather", "arrow"])
def test_of_a_columnar_file_the_rows_that_are_shown_are_read_and_not_the_rest(tmp_path, ending):
    """A file of years of minutes was read whole for three rows; here the rest is damaged: who reads it finds out."""
    count, part = 200_000, 2_000
    start = parse_time("2024-01-01")
    table = pl.DataFrame(
        {
            "timestamp": [start + at * 60_000 for at in range(count)],
            **{
                name: [float(at % 977) + 1.0 for at in range(count)]
                for name in ("open", "high", "low", "close")
            },
            "volume": [1.0 + at % 7 for at in range(count)],
        }
    )
    file = tmp_path / f"BTCUSDT-1m.{ending}"
    if ending == "parquet":
        table.write_parquet(file, row_group_size=part, compression="zstd")
    else:
        table.lazy().sink_ipc(file, compression="zstd", record_batch_size=part)
    whole, problems = preview_files([file], venue="binance-perp", symbol="BTCUSDT")
    assert problems == []
    file.write_bytes(damaged(file.read_bytes()))
    shown, problems = preview_files([file], venue="binance-perp", symbol="BTCUSDT")
    assert problems == []
    assert shown == whole
    assert [row.line for row in shown[0].rows] == [1, 2, 3]
    assert shown[0].timeframe == "1m"
    with pytest.raises(DataError):
        read_rows(file)
