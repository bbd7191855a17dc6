"""Facts of a copy against those of a release: what differs is named in the words of each, what is rounded does not."""

from __future__ import annotations

import pytest
from benchmarks.news import release_copies

from vigie.intelligence.news.facts.comparison import compared
from vigie.intelligence.news.facts.figures import stated_figures
from vigie.intelligence.news.facts.stated_dates import same_date, stated_dates
from vigie.intelligence.news.facts.statement import Statement

RELEASE = Statement(
    "CFTC Obtains Judgment Against Northgate Digital and Samuel Orrin",
    "The Commodity Futures Trading Commission announced that a federal court ordered Northgate Digital Ltd. and its "
    "chief executive, Samuel Orrin, to pay $598.9 million in restitution to 23,417 victims and a civil penalty of "
    "$1,106.2 million. From May 2018 to March 2021 Orrin accepted at least 29,421 bitcoin. The "
    "court denied the motion to dismiss "
    "on January 14, 2026. Fees of 3.5 percent were charged for 18 months. Orrin did not admit the allegations.",
    "2026-03-05",
)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1 796,8 millions d'euros", 1.7968e9, "eur"),
        ("1,796.8 million euros", 1.7968e9, "eur"),
        ("nearly $600 million", 6e8, "$"),
        ("HK$9.8m", 9.8e6, "hkd"),
        ("2,1 Md€", 2.1e9, "eur"),
        ("€1.5bn", 1.5e9, "eur"),
        ("12,5 milliards de dollars canadiens", 12.5e9, "cad"),
        ("half a billion dollars", 5e8, "$"),
        ("une trentaine de bitcoins", 30.0, "btc"),
        ("340 points de base", 340.0, "basis"),
        ("six and a half years", 6.5, "year"),
        ("$1,384,906", 1_384_906.0, "$"),
    ],
)
def test_figures_are_read_as_each_language_writes_them(text, value, unit):
    (found,) = stated_figures(text)
    assert found.value == pytest.approx(value)
    assert found.unit == unit


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("le 1er mars 2026", (2026, 3, 1)),
        ("on March 2, 2026", (2026, 3, 2)),
        ("by Sept. 30", (0, 9, 30)),
        ("am 2026-03-02", (2026, 3, 2)),
        ("le 02/03/2026", (2026, 3, 2)),
        ("d'ici à la mi-décembre", (0, 12, 0)),
        ("in 2019", (2019, 0, 0)),
        ("firms may appeal", None),
    ],
)
def test_dates_are_read_in_their_usual_forms(text, stated):
    found, _ = stated_dates(text)
    assert [(one.year, one.month, one.day) for one in found] == ([stated] if stated else [])


def test_a_date_told_in_part_is_the_date_told_whole():
    (part,), (whole,), (other,) = (
        stated_dates(text)[0] for text in ("mid-December", "15 décembre 2026", "mid-September")
    )
    assert same_date(part, whole)
    assert not same_date(other, whole)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (
            "amount",
            "Northgate Digital must pay $895.9 million in restitution.",
            ("$895.9 million", "$598.9 million"),
        ),
        (
            "amount",
            "Northgate Digital doit indemniser 32 417 victimes.",
            ("32 417 victimes", "23,417 victims"),
        ),
        ("unit", "Orrin a accepté au moins 29 421 ethers.", ("29 421 ethers", "29,421 bitcoin")),
        ("unit", "Northgate Digital must pay $598.9 billion.", ("$598.9 billion", "$598.9 million")),
        (
            "currency",
            "Northgate Digital doit 598,9 millions d'euros.",
            ("598,9 millions d'euros", "$598.9 million"),
        ),
        (
            "date",
            "The judge denied Northgate's motion on January 24, 2026.",
            ("January 24, 2026", "January 14, 2026"),
        ),
        ("date", "Orrin a pris des bitcoins de mai 2018 à mars 2022.", ("mars 2022", "March 2021")),
        (
            "name",
            "Northgate Digital and Samuel Orwin must pay $598.9 million.",
            ("Samuel Orwin", "Samuel Orrin"),
        ),
        (
            "negation",
            "Le tribunal a accueilli la demande de rejet de Northgate Digital.",
            ("a accueilli", "denied"),
        ),
        ("negation", "Samuel Orrin admitted the allegations.", ("admitted", "did not admit")),
    ],
)
def test_what_differs_is_named_in_the_words_of_each(kind, text, words):
    found = compared(Statement("Northgate Digital", text, "2026-03-05"), RELEASE)
    assert found.outcome == "differs"
    assert (kind, words) in [(one.kind, (one.copy_says, one.release_says)) for one in found.differences]


