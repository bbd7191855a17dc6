"""The step topics: fifteen topics, and news of regulation."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import PUBLISHER, item, read
from vigie.intelligence.news.judging.rows import TOPICS
from vigie.intelligence.news.judging.topic_rules import find_authorities, topics_by_rule
from vigie.intelligence.news.step import Publisher
from vigie.intelligence.news.steps import language, topics

REGULATOR = Publisher("auth", "The Authority", "regulator", "State", "en", "authority.example")


def about(title, publisher=PUBLISHER):
    (found,) = read([topics.make()], [item(title)], publisher=publisher)
    return found["topics"].body


CASES = [
    ("Spot bitcoin ETF sees record inflows", "etf"),
    ("Lending protocol hacked, $30 million drained", "hack"),
    ("Issuer of USDC stablecoin opens its reserves", "stablecoin"),
    ("Treasury sanctions mixer Tornado Cash", "sanctions"),
    ("Senators pass tax on capital gains from crypto", "tax"),
    ("Fed raises interest rates as inflation stays high", "macro"),
    ("Founder sentenced to prison for fraud", "enforcement"),
    ("Le fisc réclame les impôts sur les plus-values", "tax"),
    ("Piratage : un protocole vidé de ses fonds", "hack"),
    ("L'AMF délivre un agrément à une plateforme", "regulation"),
    ("Coinbase lists Sui and opens trading on Tuesday", "listing"),
    ("Kraken délistera Monero dans l'Union européenne", "listing"),
    ("Ethereum developers activate the Fusaka upgrade on mainnet", "technology"),
    ("Solana déploie la mise à jour Firedancer sur son réseau principal", "technology"),
    ("Judge dismisses class action against Uniswap Labs", "legal"),
    ("La cour d'appel rejette le recours de Binance", "legal"),
    ("El Salvador shops accept bitcoin payments", "adoption"),
    ("Kraken suspends withdrawals after an outage", "exchange"),
    ("La plateforme Binance suspend les retraits", "exchange"),
    ("White House publishes its crypto strategy", "policy"),
    ("Le gouvernement présente sa stratégie sur les cryptoactifs", "policy"),
    ("Crypto PAC spends $40 million on Senate elections", "elections"),
    ("Les candidats à l'élection présidentielle parlent du bitcoin", "elections"),
]


def test_no_topic_is_without_a_case():
    assert {topic for _, topic in CASES} == set(TOPICS)


@pytest.mark.parametrize(("title", "topic"), CASES)
def test_plain_cases(title, topic):
    found = about(title)["topics"]
    assert topic in found
    assert set(found) <= set(TOPICS)
    assert list(found.values()) == sorted(found.values(), reverse=True)


@pytest.mark.parametrize(
    "title",
    [
        "SEC charges token issuer with fraud",
        "European Commission proposes new rules for stablecoins",
        "L'AMF met en garde contre une plateforme non autorisée",
        "Le gouvernement présente un projet de loi sur les cryptomonnaies",
    ],
)
def test_news_of_regulation(title):
    assert about(title)["is_regulation"]


@pytest.mark.parametrize(
    "title",
    [
        "Bitcoin climbs above $70,000 as traders return",
        "Wallet maker raises $20 million",
        "Guide : bien choisir son portefeuille",
        "DAO votes to change its governance rules",
    ],
)
def test_other_news(title):
    assert not about(title)["is_regulation"]


def test_what_a_regulator_publishes_is_likelier_regulation():
    title = "Statement on tokenised securities"
    assert about(title, REGULATOR)["regulation"] > about(title)["regulation"]


def test_case_tells_authorities_from_words():
    assert find_authorities("SEC and AMF agree") == ("SEC", "AMF")
    assert find_authorities("it took a sec, mas o menos") == ()
    assert "etf" in topics_by_rule("Un nouvel ETF")
    assert topics_by_rule("") == {}


def test_in_a_language_that_no_model_reads_only_what_a_rule_knows_is_said():
    steps = [language.make(), topics.make()]
    title = "Wie die Börse mit der Steuer auf Bitcoin und dem ETF umgehen wird"
    (found,) = read(steps, [item(title)])
    assert found["language"].body["language"] == "de"
    assert set(found["topics"].body["topics"]) <= set(topics_by_rule(title))
    assert not found["topics"].body["is_regulation"]
    (theirs,) = read(
        steps, [item("Ley de criptoactivos: el banco central publica las normas para los bancos")]
    )
    assert not theirs["topics"].body["is_regulation"], "nobody that is known is named in it"
