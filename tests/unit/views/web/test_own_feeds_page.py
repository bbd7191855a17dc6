"""Sources of one's own: form, file in the home folder, refusals, lists of other readers, roles, languages."""

import re
from dataclasses import replace

import pytest

from tests.houses import Browser, house, person
from vigie.config import Paths
from vigie.domain.errors import Forbidden, UsageError
from vigie.domain.person import VISITOR
from vigie.ports.own_feeds import FeedLink, FeedTrial
from vigie.services.news.opml import parse_opml
from vigie.services.operation_calls import run_operation
from vigie.wiring.collector import open_collector

FEED = "https://www.office.example/feed.xml"
BOMB = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><opml><body><outline xmlUrl="https://a/&b;"/></body></opml>'


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"), with_bars=False)


@pytest.fixture(scope="module")
def browser(built):
    return Browser(built)


def feeds(built):
    return {one.id: one for one in run_operation(built, person(), "own_feeds.list", {}).feeds}


def test_a_feed_is_added_changed_paused_and_removed_by_forms(built, browser):
    assert "Add a source" in browser.get("/sources/feeds").text
    added = browser.post("/sources/feeds", {"url": FEED, "title": 'An "Office" \\ é'})
    assert (added.url.path, "Source added. First reading within seconds" in added.text) == (
        "/sources/feeds",
        True,
    )
    file = Paths(built.directory.feeds.folder.parent).feeds / "an_office_e.toml"
    assert "https://www.office.example/feed.xml" in file.read_text("utf-8")
    (note,) = [one for one in built.directory.news() if one.id == "an_office_e"]
    assert (note.title, note.domain, note.tier) == ('An "Office" \\ é', "office.example", "media")
    assert "/sources/an_office_e" in browser.get("/sources?part=news").text

    changed = {
        "feed": "an_office_e",
        "url": FEED,
        "kind": "page",
        "rows": "ul > li",
        "date": ".d",
        "publisher": "regulator",
    }
    assert "Source updated" in browser.post("/sources/feeds", changed).text
    one = feeds(built)["an_office_e"]
    assert (one.kind, one.reads, one.publisher) == ("page", {"rows": "ul > li", "date": ".d"}, "regulator")
    assert "ul &gt; li" in browser.get("/sources/feeds?feed=an_office_e").text

    browser.post("/sources/feeds/switch", {"feed": "an_office_e", "to": "off"})
    assert not any(one.id == "an_office_e" for one in built.directory.news())
    browser.post("/sources/feeds/switch", {"feed": "an_office_e", "to": "on"})
    assert (
        "Source removed. Its news stays"
        in browser.post("/sources/feeds/switch", {"feed": "an_office_e", "to": "remove"}).text
    )
    assert not file.exists()
    assert browser.post("/sources/feeds/switch", {"feed": "an_office_e", "to": "remove"}).status_code == 404


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"url": "http://127.0.0.1:8080/feed"}, "public internet"),
        ({"url": "http://[::1]/feed"}, "public internet"),
        ({"url": "http://169.254.169.254/latest"}, "public internet"),
        ({"url": "https://printer.local/feed"}, "public internet"),
        ({"url": "file:///etc/passwd"}, "address must look like"),
        ({"url": "https://user:" + "word@office.example/"}, "name"),
        ({"url": FEED, "kind": "page"}, "reads must say rows"),
        ({"url": FEED, "kind": "page", "rows": "li:first-child"}, "a selector uses tags"),
        ({"url": FEED, "kind": "json", "reads": "items data"}, "each line must say where a field is"),
        ({"url": FEED, "every_s": "1"}, "must be at least 30, was"),
        ({"url": FEED, "feed": "../../x"}, "that starts with a letter: a-z, 0-9"),
    ],
)
def test_what_cannot_be_asked_is_refused_beside_what_was_given(built, browser, form, why):
    answer = browser.post("/sources/feeds", form)
    assert answer.status_code == 400
    assert why in answer.text
    assert form["url"].split("@")[0] in answer.text
    assert feeds(built) == {}


