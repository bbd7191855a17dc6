"""The mood of the news, from items to a strategy: written as it is known, and never changed afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from tests.clocks import StandingClock
from tests.houses import VENUE, house
from vigie.domain.item import Sighting
from vigie.domain.time import HOUR_MS, parse_time
from vigie.ports.source_fetches import SourceFetch
from vigie.services.needs import bound
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.news.analysis.mood import MoodWriter
from vigie.services.runs.backtest import plan_slots
from vigie.services.runs.backtest_request import BacktestRequest, SlotRequest

SERIES = "news/bitcoin/sentiment_index"
BEGIN = parse_time("2025-03-01")
STRATEGY = '''"""Buys on good news."""

from dataclasses import dataclass

from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """None."""


def warmup(params):
    """Return none."""
    return 1


def criteria(bars, params):
    """Judge."""
    return Criteria(long=(is_above("Good news", bars.feature("news.sentiment.btc"), 5.0),), short=())
'''


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A house in which good news come at once, bad news late and corrected; with what was stored at each hour."""
    clock = StandingClock(BEGIN)
    built = house(tmp_path_factory.mktemp("mood"), clock=clock)
    reader, book = ItemReader(built, tell=lambda items: len(list(items))), bound(built, MoodWriter)()
    arrivals = {
        2: ("good", "Bitcoin surges to a record high as approval delights investors", BEGIN + 2 * HOUR_MS),
        5: ("late", "Hackers drain bitcoin exchange, customers lose millions", BEGIN),
        8: ("good", "Correction: bitcoin crashes, approval was rejected", BEGIN + 2 * HOUR_MS),
    }
    stored = {}
    for hour in range(12):
        clock.now = BEGIN + hour * HOUR_MS
        if hour in arrivals:
            key, title, ts = arrivals[hour]
            seen = Sighting("sec_press", key, f"https://www.sec.gov/{key}", title, ts_published=ts)
            built.items.take(SourceFetch("sec_press", clock.now, (seen,)))
            while reader.read_some():
                pass
        book.write()
        assert book.write() == 0, "nothing is written twice within a quarter of an hour"
        stored[hour] = built.facts.read([SERIES], as_of=clock.now).rows()
    return built, stored


def test_what_was_stored_at_an_hour_is_the_beginning_of_what_is_stored_later(told):
    built, stored = told
    final = built.facts.read([SERIES]).rows()
    for hour, rows in stored.items():
        assert rows == final[: len(rows)]
        assert rows == built.facts.read([SERIES], as_of=BEGIN + hour * HOUR_MS).rows()
    assert [(row[1] - BEGIN) // HOUR_MS for row in final] == [2, 5, 8]
    assert final[0][3] > 5 > final[1][3] > final[2][3], (
        "news published early and seen late count when they are seen"
    )


def test_a_strategy_reads_the_mood_by_name_and_sees_only_what_was_known_at_each_close(told, tmp_path):
    built, _ = told
    (tmp_path / "good_news.py").write_text(STRATEGY, encoding="utf-8")
    request = BacktestRequest(
        slots=(SlotRequest("BTC", "1h", "good_news"),),
        venue=VENUE,
        start_ms=BEGIN,
        end_ms=BEGIN + 12 * HOUR_MS,
        own_strategies=tmp_path,
    )
    plan = plan_slots(built.data, request)[0]
    mood = plan.bars.feature("news.sentiment.btc")
    closes = (plan.bars.ts + HOUR_MS - BEGIN) // HOUR_MS
    assert np.isnan(mood[closes < 2]).all()
    assert (mood[(closes >= 2) & (closes < 5)] > 5).all()
    assert (mood[closes >= 5] < 5).all()
    holds = plan.strategy.criteria(plan.bars, plan.params).long[0].reading.holds
    assert holds.tolist() == [bool(2 <= close < 5) for close in closes]
