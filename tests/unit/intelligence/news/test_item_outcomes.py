"""What became of items: a later item of the story decides, what was found stays, scores say how sure they are."""

from __future__ import annotations

import pytest

from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.intelligence.news.item_outcomes import ItemOutcome, item_outcomes, source_scores
from vigie.intelligence.news.step import AnalysedItem

NOW = 1_760_000_000_000


def seen(
    key, *, after=0, source="outlet", tier="media", owner="", status="unconfirmed", denies="", withdrawn=False,
    is_own=True,
):  # fmt: skip
    signs = [{"code": "denies", "item": denies, "evidence": ""}] if denies else []
    if is_own and tier == "regulator":
        signs.append({"code": "first_hand", "item": "", "evidence": ""})
    by = {"tier": tier, "owner": owner or source, "host": ""}
    ts = NOW + after
    item = NewsItem(key, 1, Sighting(source, key, "", f"title {key}"), ts, ts, withdrawn)
    found = {
        "story": ItemFinding("story", 1, {"story": "s"}),
        "reliability": ItemFinding("reliability", 1, {"status": status, "signs": signs, "by": by}),
    }
    return AnalysedItem(item, found)


def became(*items):
    return {one.item: (one.became, one.by) for one in item_outcomes(items)}


def test_an_earlier_item_is_raised_by_a_regulator_that_says_it_later_and_what_was_found_stays():
    first, later = seen("a"), seen("b", after=60_000, source="sec", tier="regulator", status="confirmed")
    (one, _) = item_outcomes([later, first])
    assert (one.then, one.became, one.by, one.ts) == ("unconfirmed", "confirmed", "b", NOW + 60_000)
    assert became(first, seen("b", after=1, source="other")) == {"a": ("", ""), "b": ("", "")}


def test_nobody_confirms_himself_and_an_impostor_confirms_nobody():
    own = seen("b", after=1, source="sec", owner="outlet", tier="regulator")
    fake = seen("c", after=2, source="fake", tier="primary", status="flagged")
    assert became(seen("a"), own)["a"] == ("", "")
    assert became(seen("a"), fake)["a"] == ("", "")


def test_who_passes_on_what_others_say_confirms_nobody():
    assert became(seen("a"), seen("b", after=1, source="sec", tier="regulator"))["a"] == ("confirmed", "b")
    assert became(seen("a"), seen("b", after=1, source="sec", tier="regulator", is_own=False))["a"] == (
        "",
        "",
    )


def test_a_later_denial_disputes_another_and_corrects_an_own_one():
    assert became(seen("a"), seen("b", after=1, source="other", denies="a"))["a"] == ("disputed", "b")
    assert became(seen("a"), seen("b", after=1, denies="a"))["a"] == ("corrected", "b")
    assert became(seen("a", withdrawn=True))["a"] == ("withdrawn", "a")


def test_a_score_of_little_has_a_wide_interval_and_of_nothing_none():
    few = [ItemOutcome(str(n), "few", "", "confirmed") for n in range(2)]
    many = [ItemOutcome(str(n), "many", "", "confirmed" if n % 10 else "withdrawn") for n in range(200)]
    found = {one.source: one for one in source_scores([*few, *many, ItemOutcome("x", "none", "", "")])}
    assert (found["few"].share, found["few"].high) == (1.0, 1.0)
    assert found["few"].low == pytest.approx(0.342, abs=0.001)
    assert (found["many"].low, found["many"].high) == pytest.approx((0.851, 0.934), abs=0.001)
    assert found["none"].share is None


def test_what_a_regulator_says_of_its_own_doing_needs_nobody_else_to_say_it():
    own = seen("a", source="sec", tier="regulator", status="confirmed")
    passed_on = seen("b", source="sec", tier="regulator", is_own=False)
    taken_back = seen("c", source="sec", tier="regulator", withdrawn=True)
    (found,) = source_scores(item_outcomes([own]))
    assert (found.counts, found.share) == ({"confirmed": 1}, 1.0)
    assert source_scores(item_outcomes([passed_on]))[0].share is None
    assert source_scores(item_outcomes([taken_back]))[0].share == 0.0
    assert became(own) == {"a": ("", "")}
