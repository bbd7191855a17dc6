"""Facts of a copy against those of a release: what differs is named in the words of each, what is rounded does not."""

from __future__ import annotations

import json

import pytest
from benchmarks.news import release_copies

from tests.unit.intelligence.news.material import differences_found
from vigie.intelligence.news.facts.comparison import compare_statements
from vigie.intelligence.news.facts.figures import find_figures
from vigie.intelligence.news.facts.stated_dates import find_dates, same_date
from vigie.intelligence.news.facts.statement import NewsStatement
from vigie.intelligence.news.reading.sentences import split_sentences

RELEASE = NewsStatement(
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
        ("une soixantaine de millions de dollars", 6e7, "$"),
        ("three-quarters of a million euros", 7.5e5, "eur"),
        ("a quarter of a percentage point", 0.25, "points"),
        ("un demi-point", 0.5, "points"),
        ("Rs 1,250 crore", 1.25e10, "inr"),
        ("25bp", 25.0, "basis"),
        ("$1,384,906", 1_384_906.0, "$"),
    ],
)
def test_figures_are_read_as_each_language_writes_them(text, value, unit):
    (found,) = find_figures(text)
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
    found, _ = find_dates(text)
    assert [(one.year, one.month, one.day) for one in found] == ([stated] if stated else [])


def test_a_date_told_in_part_is_the_date_told_whole():
    (part,), (whole,), (other,) = (
        find_dates(text)[0] for text in ("mid-December", "15 décembre 2026", "mid-September")
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
    found = differences_found(NewsStatement("Northgate Digital", text, "2026-03-05"), RELEASE)
    assert (kind, words) in [(one.kind, (one.copy_says, one.release_says)) for one in found]


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
    assert compare_statements(NewsStatement("", text, "2026-03-06"), RELEASE, ("CFTC",)).differences == ()


def test_what_tells_of_another_matter_is_no_difference():
    other = NewsStatement(
        "Fund pays $63 million", "A pension fund of Oslo pays $63 million for a share of a wind farm."
    )
    assert compare_statements(other, RELEASE).outcome == "unproven"


def test_a_release_agrees_with_its_own_sentences():
    said = NewsStatement("", "The court denied the motion to dismiss on January 14, 2026.")
    assert compare_statements(said, RELEASE).outcome == "agrees"
    assert compare_statements(RELEASE, RELEASE).outcome == "agrees"


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
    differences = differences_found(NewsStatement("Brelan", text, "2026-04-02"), DENIALS)
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
    assert compare_statements(NewsStatement("Brelan", text, "2026-04-02"), DENIALS).differences == ()


DENIALS = NewsStatement(
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
    differences = differences_found(NewsStatement("CFTC judgment", text, "2026-03-05"), RELEASE)
    named = [one.release_says for one in differences if one.kind == "name"]
    assert any(other in name for name in named) if other else not named


PARTIES = NewsStatement(
    "AMF sanctions two persons of Brelan Gestion",
    "The enforcement committee fined Brelan Gestion SA 2.4 million euros and its chairman, Mr Hugues Delatrier, "
    "450,000 euros. Mr Simon Aubercy, the former head of sales, diverted 19.8 million euros of clients' money to "
    "companies he owned. The firm's deputy, Ms Odile Fauvel, was cleared. The board had asked for a fine of 3 million "
    "euros. The limit of 15,000 new customers a month has applied since June 2025. The sales were worth 61.3 million "
    "euros. The committee does not, at this stage, intend to ban joint offers with foreign firms.",
    "2026-03-05",
)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        # Somebody else where the release has one beside the same words and figures.
        (
            "name",
            "Odile Fauvel had diverted 19.8 million euros of clients' money.",
            ("Odile Fauvel", "Mr Simon Aubercy"),
        ),
        # By another span of time.
        ("unit", "Brelan may take 15,000 new customers a year.", ("15,000 new customers a year", "15,000")),
        # What is put in between commas ends no denial.
        (
            "negation",
            "The committee also intends to ban joint offers with foreign firms.",
            ("intends", "not"),
        ),
        # The office of the release's person is another's.
        ("name", "The chairman, Paul Delatour, must pay 450,000 euros.", ("Paul Delatour", "Delatrier")),
    ],
)
def test_parties_uses_and_spans_that_are_exchanged_are_named(kind, text, words):
    differences = differences_found(NewsStatement("Brelan Gestion", text, "2026-03-06"), PARTIES)
    named = [(one.copy_says, one.release_says) for one in differences if one.kind == kind]
    assert any(words[0] in ours and words[1] in theirs for ours, theirs in named)