@pytest.mark.parametrize(
    "text",
    [
        "Northgate Digital must pay nearly $600 million in restitution to more than 23,000 victims.",
        "Northgate Digital doit verser environ 1,1 milliard de dollars de pénalité civile.",
        "Samuel Orrin had accepted over 29,000 bitcoin; fees came to 3.5% over a year and a half.",
        "Le tribunal avait rejeté mi-janvier la demande de Northgate Digital, qui a duré dix-huit mois.",
        # Another currency with another number is a conversion, no difference.
        "Northgate Digital must pay $598.9 million (about €552 million).",
        "Northgate Digital and Orrin must pay some $1.7 billion in all.",
    ],
)
def test_what_is_rounded_translated_converted_or_added_up_differs_from_nothing(text):
    assert compared(Statement("", text, "2026-03-06"), RELEASE, ("CFTC",)).differences == ()


def test_what_tells_of_another_matter_is_no_difference():
    other = Statement(
        "Fund pays $63 million", "A pension fund of Oslo pays $63 million for a share of a wind farm."
    )
    assert compared(other, RELEASE).outcome == "unproven"


def test_a_release_agrees_with_its_own_sentences():
    said = Statement("", "The court denied the motion to dismiss on January 14, 2026.")
    assert compared(said, RELEASE).outcome == "agrees"
    assert compared(RELEASE, RELEASE).outcome == "agrees"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # One language denies what the other tells, with a verb that no family of opposites has.
        ("La plainte nomme la trésorière, Ada Quill.", "May, did not name"),
        ("Une règle est proposée par la commission.", "does not propose"),
        ("Les clients de Brelan ne sont plus exonérés de frais.", "remain exempt from"),
        ("Deposits rose 4.7% over the year.", "fell … 4.7 percent"),
        ("The regulator ended the proceedings against the two founders.", "did not end"),
    ],
)
def test_what_one_denies_and_the_other_tells_is_named_across_languages(text, said):
    differences = compared(Statement("Brelan", text, "2026-04-02"), DENIALS).differences
    assert said in [one.release_says for one in differences if one.kind == "negation"]


@pytest.mark.parametrize(
    "text",
    [
        # What is denied in other words is denied, and what is not so until May is so since.
        "La trésorière, Ada Quill, n'est pas nommée dans la plainte.",
        "La procédure contre les deux fondateurs n'est pas terminée.",
        "Les dépôts ont reculé de 4,7 % sur un an.",
        "The commission merely asks for views.",
        "The complaint was not filed until May.",
    ],
)
def test_what_is_denied_in_other_words_differs_from_nothing(text):
    assert compared(Statement("Brelan", text, "2026-04-02"), DENIALS).differences == ()


DENIALS = Statement(
    "Commission seeks views on Brelan",
    "The complaint, filed in May, did not name the treasurer, Ada Quill. The commission does not propose any rule. "
    "Clients of Brelan remain exempt from fees. Deposits fell by 4.7 percent over the year. The regulator did not end "
    "the proceedings against the two founders.",
    "2026-04-02",
)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        # Put together from two names of the release; the same first word; nearly the same at the start of a sentence.
        ("The chief executive, Samuel Northgate, did not admit the allegations.", "Samuel Orrin"),
        ("Northgate Finance must pay $598.9 million in restitution.", None),
        ("Samuel Orlov must pay $598.9 million in restitution.", "Samuel Orrin"),
    ],
)
def test_a_name_is_another_where_the_release_has_its_own_in_that_place(text, other):
    differences = compared(Statement("CFTC judgment", text, "2026-03-05"), RELEASE).differences
    named = [one.release_says for one in differences if one.kind == "name"]
    assert any(other in name for name in named) if other else not named


@pytest.mark.parametrize("rows", [*release_copies.TUNED, release_copies.HELD], ids=lambda rows: rows.stem)
def test_no_altered_copy_of_a_release_is_confirmed(rows):
    found = release_copies.measure(rows)
    assert found.confirmed.total() == 0
    assert found.named.total() >= NAMED[rows.stem] * found.altered.total()
    assert found.accused.total() <= ACCUSED[rows.stem] * found.true.total()


NAMED = {
    "release_copies_tuned": 0.98,
    "release_copies_tuned_second": 0.98,
    "release_copies_own": 0.92,
    "release_copies_held": 0.88,
}
ACCUSED = dict.fromkeys(NAMED, 0.0) | {"release_copies_held": 0.07}
