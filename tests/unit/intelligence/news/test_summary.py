"""Summaries: sentences of the text itself, with their places; a short text is its own summary."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import item, read
from vigie.intelligence.news.reading.sentences import split_sentences
from vigie.intelligence.news.steps import summary

ARTICLE = (
    "The exchange halted withdrawals on Monday. Mr. Brown, who leads it, blamed a fault of the U.S. custodian. "
    "Customers waited for hours. The custodian denied any fault and said that withdrawals were halted by the exchange. "
    "Read more in our newsletter about exchanges and withdrawals today. "
    "Regulators asked the exchange and its custodian for documents by Friday, 3.5 days later! "
    "\u00abNous attendons\u00bb, said one customer. The weather was fine."
)


def summarise(text):
    return read([summary.make()], [item("Title", text)])[0]["summary"].body["sentences"]


def test_three_sentences_of_the_text_are_chosen_in_order():
    found = summarise(ARTICLE)
    assert len(found) == 3
    assert all(ARTICLE[one["start"] : one["end"]] == one["text"] for one in found)
    assert [one["start"] for one in found] == sorted(one["start"] for one in found)
    assert all("newsletter" not in one["text"] for one in found)
    assert found[0]["text"].startswith("The exchange halted")


def test_what_leads_somewhere_is_not_chosen():
    led = "Customers of the exchange read about the custodian and withdrawals at https://exchange.example/a today."
    assert all("://" not in one["text"] for one in summarise(f"{led} {ARTICLE} {led}"))


@pytest.mark.parametrize(
    "said",
    [
        "Le Fil des Blocs fait le point pour ses lecteurs ce lundi soir.",
        "Retour sur l'affaire du jour, avec toute la rédaction.",
        "L’information circulait depuis ce matin dans tout le secteur.",
        "Read on the web: Also - Pellant gets its licence - Dunmere opens an office in Vessin.",
        "Lire en ligne : À lire aussi - Pellant obtient son agrément - Dunmere ouvre un bureau.",
        "À lire aussi : Pellant obtient son agrément auprès de l’autorité.",
        "Also - Pellant gets its licence from the authority.",
        "Sponsored: open an account with Pellant before the end of the week.",
        "Simulated: this text, its events and every name in it except those of coins are invented.",
        "Simulé : ce texte, ses événements et tous ses noms, sauf ceux des jetons, sont inventés.",
    ],
)
def test_what_tells_of_its_publisher_alone_is_not_chosen(said):
    text = f"{said} La bourse a suspendu les retraits lundi. Le dépositaire a démenti toute faute. Rien n'est perdu."
    assert said not in [one["text"] for one in summarise(text)]
    assert summary.says_nothing(said)


def test_a_repeated_sentence_is_chosen_once():
    said = "The exchange halted withdrawals on Monday after a fault of its custodian."
    text = " ".join(
        [said, said, said, "Regulators asked for documents by Friday.", "Customers waited for nine hours."]
    )
    assert [one["text"] for one in summarise(text)].count(said) == 1


def test_what_says_it_again_in_a_few_more_words_is_not_chosen():
    said = "The regulator has authorised Karvik Digital to keep and exchange crypto-assets for clients."
    again = "Today the regulator has authorised Karvik Digital to keep and exchange crypto-assets for many clients."
    text = " ".join(
        [said, again, "The firm in Vessin had applied nine weeks ago.", "The register was changed today."]
    )
    found = [one["text"] for one in summarise(text)]
    assert len({said, again} & set(found)) == 1
    assert found[1:] == [one.text for one in split_sentences(text)][2:]


@pytest.mark.parametrize(
    "said", ["Also the custodian waits.", "Publicité mensongère : la bourse est condamnée."]
)
def test_a_sentence_that_only_begins_alike_says_something(said):
    assert not summary.says_nothing(said)


@pytest.mark.parametrize("text", ["", "One sentence without an end", "First. Second one. A third."])
def test_a_short_text_is_its_own_summary(text):
    assert [one["text"] for one in summarise(text)] == [one.text for one in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mr. Smith paid 3.5 million in the U.S. Treasury case. Next one.", 2),
        ("Il a dit : \u00abOui.\u00bb Puis il est parti.", 2),
        ("Really?! Yes\u2026 maybe so. No", 3),
        ("One line\nanother line\n\n", 2),
        ("... !!! ???", 0),
        ("J. P. Morgan rose. So did others.", 2),
    ],
)
def test_sentences_end_where_they_end(text, count):
    found = split_sentences(text)
    assert len(found) == count
    assert all(text[one.start : one.end] == one.text for one in found)
