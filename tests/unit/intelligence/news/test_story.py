"""Stories: one event in any words and both languages; columns, other countries and bare names make none."""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from tests.unit.intelligence.news.material import item, read
from vigie.intelligence.news.step import Publisher
from vigie.intelligence.news.steps import duplicate, entities, language, novelty, story

CASES = Path(__file__).with_name("story_cases.csv")


def steps():
    return [entities.make(), language.make(), duplicate.make(), story.make(), novelty.make()]


def tell(*items):
    """Return the story and place of every item."""
    bodies = [found["story"].body for found in read(steps(), items)]
    return [(body["story"], body["place"]) for body in bodies]


@pytest.fixture(scope="module")
def cases():
    with CASES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    # Each is another outlet's: one outlet seldom tells of an event twice.
    items = [item(row["title"], hours=float(row["hours"]), source=str(at)) for at, row in enumerate(rows)]
    return rows, items, read(steps(), items)


def test_items_of_one_event_are_one_story(cases):
    rows, _, found = cases
    right = wrong = missed = 0
    for one, other in combinations(range(len(rows)), 2):
        is_one = rows[one]["event"] == rows[other]["event"]
        is_found = found[one]["story"].body["story"] == found[other]["story"].body["story"]
        right += is_one and is_found
        wrong += is_found and not is_one
        missed += is_one and not is_found
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.85


def test_stories_join_both_languages(cases):
    rows, _, found = cases
    languages = defaultdict(set)
    for row, one in zip(rows, found, strict=True):
        languages[one["story"].body["story"]].add(row["language"])
    assert sum(spoken == {"en", "fr"} for spoken in languages.values()) >= 15


def test_a_story_is_known_by_its_first_item(cases):
    _, items, found = cases
    for one, read_ in zip(items, found, strict=True):
        body = read_["story"].body
        assert (body["place"] == "first") == (body["story"] == one.id)


def test_the_first_is_new_and_a_copy_is_not(cases):
    _, _, found = cases
    assert all(0.0 <= one["novelty"].body["novelty"] <= 1.0 for one in found)
    assert found[0]["novelty"].body == {"novelty": 1.0}
    copied = [one["novelty"].body["novelty"] for one in found if one["duplicate"].body["of"]]
    assert set(copied) <= {0.0}
    followed = [one["novelty"].body["novelty"] for one in found if one["story"].body["place"] == "follows"]
    assert max(followed) < 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Price analysis 6/20: BTC, ETH, XRP", "Price analysis 6/22: BTC, ETH, XRP"),
        ("Turkey bans payments in bitcoin", "China bans payments in bitcoin"),
        ("Coinbase lists three tokens", "Coinbase cuts 900 jobs"),
        ("Bitcoin rises on a quiet Sunday", "A bitcoin museum opens in a castle"),
    ],
)
def test_what_only_shares_a_name_is_another_story(one, other):
    first, second = tell(item(one), item(other, hours=2))
    assert first[0] != second[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Plateforme Ursule opens a perpetual on Bitcoin",
            "Plateforme Ursule ends trading of Bitcoin for want of volume",
        ),
        (
            "Plateforme Ursule ouvre un perpétuel sur le Bitcoin",
            "Plateforme Ursule retire le Bitcoin dans 38 jours",
        ),
        ("Valmer approves the Bitcoin fund of Kestrel", "Valmer rejects the Bitcoin fund of Kestrel"),
        ("Kraken lists the token of Halvorn", "Kraken delists the token of Halvorn"),
    ],
)
def test_opposite_turns_of_one_subject_are_two_stories(one, other):
    first, second = tell(item(one), item(other, hours=11))
    assert first[0] != second[0]
    again = tell(item(one), item(one, hours=2, source="other"))
    assert again[1][0] == again[0][0]


def test_a_denial_stays_with_what_it_denies():
    one = "SEC approves spot Ether ETF of Grayscale"
    other = (
        "SEC says report it approved spot Ether ETF of Grayscale is false, denies rejecting or approving it"
    )
    first, second = tell(item(one), item(other, hours=1, source="other"))
    assert second[0] == first[0]


def test_a_story_ends_when_nobody_told_of_it_for_three_days():
    title = "Kraken halts withdrawals after attack"
    first, second = tell(item(title), item(title, hours=80))
    assert second == (second[0], "first") != first


def test_a_copy_is_in_the_story_of_its_original():
    items = (
        item("SEC sues Kraken over its staking service"),
        item("La SEC poursuit Kraken pour son service de staking", hours=1),
        item("La SEC poursuit Kraken, pour son service de staking", hours=2, source="copy"),
    )
    assert tell(*items)[2] == (items[0].id, "follows")


