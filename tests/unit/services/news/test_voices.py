"""How many publishers tell a story, and how far it is believed: one answer wherever it is told of."""

from types import SimpleNamespace

from tests.houses import person
from tests.newsrooms import told_house
from tests.unit.intelligence.news.material import item as made
from vigie.domain.item import ItemFinding, item_id
from vigie.ports.connectors import NewsSourceInfo
from vigie.ports.items import StoredRevision
from vigie.services.news import story_summary
from vigie.services.news.publishers import load_publishers
from vigie.services.news.story_summary import StoryItem
from vigie.services.operation_calls import run_operation

NOTES = (
    NewsSourceInfo("tessel", "The Tessel Herald", "media", "Oru Press", "tessel.example", "en", ""),
    NewsSourceInfo(
        "letter", "Tessel Letter", "media", "Oru Press", "tessel.example", "en", "", kind="mailbox"
    ),
    NewsSourceInfo("forum", "r/jetons", "social", "unknown", "forum.example", "en", ""),
    NewsSourceInfo("mirror", "Mirror", "aggregator", "unknown", "mirror.example", "en", ""),
    NewsSourceInfo("one", "One", "social", "One", "clips.example", "en", ""),
    NewsSourceInfo("two", "Two", "social", "Two", "clips.example", "en", ""),
    NewsSourceInfo("mine", "Mine", "media", "Mine", "feeds.tessel.example", "en", "", is_own=True),
    NewsSourceInfo("mine_too", "Mine too", "media", "Mine too", "clips.example", "en", "", is_own=True),
)


RELEASES = (
    *NOTES,
    NewsSourceInfo(
        "authority", "Tessel authority", "regulator", "Tessel authority", "authority.example", "en", ""
    ),
)


def known(notes=NOTES, **kept):
    place = SimpleNamespace(
        directory=SimpleNamespace(news=lambda: notes),
        bookmarks=SimpleNamespace(get=lambda name: kept.get(name.partition("/")[2], "")),
    )
    return load_publishers(place.bookmarks, place.directory)


def told(source, *, copy_of=""):
    one = made(f"Told by {source}", source=source)
    found = {"duplicate": ItemFinding("duplicate", 1, {"of": copy_of}, "")}
    return StoryItem(StoredRevision(1, one, one.ts_seen, findings=found), known()[source])


def test_a_source_that_somebody_added_is_of_whom_its_host_is():
    assert {name: one.owner for name, one in known().items() if name.startswith("mine")} == {
        "mine": "Oru Press",
        "mine_too": "Mine too",
    }


def test_sources_that_publish_the_same_are_of_one_owner_until_somebody_says_otherwise():
    more = (
        *NOTES,
        NewsSourceInfo("copy", "Copy", "media", "Copy", "copy.example", "en", "", is_own=True),
        NewsSourceInfo("third", "Third", "media", "Third", "third.example", "en", "", is_own=True),
    )
    pairs = "copy mine_too;mine_too third"
    assert {known(more, one_owner=pairs)[name].owner for name in ("copy", "mine_too", "third")} == {"Copy"}
    # Whom the lists name is whom the other is of.
    assert known(more, one_owner="copy mine")["copy"].owner == "Oru Press"
    parted = known(more, one_owner=pairs, two_owners="copy mine_too")
    assert parted["copy"].owner == "Copy"
    assert parted["third"].owner == parted["mine_too"].owner == "Mine too"
    # One that was removed since is nobody's twin.
    assert known(NOTES, one_owner="gone mine_too")["mine_too"].owner == "Mine too"


def test_nobody_knows_who_is_behind_them_is_no_owner_that_they_share():
    assert {known()[name].owner for name in ("forum", "mirror")} == {""}


