"""What people and files write as amounts, times and sides, and what of it is refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.services.outside import cells

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("text", "amount"),
    [("60000.10", "60000.10"), ("1e-7", "0.0000001"), ("2E3", "2000"), ("+5", "5"), ("000.5", "0.5")],
)
def test_amounts_are_kept_as_they_are_written(text, amount):
    assert f"{cells.parse_amount(text, 'price'):f}" == amount


@pytest.mark.parametrize(
    "text",
    ["", "=1+1", "1 000", "1,000.5", "1.2.3", "NaN", "Infinity", "0x10", "١٢", "1e99", "9" * 5_000, "1e-40",
     "-1", "0", "0" * 5_000, "@SUM(A1)", "1_000", "1\t", "½"],
)  # fmt: skip
def test_what_is_no_amount_is_refused_with_what_was_given(text):
    with pytest.raises(UsageError) as caught:
        cells.parse_amount(text, "price")
    assert "price" in str(caught.value)
    assert len(str(caught.value)) < 250


def test_a_decimal_comma_is_asked_for_and_read_where_it_is_said():
    with pytest.raises(UsageError, match="choose the decimal comma"):
        cells.parse_amount("60000,10", "price")
    assert cells.parse_amount("60000,10", "price", has_comma=True) == Decimal("60000.10")
    with pytest.raises(UsageError):
        cells.parse_amount("1.234,5", "price", has_comma=True)


def test_a_fee_carries_its_currency_or_is_of_the_one_named():
    assert cells.parse_fee("0.28210070 USDT", "USDC") == (Decimal("0.28210070"), "USDT")
    assert cells.parse_fee("0.03682290USDT", "USDC") == (Decimal("0.03682290"), "USDT")
    assert cells.parse_fee("-0.5", "usdc") == (Decimal("-0.5"), "USDC")
    assert cells.parse_fee("", "USDT") == (Decimal(0), "USDT")
    with pytest.raises(UsageError):
        cells.parse_fee("1", "=CMD()")


@pytest.mark.parametrize(
    "text", ["0x1", "-0X1", "0xFF", "0b1", "0o7", "0.0x1", "0,5x1", "12b01", "1e308", "0x1p3", "5e-324"]
)
def test_a_number_of_another_base_is_no_fee_in_a_coin(text):
    for has_comma in (False, True):
        with pytest.raises(UsageError, match="fee must be a number such as"):
            cells.parse_fee(text, "USDT", has_comma=has_comma)
    # Coins that begin so are read, and any behind a space.
    assert cells.parse_fee("0.5XRP", "USDT") == (Decimal("0.5"), "XRP")
    assert cells.parse_fee("0BNB", "USDT") == (Decimal(0), "BNB")
    assert cells.parse_fee("2 X1", "USDT") == (Decimal(2), "X1")


def test_a_time_that_the_clocks_showed_twice_is_told_with_the_one_that_is_taken():
    paris = cells.find_zone("Europe/Paris")
    told = cells.note_twice("2026-10-25 02:30", paris, "")
    assert told == (
        "time '2026-10-25 02:30' came twice on the clocks of Europe/Paris, which went back then: the first, "
        "2026-10-25T02:30:00+02:00, is taken; write 2026-10-25T02:30:00+01:00 if the second is meant"
    )
    first = cells.parse_moment("2026-10-25 02:30", paris, "", now=NOW)
    assert first == cells.parse_moment("2026-10-25T02:30:00+02:00", paris, "", now=NOW)
    assert cells.parse_moment("2026-10-25T02:30:00+01:00", paris, "", now=NOW) == first + 3_600_000
    for text in (
        "2026-10-25 01:59:59",
        "2026-10-25 03:00",
        "2026-10-25T02:30:00+01:00",
        "1792888200",
        "2026-03-29 02:30",
    ):
        assert not cells.note_twice(text, paris, "")
    assert not cells.note_twice("2026-10-25 02:30", UTC, "")
    assert cells.note_twice("25/10/2026 02:30", paris, "day_first")
    # The second of the two is asked for in the words that are told.
    assert cells.note_twice("2026-04-05 02:30", cells.find_zone("Australia/Sydney"), "").endswith(
        "+10:00 if the second is meant"
    )


@pytest.mark.parametrize(
    ("text", "zone", "order", "time"),
    [
        ("2026-05-29 18:25:01", "UTC", "", "2026-05-29T18:25:01Z"),
        ("2026-05-29T18:25:01+02:00", "UTC", "", "2026-05-29T16:25:01Z"),
        ("2026-05-29 18:25:01 UTC", "Europe/Paris", "", "2026-05-29T18:25:01Z"),
        ("2026-05-29 18:25", "Europe/Paris", "", "2026-05-29T16:25:00Z"),
        ("26-03-17 09:34:12", "UTC", "", "2026-03-17T09:34:12Z"),
        ("06/01/2026 - 17:38:42", "UTC", "day_first", "2026-01-06T17:38:42Z"),
        ("6/1/2026 - 17:38:42", "UTC", "month_first", "2026-06-01T17:38:42Z"),
        ("1780000000", "Europe/Paris", "", "2026-05-28T20:26:40Z"),
        ("1780000000123", "UTC", "", "2026-05-28T20:26:40.123Z"),
    ],
)
def test_times_are_read_as_they_say(text, zone, order, time):
    assert iso(cells.parse_moment(text, cells.find_zone(zone), order, now=NOW)) == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-02-30 10:00",
        "2026-13-01",
        "31/02/2026 10:00",
        "1999-01-01",
        "2100-01-01",
        "9" * 400,
    ],
)
def test_what_is_no_time_of_a_fill_is_refused(text):
    with pytest.raises(UsageError):
        cells.parse_moment(text, UTC, "", now=NOW)


def test_a_zone_that_is_none_is_refused():
    for name in ("Mars/Olympus", "../../etc/passwd", "\x07", "x" * 300):
        with pytest.raises(UsageError, match="time zone must be"):
            cells.find_zone(name)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    for read in (
        lambda: cells.parse_amount(text, "price"),
        lambda: cells.parse_fee(text, "USDT"),
        lambda: cells.parse_side(text),
        lambda: cells.parse_moment(text, UTC, "", now=NOW),
        lambda: cells.find_zone(text),
        lambda: cells.parse_outside_id(text),
    ):
        with suppress(UsageError):
            read()