def test_lists_of_other_readers_are_taken_and_given(built, browser):
    text = (
        '<?xml version="1.0"?><opml version="1.0"><body><outline text="Folder"><outline type="rss" text="One &amp; two"'
        ' xmlUrl="https://one.example/rss"/><outline title="Inner" xmlUrl="http://10.0.0.1/rss"/></outline>'
        '<outline text="V"'
        ' xmlUrl="https://www.youtube.com/channel/UCLA_DiR1FfKNvjuUpBHmylQ" language="fr-FR"/></body></opml>'
    )
    told = browser.post(
        "/sources/feeds/take", {}, files={"file": ("list.opml", text.encode(), "text/xml")}
    ).text
    assert "2 feeds added." in told
    assert "http://10.0.0.1/rss" in told
    kept = feeds(built)
    assert kept["v"].url == "https://www.youtube.com/feeds/videos.xml?channel_id=UCLA_DiR1FfKNvjuUpBHmylQ"
    assert (kept["v"].kind, kept["v"].language) == ("youtube", "fr")
    assert browser.get("/sources/feeds/other.opml").status_code == 404
    given = browser.get("/sources/feeds/list.opml")
    assert given.headers["content-type"].startswith("text/x-opml")
    assert [(one.title, one.url) for one in parse_opml(given.text)] == [
        (one.title, one.url) for one in kept.values()
    ]
    for odd, why in ((BOMB, "its own XML entities"), ("<rss/>", "must start with"), ("x", "cannot be read")):
        with pytest.raises(UsageError, match=why):
            parse_opml(odd)
    for one in kept:
        run_operation(built, person(), "own_feeds.remove", {"feed": one})


def test_a_removed_source_comes_back_with_its_file_as_it_was(built, browser):
    folder = built.directory.feeds.folder
    folder.mkdir(exist_ok=True)
    text = f'# By hand.\ntitle = "Office"\nurl = "{FEED}"\nis_on = false\n'
    (folder / "office.toml").write_text(text, "utf-8")
    (folder / "other.toml").write_text(
        text.replace("feed.xml", "other.xml").replace("Office", "Other"), "utf-8"
    )
    browser.post("/sources/feeds/switch", {"feed": "other", "to": "remove"})
    told = browser.post("/sources/feeds/switch", {"feed": "office", "to": "remove"}).text
    assert "data-undo" in told
    assert feeds(built) == {}
    # Of what was removed, with the tokens of its address, the last alone is kept.
    late = browser.post("/sources/feeds/switch", {"feed": "other", "to": "restore"})
    assert (late.status_code, "was not the last one removed; add it again" in late.text) == (400, True)
    assert (
        "Source restored" in browser.post("/sources/feeds/switch", {"feed": "office", "to": "restore"}).text
    )
    assert (folder / "office.toml").read_text("utf-8") == text
    assert feeds(built)["office"].is_on is False
    browser.post("/sources/feeds/switch", {"feed": "office", "to": "remove"})
    run_operation(built, person(), "own_feeds.put", {"url": FEED, "title": "Office"})
    taken = browser.post("/sources/feeds/switch", {"feed": "office", "to": "restore"})
    assert (taken.status_code, "exists now; the removed one stays removed" in taken.text) == (400, True)
    run_operation(built, person(), "own_feeds.remove", {"feed": "office"})


def test_a_list_that_was_read_in_is_taken_back(built, browser):
    kept = run_operation(built, person(), "own_feeds.put", {"url": FEED, "title": "Mine"}).feed.id
    text = '<opml version="1.0"><body><outline text="One" xmlUrl="https://one.example/rss"/></body></opml>'
    told = browser.post("/sources/feeds/take", {}, files={"file": ("l.opml", text.encode(), "text/xml")}).text
    (added,) = re.findall(r'name="added" value="([^"]+)"', told)
    assert set(feeds(built)) == {kept, added}
    assert "Change undone." in browser.post("/sources/feeds/take/undo", {"added": added}).text
    assert set(feeds(built)) == {kept}
    run_operation(built, person(), "own_feeds.remove", {"feed": kept})


def test_the_second_of_two_tabs_that_change_one_source_is_told(built, browser):
    feed = run_operation(built, person(), "own_feeds.put", {"url": FEED, "title": "Mine"}).feed.id
    page = browser.get(f"/sources/feeds?feed={feed}").text
    (seen,) = [one for one in re.findall(r'name="revision" value="(\w*)"', page) if one]
    form = {"feed": feed, "url": FEED, "revision": seen}
    assert "Source updated" in browser.post("/sources/feeds", {**form, "title": "First"}).text
    refused = browser.post("/sources/feeds", {**form, "title": "Second"})
    assert (refused.status_code, "has changed since" in refused.text) == (409, True)
    assert 'value="Second"' in refused.text
    assert feeds(built)[feed].title == "First"
    (now,) = [one for one in re.findall(r'name="revision" value="(\w*)"', refused.text) if one]
    browser.post("/sources/feeds", {**form, "title": "Second", "revision": now})
    assert feeds(built)[feed].title == "Second"
    run_operation(built, person(), "own_feeds.remove", {"feed": feed})


