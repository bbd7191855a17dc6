from collections import Counter, defaultdict
from difflib import SequenceMatcher

import pytest

from tests.unit.sandbox.world.hands import HOUR_MS, MINUTE_MS, go, small_world
from vigie.domain.errors import UsageError
from vigie_sandbox.world.home import load_or_create_world, save_world
from vigie_sandbox.world.newsroom.archive import Archive
from vigie_sandbox.world.newsroom.articles import write_article
from vigie_sandbox.world.newsroom.events import EventPlan
from vigie_sandbox.world.newsroom.grammar import load_templates, load_words
from vigie_sandbox.world.newsroom.outlets import LOOK_ALIKE, MEDIA, OUTLETS


def told(world, archive=None):
    """Return (id, outlet, time, title) of everything published until now."""
    archive = archive or Archive(world)
    now = world.now_ms()
    return [
        (p.id, p.outlet.id, p.ts, write_article(world, p, now).title) for p in archive.all_pieces_until(now)
    ]


@pytest.fixture(scope="module")
def past():
    """Return a world and what was published before it opened."""
    world = small_world()
    archive = Archive(world)
    return world, archive, archive.all_pieces_until(world.now_ms())


def by_event(pieces):
    found = defaultdict(list)
    for piece in pieces:
        found[piece.event.id].append(piece)
    return found


def test_the_same_seed_publishes_the_same_and_another_seed_does_not():
    same, again, other = small_world(), small_world(), small_world(seed=4)
    assert told(same) == told(again)
    assert told(same) != told(other)


def test_it_does_not_matter_how_time_is_cut_into_pieces():
    at_once, in_steps = small_world(quiet=False), small_world(quiet=False)
    go(at_once, 30 * HOUR_MS)
    archive, seen = Archive(in_steps), set()
    for step in range(40):
        go(in_steps, 45 * MINUTE_MS)
        now = in_steps.now_ms()
        known = {(one.id, one.ts) for one in archive.all_pieces_until(now)}
        # Nothing appears in a past that was looked at already, and nothing goes.
        assert seen <= known
        assert step == 0 or all(ts > now - 45 * MINUTE_MS for _, ts in known - seen)
        seen = known
    assert told(at_once) == told(in_steps, archive)


def test_titles_vary(past):
    world, _, pieces = past
    since = world.now_ms() - 9 * 24 * HOUR_MS
    fresh = [p for p in pieces if p.kind in ("own", "official") and p.ts > since]
    own = [write_article(world, p, world.now_ms()).title for p in fresh]
    assert len(set(own)) > 0.8 * len(own) > 100


def test_a_first_visit_shows_a_month_with_whole_events(past):
    world, archive, pieces = past
    now = world.now_ms()
    older = [piece for outlet in OUTLETS for piece in archive.older(outlet, now)]
    assert min(piece.ts for piece in older) < now - 30 * 24 * HOUR_MS
    newest = {piece.id for outlet in OUTLETS for piece in archive.newest(outlet, now)}
    shown = newest | {piece.id for piece in older}
    told = {piece.event.id for piece in older}
    assert {p.id for p in pieces if p.event.id in told} <= shown
    # A few events a day: a first look takes what a feed's reader takes at once.
    assert 200 < len(older) < 600


def test_an_event_is_told_by_several_outlets_in_two_languages_with_delays(past):
    _, _, pieces = past
    arcs = [group for group in by_event(pieces).values() if group[0].event.is_arc]
    whole = [group for group in arcs if len(group) == 2 + len(MEDIA)]
    assert len(whole) >= 5
    for group in whole:
        assert {one.outlet.language for one in group} == {"en", "fr"}
        assert group[0].outlet.id == "valmer"
        assert len({one.ts for one in group}) == len(group)
        assert Counter(one.kind for one in group) == {"official": 1, "own": 5, "wrong": 1, "copy": 1}


def test_a_copy_is_nearly_its_source(past):
    world, archive, pieces = past
    copies = [one for one in pieces if one.kind == "copy"]
    assert len(copies) > 20
    now = world.now_ms()
    for copy in copies:
        source = archive.find(copy.source.id, now)
        texts = [" ".join(write_article(world, one, now).paragraphs) for one in (copy, source)]
        likeness = SequenceMatcher(None, *(text.split() for text in texts), autojunk=False).ratio()
        assert likeness > 0.7
        assert copy.ts > source.ts


def test_a_wrong_figure_contradicts_the_others_and_is_corrected_under_the_same_address():
    world = small_world()
    cue = world.publish("story")
    archive = Archive(world)
    # A delay, then three to six hours.
    go(world, 11 * HOUR_MS)
    group = [
        one for one in archive.all_pieces_until(world.now_ms()) if one.event.ts == cue.ts and one.event.is_arc
    ]
    wrong = next(one for one in group if one.kind == "wrong")
    before, after = (write_article(world, wrong, ts) for ts in (wrong.corrected_ms - 1, wrong.corrected_ms))
    assert before.url == after.url
    assert after.title.startswith(tuple(load_words()["marks"]["correction"]))
    assert after.title.partition(": ")[2] != before.title
    assert (before.changed_ms, after.changed_ms) == (wrong.ts, wrong.corrected_ms)
    denials = [one for one in archive.all_pieces_until(world.now_ms()) if one.event.kind == "legal.denial"]
    assert denials[-1].event.fixed_facts["firm"] in " ".join(before.paragraphs)