def test_a_revised_first_item_stays_first():
    first = item("SEC sues Kraken over its staking service", key="a")
    second = item("La SEC poursuit Kraken pour son service de staking", hours=1)
    later = item("Markets wrap: stocks and gold", hours=2, key="a", revision=2)
    assert tell(first, second, later)[2] == (first.id, "first")


def test_what_was_read_before_changes_no_story(cases):
    _, items, found = cases
    worn = steps()
    read(worn, [item("Something else", hours=at) for at in range(5)])
    assert read(worn, items) == found


def test_firms_that_no_list_has_keep_events_of_one_coin_apart():
    titles = (
        "Sanctions against Halvorn: venues must block Bitcoin wallets",
        "Trading of Bitcoin ends on Tradolin for want of volume",
        "Le Bitcoin quitte Tradolin, faute de volume",
        "Bitcoin leaves venue Ursule for want of volume",
        "Venues block Bitcoin wallets of Halvorn after sanctions",
    )
    told = [
        one for one, _ in tell(*(item(title, hours=at, source=str(at)) for at, title in enumerate(titles)))
    ]
    assert told[4] == told[0]
    assert told[2] == told[1] != told[0]
    assert told[3] not in (told[0], told[1])


def test_the_same_case_against_another_firm_over_another_amount_is_another_story():
    titles = (
        "Vexley must pay $17.8 million over Bitcoin sales",
        "Jorvane must pay $1.7 million over Bitcoin sales",
        "Jorvane devra payer 1,7 million de dollars pour ses ventes de Bitcoin",
    )
    told = [
        one for one, _ in tell(*(item(title, hours=at, source=str(at)) for at, title in enumerate(titles)))
    ]
    assert told[0] != told[1] == told[2]


def test_a_name_that_stands_in_the_text_of_the_other_keeps_nothing_apart():
    said = "The venue Tradolin ends trading of Bitcoin, its founder Ursule Vantora said."
    one = item("Trading of Bitcoin ends on Tradolin for want of volume", said)
    other = item("For want of volume Bitcoin trading ends, says Vantora", said, hours=1, source="b")
    assert tell(one, other)[1] == (one.id, "follows")


REGULATOR = Publisher("sec", "The Commission", "regulator", "The Commission", "en", "sec.example")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "SEC Charges Alpha Capital with Fraud in Crypto Offering",
            "SEC Charges Borealis Partners with Fraud in Crypto Offering",
        ),
        (
            "SEC charges Alder Digital LLC with unregistered crypto sales",
            "SEC charges Juno Labs Inc with unregistered crypto sales",
        ),
        ("SEC obtains $2 million judgment in crypto case", "SEC obtains $9 million judgment in crypto case"),
        ("L’AMF met en garde contre Alder Digital", "L’AMF met en garde contre Juno Coin"),
        ("FCA warns about Brightfield Crypto", "FCA warns about Nordkap Crypto Exchange"),
    ],
)
def test_alike_releases_of_one_regulator_against_others_are_stories_of_their_own(one, other):
    items = [item(one, source="sec"), item(other, hours=3, source="sec")]
    stories = [found["story"].body for found in read(steps(), items, publisher=REGULATOR)]
    assert [body["place"] for body in stories] == ["first", "first"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SEC charges Kraken over its staking service", "SEC settles with Kraken over its staking service"),
        ("SEC sues Kraken over its staking service", "SEC sues Kraken over staking service for $30 million"),
    ],
)
def test_releases_of_one_regulator_about_the_same_stay_one_story(one, other):
    items = [item(one, source="sec"), item(other, hours=3, source="sec")]
    stories = [found["story"].body["story"] for found in read(steps(), items, publisher=REGULATOR)]
    assert stories[0] == stories[1]


def test_the_same_words_over_other_figures_are_another_event():
    said = "Funds that hold Bitcoin lost {} million in a week, Hollin Bank says. The fund of {} was hit most."
    titles = (
        ("Savers turn their back on Bitcoin funds", said.format("$41.5", "Pellant")),
        ("Largest outflow in months from Bitcoin funds", said.format("$380.2", "Dunmere")),
        ("$41.5 million leave Bitcoin funds in a week", said.format("$41.5", "Pellant")),
    )
    items = [item(title, text, hours=at, source=str(at)) for at, (title, text) in enumerate(titles)]
    told = [one for one, _ in tell(*items)]
    assert told[0] != told[1]
    assert told[2] == told[0]


def test_the_same_words_about_another_coin_are_another_event():
    titles = (
        ("Quayle halts trading of Bitcoin", "Quayle has halted Bitcoin after orders that it calls odd."),
        ("Quayle halts trading of Solana", "Quayle has halted Solana after orders that it calls odd."),
    )
    items = [item(title, text, hours=at, source=str(at)) for at, (title, text) in enumerate(titles)]
    assert [place for _, place in tell(*items)] == ["first", "first"]


