"""Files that are damaged, encrypted, endless or hold what no bar is: refused in words, their neighbours imported."""

from __future__ import annotations

import gzip
import io
import zipfile

import polars as pl
import pytest

from vigie.data.intake.packed import unpack
from vigie.data.intake.reader import read_rows
from vigie.domain.errors import DataError

GOOD = b"timestamp,open,high,low,close,volume\n1700000000000,1,2,0.5,1,3\n1700003600000,1,2,0.5,1,3\n"
NAMES = ("timestamp", "open", "high", "low", "close", "volume")


def zipped(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as archive:
        archive.writestr("a.csv", content)
    return bytearray(whole.getvalue())


def altered(whole: bytearray, places: dict[int, int]) -> bytes:
    for place, value in places.items():
        whole[place] = value
    return bytes(whole)


def encrypted() -> bytes:
    whole = zipped(GOOD)
    return altered(whole, {6: 1, whole.find(b"PK\x01\x02") + 8: 1})


def unknown_method() -> bytes:
    whole = zipped(GOOD)
    return altered(whole, {8: 99, whole.find(b"PK\x01\x02") + 10: 99})


def damaged_lzma() -> bytes:
    whole = zipped(GOOD * 20, zipfile.ZIP_LZMA)
    return altered(whole, dict.fromkeys(range(48, 68), 0))


def parquet(**cells: object) -> bytes:
    whole = io.BytesIO()
    pl.DataFrame({**{name: [1.0] for name in NAMES}, **cells}).write_parquet(whole)
    return whole.getvalue()


def test_what_is_packed_is_unpacked_to_a_bound_only(tmp_path):
    lines = GOOD * 2_000
    for name, content in (("a.csv.gz", gzip.compress(lines)), ("a.zip", bytes(zipped(lines)))):
        path = tmp_path / name
        path.write_bytes(content)
        assert unpack(path, largest=len(lines)) == lines
        with pytest.raises(DataError, match=f"unpacks to more than {len(lines) - 1} bytes"):
            unpack(path, largest=len(lines) - 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.json.gz", gzip.compress(b"[[1,2,3,4,5,6]]", mtime=0)[:-9]),
        (
            "damaged.csv.gz",
            gzip.compress(GOOD, mtime=0)[:15] + b"\xff\xff\xff" + gzip.compress(GOOD, mtime=0)[18:],
        ),
        ("encrypted.zip", encrypted()),
        ("method.zip", unknown_method()),
        ("lzma.zip", damaged_lzma()),
        ("deep.json", b"[" * 200_000),
        ("cells.json", b'[[[1],{"a":1},[2],3,4,5],[1700000000000,1,2,3,4,5]]'),
        ("surrogate.json", rb'[["\ud800",1,2,3,4,5]]'),
        ("lists.parquet", parquet(timestamp=[[1]], open=[[1]])),
        ("bytes.parquet", parquet(timestamp=[b"\xff"])),
        ("span.parquet", parquet(timestamp=pl.Series([1], dtype=pl.Duration("ms")))),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_file_that_holds_no_bars_is_refused_in_words(tmp_path, name, content):
    path = tmp_path / f"BTCUSDT-1h-{name}"
    path.write_bytes(content)
    with pytest.raises(DataError, match=name.replace(".", r"\.")):
        read_rows(path, base="BTC")


def test_a_damaged_parquet_file_never_ends_the_import_of_others(tmp_path):
    whole = parquet()
    path = tmp_path / "BTCUSDT-1h.parquet"
    refused = 0
    for place in range(0, len(whole), 3):
        path.write_bytes(altered(bytearray(whole), {place: whole[place] ^ 0x5A}))
        try:
            read_rows(path, base="BTC")
        except DataError:
            refused += 1
    assert refused
