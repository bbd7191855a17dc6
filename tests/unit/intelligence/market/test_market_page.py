"""The page of words says exactly what the grammar does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.intelligence.market.test_verdict import EVERY_WORD, FULL, MARKET, inside, made
from vigie.intelligence.market.emerging import FLAGS
from vigie.intelligence.market.verdict import ASSET_SCALES, MARKET_SCALES, asset_verdict, market_verdict
from vigie.intelligence.market.words import load_texts

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "market-words.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("scale", "word"), EVERY_WORD, ids=lambda x: x if isinstance(x, str) else x.key)
def test_every_word_stands_there_with_its_span_in_both_languages(scale, word):
    clause = made(scale, inside(scale, word))
    verdict = asset_verdict(FULL) if scale in ASSET_SCALES else market_verdict(MARKET)
    english, french = (
        replace(verdict, clauses=(clause,)).clause_texts(language)[0] for language in ("en", "fr")
    )
    assert f"| {english.text} | {french.text} | {english.span} |" in PAGE
    assert english.measure in PAGE
    assert english.limits in PAGE


def test_no_word_stands_there_that_is_gone():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| word |")]
    count = sum(len(scale.spans) for scale in (*ASSET_SCALES, *MARKET_SCALES))
    assert len(rows) == count + len(FLAGS) + 1


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_stands_there(flag):
    assert (
        f"| {load_texts('en')(f'flags.{flag}.title')} | {load_texts('fr')(f'flags.{flag}.title')} |" in PAGE
    )