def test_a_giveaway_is_linked_to_at_the_look_alike_and_taken_away_later():
    world = small_world()
    world.publish("giveaway")
    archive = Archive(world)
    piece = archive.all_pieces_until(world.now_ms())[-1]
    article = write_article(world, piece, world.now_ms())
    assert piece.outlet.tier == "aggregator"
    assert article.url.startswith(f"https://{LOOK_ALIKE}/")
    go(world, 9 * HOUR_MS)
    assert archive.find(piece.id, world.now_ms()) is None


def test_every_kind_of_trap_and_noise_is_there(past):
    _, _, pieces = past
    kinds = {one.event.kind for one in pieces}
    assert sum(kind.startswith("homonym.") for kind in kinds) >= 6
    assert {"newcoin.listed", "emerging.spread", "scam.giveaway", "regulation.licence_withdrawn"} <= kinds
    official = Counter(one.event.kind.partition(".")[0] for one in pieces if one.outlet.id == "valmer")
    assert official["routine"] >= 20


def test_a_word_is_rare_at_first_and_common_later():
    world = small_world()
    archive = Archive(world)
    go(world, 6 * 24 * HOUR_MS)
    ages = [
        one.event.ts % (5 * 24 * HOUR_MS) / (5 * 24 * HOUR_MS)
        for one in archive.all_pieces_until(world.now_ms())
        if one.event.kind.startswith("emerging.") and one.ts == one.event.ts
    ]
    assert sum(age > 0.5 for age in ages) > 1.5 * sum(age < 0.5 for age in ages)


def test_reports_of_moves_follow_what_the_tape_shows():
    world = small_world()
    scene = world.start_scene("flash-crash")
    archive = Archive(world)
    go(world, 3 * HOUR_MS)
    reports = [
        one for one in archive.all_pieces_until(world.now_ms())
        if one.event.kind == "market.down" and one.event.ts > scene.start_ms
    ]  # fmt: skip
    assert reports
    assert all(one.event.ts >= scene.start_ms // HOUR_MS * HOUR_MS + HOUR_MS for one in reports)
    assert all(one.event.fixed_facts["move"] > 5.0 for one in reports)


def test_a_venue_that_is_out_is_reported_within_minutes_of_its_silence():
    world = small_world()
    archive = Archive(world)
    archive.all_pieces_until(world.now_ms())
    scene = world.start_scene("venue-outage")
    go(world, 12 * MINUTE_MS)
    first = next(
        one for one in archive.all_pieces_until(world.now_ms()) if one.event.kind == "market.venue_out"
    )
    assert scene.start_ms < first.ts <= scene.start_ms + 10 * MINUTE_MS
    text = " ".join(write_article(world, first, world.now_ms()).paragraphs)
    assert "Binance" in text
    assert "simul" in text


def test_what_happens_around_planned_scenes_comes_before_or_after_and_in_any_tone():
    lead, tones = [], Counter()
    for seed in range(2):
        world = small_world(seed=seed, quiet=False)
        plan = EventPlan(world)
        for _ in range(6):
            go(world, 30 * HOUR_MS)
            for event in plan.events(world.now_ms()):
                name, _, start = event.id.partition("/")
                if name == "around":
                    lead.append((event.ts - int(start)) / MINUTE_MS)
                    tones[load_templates()[event.kind].tone] += 1
    assert len(lead) > 30
    assert min(lead) >= -90
    assert max(lead) <= 90
    assert 0.35 < sum(one < 0 for one in lead) / len(lead) < 0.65
    assert min(tones[-1], tones[1]) > 0.2 * len(lead)


@pytest.mark.parametrize("coin", ["bitcoin", "ethereum"])
def test_the_regulator_publishes_about_a_coin_when_it_is_asked_to(coin):
    world = small_world()
    go(world, 90_500)
    archive = Archive(world)
    before = len(archive.all_pieces_until(world.now_ms()))
    cue = world.publish("regulator", coin)
    fresh = archive.all_pieces_until(world.now_ms())[before:]
    assert [(one.outlet.id, one.ts) for one in fresh] == [("valmer", cue.ts)]
    assert world.coin_by_id[coin].name in write_article(world, fresh[0], world.now_ms()).title


def test_what_was_asked_for_is_remembered_with_the_world(tmp_path):
    world = small_world()
    world.publish("story", "solana")
    go(world, 5 * HOUR_MS)
    save_world(world, tmp_path)
    again = load_or_create_world(lambda: 0.0, 0, seed=1, speed=60.0, home=tmp_path)
    assert again.news_requests == world.news_requests


@pytest.mark.parametrize(("what", "coin"), [("weather", "bitcoin"), ("regulator", "nonsense")])
def test_nothing_else_can_be_asked_for(what, coin):
    with pytest.raises(UsageError, match="must be"):
        small_world().publish(what, coin)


def test_old_pieces_are_forgotten_but_feeds_stay_full():
    world = small_world()
    archive = Archive(world)
    for _ in range(3):
        go(world, 20 * 24 * HOUR_MS)
        archive.all_pieces_until(world.now_ms())
    kept = archive.all_pieces_until(world.now_ms())
    # The office publishes a few times a day at most; its feed may reach back farther.
    assert min(one.ts for one in kept if one.outlet.id == "chainpost") > world.now_ms() - 42 * 24 * HOUR_MS
    assert all(len(archive.newest(outlet, world.now_ms())) == 40 for outlet in MEDIA)
    # A world that is opened again shows the same, and need not write all of its past for that.
    again, now = Archive(world), world.now_ms()
    for outlet in OUTLETS:
        assert [one.id for one in again.newest(outlet, now)] == [
            one.id for one in archive.newest(outlet, now)
        ]
    assert again.register_at(now) == archive.register_at(now)
    assert (
        min(one.ts for one in again.all_pieces_until(now) if one.outlet.id == "tessel")
        > now - 42 * 24 * HOUR_MS
    )
