"""Dry runs: reading less finds the same, and a page that is opened again asks nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.databases import HandClock
from tests.houses import house, person
from vigie.domain.alert import AlertRule
from vigie.domain.errors import UsageError
from vigie.domain.item import Sighting
from vigie.domain.register import RegisterEntry
from vigie.ports.registers import RegisterSnapshot
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.preview.items import find_item_events
from vigie.services.alerting.preview.kinds import preview_past_events
from vigie.services.caches.alert_previews import FRESH_MS, PreviewCache
from vigie.services.needs import bound, provide
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.news.entities.warnings import WarningSources
from vigie.services.operation import NoInput
from vigie.services.operations.alert_previews import list_ready_rules

TITLES = (
    ("sec_press", "SEC charges a bitcoin lender with fraud"),
    ("sec_press", "SEC approves rule on ether custody"),
    ("sec_press", "Bitcoin fund listing approved by the agency"),
    ("decrypt", "Bitcoin exchange hacked, millions stolen"),
    ("decrypt", "Ethereum ETF sees record inflows"),
    ("nobody-lists-this", "Bitcoin ETF approved by the SEC"),
)
RULES: tuple[dict[str, tuple[str, ...]], ...] = (
    {"tier": ("regulator",), "assets": ("bitcoin",)},
    {"tier": ("social", "regulator"), "assets": ("bitcoin",)},
    {"source": ("decrypt",), "tier": ("media",)},
    {"topics": ("etf",)},
    {"topics": ("regulation",)},
    {"entities": ("org:sec",), "words": ("approves OR approved",)},
    {},
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    clock = HandClock()
    made = house(tmp_path_factory.mktemp("home") / "home", with_bars=False, clock=clock)
    for source in {one for one, _ in TITLES}:
        sightings = [
            Sighting(
                source, title, f"https://{source}.example/{number}", title, ts_published=clock.now - number
            )
            for number, (one, title) in enumerate(TITLES)
            if one == source
        ]
        made.items.take(SourceFetch(source, clock.now, sightings))
    while ItemReader(made, tell=lambda *_: 0).read_some():
        pass
    return made


def test_reading_only_what_the_store_can_tell_finds_what_reading_everything_finds(place):
    everything = bound(place, find_item_events)({})
    assert everything.is_whole
    assert len(everything.events) == len(TITLES)
    less = 0
    for when in RULES:
        narrowed = bound(place, find_item_events)(when)
        rule = AlertRule("", "", "", "item", when)
        assert preview_past_events(rule, narrowed).count == preview_past_events(rule, everything).count > 0, (
            when
        )
        less += len(narrowed.events) < len(everything.events)
    assert less == len(RULES) - 2


def test_a_dry_run_tells_what_names_a_firm_that_is_warned_of(tmp_path):
    clock = HandClock()
    made = house(tmp_path / "home", with_bars=False, clock=clock)
    titles = ("Bitcoin of Zentor Markets Ltd is gone", "Bitcoin of others is gone")
    said = [
        Sighting("decrypt", one, f"https://decrypt.co/{one}", one, ts_published=clock.now) for one in titles
    ]
    made.items.take(SourceFetch("decrypt", clock.now, said))
    while ItemReader(made, tell=lambda *_: 0).read_some():
        pass
    row = RegisterEntry("esma_non_compliant", "z", "Zentor Markets Ltd")
    made.registers.take(RegisterSnapshot("esma_non_compliant", clock.now, [row]))
    run = preview_past_events(
        AlertRule("", "", "", "item", {"warned": ("yes",)}),
        bound(made, find_item_events)({"warned": ("yes",)}),
    )
    assert [one.title for one in run.examples] == [titles[0]]


def test_ready_rules_are_counted_once_in_five_minutes(place):
    asked = []

    class Asked:
        def __getattr__(self, name: str) -> Any:
            asked.append(name)
            return getattr(place.items, name)

    watched = replace(place, items=Asked())
    first = list_ready_rules(
        person(),
        NoInput(),
        provide(watched, WarningSources),
        watched.bookmarks,
        watched.items,
        watched.clock,
        watched.directory,
        watched.preview_cache,
    )
    assert [one.count for one in first.rules if one.key == "bitcoin"] == [2]
    before = len(asked)
    assert asked.count("query") == 2, "one page that holds something and one that does not, for all of them"
    assert (
        list_ready_rules(
            person(),
            NoInput(),
            provide(watched, WarningSources),
            watched.bookmarks,
            watched.items,
            watched.clock,
            watched.directory,
            watched.preview_cache,
        )
        is first
    )
    assert len(asked) == before > 0
    place.clock.now += FRESH_MS
    list_ready_rules(
        person(),
        NoInput(),
        provide(watched, WarningSources),
        watched.bookmarks,
        watched.items,
        watched.clock,
        watched.directory,
        watched.preview_cache,
    )
    assert len(asked) > before


def test_one_looks_back_at_a_time_and_who_is_not_let_in_is_told():
    lookback = PreviewCache()

    def looking():
        with pytest.raises(UsageError, match="too many previews over 90 days are running; try"):
            lookback.run_alone(lambda: "two at once", patience_s=0.0)
        return "found"

    assert lookback.run_alone(looking) == "found"
    assert lookback.run_alone(lambda: "the next") == "the next"
