"""No story twice in a weekly brief: whatever stories its items were put into, when, and in whatever order they come."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.databases import HandClock
from tests.houses import house
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.domain.time import DAY_MS, parse_time
from vigie.ports.items import StoredRevision
from vigie.services.needs import bound
from vigie.services.news.brief.brief import MOST_RELEASES, MOST_STORIES, build_brief
from vigie.services.news.brief.page import build_sections, render_text
from vigie.services.news.brief.words import TEXTS

MONDAY = parse_time("2025-07-14")
WEEK = "2025-W29"
SOURCES = ("sec_press", "cftc", "coindesk", "decrypt", "journalducoin")


class Items:
    """A store of readings that need not agree with each other, as they do not while items are read again."""

    def __init__(self, known, before=()):
        self.known, self.before = known, before

    def query(self, item_query):
        return self.known

    def list_tagged(self, kind, values, **more):
        every = [*self.known, *self.before]
        found = {value: [one for one in every if story(one) == value] for value in values}
        return {value: held for value, held in found.items() if held}

    def joins_of(self, stories):
        return []

    def histories(self, items, steps=()):
        return {one.item.id: [one] for one in self.before if one.item.id in items}


def story(known):
    return known.findings["story"].body["story"] if "story" in known.findings else ""


def known(name, source, minute, put_into, of=""):
    ts = MONDAY + minute * 60_000
    said = Sighting(
        source, name, f"https://a.example/{name}", f"Title {name} of it", ts_published=ts, precision="minute"
    )
    found = {"duplicate": ItemFinding("duplicate", 1, {"of": of}, "")}
    if put_into:
        found["story"] = ItemFinding("story", 1, {"story": put_into}, "")
    return StoredRevision(int(name[1:]), NewsItem(name, 1, said, ts, ts), ts, findings=found)


@st.composite
def weeks(draw):
    """Items whose stories and originals are any of them, or what lies before the week; those may be joined too."""
    # No more than a brief has lines for: what is left out is another test.
    count = draw(st.integers(1, MOST_RELEASES))
    names = [f"i{number}" for number in range(count)]
    old = ["b100", "b101"]
    anything = st.sampled_from([*names, *old])
    items = [
        known(
            name, draw(st.sampled_from(SOURCES)), draw(st.integers(0, 9_000)),
            draw(st.one_of(st.just(""), st.just(name), anything)), draw(st.one_of(st.just(""), st.just(""), anything)),
        )
        for name in names
    ]  # fmt: skip
    before = [
        known(name, draw(st.sampled_from(SOURCES)), -draw(st.integers(1, 9_000)), draw(anything))
        for name in old
    ]
    return items, before


def groups(items, before):
    """Which items tell of one event, by walking from each to all that it is tied to."""
    ties = {}
    for one in [*items, *before]:
        for other in (story(one), one.findings["duplicate"].body["of"]):
            if other and (one in items or other == story(one)):
                ties.setdefault(one.item.id, set()).add(other)
                ties.setdefault(other, set()).add(one.item.id)
    found = {}
    for one in items:
        reached, waiting = set(), [one.item.id]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += ties.get(name, ())
        found[one.item.id] = frozenset(reached)
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home") / "h", clock=HandClock(MONDAY + 9 * DAY_MS))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(week=weeks(), order=st.randoms(use_true_random=False))
def test_no_event_stands_in_two_lines_and_no_release_is_lost(place, week, order):
    items, before = week
    found = bound(replace(place, items=Items(items, before)), build_brief)(WEEK, "en")
    by_id = {one.item.id: one for one in [*items, *before]}
    event_of = groups(items, before)
    event_of |= {name: next((e for e in event_of.values() if name in e), frozenset({name})) for name in by_id}
    heads = [one.head.item.id for one in found.stories] + [event[0].item.id for event in found.releases]
    assert len({event_of[name] for name in heads}) == len(heads)
    assert len(found.stories) <= MOST_STORIES
    # Each release stands in a line, is one of a story, or is counted among those left out.
    releases = [
        one
        for one in items
        if one.item.content.source.startswith(("sec_press", "cftc"))
        and not one.findings["duplicate"].body["of"]
    ]
    shown = sum(len(event) for event in found.releases)
    assert found.more_releases == 0
    assert shown + found.n_releases_in_stories == len(releases)
    told = {event_of[one.head.item.id] for one in found.stories}
    assert found.n_releases_in_stories == sum(event_of[one.item.id] in told for one in releases)
    # In whatever order a store gives them.
    mixed = list(items)
    order.shuffle(mixed)
    again = bound(replace(place, items=Items(mixed, list(reversed(before)))), build_brief)(WEEK, "en")
    assert render_text(again, "en") == render_text(found, "en")


def test_a_story_whose_first_item_was_joined_to_another_late_stands_once(place):
    """The first of a story is read again and is of another one, while what followed it says the old one."""
    items = [
        known("i1", "coindesk", 10, "i1"), known("i2", "decrypt", 20, "i1"),
        known("i3", "journalducoin", 30, "i2"), known("i4", "sec_press", 40, "i3"),
    ]  # fmt: skip
    found = bound(replace(place, items=Items(items)), build_brief)(WEEK, "en")
    (only,) = found.stories
    assert only.publishers == 4
    assert not found.releases
    assert found.n_releases_in_stories == 1


def test_a_story_that_began_before_the_week_and_was_joined_then_stands_once(place):
    items = [known("i1", "coindesk", 10, "i1"), known("i2", "decrypt", 20, "b100")]
    before = [known("b100", "journalducoin", -50, "i1")]
    found = bound(replace(place, items=Items(items, before)), build_brief)(WEEK, "en")
    assert len(found.stories) == 1


def test_what_a_story_tells_of_is_no_release_beside_it_and_keeps_its_link(place):
    items = [
        known("i1", "coindesk", 10, "i1"), known("i2", "sec_press", 20, "i1"), known("i3", "cftc", 30, "i3"),
        known("i4", "sec_press", 2_000, "i3"),
    ]  # fmt: skip
    found = bound(replace(place, items=Items(items)), build_brief)(WEEK, "en")
    sections = {one.title: one for one in build_sections(found, "en")}
    stories, regulation = sections[TEXTS["en"]["stories"]], sections[TEXTS["en"]["regulation"]]
    assert [one.text for one in stories.lines] == ["Title i2 of it"]
    # One act of two authorities is one line that names both.
    (line,) = regulation.lines
    assert line.text == "Title i3 of it"
    assert line.below.count("; ") == 1
    assert regulation.more == "Releases already covered above: 1."
    assert render_text(found, "en").count("https://a.example/i2") == 1