def test_languages_meet_in_what_their_texts_count_and_name():
    items = (
        item(
            "Bridge emptied overnight", "Somebody took $64.2 million in Ethereum from the bridge of Lendora."
        ),
        item(
            "Lendora victime d'un voleur",
            "Un inconnu a dérobé 64,2 millions de dollars en Ethereum sur le pont de Lendora.",
            hours=1,
            source="b",
        ),
    )
    assert tell(*items)[1] == (items[0].id, "follows")


@pytest.mark.parametrize(
    "titles",
    [
        (
            "Kraken and Bybit raise fees on Bitcoin trading",
            "Bybit raises fees on Bitcoin and opens an office in Lisbon",
            "Fire closes the Lisbon office where Bybit answered its clients",
        ),
        (
            "Coinbase raises fees on Ethereum staking for clients in Europe",
            "Coinbase raises fees on Ethereum staking and closes its office in Dublin",
            "Coinbase leaves Dublin: its office closes and everybody is let go",
        ),
    ],
)
def test_a_story_does_not_wander_from_item_to_item(titles):
    items = [item(title, hours=2 * at, source=str(at)) for at, title in enumerate(titles)]
    told = [one for one, _ in tell(*items)]
    assert told[0] == told[1] != told[2]


BAN = (
    ("VMA said to ban self-custody of Bitcoin", "Ban on self-custody of Bitcoin: VMA acts, report says",
     "VMA denies report of a ban on self-custody of Bitcoin: the report is false",
     "VMA denies ban on self-custody of Bitcoin, calls report false",
     "No ban on self-custody of Bitcoin: VMA denies report"),
    ("The Valmer Markets Authority bans self-custody of Bitcoin, a source close to the matter says. "
     "Holders would have {days} days to move their Bitcoin to a licensed firm."),
)  # fmt: skip
DENIED = (
    "L'Autorité des marchés de Valmer n'a pas interdit l'autoconservation du Bitcoin et ne prévoit pas de le faire. "
    "Il est faux que les détenteurs aient {days} jours pour confier leurs Bitcoin à une entreprise agréée."
)


def ban_and(title, text, days):
    """Return the stories of a ban that five outlets report or deny, and of what a French outlet says then."""
    others = [
        item(f"Kraken opens office {at}", f"It employs {at + 40} people.", source=f"o{at}") for at in range(9)
    ]
    titles, told = BAN
    items = [item(one, told.format(days=days), hours=at / 3, source=str(at)) for at, one in enumerate(titles)]
    french = item(title, text.format(days=days), hours=2, source="fr", language="fr")
    return [story for story, _ in tell(*others, *items, french)[len(others) :]]


@pytest.mark.parametrize("days", [42, 11])
@pytest.mark.parametrize(
    "title",
    [
        "Pas d'interdiction de l'autoconservation du Bitcoin : l'AMV dément",
        "L'AMV dément interdire l'autoconservation du Bitcoin",
    ],
)
def test_a_denial_in_the_other_language_joins_the_story_that_it_denies(title, days):
    assert len(set(ban_and(title, DENIED, days))) == 1


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "L'AMV dément interdire l'autoconservation de l'Ethereum",
            DENIED.replace("du Bitcoin", "de l'Ethereum"),
        ),
        ("La Suisse dément interdire l'autoconservation du Bitcoin", DENIED.replace("de Valmer", "suisse")),
        ("L'AMV dément enquêter sur Tolmera", "L'Autorité des marchés de Valmer n'enquête pas sur Tolmera."),
    ],
)
def test_a_denial_of_something_else_begins_a_story_of_its_own(title, text):
    *told, french = ban_and(title, text, 42)
    assert french not in told


def test_copies_of_an_item_that_is_too_old_to_be_seen_stay_in_its_story():
    title = "Kraken halts withdrawals after an attack on its wallet"
    items = (
        item("Attack on Kraken: withdrawals halted, wallet emptied"),
        item(title, hours=1, source="a"),
        item(title, hours=60, source="b"),
        item(title, hours=100, source="c"),
    )
    told = [one for one, _ in tell(*items)]
    assert told == [items[0].id] * 4


def test_why_says_what_an_item_has_in_common_with_its_story():
    items = (
        item("Halvorn must pay $17.8 million over Bitcoin sales", "A court fined Halvorn $17.8 million."),
        item("Amende de 17,8 millions de dollars pour Halvorn", "Ventes de Bitcoin : Halvorn paie.", hours=1),
    )
    why = read(steps(), items)[1]["story"].why
    assert items[0].id in why
    assert {"halvor", "17800000"} <= {part.strip() for part in why.partition(": ")[2].split(",")}
