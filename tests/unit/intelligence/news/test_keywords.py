"""Keywords: what stands out against what was usual before."""

from __future__ import annotations

from tests.unit.intelligence.news.material import item, read
from vigie.intelligence.news.reading.logodds import standing_out
from vigie.intelligence.news.steps import keywords


def test_what_changed_stands_out_and_what_is_always_there_does_not():
    usual = [item(f"Bitcoin price and market report number {at}", hours=at / 10) for at in range(60)]
    last = item("Bitcoin market shaken as Terra collapses", "The Terra market collapses.", hours=7)
    found = read([keywords.make()], [*usual, last])[-1]["keywords"].body["words"]
    assert "Terra" in " ".join(found[:2])
    assert "Bitcoin" not in found[:3]
    assert len(found) <= 6


def test_words_are_as_written_and_no_word_stands_twice():
    found = read(
        [keywords.make()], [item("Stablecoin issuer Circle Circle files for an IPO of Stablecoin shares")]
    )
    named = found[0]["keywords"].body["words"]
    parts = [part for word in named for part in word.lower().split()]
    assert len(parts) == len(set(parts))
    assert "the" not in parts
    assert all(
        word in "Stablecoin issuer Circle Circle files for an IPO of Stablecoin shares" for word in named
    )


def test_log_odds_grow_with_the_count_and_shrink_with_the_background():
    found = standing_out(
        {"luna": 9.0, "bitcoin": 9.0, "peg": 2.0}, {"luna": 2.0, "bitcoin": 300.0, "peg": 2.0}
    )
    assert found["luna"] > found["peg"] > 0 > found["bitcoin"]


def test_equal_shares_stand_out_nowhere():
    found = standing_out({"a": 50.0, "b": 50.0}, {"a": 500.0, "b": 500.0})
    assert all(abs(value) < 0.1 for value in found.values())
