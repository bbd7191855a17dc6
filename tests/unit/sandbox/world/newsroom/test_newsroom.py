import csv
import io
import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from email.utils import formatdate

import feedparser
import httpx
import pytest

from tests.unit.sandbox.world.hands import HOUR_MS, MINUTE_MS, go, small_world
from tests.unit.sandbox.world.newsroom.rooms import feed_of, get, path_of
from vigie_sandbox.world.newsroom.licences import lei_of
from vigie_sandbox.world.newsroom.newsroom import Newsroom
from vigie_sandbox.world.newsroom.outlets import LOOK_ALIKE, MIRROR, OFFICE, OUTLETS, REGISTER_PATH, REGULATOR
from vigie_sandbox.world.server import serving
from vigie_sandbox.world.wire import ServiceRefusal

FED = [one for one in OUTLETS if one.form in ("rss", "atom")]
JSON = [one for one in OUTLETS if one.form == "json"]


@pytest.fixture(scope="module")
def quiet():
    """Return a world and its newsroom, whose clock nobody moves."""
    world = small_world()
    return world, Newsroom(world)


@pytest.fixture
def moving():
    """Return a world and its newsroom, for tests that let time pass."""
    world = small_world()
    return world, Newsroom(world)


@pytest.mark.parametrize("outlet", FED, ids=lambda one: one.id)
def test_feeds_are_read_by_feedparser_without_a_complaint(quiet, outlet):
    world, room = quiet
    text = feed_of(room, world, outlet)
    ET.fromstring(text)
    found = feedparser.parse(text)
    assert not found.bozo
    assert found.version == {"rss": "rss20", "atom": "atom10"}[outlet.form]
    assert found.feed.language == outlet.language
    assert "simul" in found.feed.title
    # What was withdrawn meanwhile leaves its place empty.
    older = room.archive.older(outlet, world.now_ms())
    assert 30 + len(older) // 2 <= len(found.entries) <= 40 + len(older)
    assert len({one.id for one in found.entries}) == len(found.entries)
    for one in found.entries:
        seen = datetime(*one.published_parsed[:6], tzinfo=UTC).timestamp() * 1_000
        assert seen <= world.now_ms()
        assert one.title
        assert one.summary
        assert one.tags[0].term.startswith("simul")


@pytest.mark.parametrize("outlet", JSON, ids=lambda one: one.id)
def test_json_feeds_have_what_version_1_1_asks_for(quiet, outlet):
    world, room = quiet
    told = json.loads(feed_of(room, world, outlet))
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == outlet.address
    assert len(told["items"]) == 40 + len(room.archive.older(outlet, world.now_ms()))
    for one in told["items"]:
        assert {"id", "url", "title", "content_text"} <= set(one)
        assert ("date_published" in one) is outlet.is_dated