@pytest.mark.parametrize(
    "text",
    [
        # Context of the copy's own, with figures and names that the release does not have.
        'Brelan shares lost 4.1% to 31.50 euros. "It could have been 5 million euros," said lawyer Ada Quillfeather.',
        "Brelan was founded in March 1998 and manages 7.5 billion euros.",
        # Sums, gaps and shares of the release's figures, and spans that only say when.
        "The firm and its chairman pay 2.85 million euros between them, 600,000 euros under what was asked.",
        "Brelan may take 180,000 customers in twelve months.",
        "Two days after the decision the firm said nothing.",
    ],
)
def test_added_context_and_figures_made_of_others_differ_from_nothing(text):
    said = NewsStatement(
        "Brelan Gestion", f"Brelan Gestion was fined 2.4 million euros. {text}", "2026-03-06"
    )
    assert compare_statements(said, PARTIES, ("AMF",)).differences == ()


ALIGNED = NewsStatement(
    "FCA refuses to renew the registration of Tillbrook Pay",
    "The FCA has refused to renew the registration of Tillbrook Pay, which operates 128 machines. It identified 340 "
    "occasions on which customers were allowed to exceed the limit. Mr Paul Reeve, who changed 11 files, is barred for "
    "eight years. Mr Ian Orde, who supervised him, is barred for five years. Tillbrook neither admitted nor denied the "
    "charges. The panel did not uphold the complaint relating to the freeze of assets. Tillbrook paid restitution "
    "of $2,618,940 and a fine of $1.6 million. Sales of trusts cost it $4.2 million. Inflation fell to 2.6% in June. "
    "The founder of Tillbrook, Ada Quill, pays $275,000. Supervision must be faster without being less demanding. "
    "Firms below the threshold are not required to report losses. It moved 320 million UAE dirhams. The FCA read 87 "
    "applications.",
    "2026-03-05",
)


@pytest.mark.parametrize(
    "text",
    [
        # Another thing is declined than is allowed; nobody is acquitted or suspended by these words.
        "Tillbrook must stop after the FCA declined to extend its registration.",
        "Le fondateur de Tillbrook a reconnu avoir blanchi des fonds.",
        "Le directeur a résumé l'affaire Tillbrook.",
        # The charges stand whether they are admitted or not, and the assets were frozen.
        "Tillbrook did not admit the charges of the FCA.",
        "Le grief sur le gel des avoirs de Tillbrook a été écarté.",
        "Faster, not less demanding: so the FCA describes the supervision of Tillbrook.",
        # How far something rose is not where it fell to.
        "Prices were rising 2.6% a year in June, says the FCA of Tillbrook.",
        # Spans that are added up, all but one, a total with the fine in it, a firm that only says whose founder it is.
        "Two men of Tillbrook are barred for a combined 13 years.",
        "Tillbrook was chosen by the FCA among 86 other applications.",
        "The sales of trusts cost Tillbrook $4.2 million including the fine.",
        "La fondatrice de Tillbrook versera 275 000 dollars.",
    ],
)
def test_what_stands_beside_other_words_differs_from_nothing(text):
    said = NewsStatement("Tillbrook Pay", text, "2026-03-06")
    assert compare_statements(said, ALIGNED, ("FCA",)).differences == ()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("negation", "Firms below the threshold are also required to report losses to the FCA."),
        ("currency", "Tillbrook moved 320 million dollars."),
        ("amount", "Ian Orde, who supervised him, is barred from the industry for eight years."),
    ],
)
def test_what_stands_beside_the_same_words_is_named(kind, text):
    differences = differences_found(NewsStatement("Tillbrook Pay", text, "2026-03-06"), ALIGNED, ("FCA",))
    assert kind in {one.kind for one in differences}