def test_a_letter_a_second_feed_a_copy_and_a_forum_are_no_further_publishers():
    items = [told("tessel"), told("letter"), told("mine"), told("mirror", copy_of="x"), told("forum")]
    assert story_summary.n_publishers(items) == 1
    assert [row[1] for row in story_summary.measure_spread([*items, told("mine_too")])] == [1, 1, 1, 1, 1, 2]
    assert story_summary.n_publishers([told("forum")]) == 1


def test_a_story_has_one_status_and_one_count_in_lists_on_its_page_and_in_the_brief(tmp_path):
    house, anna = told_house(tmp_path), person()
    story = item_id("sec_press", "e")
    page = run_operation(house, anna, "stories.read", {"story": story})
    top = run_operation(house, anna, "stories.top", {"period": "1w"}).rows
    marks = run_operation(house, anna, "assets.happened", {"asset": "ethereum", "kind": "story"}).rows
    assert page.status == "disputed"
    assert [row["status"] for row in (*top, *marks) if row["story"] == story] == [page.status] * 2
    assert [row["publishers"] for row in top if row["story"] == story] == [page.publishers]
    text = run_operation(house, anna, "news.brief", {"language": "en"}).text
    assert f"publishers: {page.publishers}" in text


def test_a_correction_and_two_figures_stand_against_each_other_once():
    figures = ("Uldane fined 2.1 million dollars", "Uldane pays 1.4 million dollars")
    held = [
        headed(figures[at % 2], source) for at, source in enumerate(("tessel", "mirror", "mine_too", "two"))
    ]
    assert [one.kind for one in story_summary.find_contradictions(held)] == ["figures"]
    letter = headed("Correction: the firm is not Uldane", "one", denies=[one.item.id for one in held])
    found = story_summary.find_contradictions([*held, letter])
    assert [one.kind for one in found] == ["denial", "figures"]


def test_who_denies_is_not_told_again_as_stating_the_opposite():
    rumour = headed("Samuel Orrin admitted the allegations.", "tessel")
    title = "Samuel Orrin did not admit the allegations."
    release = headed(title, "authority", denies=[rumour.item.id], notes=RELEASES)
    alone = headed(title, "authority", notes=RELEASES)
    assert "negation" in [one.kind for one in story_summary.find_contradictions([rumour, alone])]
    found = story_summary.find_contradictions([rumour, release])
    assert [one.kind for one in found] == ["denial"]
    assert found[0].denier.item.id == release.item.id


def headed(title, source, denies=(), notes=NOTES):
    one = made(title, source=source, hours=len(denies))
    signs = [{"code": "denies", "item": item, "evidence": ""} for item in denies]
    signs += [{"code": "first_hand", "item": "", "evidence": ""}] if notes is RELEASES else []
    return StoryItem(
        StoredRevision(
            1, one, one.ts_seen, findings={"reliability": ItemFinding("reliability", 1, {"signs": signs})}
        ),
        known(notes)[source],
    )


def test_today_names_whose_headline_it_shows(tmp_path):
    house, anna = told_house(tmp_path), person()
    # The French item tells another amount than the release: it heads the story in no language.
    for language, publisher in (("en", "SEC press releases"), ("fr", "SEC press releases")):
        (row,) = run_operation(house, anna, "stories.top", {"period": "1w", "language": language}).rows
        assert (row["publisher"], row["first_publisher"]) == (publisher, "SEC press releases")


def test_a_denial_is_told_by_who_denied_first_and_counts_who_repeats_it():
    held = [headed("Uldane lists Orun", source) for source in ("tessel", "mirror")]
    ids = [one.item.id for one in held]
    first = headed("Uldane denies listing Orun", "one", denies=ids[:1])
    second = headed("Uldane denies Orun listing, says agency", "two", denies=ids)
    corrected = headed("Correction: Uldane lists no Orun token", "mine_too", denies=ids)
    found = story_summary.find_contradictions([*held, first, second, corrected])
    assert [(one.denier.item.id, one.repeats) for one in found] == [
        (first.item.id, 1),
        (corrected.item.id, 0),
    ]
    assert {one.denied.item.id for one in found} <= set(ids)
