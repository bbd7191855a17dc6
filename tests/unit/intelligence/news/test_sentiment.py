"""The step sentiment, and the lexicon behind it."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import item, read
from vigie.intelligence.news.judging.lexicon import lexicon_weights
from vigie.intelligence.news.judging.linear_model import shipped_model
from vigie.intelligence.news.steps import language, sentiment


def sounds(title, text=""):
    (found,) = read([sentiment.make()], [item(title, text)])
    return found["sentiment"]


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Exchange hacked, customer funds stolen", "negative"),
        ("Bridge exploited for $40 million", "negative"),
        ("Regulator approves first spot fund, price soars to record high", "positive"),
        ("Start-up raises $20 million in Series A funding", "positive"),
        ("How does a validator work?", "neutral"),
        ("Une plateforme en faillite, les clients ruinés", "negative"),
        ("La jeune pousse lève 12 millions d'euros", "positive"),
        ("Comment fonctionne la preuve d'enjeu ?", "neutral"),
    ],
)
def test_plain_cases(title, label):
    assert sounds(title).body["label"] == label


def test_a_headline_without_words_is_unclear():
    assert sounds("", "").body["label"] == "unclear"
    assert sounds("12 345").body["label"] in {"unclear", "neutral"}


def test_what_is_below_the_threshold_is_unclear_and_keeps_its_probabilities():
    step = sentiment.make()
    (found,) = read([step], [item("Exchange wins lawsuit but loses licence and lists token")])
    body = found["sentiment"].body
    surest = max(body["probabilities"].values())
    assert (body["label"] == "unclear") == (surest < step.model.threshold)
    assert set(body["probabilities"]) == {"negative", "neutral", "positive"}


def test_the_text_is_read_where_there_is_no_title():
    assert sounds("", "Exchange hacked, customer funds stolen").body["label"] == "negative"


def test_the_words_that_were_heard_are_told():
    found = sounds("Exchange hacked, funds stolen")
    assert ["hacked", -3] in [list(word) for word in found.body["words"]]
    assert "hacked -3" in found.why


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("Ban on mining lifted", "Ban on mining"),
        ("No coins were lost", "Coins were lost"),
        ("Charges dropped", "Charges"),
        ("L'interdiction est levée", "L'interdiction est votée"),
    ],
)
def test_what_is_undone_or_denied_is_less_bad(good, bad):
    assert sum(lexicon_weights(good)) > sum(lexicon_weights(bad))


@pytest.mark.parametrize(
    "title",
    [
        "Börse gehackt: Kunden verlieren ihre Bitcoin und die Bank ist nicht erreichbar",
        "Взлом биржи: хакеры украли биткоины",
        "El banco central de Perú no descarta una moneda digital para los pagos",
    ],
)
def test_a_language_that_no_model_reads_is_not_judged(title):
    (found,) = read([language.make(), sentiment.make()], [item(title)])
    body = found["sentiment"].body
    assert (body["label"], body["probabilities"]) == ("unclear", {})
    assert body["unread"] == found["language"].body["language"]


def test_english_and_french_and_what_nothing_tells_are_judged():
    for title in (
        "Exchange hacked, customer funds stolen",
        "Une plateforme en faillite, les clients ruinés",
        "BTC",
    ):
        (found,) = read([language.make(), sentiment.make()], [item(title)])
        assert found["sentiment"].body["probabilities"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("Le marché rebondit", "Le marché ne rebondit pas"),
        ("Le jeton n'est plus suspendu", "Le jeton est suspendu"),
        ("Le bitcoin limite ses pertes", "Le bitcoin creuse ses pertes"),
        ("Enlèvement déjoué à Lyon", "Enlèvement à Lyon"),
    ],
)
def test_french_denies_and_undoes_around_the_verb(better, worse):
    assert sum(lexicon_weights(better, "fr")) > sum(lexicon_weights(worse, "fr"))


def test_words_that_are_others_in_english_count_in_french_alone():
    assert lexicon_weights("Mineurs au tribunal") != lexicon_weights("Mineurs au tribunal", "fr")


def test_what_is_known_to_be_french_is_read_by_a_model_of_its_own():
    title = "La plateforme met la clé sous la porte, les clients déchantent"
    (found,) = read([language.make(), sentiment.make()], [item(title)])
    assert found["language"].body["language"] == "fr"
    body = found["sentiment"].body
    expected = shipped_model("sentiment_fr").probabilities(title, "fr")
    assert body["probabilities"] == {name: round(value, 4) for name, value in expected.items()}
    assert body["label"] == "negative"
    (untold,) = read([sentiment.make()], [item(title)])
    general = shipped_model("sentiment").probabilities(title)
    assert untold["sentiment"].body["probabilities"] == {name: round(one, 4) for name, one in general.items()}
