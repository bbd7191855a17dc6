"""The bell: how many alerts a person has not read, on every page, in the API and on the stream when it changes."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from tests.houses import Browser, person
from tests.unit.services.alerting.material import mailbox, mailing, read, rule
from tests.unit.views.web.test_stream import until_found
from vigie.catalogue import languages
from vigie.domain.person import OWNER
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.views.web import stream
from vigie.views.web.stream import StreamHub


@pytest.fixture
def place(tmp_path):
    with mailbox() as served:
        yield mailing(tmp_path / "home", served[1])


def tell(place, key, title):
    assert bound(place, dispatch_read_items)([read(key, title=title)]) == 1
    DeliveryWorker(place).send_due()


def bell_of(page):
    return page.split('data-bell="')[1].split("</a>")[0]


def test_the_bell_of_every_page_counts_what_was_not_read(place):
    browser = Browser(place)
    assert bell_of(browser.get("/help").text).startswith('0"')
    assert "hidden></span>" in bell_of(browser.get("/help").text)
    rule(place)
    tell(place, "1", "First")
    tell(place, "2", "Second")
    for path in ("/help", "/alerts", "/settings"):
        bell = bell_of(browser.get(path).text)
        assert 'aria-label="Notifications, 2 unread"' in bell
        assert '<span class="bell-count">2</span>' in bell
    assert 'aria-label="Notifications, 2 à lire"' in bell_of(Browser(place, language="fr").get("/help").text)
    answer = run_operation(place, person(OWNER.user), "alert_log.unread", {})
    # The clock stands: both came at the same moment, and either is the newest.
    assert answer.unread == 2
    assert answer.newest in {"First", "Second"}
    run_operation(place, person(OWNER.user), "alert_log.read", {})
    assert bell_of(browser.get("/help").text).startswith('0"')
    answer = run_operation(place, person(OWNER.user), "alert_log.unread", {})
    assert (answer.unread, answer.newest, answer.ts) == (0, "", None)


def test_somebody_else_hears_nothing_of_it(place):
    rule(place)
    tell(place, "1", "First")
    answer = run_operation(place, person("bob"), "alert_log.unread", {})
    assert (answer.unread, answer.newest) == (0, "")


def test_the_stream_tells_the_count_at_once_and_when_it_changes(place, monkeypatch):
    monkeypatch.setattr(stream, "EVERY_S", 0.01)
    rule(place)

    async def run():
        hub = StreamHub(place)
        async with aclosing(hub.listen(frozenset({"inbox"}), OWNER.user, None)) as chunks:
            first = await until_found(chunks, lambda found: found[-1][0] == "inbox")
            assert first[-1][1] == [
                {"id": "bell", "count": 0, "alerts": 0, "ts": 0, "titles": dict.fromkeys(languages(), "")}
            ]
            await asyncio.to_thread(tell, place, "1", "First")
            after = await until_found(chunks, lambda found: found[-1][0] == "inbox")
            (told,) = after[-1][1]
            assert (told["count"], told["alerts"]) == (1, 1)
            assert told["titles"] == dict.fromkeys(languages(), "First")
            assert told["ts"] > 0

    asyncio.run(run())