def _releases():
    for path in release_copies.TUNED[:1]:
        for line in path.read_text(encoding="utf-8").splitlines()[:8]:
            release = json.loads(line)["release"]
            yield NewsStatement(release["title"], release["body"], release["date"])


def test_a_digit_changed_in_a_copy_word_for_word_is_named():
    count = 0
    for release in _releases():
        _, rest = find_dates(release.text)
        for figure in find_figures(rest):
            if figure.kind not in ("money", "part") or not figure.text[-1:].isalpha():
                continue
            at = next(
                at
                for at in range(figure.start, figure.end + 1)
                if release.text[at : at + 1].isdigit() or at == figure.end
            )
            if at == figure.end:
                continue
            changed = "9" if release.text[at] != "9" else "8"
            text = release.text[:at] + changed + release.text[at + 1 :]
            found = compare_statements(NewsStatement(release.title, text, release.day), release)
            assert found.outcome == "differs", (figure.text, changed)
            count += 1
    assert count > 20


def test_the_order_of_sentences_changes_nothing():
    for path in release_copies.TUNED[:1]:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            release = NewsStatement(row["release"]["title"], row["release"]["body"], row["release"]["date"])
            for copy in row["copies"]:
                parts = [one.text for one in split_sentences(copy["text"])]
                straight, turned = (
                    compare_statements(NewsStatement(copy["title"], " ".join(order), copy["date"]), release)
                    for order in (parts, parts[::-1])
                )
                assert straight.outcome == turned.outcome


@pytest.mark.parametrize("rows", [*release_copies.TUNED, release_copies.HELD], ids=lambda rows: rows.stem)
def test_no_altered_copy_of_a_release_is_confirmed(rows):
    found = release_copies.measure(rows)
    assert found.confirmed.total() == 0
    assert found.named.total() >= NAMED[rows.stem] * found.altered.total()
    assert found.accused.total() <= ACCUSED[rows.stem] * found.true.total()


# The held set is measured, not tuned on: its share guards what was reached. Much that rules find is not sure enough.
NAMED = {
    "release_copies_tuned": 0.76,
    "release_copies_tuned_second": 0.63,
    "release_copies_tuned_third": 0.78,
    "release_copies_tuned_fourth": 0.66,
    "release_copies_tuned_fifth": 0.7,
    "release_copies_tuned_sixth": 0.65,
    "release_copies_tuned_seventh": 0.66,
    "release_copies_tuned_eighth": 0.53,
    "release_copies_tuned_ninth": 0.38,
    "release_copies_tuned_tenth": 0.51,
    "release_copies_own": 0.68,
    "release_copies_held": 0.7,
}
ACCUSED = dict.fromkeys(NAMED, 0.0) | {"release_copies_held": 0.015}


def test_a_law_is_no_party_of_a_sale():
    release = NewsStatement(
        "Vexley fined 3.2 million euros for sale of untested products",
        "The Vessin Markets Authority has fined Vexley 3.2 million euros for selling Bitcoin products without the "
        "tests that the Brague Act demands. About 700 clients in Dolmir were affected.",
        "2026-03-05",
    )
    copy = NewsStatement(
        "Amende de 3,2 millions d'euros pour Vexley",
        "La Vessin Markets Authority inflige 3,2 millions d'euros d'amende à Vexley pour avoir vendu des produits en "
        "Bitcoin sans les tests exigés par la loi Brague. Environ 700 clients à Dolmir sont concernés.",
        "2026-03-05",
    )
    assert compare_statements(copy, release).differences == ()
    assert compare_statements(release, copy).differences == ()
