"""Which stories about a plan's asset are told: confirmed ones and those that many have, from the moment they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.databases import HandClock
from tests.houses import house
from vigie.domain.item import Sighting
from vigie.domain.time import HOUR_MS
from vigie.ports.source_fetches import SourceFetch
from vigie.services.needs import provide
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.plans.plan_news import StorySources, stories_since

BTC = "btc-usdt-perp"
TOLD = {
    "decrypt": "Halvorn bridge of Kestrel loses 4,000 bitcoin to a hacker overnight",
    "coindesk": "Hacker drains 4,000 bitcoin from Kestrel's Halvorn bridge",
    "theblock": "Kestrel confirms 4,000 bitcoin stolen from Halvorn bridge by a hacker",
    "cointelegraph": "4,000 bitcoin gone: hacker empties the Halvorn bridge of Kestrel",
}


@pytest.fixture
def place(tmp_path):
    return house(tmp_path / "home", with_bars=False, clock=HandClock())


def publish(place, *sources):
    """Let publishers tell one event in words of their own."""
    now = place.clock.market_now()
    for source in sources:
        said = Sighting(
            source, "k", f"https://{source}.example/k", TOLD[source], "", language="en",
            ts_published=now, precision="second",
        )  # fmt: skip
        place.items.take(SourceFetch(source, now, (said,)))
        while ItemReader(place, tell=lambda *_: 0).read_some():
            pass


def test_a_story_is_told_from_the_fourth_publisher_on_and_of_its_asset_alone(place):
    sources, armed = provide(place, StorySources), place.clock.now
    publish(place, "decrypt", "coindesk", "theblock")
    assert stories_since(sources, BTC, armed, place.clock.now) == []
    place.clock.now += HOUR_MS
    publish(place, "cointelegraph")
    (story,) = stories_since(sources, BTC, armed, place.clock.now)
    assert (story.publishers, story.ts_known) == (4, place.clock.now)
    assert story.title == TOLD["decrypt"]
    for instrument in ("eth-usdt-perp", "nowhere-usdt-perp"):
        assert stories_since(sources, instrument, armed, place.clock.now) == []
    # It mattered before this plan was armed.
    assert stories_since(sources, BTC, place.clock.now + 1, place.clock.now + HOUR_MS) == []
    # A day later it is no news.
    assert stories_since(sources, BTC, armed, place.clock.now + 26 * HOUR_MS) == []


def test_a_past_that_was_generated_is_no_news(place, monkeypatch):
    sources, armed = provide(place, StorySources), place.clock.now
    publish(place, "decrypt", "coindesk", "theblock", "cointelegraph")
    assert stories_since(sources, BTC, armed, place.clock.now)
    read = type(place.items).list_tagged

    def generated(self, *args, **more):
        return {
            value: [replace(one, item=replace(one.item, is_generated=True)) for one in found]
            for value, found in read(self, *args, **more).items()
        }

    monkeypatch.setattr(type(place.items), "list_tagged", generated)
    assert stories_since(sources, BTC, armed, place.clock.now) == []
