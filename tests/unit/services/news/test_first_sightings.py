"""First sightings and first reports: from the tables and items of a home, over restarts, and what never counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.clocks import StandingClock
from tests.houses import house
from vigie.domain.item import Sighting, item_id
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, parse_time
from vigie.ports.item_readings import ItemReading
from vigie.ports.source_fetches import SourceFetch
from vigie.services.needs import bound
from vigie.services.news import first_sightings
from vigie.services.news.first_sightings import FirstSightWriter, leads_of, summary_of

BEGIN = parse_time("2026-03-01")
NEWS = "New coin: Glimko (GLIMKO) appears on Base"


class Home:
    """A home whose hours a test walks through."""

    def __init__(self, folder):
        self.folder, self.clock = folder, StandingClock(BEGIN)
        self.house = house(folder, with_bars=False, clock=self.clock)
        self.book = bound(self.house, FirstSightWriter)()

    def at(self, hours):
        self.clock.now = BEGIN + round(hours * HOUR_MS)
        return self.clock.now

    def coins(self, hours, *names, seen=None):
        """The list of coins as the source gives it; the coins were first on it at `seen`."""
        now = self.at(hours)
        ts = now if seen is None else BEGIN + round(seen * HOUR_MS)
        rows = [
            {"id": name.lower(), "symbol": name.lower(), "name": name, "ts_first_seen": ts} for name in names
        ]
        self.house.facts.put_document("coingecko", "coin_list_new", now, {"rows": rows})

    def pools(self, hours, **created):
        now = self.at(hours)
        rows = [
            {"id": f"eth_{name}", "name": f"{name} / USDC", "base_token": f"eth_0x{name}", "network": "eth",
             "ts_created": None if at is None else BEGIN + round(at * HOUR_MS)}
            for name, at in created.items()
        ]  # fmt: skip
        self.house.facts.put_document("coingecko", "new_pools", now, {"rows": rows})

    def news(self, hours, title=NEWS, source="coindesk", published=None, key="a", precision="minute", **more):
        now = self.at(hours)
        ts = None if published is None else BEGIN + round(published * HOUR_MS)
        said = Sighting(
            source, key, f"https://{source}.example/{key}", title, ts_published=ts, precision=precision
        )
        made = self.house.items.take(SourceFetch(source, now, (said,), **more))
        read = [
            ItemReading(
                one.number, one.item, "test:1", (), {}, " ".join(title.lower().replace(":", "").split())
            )
            for one in made
        ]
        self.house.items.put_readings(read)
        self.house.items.mark_read(read)

    def write(self, *, fresh=False):
        if fresh:
            self.book = bound(self.house, FirstSightWriter)()
        return self.book.write()

    def lead(self, name="glimko", as_of=None):
        return bound(self.house, leads_of)([name], as_of).get(name)


@pytest.fixture
def place(tmp_path):
    made = Home(tmp_path)
    made.coins(0)
    made.pools(0, OLDIE=-30)
    made.write()
    return made


def hours_of(found):
    return found.lead.state, found.lead.hours


def test_a_coin_is_seen_then_reported_on(place):
    place.coins(5, "Glimko")
    place.at(5.1)
    place.write()
    assert hours_of(place.lead()) == ("waiting", None)
    place.news(9, published=8)
    place.write()
    found = place.lead()
    assert hours_of(found) == ("ahead", 3.0)
    assert (found.sight.ts_seen, found.report.outlet) == (BEGIN + 5 * HOUR_MS, "CoinDesk")
    assert found.report.url == "https://coindesk.example/a"
    # As it was known before the item was read here.
    assert hours_of(place.lead(as_of=BEGIN + 9 * HOUR_MS - 1)) == ("waiting", None)
    assert place.lead(as_of=BEGIN + 4 * HOUR_MS) is None


def test_where_the_press_was_first_the_lead_is_below_zero(place):
    place.news(2, published=1.5)
    place.write()
    place.coins(5, "Glimko")
    place.write()
    assert hours_of(place.lead()) == ("behind", -3.5)


def test_neither_a_restart_nor_a_later_table_changes_what_was_written(place):
    place.coins(5, "Glimko")
    place.write()
    place.news(9, published=8)
    place.write()
    before = place.lead()
    reopened = Home(place.folder)
    reopened.coins(30, "Glimko", seen=29)
    reopened.news(31, published=30, key="b")
    assert reopened.write() == 0
    assert reopened.lead() == replace(before, lead=reopened.lead().lead)
    assert reopened.lead().lead.hours == before.lead.hours
    # An outlet whose earlier item is read late was first all the same; until then the other was.
    reopened.news(32, source="decrypt", published=7)
    assert reopened.write() == 1
    assert (reopened.lead().report.source, reopened.lead().lead.hours) == ("decrypt", 2.0)
    assert reopened.lead(as_of=BEGIN + 31 * HOUR_MS).report.source == "coindesk"


@pytest.mark.parametrize("killed_in", ["put", "bookmark"])
def test_killed_anywhere_nothing_is_lost_or_written_twice(place, monkeypatch, killed_in):
    place.coins(5, "Glimko")
    place.news(6, published=6)
    with monkeypatch.context() as broken:
        if killed_in == "put":
            broken.setattr(type(place.house.first_sightings), "put", lambda *_: 1 / 0)
        else:
            broken.setattr(type(place.house.bookmarks), "put", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            place.write()
    place.at(7)
    place.write(fresh=True)
    assert hours_of(place.lead()) == ("ahead", 1.0)
    assert place.write(fresh=True) == 0


def test_posts_releases_announcements_and_copies_are_not_the_press(place):
    place.coins(5, "Glimko")
    place.write()
    tiers = {note.tier: note.id for note in place.house.directory.news()}
    for tier in ("social", "regulator", "primary", "aggregator"):
        place.news(6, source=tiers[tier], key=tier)
    place.write()
    assert hours_of(place.lead()) == ("waiting", None)
    place.news(7, source=tiers["media"])
    place.write()
    assert hours_of(place.lead()) == ("ahead", 2.0)


def test_a_withdrawn_item_still_was_a_report_and_a_withdrawal_is_none(place):
    place.coins(5, "Glimko")
    place.write()
    place.news(6)
    place.write()
    place.news(8, "Something else", key="b", is_whole=True)
    assert place.house.items.get(item_id("coindesk", "a"))[-1].item.is_withdrawn
    place.write()
    assert hours_of(place.lead()) == ("ahead", 1.0)


def test_a_name_that_was_added_later_is_reported_when_it_was_seen(place):
    place.coins(5, "Glimko")
    place.news(6, "New coin on Base", published=4)
    place.write()
    place.news(8, NEWS, published=4)
    place.write()
    assert hours_of(place.lead()) == ("ahead", 3.0)


def test_a_day_without_a_time_counts_from_its_beginning(place):
    place.coins(5, "Glimko")
    place.write()
    place.news(9, published=0, precision="day")
    place.write()
    assert hours_of(place.lead()) == ("behind", -5.0)
    assert place.lead().report.is_day_only


def test_what_was_there_when_watching_started_does_not_count(place):
    place.pools(1, OLDIE=-30, LATECOMER=-2, FRESHER=0.5, UNDATED=None)
    place.write()
    found = {
        name: place.lead(f"eth_{name}").lead.state for name in ("OLDIE", "LATECOMER", "FRESHER", "UNDATED")
    }
    assert found == {"OLDIE": "before", "LATECOMER": "before", "FRESHER": "waiting", "UNDATED": "waiting"}
    summary = summary_of(bound(place.house, leads_of)([f"eth_{name}" for name in found]))
    assert (summary.before, summary.counted) == (2, 2)


def test_a_home_that_watched_before_reads_the_tables_that_it_kept(tmp_path):
    made = Home(tmp_path)
    made.pools(0, QORBAONE=-1)
    made.pools(1, QORBAONE=-1, QORBATWO=0.5)
    made.pools(2, QORBATWO=0.5, QORBASIX=1.5)
    made.at(50)
    made.write()
    seen = {name: made.lead(f"eth_{name}") for name in ("QORBAONE", "QORBATWO", "QORBASIX")}
    assert [one.sight.ts_seen for one in seen.values()] == [BEGIN, BEGIN + HOUR_MS, BEGIN + 2 * HOUR_MS]
    assert [one.lead.state for one in seen.values()] == ["before", "waiting", "waiting"]


def test_a_second_coin_of_the_name_takes_nothing_from_the_first(place):
    place.coins(5, "Glimko")
    place.news(6)
    place.write()
    place.coins(7, "Glimko", "GLIMKO", seen=7)
    rows = [{"id": "glimko-2", "symbol": "glimko", "name": "Glimko", "ts_first_seen": place.clock.now}]
    place.at(7.5)
    place.house.facts.put_document("coingecko", "coin_list_new", place.clock.now, {"rows": rows})
    place.write()
    place.news(8, key="b")
    place.write()
    assert hours_of(place.lead()) == ("ahead", 1.0)
    assert hours_of(place.lead("glimko-2")) == ("unclear", None)


def test_reports_long_after_are_not_looked_for(place):
    place.pools(1, GLIMKO=0.5)
    place.write()
    place.news(1 + 7 * 24 + 1)
    place.write()
    found = place.lead("eth_GLIMKO")
    assert hours_of(found) == ("waiting", None)
    assert found.lead.waited_hours == 7 * 24


def test_the_past_of_a_demonstration_is_generated_and_says_so(tmp_path):
    made = Home(tmp_path)
    made.house = replace(made.house, is_simulated=True)
    made.news(-30, is_generated=True)
    made.book = bound(made.house, FirstSightWriter)()
    made.pools(0, GLIMKO=-33.01, ANCIENT=-37, FRESHER=-0.05)
    made.write()
    found = made.lead("eth_GLIMKO")
    assert found.sight.is_generated
    assert found.report.is_generated
    seen = BEGIN - 33 * HOUR_MS
    assert (found.sight.ts_seen, found.lead.state) == (seen, "ahead")
    assert seen % (10 * MINUTE_MS) == 0
    assert made.lead("eth_ANCIENT").lead.state == "before"
    assert not made.lead("eth_FRESHER").sight.is_generated
    # What comes later is seen like anywhere.
    made.pools(5, LATER=4.5)
    made.write()
    assert made.lead("eth_LATER").sight == replace(
        made.lead("eth_LATER").sight, ts_seen=BEGIN + 5 * HOUR_MS, is_generated=False
    )


def test_what_nobody_watches_any_more_is_let_go(place):
    place.pools(1, GLIMKO=0.5)
    place.write()
    assert "eth_GLIMKO" in place.book._watched
    place.coins(24 * 8, "Qorba")
    place.write()
    assert "eth_GLIMKO" not in place.book._watched
    assert first_sightings.WATCHED_MS["coin"] == 90 * DAY_MS


def test_of_many_early_items_the_oldest_is_the_first_report(place, monkeypatch):
    monkeypatch.setattr(first_sightings, "_AT_ONCE", 3)
    for hours in range(10):
        place.news(hours, published=hours - 20, key=str(hours))
    place.write()
    place.coins(11, "Glimko")
    place.write()
    assert hours_of(place.lead()) == ("behind", -31.0)


@pytest.mark.parametrize(
    ("is_seen_before", "days", "state"),
    [(at, days, state) for at in (True, False) for days, state in ((-31, "waiting"), (-30, "behind"), (7, "ahead"))]
    + [(False, 7.01, "waiting")],
)  # fmt: skip
def test_a_report_counts_in_the_same_days_whenever_it_is_read(place, is_seen_before, days, state):
    place.pools(1, GLIMKO=0.5)
    if is_seen_before:
        place.write()
    # Else the table waits until the writer comes by: the report is among what was read before.
    place.news(1 + 24 * 7 + (0 if is_seen_before else 1), published=1 + 24 * days)
    place.write()
    assert place.lead("eth_GLIMKO").lead.state == state


def test_what_was_written_of_the_same_words_years_ago_is_no_report_on_a_coin(place):
    place.news(1, published=-24 * 800)
    place.news(2, published=-24 * 300, key="b")
    place.coins(5, "Glimko")
    place.write()
    assert hours_of(place.lead()) == ("behind", -24.0 * 300 - 5)


@pytest.mark.parametrize("broken", [None, "", " ", 7])
@pytest.mark.parametrize("field", ["id", "name", "symbol"])
def test_a_row_without_a_name_stops_nothing(place, field, broken):
    good = {"id": "glimko", "symbol": "glimko", "name": "Glimko", "ts_first_seen": place.at(5)}
    rows = [{**good, "id": "other", field: broken}, good]
    place.house.facts.put_document("coingecko", "coin_list_new", place.clock.now, {"rows": rows})
    pool = {"id": "eth_QORBA", "name": "QORBA / USDC", "base_token": "eth_0xQORBA", "ts_created": None}
    pools = [{**pool, "id": "eth_other", field: broken}, pool]
    place.house.facts.put_document("coingecko", "new_pools", place.clock.now, {"rows": pools})
    place.write()
    assert place.lead().lead.state == place.lead("eth_QORBA").lead.state == "waiting"
    assert place.lead("other") is None


def test_a_name_that_is_shared_later_counts_as_it_was_known_by_then(place):
    place.coins(5, "Glimko")
    place.write()
    rows = [{"id": "glimko-2", "symbol": "glimko", "name": "Glimko", "ts_first_seen": place.at(9)}]
    place.house.facts.put_document("coingecko", "coin_list_new", place.clock.now, {"rows": rows})
    place.write()
    place.at(24 * 60)
    found = bound(place.house, leads_of)(["glimko", "glimko-2"])
    assert (found["glimko"].lead.state, found["glimko"].lead.waited_hours) == ("waiting", 4.0)
    assert found["glimko-2"].lead.state == "unclear"
    # After both are watched no more it is the same.
    place.at(24 * 200)
    assert bound(place.house, leads_of)(["glimko"])["glimko"] == found["glimko"]
    assert bound(place.house, leads_of)(["glimko-2"])["glimko-2"].lead.state == "unclear"