@pytest.mark.parametrize("outlet", OUTLETS, ids=lambda one: one.id)
def test_every_link_of_a_list_leads_to_a_page_with_its_time_and_whole_text(quiet, outlet):
    world, room = quiet
    for piece in room.archive.newest(outlet, world.now_ms())[:5]:
        article = room._articles([piece], world.now_ms())
        if not article:
            continue
        page = str(get(room, world, *path_of(article[0].url)).body)
        stamp = datetime.fromtimestamp(piece.ts / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert f'<meta property="article:published_time" content="{stamp}">' in page
        assert f'<time datetime="{stamp}">' in page
        assert 'class="simulated"' in page
        assert page.count("<p>") >= 2 + len(article[0].paragraphs)


@pytest.mark.parametrize("outlet", [one for one in OUTLETS if one.form != "page"], ids=lambda one: one.id)
def test_who_has_a_feed_already_is_told_so(quiet, outlet):
    world, room = quiet
    first = get(room, world, outlet.host, outlet.path)
    tag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    for known in (
        {"if_none_match": tag},
        {"if_none_match": f'"old", W/{tag}'},
        {"if_modified_since": changed},
    ):
        again = get(room, world, outlet.host, outlet.path, **known)
        assert (again.status, again.body) == (304, "")
        assert again.headers["ETag"] == tag
    # A tag that is not ours outweighs a date that is.
    other = get(room, world, outlet.host, outlet.path, if_none_match='"other"', if_modified_since=changed)
    assert other.status == 200
    # Who asks for the first time is shown older pieces as well.
    assert len(str(other.body)) <= len(str(first.body))
    older = get(room, world, outlet.host, outlet.path, if_modified_since=formatdate(0, usegmt=True))
    assert older.status == 200
    assert get(room, world, outlet.host, outlet.path, if_modified_since="yesterday").status == 200


def test_a_feed_changes_when_the_clock_reaches_the_next_piece(moving):
    world, room = moving
    outlet = FED[1]
    tag = get(room, world, outlet.host, outlet.path).headers["ETag"]
    newest = room.archive.newest(outlet, world.now_ms())[0].id
    for _ in range(48):
        go(world, 30 * MINUTE_MS)
        answer = get(room, world, outlet.host, outlet.path, if_none_match=tag)
        is_same = room.archive.newest(outlet, world.now_ms())[0].id == newest
        if not is_same:
            break
        assert answer.status == 304
    assert answer.status == 200
    assert not is_same


def test_a_correction_changes_the_feed_and_its_times_but_not_the_id(moving):
    world, room = moving
    world.publish("story")
    go(world, 4 * HOUR_MS)
    now = world.now_ms()
    wrong = next(p for p in room.archive.all_pieces_until(now) if p.kind == "wrong" and p.corrected_ms > now)
    outlet = wrong.outlet
    before = get(room, world, outlet.host, outlet.path)
    go(world, wrong.corrected_ms - now)
    after = get(room, world, outlet.host, outlet.path, if_none_match=before.headers["ETag"])
    assert after.status == 200
    assert wrong.id in str(before.body)
    assert wrong.id in str(after.body)
    assert after.headers["Last-Modified"] == formatdate(wrong.corrected_ms / 1_000, usegmt=True)


def test_the_office_has_a_page_and_no_feed(quiet):
    world, room = quiet
    page = str(get(room, world, OFFICE.host, OFFICE.path).body)
    assert '<ul class="releases">' in page
    shown = (room.archive.newest, room.archive.older)
    assert page.count("<li><time datetime=") == sum(len(one(OFFICE, world.now_ms())) for one in shown) >= 15
    assert "application/rss" not in page


def test_the_register_gains_a_licence_and_loses_one(moving):
    world, room = moving
    before = rows_of(room, world)
    world.publish("register")
    after = rows_of(room, world)
    added = set(after) - set(before)
    ended = {lei for lei, row in after.items() if row["ac_authorisationEndDate"]}
    ended -= {lei for lei, row in before.items() if row["ac_authorisationEndDate"]}
    assert (len(added), len(ended)) == (1, 1)
    titles = feed_of(room, world, REGULATOR)
    for lei in added | ended:
        assert after[lei]["ae_lei_name"] in titles
    assert get(room, world, REGULATOR.host, REGISTER_PATH).headers["ETag"]


def rows_of(room, world):
    """Return the rows of the register by their identifier."""
    answer = get(room, world, REGULATOR.host, REGISTER_PATH)
    assert answer.media.startswith("text/csv")
    found = list(csv.DictReader(io.StringIO(str(answer.body))))
    assert len({row["ae_lei"] for row in found}) == len(found) >= 40
    return {row["ae_lei"]: row for row in found}


def test_identifiers_of_firms_have_good_check_digits():
    # ISO 17442 takes over ISO 7064: the whole as a number leaves one over 97.
    for firm in ("Halvorn Capital", "Pellant", "Aldane Custody"):
        lei = lei_of(firm)
        assert len(lei) == 20
        assert int("".join(str(int(letter, 36)) for letter in lei)) % 97 == 1


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("elsewhere.example", "/"),
        ("chainpost.example", "/nothing"),
        ("chainpost.example", "/story/2026/01/01/other-words-0123456789"),
        (LOOK_ALIKE, "/"),
    ],
)
def test_what_is_not_there_is_refused(quiet, host, path):
    world, room = quiet
    with pytest.raises(ServiceRefusal) as refused:
        get(room, world, host, path)
    assert refused.value.status == 404


def test_a_piece_is_found_under_its_own_address_only(quiet):
    world, room = quiet
    article = room._articles(room.archive.newest(MIRROR, world.now_ms()), world.now_ms())[0]
    _, path = path_of(article.url)
    with pytest.raises(ServiceRefusal):
        get(room, world, "tessel-herald.example", path)


def test_over_http_a_feed_is_served_kept_broken_and_refused():
    world = small_world()
    with serving(world) as url, httpx.Client(base_url=f"{url}/newsroom", trust_env=False) as client:
        path = "/valmer-markets.example/news/feed.xml"
        first = client.get(path)
        assert first.headers["content-type"] == "application/rss+xml; charset=utf-8"
        assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
        assert client.get("/nobody.example/").status_code == 404
        world.faults.add({"service": "newsroom", "kind": "429", "path": "/chainpost.example/"})
        assert client.get(path).status_code == 200
        refused = client.get("/chainpost.example/rss.xml")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        world.faults.add({"service": "newsroom", "kind": "half-body"})
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(path)
        world.faults.add({"service": "newsroom", "kind": "5xx"})
        assert client.get(path).status_code == 503


def test_over_http_the_regulator_publishes_when_it_is_asked_to():
    world = small_world()
    with serving(world) as url, httpx.Client(base_url=url, trust_env=False) as client:
        path = "/newsroom/valmer-markets.example/news/feed.xml"
        before = client.get(path)
        told = client.post("/news/regulator", json={"coin": "ethereum"}).json()
        after = client.get(path, headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert "Ethereum" in feedparser.parse(after.text).entries[0].title
        listed = client.get("/news").json()
        assert listed["asked"] == [told]
        assert client.post("/news/weather", json={}).status_code == 400
        assert client.post("/news/regulator", json={"when": 1}).status_code == 400
        # A page of a browser does not publish.
        assert client.post("/news/regulator", json={}, headers={"Origin": "http://x"}).status_code == 403
