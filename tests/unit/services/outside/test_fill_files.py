"""Files with fills: known forms, a column map, and what cannot be read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.asset import Asset
from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.services.outside.fill_files import MAX_ROWS, FileReading, read_file, refuse_unread
from vigie.services.outside.markets import SymbolReader

NOW = 1_800_000_000_000
CATALOG = (
    Asset("bitcoin", "BTC", "Bitcoin"), Asset("batcat", "BTC", "Batcat"), Asset("hyperliquid", "HYPE", "Hyperliquid"),
    Asset("velo", "VELO", "Velo"), Asset("velodrome", "VELO", "Velodrome"),
)  # fmt: skip
OWN = "time,venue,instrument,side,price,quantity,fee,fee_currency,id\n"
BINANCE = "Uid,Time,Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit,Buyer,Maker,Trade ID,Order ID\n"
HYPERLIQUID = "time,coin,dir,px,sz,ntl,fee,closedPnl\n"


def read(text, chosen=None, **reading):
    return read_file(text, FileReading(**reading), SymbolReader(CATALOG, chosen or {}), now=NOW)


def test_our_own_form_is_read_whole():
    (fill,) = read(OWN + "2026-05-29 18:25:01,binance-perp,BTCUSDT,buy,60000.10,0.5,0.3,BNB,abc-1\n").fills
    assert (fill.venue, fill.instrument, fill.asset, fill.side) == (
        "binance-perp", "btc-usdt-perp", "bitcoin", "buy"
    )  # fmt: skip
    assert (fill.price, fill.qty, fill.fee, fill.fee_currency) == (
        Decimal("60000.10"), Decimal("0.5"), Decimal("0.3"), "BNB"
    )  # fmt: skip
    assert (iso(fill.ts), fill.outside_id, fill.origin) == ("2026-05-29T18:25:01Z", "abc-1", "file")


def test_binance_futures_newest_first_with_fees_that_carry_their_currency():
    found = read(
        BINANCE
        + "9,26-03-17 09:34:12,BTCUSDC,SELL,73822.3,0.01,738.223,0.29528919 USDC,0.28,true,false,419925075,4917\n"
        + "9,2026-03-16 09:34:12,BTCUSDT,BUY,73000.0,0.01,730,0.03682290USDT,0,true,false,12,3\n"
    )
    assert found.form == "binance"
    first, second = found.fills
    assert (first.instrument, first.side, first.fee, first.fee_currency) == (
        "btc-usdt-perp", "buy", Decimal("0.03682290"), "USDT"
    )  # fmt: skip
    assert (second.instrument, second.outside_id, second.venue) == (
        "btc-usdc-perp",
        "419925075",
        "binance-perp",
    )
    assert iso(second.ts) == "2026-03-17T09:34:12Z"


def test_hyperliquid_tells_the_side_by_the_direction_and_spot_by_the_pair():
    found = read(
        HYPERLIQUID
        + "25/05/2026 - 17:38:42,BTC,Open Short,60000,0.1,6000,2.1,-2.1\n"
        + "25/05/2026 - 17:39:42,BTC,Close Short,59000,0.1,5900,2.0,98\n"
        + "26/05/2026 - 17:39:42,HYPE/USDC,Buy,40,2,80,0.1,0\n",
        zone="Europe/Paris",
    )
    assert [(one.venue, one.instrument, one.side) for one in found.fills] == [
        ("hyperliquid-perp", "btc-usdc-perp", "sell"), ("hyperliquid-perp", "btc-usdc-perp", "buy"),
        ("hyperliquid-spot", "hype-usdc-spot", "buy"),
    ]  # fmt: skip
    assert iso(found.fills[0].ts) == "2026-05-25T15:38:42Z"


def test_dates_that_may_be_read_in_two_ways_are_asked():
    text = HYPERLIQUID + "06/01/2026 - 17:38:42,BTC,Buy,60000,0.1,6000,2.1,0\n"
    with pytest.raises(UsageError, match="day or with the month"):
        read(text)
    assert iso(read(text, dates="month_first").fills[0].ts) == "2026-06-01T17:38:42Z"
    # One row tells it for all.
    (_, other) = read(text + "06/13/2026 - 10:00:00,BTC,Sell,60000,0.1,6000,2.1,0\n").fills
    assert iso(other.ts) == "2026-06-13T10:00:00Z"


def test_a_column_map_reads_any_other_file_with_semicolons_and_commas():
    text = "Wann;Paar;Seite;Kurs;Menge\n2026-05-29 18:25:01;BTCUSDT;BUY;60000,5;0,25\n"
    columns = {"time": "Wann", "instrument": "Paar", "side": "Seite", "price": "Kurs", "quantity": "Menge"}
    (fill,) = read(text, venue="bitget-perp", columns=columns, has_comma=True).fills
    assert (fill.venue, fill.price, fill.qty) == ("bitget-perp", Decimal("60000.5"), Decimal("0.25"))
    with pytest.raises(UsageError, match="no column 'nope' for price"):
        read(text, venue="bitget-perp", columns={**columns, "price": "nope"})
    with pytest.raises(UsageError, match="which column holds quantity"):
        read(text, venue="bitget-perp", columns={**columns, "quantity": ""})
    refused = read(text, columns=columns, has_comma=True).refused
    assert "at which venue" in refused[0].message


@pytest.mark.parametrize(
    "header",
    ["time,venue,instrument,side,price,price,quantity", "time,venue,instrument,side,price,quantity,Price"],
)
def test_a_column_that_stands_twice_is_not_guessed(header):
    with pytest.raises(UsageError, match="2 columns 'price', and may have one"):
        read(f"{header}\n2026-05-29,binance-perp,BTCUSDT,buy,1,2,3\n")
    columns = {"time": "when", "instrument": "pair", "side": "way", "price": "price", "quantity": "size"}
    with pytest.raises(UsageError, match="2 columns 'price'"):
        read("when,pair,way,price,size,price\n", venue="bitget-perp", columns=columns)
    # One that is not read may.
    assert len(read("note,note," + OWN + "x,y,2026-05-29,binance-perp,BTCUSDT,buy,1,2,,,\n").fills) == 1


@pytest.mark.parametrize("price", ["60.000", "1.234.567", "-9.999"])
def test_thousands_beside_a_decimal_comma_are_no_decimals(price):
    text = OWN.replace(",", ";") + f"2026-05-29;binance-perp;BTCUSDT;buy;{price};0,5;0,3;BNB;\n"
    assert [one.row for one in read(text, has_comma=True).refused] == [2]
    (fill,) = read(text.replace(price, "0.123"), has_comma=True).fills
    assert fill.price == Decimal("0.123")


def test_a_time_that_the_clocks_left_out_shows_that_another_zone_is_meant():
    text = OWN + "2026-03-29 02:30:00,binance-perp,BTCUSDT,buy,1,2,,,\n"
    told = read(text, zone="Europe/Paris").refused[0].message
    assert told == (
        "time '2026-03-29 02:30:00' was left out by the clocks of Europe/Paris, which went forward then; choose the "
        "time zone of the file"
    )
    assert iso(read(text).fills[0].ts) == "2026-03-29T02:30:00Z"
    # In autumn the hour comes twice: the first is taken.
    autumn = text.replace("03-29", "10-25")
    found = read(autumn + "2026-10-25 12:00,binance-perp,BTCUSDT,sell,1,2,,,\n", zone="Europe/Paris")
    assert iso(found.fills[0].ts) == "2026-10-25T00:30:00Z"
    # And that is told, with the row.
    assert [one.row for one in found.noted] == [2]
    assert "came twice on the clocks of Europe/Paris" in found.noted[0].message
    assert not read(autumn).noted
    assert not read(text.replace("02:30:00", "03:30:00"), zone="Europe/Paris").noted


def test_a_row_that_is_refused_is_not_noted_too():
    row = "2026-10-25 02:30:00,binance-perp,BTCUSDT,buy,1,0x1,,,\n"
    found = read(OWN + row, zone="Europe/Paris")
    assert [one.row for one in found.refused] == [2]
    assert not found.noted


def test_two_coins_of_one_ticker_are_asked_and_the_watched_coins_are_not():
    text = OWN + "2026-05-29,bitget-perp,VELOUSDT,buy,1,1,,,\n2026-05-30,bitget-perp,BTCUSDT,buy,1,1,,,\n"
    found = read(text)
    assert [asset.id for asset in found.shared["VELO"]] == ["velo", "velodrome"]
    with pytest.raises(UsageError, match=r"VELO is the ticker of several coins \(Velo \(velo\), Velodrome"):
        refuse_unread(found)
    assert [one.asset for one in read(text, {"VELO": "velodrome"}).fills] == ["velodrome", "bitcoin"]
    assert "VELO must be one of velo, velodrome" in read(text, {"VELO": "bitcoin"}).refused[0].message


def test_a_coin_that_the_catalogue_does_not_know_stays_open():
    assert read(OWN + "2026-05-29,bitget-perp,NEWUSDT,buy,1,1,,,\n").fills[0].asset == ""


def test_rows_that_cannot_be_read_are_told_by_their_number_and_the_file_is_refused_whole():
    rows = [
        "2026-05-29,binance-perp,BTCUSDT,buy,60000,1,,,",
        "2026-05-29,binance-perp,BTCUSDT,hold,60000,1,,,",
        "2026-05-29,binance-perp,=HYPERLINK(1),buy,60000,1,,,",
        "2026-05-29,binance-perp,BTCUSDT,buy,=1+1,1,,,",
        "2026-05-29,binance-perp,BTCUSDT,buy,1,1,,,=cmd|' /C calc'!A0",
        f"2026-05-29,binance-perp,BTCUSDT,buy,{'9' * 100_000},1,,,",
        "2026-05-29,binance,BTCUSDT,buy,1,1,,,",
        "2026-05-29,binance-perp",
    ]
    found = read(OWN + "\n".join(rows))
    assert [one.row for one in found.refused] == [3, 4, 5, 6, 7, 8, 9]
    assert all(len(one.message) < 300 for one in found.refused)
    with pytest.raises(
        UsageError, match=r"nothing was added; rows that cannot be read: 7\. Row 3: side must"
    ):
        refuse_unread(found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("\ufeff\n\n", "empty"),
        # Taken from the front one by one they would cost half a minute.
        ("\n" * 800_000, "empty"),
        (OWN, "no rows below"),
        ("a,b\n1,2\n", "first row must name the columns time, instrument"),
        (f"{OWN}{'x' * 200_000}\n", "not a CSV file"),
        (OWN + '2026-05-29,"open', "not a CSV file"),
        (OWN + "2026-05-29,binance-perp,BTCUSDT,buy,1,1,,,\n" * MAX_ROWS, "may have"),
    ],
    ids=["empty", "blank", "endless", "header", "unknown", "field", "quote", "long"],
)
def test_files_that_are_none_are_refused(text, told):
    with pytest.raises(UsageError, match=told):
        read(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    for begin in ("", OWN, HYPERLIQUID):
        try:
            found = read(begin + text)
        except UsageError:
            continue
        assert all(fill.price > 0 and fill.qty > 0 for fill in found.fills)
