"""Dates of figures alone: in the order of the source's country, or not at all where nobody can say."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.adapters.sources.news.dates import parse_date
from vigie.adapters.sources.news.day_order import day_order
from vigie.adapters.sources.news.parsing import FeedContext, parse_feed
from vigie.domain.errors import TransientError

DAYS = st.dates(date(1990, 1, 1), date(2199, 12, 31))
MOMENTS = st.integers(1_000_000_000_000, 7_000_000_000_000).map(
    lambda at: datetime.fromtimestamp(at / 1_000, UTC)
)


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1_000)


def midnight(day: date) -> int:
    return ms(datetime(day.year, day.month, day.day, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "order", "expected"),
    [
        ("12/03/2026", "dmy", "2026-03-12"),
        ("12/03/2026", "mdy", "2026-12-03"),
        ("12/03/2026", "", None),
        ("12.03.2026", "", "2026-03-12"),
        ("12.03.2026", "mdy", "2026-12-03"),
        ("25/03/2026", "mdy", "2026-03-25"),
        ("03/25/2026", "dmy", "2026-03-25"),
        ("05/05/2026", "", "2026-05-05"),
        ("2026/03/12", "mdy", "2026-03-12"),
        ("31/02/2026", "dmy", None),
        ("13/13/2026", "dmy", None),
        ("10.1.12.2026", "dmy", None),
        ("20260312", "", "2026-03-12"),
        ("20261312", "", None),
        ("20260312T101500Z", "", "2026-03-12T10:15:00"),
        ("20260312T1115+0100", "", "2026-03-12T10:15"),
        ("20260312T101500.250Z", "", "2026-03-12T10:15:00"),
        ("12/03/2026 10:15", "dmy", "2026-03-12T10:15"),
        ("12.03.2026, 10:15:30", "dmy", "2026-03-12T10:15:30"),
        ("3/12/2026 3:05 PM", "mdy", "2026-03-12T15:05"),
        ("1773310500000", "", "2026-03-12T10:15:00"),
        ("1773310500.75", "", "2026-03-12T10:15:00"),
        ("0000000000000", "", None),
    ],
)
def test_forms_of_figures(written, order, expected):
    read = parse_date(written, order=order)
    stamp = None if expected is None else ms(datetime.fromisoformat(expected).replace(tzinfo=UTC))
    assert (read and read[0]) == stamp
    assert read is None or read[1] == {10: "day", 16: "minute", 19: "second"}[len(expected)]


@given(DAYS, st.sampled_from("/.-"), st.sampled_from(["dmy", "mdy"]))
def test_a_day_is_read_back_in_the_order_it_was_written_in(day, sign, order):
    first, second = (day.day, day.month) if order == "dmy" else (day.month, day.day)
    written = f"{first:02}{sign}{second:02}{sign}{day.year}"
    assert parse_date(written, order=order) == (midnight(day), "day")
    unknown = parse_date(written)
    is_told = max(first, second) > 12 or first == second
    # Where nobody knows the order, a date of two readings is none; points stand for the day first.
    assert unknown == ((midnight(day), "day") if is_told else unknown if sign == "." else None)


@given(MOMENTS)
def test_a_moment_is_read_back_from_compact_and_epoch_forms(at):
    whole = at.replace(microsecond=0)
    assert parse_date(f"{whole:%Y%m%dT%H%M%SZ}") == (ms(whole), "second")
    assert parse_date(str(ms(at))) == (ms(at), "second")
    ahead = whole + timedelta(hours=2)
    assert parse_date(f"{ahead:%Y%m%dT%H%M%S}+0200") == (ms(whole), "second")


@given(
    st.text(max_size=200) | st.text("0123456789/.-:T Z+", max_size=40), st.sampled_from(["", "dmy", "mdy"])
)
def test_whatever_is_written_is_a_date_within_reason_or_none(text, order):
    read = parse_date(text, "Europe/Paris", order)
    assert read is None or 631_000_000_000 <= read[0] < 253_500_000_000_000


@pytest.mark.parametrize(
    ("source", "order"),
    [
        ({"domain": "sec.gov"}, "mdy"),
        ({"domain": "fca.org.uk", "zone": "Europe/London"}, "dmy"),
        ({"domain": "bafin.de"}, "dmy"),
        ({"domain": "esma.europa.eu"}, "dmy"),
        ({"domain": "coindesk.com", "language": "en"}, ""),
        ({"domain": "coindesk.com", "country": "us"}, "mdy"),
        ({"domain": "osc.ca"}, ""),
        ({"domain": "protos.io", "language": "en"}, ""),
        ({"domain": "journalducoin.com", "language": "fr"}, "dmy"),
        ({"domain": "occ.com", "zone": "America/New_York"}, "mdy"),
        ({"domain": "", "zone": "UTC"}, ""),
    ],
)
def test_the_order_follows_the_country_and_is_unknown_without_one(source, order):
    assert day_order(**source) == order


@pytest.mark.parametrize(
    ("version", "media", "is_feed"),
    [
        ("https://jsonfeed.org/version/1.1", "", True),
        ("http://jsonfeed.org/version/1", "", True),
        ("https://www.jsonfeed.org/version/1.1/", "", True),
        ("1.1", "", True),
        ("1", "", True),
        (1.1, "", True),
        (1, "", True),
        (None, "application/feed+json; charset=utf-8", True),
        (None, "application/json", False),
        ("2.0", "application/feed+json", False),
        ("11", "", False),
        ({"a": 1}, "", False),
    ],
)
def test_the_versions_that_json_feeds_carry(version, media, is_feed):
    whole = {"items": [{"id": "1", "title": "One", "date_published": 1773310500000}]}
    body = json.dumps(whole if version is None else {"version": version, **whole}).encode()
    feeder = FeedContext("s", "https://feed.example/")
    if not is_feed:
        with pytest.raises(TransientError, match="which is not a JSON Feed"):
            parse_feed(feeder, body, content_type=media, max_bytes=10_000)
        return
    (one,) = parse_feed(feeder, body, content_type=media, max_bytes=10_000).sightings
    assert (one.ts_published, one.precision) == (1773310500000, "second")


@pytest.mark.parametrize(
    "written",
    ["9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "99991231T235959Z", "31/12/9999", "9999999999999"],
)
def test_a_date_that_no_page_can_write_is_none(written):
    assert parse_date(written, order="dmy") is None
