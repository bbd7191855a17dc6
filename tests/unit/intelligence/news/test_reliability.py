"""The step reliability: a status with its evidence, never a verdict on truth."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import PUBLISHER, Past, item, read
from vigie.domain.item import ItemFinding
from vigie.intelligence.news.item_outcomes import item_outcomes, source_scores
from vigie.intelligence.news.step import AnalysedItem, Context, Publisher
from vigie.intelligence.news.steps import reliability

REGULATOR = Publisher("auth", "Valmer Authority", "regulator", "Valmer", "en", "valmer-markets.example")
OTHER = Publisher("herald", "The Herald", "media", "Herald Press", "en", "herald.example")
SISTER = Publisher("sister", "Wire Weekend", "media", "Wire House", "en", "sister.example")
KNOWN = ("valmer-markets.example", "wire.example", "herald.example")
STEP = reliability.make(KNOWN)


def judged(one, publisher=PUBLISHER, past=None, *, story="", of=""):
    """Return what the step finds of an item in a story, and put it into the past."""
    past = Past() if past is None else past
    found = {
        "story": ItemFinding("story", 1, {"story": story, "place": "first"}),
        "duplicate": ItemFinding("duplicate", 1, {"of": of, "how": "near" if of else "", "likeness": 0.0}),
    }
    finding = STEP.read(one, Context(publisher, past, found))
    past.seen.append(AnalysedItem(one, {**found, "reliability": finding}))
    return finding.body


def codes(body):
    return [sign["code"] for sign in body["signs"]]


def wire(title, hours=0.0, text=""):
    return item(title, text, hours=hours, url="https://wire.example/a")


def test_a_claim_of_one_publisher_is_unconfirmed_and_nothing_is_held_against_it():
    body = judged(wire("Bank opens custody desk"))
    assert (body["status"], body["signs"]) == ("unconfirmed", [])


def test_what_a_regulator_says_itself_is_confirmed():
    one = item("Notice on custody", url="https://www.valmer-markets.example/notice", source="auth")
    body = judged(one, REGULATOR)
    assert (body["status"], codes(body)) == ("confirmed", ["first_hand"])
    assert "Valmer Authority" in body["signs"][0]["evidence"]


def test_what_its_own_source_said_before_is_confirmed_with_the_item():
    past = Past()
    first = item("Notice on custody", url="https://valmer-markets.example/notice", source="auth")
    judged(first, REGULATOR, past, story="s")
    body = judged(wire("Regulator publishes custody notice", 1), past=past, story="s")
    assert body["status"] == "confirmed"
    assert [sign["item"] for sign in body["signs"] if sign["code"] == "first_hand_before"] == [first.id]


def test_a_false_amount_is_not_confirmed_whoever_came_first_and_the_score_of_its_source_follows():
    notice = item("Valmer fines Uldane $598.9 million", url="https://valmer-markets.example/a", source="auth")
    title = "Valmer fines Uldane $1,796.8 million"
    for hours in (1, -1):
        past = Past()
        copy = item(title, hours=hours, url="https://herald.example/b", source="herald")
        pairs = sorted(((notice, REGULATOR), (copy, OTHER)), key=lambda pair: pair[0].ts_seen)
        for one, publisher in pairs:
            judged(one, publisher, past, story="s")
        body = next(seen for seen in past.seen if seen.item is copy).findings["reliability"].body
        assert body["status"] == ("disputed" if hours > 0 else "unconfirmed")
        if hours > 0:
            (sign,) = [sign for sign in body["signs"] if sign["code"] == "differs"]
            assert (sign["item"], "$1,796.8 million" in sign["evidence"]) == (notice.id, True)
        (herald,) = [one for one in source_scores(item_outcomes(past.seen)) if one.source == "herald"]
        assert (herald.counts, herald.share) == ({"disputed": 1}, 0.0)


def test_what_the_release_does_not_say_is_not_confirmed_by_it():
    past = Past()
    notice = item("Valmer fines Uldane", url="https://valmer-markets.example/a", source="auth")
    judged(notice, REGULATOR, past, story="s")
    body = judged(wire("Valmer fines Uldane $1,796.8 million", 1), past=past, story="s")
    assert (body["status"], codes(body)) == ("unconfirmed", ["first_hand_in_part"])


def test_what_another_owner_had_is_repeated_and_a_sister_confirms_nothing():
    past = Past()
    judged(wire("Bank opens custody desk"), past=past, story="s")
    sister = item("Custody desk opened", hours=1, url="https://sister.example/a", source="sister")
    assert judged(sister, SISTER, past, story="s")["status"] == "unconfirmed"
    other = item("Bank now holds coins", hours=2, url="https://herald.example/a", source="herald")
    assert judged(other, OTHER, past, story="s")["status"] == "repeated"


def test_a_copy_repeats_nothing():
    past = Past()
    first = wire("Bank opens custody desk")
    judged(first, past=past, story="s")
    copy = item("Bank opens custody desk", hours=1, url="https://herald.example/a", source="herald")
    body = judged(copy, OTHER, past, story="s", of=first.id)
    assert body["status"] == "unconfirmed"
    assert ("copied", first.id) in [(sign["code"], sign["item"]) for sign in body["signs"]]


@pytest.mark.parametrize(
    "denial",
    ["Bank denies opening custody desk", "La banque dément l'ouverture", "Correction: no custody desk"],
)
def test_a_denial_disputes_what_was_said_and_names_it(denial):
    past = Past()
    first = wire("Bank opens custody desk")
    judged(first, past=past, story="s")
    body = judged(
        item(denial, hours=1, url="https://herald.example/b", source="herald"), OTHER, past, story="s"
    )
    assert body["status"] == "disputed"
    assert [sign["item"] for sign in body["signs"] if sign["code"] == "denies"] == [first.id]
    later = judged(wire("Bank custody desk open for all", 2), past=past, story="s")
    assert "denied" in codes(later)


@pytest.mark.parametrize(
    ("said", "status"),
    [("Valmer fines Uldane $2.5 million", "confirmed"), ("Valmer fines Uldane $7.5 million", "disputed")],
)
def test_who_corrects_a_figure_disputes_other_figures_and_not_the_right_one(said, status):
    past = Past()
    notice = item(said, url="https://valmer-markets.example/a", source="auth")
    judged(notice, REGULATOR, past, story="s")
    corrected = item(
        "Correction: fine of 2,5 millions",
        hours=1,
        url="https://herald.example/b",
        source="herald",
        revision=2,
    )
    assert judged(corrected, OTHER, past, story="s")["status"] == status
    later = judged(wire(f"In brief: {said}", 2), past=past, story="s")
    assert ("denied" in codes(later)) == (status == "disputed")


def test_a_denial_disputes_whatever_figures_it_repeats():
    past = Past()
    judged(wire("Valmer fines Uldane $2.5 million"), past=past, story="s")
    denial = item(
        "Uldane denies fine of $2.5 million", hours=1, url="https://herald.example/b", source="herald"
    )
    assert judged(denial, OTHER, past, story="s")["status"] == "disputed"


def test_a_primary_source_that_passes_on_a_medium_confirms_nothing():
    venue = Publisher("venue", "Kestrel", "primary", "Kestrel", "en", "kestrel.example")
    past = Past()
    passed = item("Quayle lists a coin", url="https://wire.example/quayle", source="venue")
    body = judged(passed, venue, past, story="s")
    assert (body["status"], codes(body)) == ("unconfirmed", ["elsewhere"])
    other = item("Coin listed at Quayle", hours=1, url="https://herald.example/a", source="herald")
    assert "first_hand_before" not in codes(judged(other, OTHER, past, story="s"))
    # Nobody told the step of whom is followed: where a medium published lately is a medium's.
    bare = reliability.make()
    found = bare.read(
        item("Another coin", hours=1, url=other.content.url, source="venue"), Context(venue, past, {})
    )
    assert "first_hand" not in codes(found.body)
    own = item("Kestrel lists a coin", hours=2, url="https://kestrel.example/1", source="venue")
    assert judged(own, venue, past)["status"] == "confirmed"
    # A page of its own that nobody else publishes at is its own, wherever that is.
    filed = item("Kestrel files a report", hours=3, url="https://filings.example/1", source="venue")
    assert judged(filed, venue, past)["status"] == "confirmed"


def test_what_a_regulator_denies_to_somebody_is_no_denial_of_news():
    past = Past()
    judged(wire("Fund awaits decision"), past=past, story="s")
    body = judged(wire("Regulator denies application of fund", 1), past=past, story="s")
    assert "denies" not in codes(body)


@pytest.mark.parametrize(
    ("title", "url", "code"),
    [
        ("Notice", "https://valmer-rnarkets.example/notice", "impersonates"),
        ("Notice", "https://myetherwallet.gift/", "impersonates"),
        ("News", "https://bitconnect.co/news", "known_bad_domain"),
        ("Send 1 BTC and get 2 BTC back", "https://a.example/", "giveaway"),
        ("Doublez vos bitcoins en une heure", "https://a.example/", "giveaway"),
        ("Guaranteed returns of 5 % a month", "https://a.example/", "promise"),
    ],
)
def test_grave_signs_flag_with_their_evidence(title, url, code):
    body = judged(item(title, url=url))
    assert body["status"] == "flagged"
    (sign,) = [sign for sign in body["signs"] if sign["code"] == code]
    assert sign["evidence"]


def test_who_looks_like_a_regulator_that_published_lately_is_flagged_without_any_list():
    past, step = Past(), reliability.make()
    for one, publisher in (
        (item("Notice on custody", url="https://qualdor-supervision.example/1"), REGULATOR),
        (item("Notice on custody", hours=1, url="https://qua1dor-supervision.example/1"), OTHER),
    ):
        finding = step.read(one, Context(publisher, past, {}))
        past.seen.append(AnalysedItem(one, {"reliability": finding}))
    assert finding.body["status"] == "flagged"
    assert "qualdor-supervision.example" in finding.body["signs"][0]["evidence"]


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("You won't believe what this coin did", "clickbait"),
        ("Ce jeton va exploser avant la fin du mois", "clickbait"),
        ("Bank plans desk, sources say", "anonymous"),
        ("La banque prépare un bureau, selon nos sources", "anonymous"),
    ],
)
def test_light_signs_are_told_and_flag_nothing(title, code):
    body = judged(wire(title))
    assert codes(body) == [code]
    assert body["status"] == "unconfirmed"


@pytest.mark.parametrize(
    "title",
    [
        "Police warn of guaranteed returns",
        "Arnaque : on promettait un rendement garanti",
        "Scammers: send ETH, get double back",
    ],
)
def test_who_warns_of_a_lure_does_not_lay_one(title):
    assert judged(wire(title))["signs"] == []


def test_an_item_without_an_address_says_so():
    assert codes(judged(item("Notice"))) == ["no_address"]


def test_no_status_speaks_of_truth():
    words = {"fake", "false", "true", "lie"}
    for one in (wire("Guaranteed returns"), wire("Notice")):
        assert words.isdisjoint(str(judged(one)).casefold().split())


def test_it_runs_among_the_other_steps():
    from vigie.intelligence.news.steps import duplicate, entities, language, story

    steps = [language.make(), entities.make(), duplicate.make(), story.make(), STEP]
    first, second = read(steps, [wire("Kraken opens custody desk in Paris"), wire("Guaranteed returns", 1)])
    assert first["reliability"].body["status"] == "unconfirmed"
    assert second["reliability"].body["status"] == "flagged"
