"""The step urgency: reasons that add up."""

from __future__ import annotations

from tests.unit.intelligence.news.material import PUBLISHER, Past, item, read
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.step import Context, Publisher
from vigie.intelligence.news.steps import sentiment, topics, urgency

REGULATOR = Publisher("auth", "The Authority", "regulator")


def urgent(title, publisher=PUBLISHER):
    (found,) = read([sentiment.make(), topics.make(), urgency.make()], [item(title)], publisher=publisher)
    return found["urgency"].body


def test_a_hack_is_more_urgent_than_a_guide():
    hack, guide = urgent("Exchange hacked, withdrawals suspended"), urgent("Guide: how to store coins")
    assert hack["urgency"] > 0.6 > 0.2 > guide["urgency"]
    assert {sign["code"] for sign in hack["signs"]} >= {"wording", "topic", "negative"}


def test_french_wordings_count():
    assert urgent("Piratage : la plateforme suspend les retraits")["urgency"] > 0.6


def test_a_regulator_adds():
    assert urgent("Notice", REGULATOR)["urgency"] > urgent("Notice")["urgency"]


def test_a_copy_and_what_is_old_can_wait():
    copy = ItemFinding("duplicate", 1, {"of": "first", "how": "near", "likeness": 0.9})
    step = urgency.make()
    fresh = item("Exchange hacked, withdrawals suspended")
    old = NewsItem(
        "a",
        1,
        Sighting("wire", "k", "", fresh.content.title, ts_published=fresh.ts - 13 * HOUR_MS),
        fresh.ts,
        fresh.ts,
    )
    alone = step.read(fresh, Context(PUBLISHER, Past())).body["urgency"]
    assert step.read(fresh, Context(PUBLISHER, Past(), {"duplicate": copy})).body["urgency"] < alone
    assert step.read(old, Context(PUBLISHER, Past())).body["urgency"] < alone


def test_it_stays_between_nothing_and_one():
    assert urgent("")["urgency"] >= 0.0
    most = urgent("BREAKING: SEC bans exchange after hack, founder arrested, stablecoin loses peg", REGULATOR)
    assert 0.5 < most["urgency"] <= 1.0
