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
from vigie.intelligence.news.known_dates import load_known_dates

ROOT = Path(__file__).parents[4]
# Names that are the same in every language: assets, venues, strategies, indicators, methods, files, and who made what.
NAMES = set(
    "Bitcoin BTC Ethereum ETH Solana SOL USDT btc eth sol usdt perp Binance binance Vigie "
    "English Français Español parcial "
    "adx bollinger breakout carry cross donchian ema flip funding macd pullback quiet reversion rsi squeeze supertrend "
    "trend zscore ADX ATR Bollinger Donchian EMA MACD RSI SMA WMA Pearson Spearman mvrv "
    "CSV JSON Parquet XLSX PNG SVG Inter Lightweight Charts TradingView tradingview Inc com Majors".split()
)
# What is typed as it stands: addresses, formulas, parameters, lines of files.
TYPED = re.compile(
    r"/\S+|[\w.]+=\S+|(?:index|ratio|zscore|market|stablecoins|onchain)[(/][\w()/, +]*|list,asset .*"
)
WHEN = re.compile(r"(?:\w+ )?\d{1,2} [^\W\d_]+\.?(?: \d{4})?(?: \d\d:\d\d(?::\d\d)?)?(?: UTC)?")
# The design system shows examples.
EXAMPLES = "/styleguide"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Give by page what stands outside of brackets."""
    command = [
        sys.executable,
        "-m",
        "tests.made_up_language",
        str(tmp_path_factory.mktemp("made")),
        "pages",
        "fr",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def is_data(text: str, titles: set[str]) -> bool:
    """Tell whether a text is a name, a time, or something that is typed as it stands."""
    if text in titles or TYPED.fullmatch(text) or WHEN.fullmatch(text):
        return True
    return set(re.findall(r"[^\W\d_]{3,}", text)) <= NAMES


def test_pages_say_nothing_that_no_catalogue_holds(bare: dict[str, list[str]]) -> None:
    titles = {note.title for note in notes_with_own(ROOT / "no-sources-here")}
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
