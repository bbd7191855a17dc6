"""Every kind of source asked over HTTP in the simulated world, by the code that asks the real ones."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.houses import fill, person
from tests.unit.sandbox.world.hands import HOUR_MS, MINUTE_MS, go, small_world
from vigie.adapters.sources.news import mailboxes
from vigie.adapters.sources.news.listing import SIMULATED, feeds
from vigie.adapters.sources.news.reread import RereadResult
from vigie.config.paths import SIMULATED_FILE as MARK
from vigie.data.collection.connector import Connector
from vigie.data.collection.news import NewsPipeline
from vigie.domain.errors import DataError, UsageError
from vigie.ports.item_queries import ItemQuery
from vigie.ports.own_feeds import OwnFeed
from vigie.ports.source_fetches import SourceFetch, UnreadableEntry
from vigie.services.news.regulation_dates import stated_dates
from vigie.services.operation_calls import run_operation
from vigie.wiring.app_context import open_app_context
from vigie.wiring.collector import open_collector
from vigie.wiring.news import reparse_source
from vigie_sandbox.world.server import serving


class WorldClock:
    """The world's time on both hands; waiting takes none."""

    def __init__(self, world: Any) -> None:
        self.world = world

    def market_now(self) -> int:
        return int(self.world.now_ms())

    wall_now = market_now

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    home = fill(tmp_path_factory.mktemp("home"), with_bars=False)
    (home / MARK).write_text("{}")
    world = small_world()
    with serving(world) as url:
        yield home, world, url


@pytest.fixture
def place(served, monkeypatch):
    home, world, url = served
    monkeypatch.setenv("VIGIE_WORLD_URL", url)
    # The world's mailbox shares two cores with other tests.
    monkeypatch.setattr(mailboxes, "TIMEOUT_S", 120.0)
    return home, world


def fetch(place: Any, *sources: str) -> dict[str, dict[str, Any]]:
    home, world = place
    collector = open_collector(home, clock=WorldClock(world), report=lambda _: None)
    collector.news.read = lambda: 0  # steps of reading have tests of their own
    return {one["source"]: one for one in asyncio.run(collector.fetch_news(sources))}


def newest(house: Any, source: str) -> Any:
    return [known.item.content for known in house.items.query(ItemQuery(sources=(source,), limit=200))]


def test_every_kind_is_asked_and_a_register_tells_its_changes(place):
    home, world = place
    house = open_app_context(home, clock=WorldClock(world))
    house.directory.feeds.put(OwnFeed("", "Mine", "https://tessel-herald.example/feed.atom?for=mine"))
    house.directory.feeds.put(OwnFeed("", "Outside", "https://outside.org/feed.atom"))
    done = fetch(place)
    assert set(done) == {one.id for one in feeds(SIMULATED)} | {"mine", "outside"}
    assert [(name, one["error"]) for name, one in done.items() if one["error"]] == [
        ("outside", "this installation runs a simulated market: it contacts nothing outside")
    ]
    # The first look at a register or a text has nothing to compare with.
    assert {name for name, one in done.items() if not one["shown"]} <= {
        "valmer_register", "valmer_task_force", "valmer_filings", "kestrel", "outside",
        "corvane_calendar",
    }  # fmt: skip
    assert len(house.registers.entries("valmer_register")) >= 40
    assert {row["source"] for row in stated_dates(house.facts, house.directory)[0]} == {
        "Calendar of the Bank of Corvane"
    }
    # A mailbox is asked over its own protocol, by the client that asks real ones.
    for name, mark in (
        ("chainpost_letter", "Chainpost Letter: "),
        ("veille_lettre", "La Lettre de la Veille : "),
    ):
        assert done[name]["shown"] > 5
        assert all(one.title.startswith(mark) for one in newest(house, name))
    assert newest(house, "chainpost_tv")[0].title.startswith("Video: ")
    assert all("submitted by" not in one.text for one in newest(house, "jetons"))
    assert all(one.ts_published for one in newest(house, "orvane"))

    world.publish("register")
    go(world, 5 * MINUTE_MS)
    done = fetch(place, "valmer_register", "valmer_task_force", "valmer_filings")
    assert (done["valmer_register"]["new"], done["valmer_task_force"]["new"]) == (2, 1)
    assert sorted(one.kind for one in house.registers.changes("valmer_register")) == ["added", "ended"]
    (said,) = newest(house, "valmer_task_force")
    assert any(line.startswith("+ Last decision: ") for line in said.text.split("\n"))
    # What was kept says the same when it is read once more.
    before = (house.items.count(), house.registers.states())
    for name in ("valmer_register", "chainpost_letter", "veille_lettre"):
        again = reparse_source(house, home / "feeds", name)
        assert (again.revisions, again.changes, again.left_out) == (0, 0, ())
        assert again.read > 0
    assert (house.items.count(), house.registers.states()) == before
    assert done["valmer_filings"]["shown"] >= 1
    assert newest(house, "valmer_filings")[0].title.startswith(("8-K: ", "10-Q: "))


