"""In a made-up language every text of every page stands in brackets: nothing is said that no catalogue holds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.made_up_language import Outside, bracketed, outside
from vigie.adapters.connectors import notes_with_own
from vigie.domain.asset import WATCHED
from vigie.intelligence.news.known_dates import load_known_dates
from vigie.services.alerting.watching.event_texts import EVENT_TEXTS

ROOT = Path(__file__).parents[4]
# Names that are the same in every language: assets, venues, strategies, indicators, methods, files, and who made what.
NAMES = set(
    "Bitcoin BTC Ethereum ETH Solana SOL USDT btc eth sol usdt perp Vigie spot "
    "Binance binance Bitget bitget Hyperliquid hyperliquid "
    "Bitpanda Coinbase Koinly Kraken Ledger Live Revolut "
    "English Français Español parcial "
    # Languages of news, as the locale names them.
    "Anglais anglais français "
    "adx bollinger breakout carry cross donchian ema flip funding macd pullback quiet reversion rsi squeeze supertrend "
    "trend zscore ADX ATR Bollinger Donchian EMA MACD RSI SMA WMA Pearson Spearman mvrv "
    "CSV JSON Parquet XLSX Excel PNG SVG Inter Lightweight Charts TradingView tradingview Inc com Majors ESMA".split()
)
# What is typed as it stands: addresses, formulas, parameters, lines of files.
TYPED = re.compile(
    r"/\S+|[\w.]+=\S+|(?:index|ratio|zscore|market|stablecoins|onchain)[(/][\w()/, +]*|list,asset .*"
)
_CLOCK = r"(?: \d{4})?(?: \d\d:\d\d(?::\d\d)?)?(?: UTC)?"
# The first of a month is said "1er": what stands around it is read apart.
WHEN = re.compile(
    rf"(?:\w+ )?\d{{1,2}} [^\W\d_]+\.?{_CLOCK}"
    r"|(?:janv\.?|févr\.?|avr\.?|juil\.?|sept\.?|oct\.?|nov\.?|déc\.?|janvier|février|mars|avril|mai|juin|juillet|août"
    rf"|septembre|octobre|novembre|décembre){_CLOCK}"
    r"|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche"
)
# The design system shows examples.
EXAMPLES = "/styleguide"


Readings = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Readings:
    """Give by reading and page what stands outside of brackets."""
    folder = str(tmp_path_factory.mktemp("made"))
    wanted = ["pages:fr", "sent:fr", "records:fr", "errors:fr", "today:es", "alerts:it"]
    command = [sys.executable, "-m", "tests.made_up_language", folder, *wanted]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: Readings = json.loads(done.stdout)
    return found


@pytest.fixture
def bare(readings: Readings) -> dict[str, list[str]]:
    """Give by page what stands outside of brackets."""
    return readings["pages"]


def is_data(text: str, titles: set[str]) -> bool:
    """Tell whether a text is a name, a time, or something that is typed as it stands."""
    if text in titles or TYPED.fullmatch(text) or WHEN.fullmatch(text):
        return True
    return set(re.findall(r"[^\W\d_]{3,}", text)) <= NAMES


def test_pages_say_nothing_that_no_catalogue_holds(bare: dict[str, list[str]]) -> None:
    titles = {note.title for note in notes_with_own(ROOT / "no-sources-here")}
    titles |= {asset.name for asset in WATCHED}
    titles |= {known.fr for known in load_known_dates()}
    assert len(bare) > 50
    assert {
        path: [text for text in texts if not is_data(text, titles)]
        for path, texts in bare.items()
        if path != EXAMPLES and any(not is_data(text, titles) for text in texts)
    } == {}


def test_every_page_says_something_outside_of_brackets(bare: dict[str, list[str]]) -> None:
    # Its name in the title: else nothing was read.
    assert [path for path, texts in bare.items() if not any("Vigie" in text for text in texts)] == []


def test_a_bare_word_is_found_where_it_stands() -> None:
    page = Outside("fr")
    page.feed(
        f"<p>{bracketed('Run')} now <b>{bracketed('it')}</b> 12 <code>make</code></p>"
        f"<p title='Close'>\u27e6Run <code>make</code> here\u27e7</p><p lang='en'>Later</p>"
    )
    assert page.found == ["now", "Close"]
    assert outside("one \u27e6two", 0) == (["one"], 1)


# What those who are quoted there say and are called, longest first; and how times and addresses are typed.
QUOTED = (
    "La SEC approuve l\u2019ETF Ether au comptant de Grayscale, 1,4 milliard de dollars",
    "Le régulateur américain a dit oui. La cotation commence mardi.",
    "SEC approves spot Ether ETF of Grayscale for 2.1 billion dollars",
    "The Securities and Exchange Commission approved the fund today.",
    "ESMA register of crypto-asset service providers",
    "The regulator said yes to the Ether fund.",
    "Custody of Bitcoin: a new rule",
    "Shares begin to trade next week.",
    "Securities and Exchange Commission",
    "1,4 milliard de dollars",
    "Valmer Markets Authority",
    "Journal du Coin",
    "États-Unis",
    "Regulators on Bitcoin",
    "SEC press releases",
    "terms of the venue",
    "All custodians.",
    "The Regulator",
    "What was said",
    "Over a month",
    "Two assets",
    "A Journal",
    "CC BY-NC 4.0",
)
WRITTEN = re.compile(
    r"https?://\S+|www\.\S+|\b[a-z]?[0-9a-f]{8,}\b|\{\w+\}|\S+-perp\S*|\d{4}-\d\d-\d\d\S*|\(Europe/Paris\)|\w+_\w+"
    r"|\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT|\d{1,2} [^\W\d_]+\.?(?: \d{4},? [\d:]+)?"
    r"|(?:janv|févr|avr|juil|sept|oct|nov|déc)\.|\b(?:mars|mai|juin|août)\b"
    # Months and weekdays of a calendar, as the locale writes them.
    r"|\b(?:janvier|février|avril|juillet|septembre|octobre|novembre|décembre)\b"
    r"|\b(?:lun|mar|mer|jeu|ven|sam|dim)\b\.?"
    r"|(?:BTC|stablecoin)\d+|UTC"
)
# Names, and the titles of invented parts of boards.
CALLED = NAMES | set(
    "CoinGecko Decrypt Asset Changes Words Market Correlation One Two "
    "CoinDesk Grayscale SEC Dearer main fast slow bitcoin ethereum result refusals summary trades "
    "equity json parquet csv sharpe".split()
)


def own_words(text: str) -> set[str]:
    """Return the words of a text that are nobody's whom it quotes, and no name."""
    for said in QUOTED:
        text = text.replace(said, "")
    return set(re.findall(r"[^\W\d_]{3,}", WRITTEN.sub("", text))) - CALLED


