"""`vigie valuation` as a person meets it in a terminal."""

from __future__ import annotations

import json

import pytest

from tests import houses
from tests.clocks import JumpingClock
from tests.unit.services.backtest_material import command_line
from tests.unit.services.test_valuation import FIRST, NOW, SERIES, _bars, _facts
from vigie.data.frames import to_frame
from vigie.domain.time import DAY_MS, iso


@pytest.fixture
def vigie(home, monkeypatch, capsys):
    made = houses.house(home, with_bars=False, clock=JumpingClock(NOW))
    made.data.bars.upsert(SERIES, to_frame(_bars()))
    made.facts.append(_facts())
    return command_line(monkeypatch, capsys)


def test_valuation_when_asked_then_word_components_sentences_and_what_followed(vigie):
    then = iso((FIRST + 3_999) * DAY_MS)
    told = vigie("valuation", "bitcoin", "--as-of", then)
    assert told.code == 0
    for text in (
        "Bitcoin: ",
        "score ",
        "strongest reason to sell",
        "Weekly RSI",
        "random starts",
        "depressed, 365 days: 2015-03-23 +98.1%",
    ):
        assert text in told.out
    answer = json.loads(vigie("valuation", "BTC", "--json", "--as-of", then).out)
    assert answer["valuation"]["asset"] == "bitcoin"
    assert len(answer["episodes"]["followed"]) == 6
    assert answer["valuation"]["as_of"] == (FIRST + 3_999) * DAY_MS


def test_valuation_when_nothing_is_stored_then_says_so(vigie):
    told = vigie("valuation", "ethereum")
    assert (told.code, told.out.strip()) == (0, "Ethereum: not known yet; no daily closes are stored")
    unknown = vigie("valuation", "bitcoinn")
    assert unknown.code != 0
    assert "bitcoinn" in unknown.err