def test_a_mailbox_that_was_added_is_asked_in_the_world_and_nowhere_outside(place):
    home, world = place
    house = open_app_context(home, clock=WorldClock(world))
    for title, host, user in (
        ("My letters", "imap.mine.example", "reader@demo.example"),
        ("Of nobody", "imap.mine.example", "nobody@demo.example"),
        ("Real letters", "imap.gmail.com", "reader@demo.example"),
    ):
        run_operation(
            house,
            person(),
            "own_feeds.put_mailbox",
            {"host": host, "user": user, "title": title, "folder": "Actualités"},
        )
    done = fetch(place, "my_letters", "of_nobody", "real_letters")
    assert done["my_letters"]["error"] == ""
    assert done["my_letters"]["shown"] > 5
    assert newest(house, "my_letters")[0].title.startswith("La Lettre de la Veille : ")
    assert done["of_nobody"]["error"].startswith("user name and password were refused")
    assert "nobody@demo.example" not in done["of_nobody"]["error"]
    assert done["real_letters"]["error"] == (
        "this installation runs a simulated market: it contacts nothing outside"
    )
    for one in done:
        run_operation(house, person(), "own_feeds.remove", {"feed": one})


def test_an_outlet_that_tells_no_times_has_those_of_its_pages_a_look_later(place):
    home, world = place
    house = open_app_context(home, clock=WorldClock(world))
    go(world, 6 * HOUR_MS)
    fetch(place, "brague")
    dated = sum(one.ts_published is not None for one in newest(house, "brague"))
    fetch(place, "brague")
    assert sum(one.ts_published is not None for one in newest(house, "brague")) == dated + 3
    # Dates that pages stated are not in the answer; they are not lost when that is read once more.
    assert reparse_source(house, home / "feeds", "brague").revisions == 0


def test_what_was_asked_by_hand_is_told_and_kept_answers_are_read_again(place):
    home, world = place
    house = open_app_context(home, clock=WorldClock(world))
    fetch(place, "chainpost", "tessel")
    states = {one.source: one.state for one in house.quotes.health()}
    assert (states["chainpost/feed"], states["tessel/feed"]) == ("live", "live")
    before = house.items.count()
    feeds_folder = home / "feeds"
    kept = len(house.documents.list("chainpost/feed"))
    assert reparse_source(house, feeds_folder, "chainpost") == RereadResult(kept)
    # As a program would that could not read one entry of an older answer.
    oldest = house.documents.list("chainpost/feed")[0]
    longer = oldest.body["body"].replace(
        "<item>", "<item><title>Lost</title><guid>lost</guid></item><item>", 1
    )
    house.documents.put("chainpost/feed", oldest.key, oldest.ts_known - 1, {**oldest.body, "body": longer})
    assert reparse_source(house, feeds_folder, "chainpost").revisions == 1
    assert house.items.count() == before + 1
    with pytest.raises(UsageError, match="there is no news source"):
        reparse_source(house, feeds_folder, "nobody")


def test_sources_say_how_complete_and_how_late_they_are(place):
    home, world = place
    house = open_app_context(home, clock=WorldClock(world))
    fetch(place, "marketlamp")
    for _ in range(8):
        go(world, 6 * HOUR_MS)
        fetch(place, "marketlamp")
    bomb = UnreadableEntry(
        "marketlamp", "the feed declares its own XML entities, which no feed needs: it was not read", ""
    )
    house.items.take(SourceFetch("tessel", world.now_ms(), (), (bomb,)))
    rows = {row["source"]: row for row in run_operation(house, person(), "sources.punctuality", {}).rows}
    one = rows["marketlamp"]
    assert (one["whole_share"], one["dated_share"], one["refused"]) == (1.0, 1.0, 0)
    # Asked every six hours of the market: nothing was seen later than that.
    assert 0 < one["half_ms"] <= one["most_ms"] <= 6 * HOUR_MS
    assert rows["tessel"]["refused"] == 1


class Hostile:
    """A source whose answer was built to harm."""

    async def pull(self, bookmark: str) -> Any:
        raise DataError("the feed declares its own XML entities, which no feed needs: it was not read")


def test_an_answer_that_was_built_to_harm_is_kept_with_its_reason_and_counted_once(place):
    home, world = place
    house = open_app_context(home, clock=WorldClock(world))
    desk = NewsPipeline(house.items, lambda: 0, WorldClock(world))
    harm: Any = Hostile()
    connector = Connector("tessel_copy/feed", 60.0, source=harm, brings_news=True)
    for _ in range(2):
        (told,) = asyncio.run(desk.fetch([connector], house.bookmarks, ()))
    assert told["error"].startswith("the feed declares its own XML entities, which no")
    assert [one.why for one in house.items.list_unreadable("tessel_copy")] == [told["error"]]
    assert [one.refused for one in house.items.states() if one.source == "tessel_copy"] == [1]
