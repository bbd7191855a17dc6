"""A strategy that reads the news trades as in its backtest, or is refused with words."""

from __future__ import annotations

import numpy as np
import pytest

from tests import houses
from tests.unit.services.news.test_mood_book import STRATEGY
from tests.unit.services.trading.material import BEGUN, FILE, planned
from tests.unit.services.trading.test_trading import backtest_of, go
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.research.fingerprints import data_fingerprint
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.runs import request_builder
from vigie.services.runs.backtest import plan_slots
from vigie.services.runs.run_gap import gap_record
from vigie.services.trading.journal import comparing
from vigie.services.trading.process import trading
from vigie.services.trading.process.decided_histories import DecidedHistories

SERIES, FEATURE = "news/bitcoin/sentiment_index", "news.sentiment.btc"
NEWS_FILE = FILE[: FILE.index("[[slots]]")] + '[[slots]]\ninstruments = ["BTC"]\nstrategy = "good_news"\n'
DAYS = 6


@pytest.fixture
def house(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    built = houses.house(tmp_path / "home", clock=clock)
    write(built, STRATEGY)
    return built


def write(house, text: str) -> None:
    house.results.strategies.mkdir(parents=True, exist_ok=True)
    (house.results.strategies / "good_news.py").write_text(text, encoding="utf-8")


def moods(house, days: int = DAYS) -> None:
    """Good and bad news in turn, each known between two closes, and now and then at a close itself."""
    house.facts.append(
        Observation(SERIES, ts, ts, 40.0 if turn % 2 else -40.0)
        for turn, ts in enumerate(range(BEGUN - 2 * DAY_MS, BEGUN + days * DAY_MS, 7 * HOUR_MS + 900_000))
    )


def test_an_account_that_reads_the_news_decides_as_its_backtest(house, tmp_path):
    moods(house)
    plan, said = planned(house, tmp_path, text=NEWS_FILE), []
    run = go(house, plan, BEGUN + DAYS * DAY_MS // 2, said)
    go(house, plan, BEGUN + DAYS * DAY_MS, said, begun=BEGUN + DAYS * DAY_MS // 2)
    chronicle = trading.load_event_log(house.results, house.trades, run)
    account, backtest = chronicle.account, backtest_of(house, plan, tmp_path, chronicle.ts)
    ended = len(account.trades)
    assert ended > 3
    assert account.trades["entry_bar"].tolist() == backtest.trades["entry_bar"][:ended].tolist()
    assert account.trades["pnl"].tolist() == pytest.approx(backtest.trades["pnl"][:ended].tolist(), abs=1e-7)
    beside = gap_record(
        bound(house, comparing.run_own_backtest)(run),
        comparing.load_account_run(house.results, house.trades, run),
    )
    assert abs(float(beside["gap"])) < 1e-6
    assert not house.audit.after(0, kinds=["trade.feature_late"])
    # Nobody wrote where the ideas came from: what the strategy read says it, as long as its file is there.
    owner = houses.person("owner")
    assert {row["source"] for row in run_operation(house, owner, "journal.list", {}).rows} == {"news"}
    # It is read as it is written, in whatever letters, and not run for a list.
    ran = tmp_path / "ran"
    lines = f"# coding: latin-1\n# \xe9t\xe9\n{STRATEGY}\nopen({str(ran)!r}, 'w').close()\n"
    (house.results.strategies / "good_news.py").write_bytes(lines.encode("latin-1"))
    assert {row["source"] for row in run_operation(house, owner, "journal.list", {}).rows} == {"news"}
    assert not ran.exists()
    write(house, "")
    assert {row["source"] for row in run_operation(house, owner, "journal.list", {}).rows} == {""}


def test_after_a_restart_decided_bars_have_the_features_they_were_decided_on(house, tmp_path):
    moods(house)
    plan, said, half = planned(house, tmp_path, text=NEWS_FILE), [], BEGUN + DAYS * DAY_MS // 2
    run, newest = go(house, plan, half, said), half - 2 * HOUR_MS
    before = bound(house, DecidedHistories)(plan, run)
    decided = before.bars_until(0, newest).feature(FEATURE)
    late = BEGUN + DAY_MS
    house.facts.append([Observation(SERIES, late, late, 90.0)])
    stored = bound(house, DecidedHistories)(plan).bars_until(0, newest).feature(FEATURE)
    assert 90.0 in stored
    changed = np.flatnonzero(~np.isclose(stored, decided, equal_nan=True)).size
    assert changed > 0
    after, told = bound(house, DecidedHistories)(plan, run, said.append), len(said)
    assert np.array_equal(after.bars_until(0, newest).feature(FEATURE), decided, equal_nan=True)
    assert after.fingerprint(0) == before.fingerprint(0)
    assert [FEATURE in line for line in said[told:]] == [True] * changed
    assert len(house.audit.after(0, kinds=["trade.feature_late"])) == changed
    # The process after that knows that it was told.
    told = len(said)
    bound(house, DecidedHistories)(plan, run, said.append).bars_until(0, newest)
    assert said[told:] == []
    assert len(house.audit.after(0, kinds=["trade.feature_late"])) == changed


def test_what_an_account_cannot_be_given_is_refused_before_it_begins(house, tmp_path):
    with pytest.raises(UsageError, match="reads news\\.sentiment\\.btc, but this home folder has no"):
        planned(house, tmp_path, text=NEWS_FILE)
    moods(house)
    assert planned(house, tmp_path, text=NEWS_FILE).slots
    write(house, STRATEGY.replace("news.sentiment.btc", "funding_rate"))
    with pytest.raises(UsageError, match="strategy good_news reads funding_rate, which is not"):
        planned(house, tmp_path, text=NEWS_FILE)
    write(house, STRATEGY.replace('"news.sentiment.btc"', "params.series"))
    with pytest.raises(
        UsageError, match=r"good_news\.py line \d+ builds a feature name; write each name in full"
    ):
        planned(house, tmp_path, text=NEWS_FILE)


def test_the_data_of_a_run_are_known_by_its_features_too(house, tmp_path):
    def known() -> str:
        asked = request_builder.build_request(
            house.data, config=tmp_path / "run.toml", own_strategies=house.results.strategies
        )
        return data_fingerprint(plan_slots(house.data, asked))

    moods(house, days=0)
    planned(house, tmp_path, text=NEWS_FILE)
    before = known()
    assert known() == before
    house.facts.append([Observation(SERIES, BEGUN - HOUR_MS, BEGUN - HOUR_MS, 3.0)])
    assert known() != before