def test_a_file_written_by_hand_counts_and_a_broken_one_is_told(built, browser):
    folder = built.directory.feeds.folder
    folder.mkdir(exist_ok=True)
    (folder / "by_hand.toml").write_text(
        'title = "By hand"\nurl = "https://www.reddit.com/r/Bitcoin/"\nkind = "reddit"\n'
    )
    (folder / "broken.toml").write_text('title = "x"\nurl = "http://192.168.0.1/"\n')
    (folder / "odd.toml").write_text("surprise = 1\n")
    kept = feeds(built)
    assert (kept["by_hand"].url, kept["by_hand"].fault) == ("https://www.reddit.com/r/Bitcoin/new/.rss", "")
    assert "public internet" in kept["broken"].fault
    assert "unknown: surprise" in kept["odd"].fault
    shown = browser.get("/sources/feeds").text
    assert shown.count("unusable") == 2
    # What the collector would ask: not what cannot be used.
    news = {one.id for one in (open_collector(folder.parent, report=lambda _: None).added_connectors() or ())}
    assert news == {"by_hand/feed"}
    for name in kept:
        (folder / f"{name}.toml").unlink()


def test_only_who_administers_adds_and_all_is_said_in_french_too(built):
    for name, values in (("own_feeds.put", {"url": FEED}), ("own_feeds.remove", {"feed": "x"})):
        with pytest.raises(Forbidden):
            run_operation(built, VISITOR, name, values)
    shown = Browser(built, language="fr").post("/sources/feeds", {"url": "http://127.0.0.1/"}).text
    assert "Ajouter une source" in shown
    assert "l’adresse doit mener à l’internet public" in shown


def test_a_simulated_home_says_of_an_outside_feed_that_it_will_not_ask_it(tmp_path):
    browser = Browser(replace(house(tmp_path / "home", with_bars=False), is_simulated=True))
    outside = browser.post(
        "/sources/feeds", {"url": "https://www.office.org/feed.xml", "title": "Outside"}
    ).text
    assert "reads nothing from outside" in outside
    assert "First reading within seconds" not in outside
    assert ">active<" not in outside
    inside = browser.post("/sources/feeds", {"url": FEED, "title": "Inside"}).text
    assert "First reading within seconds" in inside
    assert ">active<" in inside


def trying(built, found):
    """Open a browser on a home in which every address answers alike, and what was asked."""
    asked = []

    def tried(feed):
        asked.append((feed.kind, feed.url))
        if isinstance(found, UsageError):
            raise found
        return found

    made = replace(built, directory=replace(built.directory, trial=tried))
    return asked, made


def test_a_page_for_readers_is_not_added_and_the_feeds_that_it_names_are_one_click_away(built):
    page = FeedTrial(
        "page",
        "it is no feed",
        links=(
            FeedLink("All <b>news</b>", "https://www.office.example/all.xml"),
            FeedLink("", "https://www.office.example/two.xml?a=1&b=2"),
        ),
    )
    asked, made = trying(built, page)
    for language, said in (
        ("en", "this address is a web page, not a feed"),
        ("fr", "cette adresse est une page web, pas un flux"),
    ):
        answer = Browser(made, language=language).post(
            "/sources/feeds", {"url": "https://www.office.example/news", "title": "Mine", "every_s": "900"}
        )
        assert answer.status_code == 400
        assert said in answer.text
        assert 'value="https://www.office.example/news"' in answer.text
        assert 'value="https://www.office.example/two.xml?a=1&amp;b=2"' in answer.text
        assert "All &lt;b&gt;news" in answer.text
        # Each link takes along what was typed.
        assert answer.text.count('name="title" value="Mine"') == 2
    assert asked == [("feed", "https://www.office.example/news")] * 2
    assert feeds(built) == {}


def test_what_does_not_answer_is_added_and_said_and_asked_once_while_it_is_added(built):
    asked, made = trying(built, FeedTrial("silent", "www.office.example answered 503: 'down'"))
    browser = Browser(made)
    answer = browser.post("/sources/feeds", {"url": FEED, "title": "Quiet"})
    assert answer.status_code == 200
    assert "Source added. First reading within seconds" in answer.text
    assert "The first reading failed. The source is saved and" in answer.text
    assert "answered 503" in answer.text
    assert feeds(built)["quiet"].url == FEED
    # Its address is no new one now.
    assert (
        "Source updated"
        in browser.post("/sources/feeds", {"url": FEED, "feed": "quiet", "title": "Calm"}).text
    )
    assert asked == [("feed", FEED)]
    run_operation(built, person(), "own_feeds.remove", {"feed": "quiet"})


def test_an_address_that_leads_inside_is_refused_when_it_is_tried(built):
    why = (
        "inner.office.org must lead to the public internet: 10.0.0.1 is not an address of the public internet"
    )
    _, made = trying(built, UsageError(why))
    answer = Browser(made).post("/sources/feeds", {"url": "https://inner.office.org/feed.xml"})
    assert (answer.status_code, why in answer.text) == (400, True)
    assert feeds(built) == {}