def test_mails_briefs_feeds_reports_and_boards_say_nothing_that_no_catalogue_holds(
    readings: Readings,
) -> None:
    found = readings["sent"]
    assert {"digest html", "note 0 text", "note 1 html", "feed", "brief", "brief on paper", "report"} < set(
        found
    )
    assert len(found) > 60
    words = {place: set().union(*map(own_words, texts)) for place, texts in found.items()}
    assert {place: own for place, own in words.items() if own} == {}


def test_pages_of_records_say_nothing_that_no_catalogue_holds(readings: Readings) -> None:
    found = readings["records"]
    assert len(found) > 25
    words = {
        path: set().union(*(own_words(text) for text in texts if not is_data(text, set())))
        for path, texts in found.items()
    }
    assert {path: own for path, own in words.items() if own} == {}


def test_pages_of_errors_say_nothing_that_no_catalogue_holds(readings: Readings) -> None:
    found = readings["errors"]
    assert found["away"] == ["503 \u00b7 Vigie"]
    assert {"/nowhere", "not allowed", "not from a page", "away", "broken"} < set(found)
    words = {
        path: set().union(*(own_words(text) for text in texts if not is_data(text, set())))
        for path, texts in found.items()
    }
    assert {path: own for path, own in words.items() if own} == {}


# What values of titles say in no language: names, and what a venue's log calls accounts and streams.
ALERTED = set("main quotes ETF reader example org".split())


def test_alerts_of_every_kind_are_said_in_a_language_that_vigie_learns_later(readings: Readings) -> None:
    found = readings["alerts"]
    assert {f"title {code} key/{code}" for code in EVENT_TEXTS["en"] if not code.startswith("setup.")} <= set(
        found
    )
    assert {"/alerts", "/alerts/log", "/notifications", "bell", "digest"} < set(found)
    assert len([place for place in found if place.startswith("mail ")]) > 80
    words = {
        place: set().union(*(own_words(text) for text in texts if not is_data(text, set()))) - ALERTED
        for place, texts in found.items()
    }
    assert {place: own for place, own in words.items() if own} == {}


def test_own_words_are_found_beside_those_of_others() -> None:
    assert own_words("Custody of Bitcoin: a new rule, published 2026-09-20T11:06:40Z") == {"published"}
    assert own_words("18 nov. 2026, 12:06 (Europe/Paris) · Binance, CoinGecko") == set()


# Names on Today in the homes that it is read in, beside those of every home.
SPANISH_NAMES = {
    "Bitget", "Bitget +1", "Bitget (Quotes), CoinGecko (Total market) ·", "DefiLlama", "alternative.me",
    "ESMA register of crypto-asset service providers", "Grayscale Europe SA", "SEC press releases ·",
}  # fmt: skip

DAY = re.compile(r"[a-záé]+, \d+ de [a-z]+ de \d{4}")


def test_menu_and_today_are_spanish(readings: Readings) -> None:
    today = readings["today"]
    assert len(today) == 16
    assert all("· Vigie" in found for found in today.values())
    bare = {
        place: [
            text
            for text in found
            if not (text in SPANISH_NAMES or DAY.fullmatch(text) or is_data(text, set()))
        ]
        for place, found in today.items()
    }
    assert {place: found for place, found in bare.items() if found} == {}
