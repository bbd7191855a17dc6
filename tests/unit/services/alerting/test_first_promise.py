"""The demonstration's first promise as one chain: its regulator publishes, and the mail is in its mailbox, timed."""

from __future__ import annotations

import asyncio
import re
from html import unescape

import pytest

from tests.houses import Browser, placed
from tests.unit.adapters.news.test_over_http import WorldClock
from tests.unit.sandbox.world.hands import MINUTE_MS, go, small_world
from vigie.config import settings
from vigie.config.paths import SIMULATED_FILE as MARK
from vigie.domain.person import OWNER
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.demo_world import READER, first_rules
from vigie.wiring.app_context import open_app_context
from vigie.wiring.collector import open_collector
from vigie_sandbox.world.server import serving


class MarketClock(WorldClock):
    """The world's time, which runs as fast as the wall's."""

    def market_speed(self) -> float:
        return 1.0


@pytest.fixture
def demo(tmp_path, monkeypatch):
    home = placed(tmp_path / "home", with_bars=False)
    (home / MARK).write_text("{}")
    # A simulated market keeps its database in its home whatever is set; here it lies where houses lie.
    monkeypatch.setattr(settings, "is_simulated", lambda home: False)
    world = small_world()
    with serving(world) as url:
        monkeypatch.setenv("VIGIE_WORLD_URL", url)
        yield home, world


def test_a_release_about_bitcoin_is_in_the_mailbox_with_its_times_and_what_leads_to_it(demo):
    home, world = demo
    house = open_app_context(home, clock=MarketClock(world))
    first_rules(house.alerts)

    def looked() -> None:
        collector = open_collector(home, clock=MarketClock(world), report=lambda _: None)
        asyncio.run(collector.fetch_news(("valmer",)))
        DeliveryWorker(house).send_due()

    # What it published before anybody looked is no news.
    looked()
    before = world.mailbox.received_count
    go(world, MINUTE_MS)
    world.publish("regulator", "bitcoin")
    go(world, 8_000)
    looked()
    assert world.mailbox.received_count == before + 1
    listed = Browser(house, language="en").get("/demo/mail").text
    title = next(one.alert.happening.title for one in house.alerts.list_deliveries(OWNER.user))
    assert "Bitcoin" in title
    assert title in unescape(listed)
    assert READER in listed
    shown = Browser(house, language="en").get(f"/demo/mail/{world.mailbox.received_count}").text
    for said in (
        "Publication to detection: 8.0 s",
        "Detection to this message: 0.0 s",
        "This market is simulated",
    ):
        assert said in shown
    (link,) = set(re.findall(r'href="[^"]*?(/demo/article\?url=https%3A%2F%2Fvalmer-markets[^"]+)"', shown))
    assert title in unescape(Browser(house, language="en").get(unescape(link)).text)
    # Looked at again, nothing is told twice.
    looked()
    assert world.mailbox.received_count == before + 1
