"""Valuations of a home: from stored closes and facts, as of any time, kept until either changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.valuation import random_walk

from tests.clocks import JumpingClock
from tests.houses import VENUE, house, person
from vigie.data.catalog import BarCatalog
from vigie.data.frames import to_frame
from vigie.domain.bar import Bars
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.market_data.valuations import ValuationSources, read_valuation
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation

FIRST = 14_300
DAYS = 4_000
END = (FIRST + DAYS) * DAY_MS
NOW = END + HOUR_MS
SERIES = SeriesId(VENUE, "btc-usdt-perp", "1d")
MVRV = "onchain/bitcoin/cap_mvrv_cur"
RATES = f"derivatives/{VENUE}:btc-usdt-perp/funding_fraction"
MOOD = "sentiment/fear_greed_index"


def _bars(start: int = 0, stop: int = DAYS) -> Bars:
    close = random_walk(0).close[start:stop]
    first = np.concatenate((close[:1], close[:-1]))
    return Bars(
        "btc-usdt-perp", DAY_MS, (FIRST + np.arange(start, stop, dtype=np.int64)) * DAY_MS, first,
        np.maximum(first, close) * 1.01, np.minimum(first, close) * 0.99, close, np.ones(len(close)), VENUE,
    )  # fmt: skip


def _facts() -> list[Observation]:
    rng, found = np.random.default_rng(9), []
    for day in range(FIRST + 1_000, FIRST + DAYS):
        ts = day * DAY_MS
        found.append(Observation(MVRV, ts, ts + 30 * HOUR_MS, 1.0 + float(rng.random())))
        found += [
            Observation(RATES, ts + hour * HOUR_MS, ts + hour * HOUR_MS, float(rng.normal(1e-4, 5e-5)))
            for hour in (0, 8, 16)
        ]
    found += [
        Observation(MOOD, day * DAY_MS, day * DAY_MS, float(rng.integers(0, 100)))
        for day in range(FIRST + DAYS - 500, FIRST + DAYS + 1)
    ]
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("valuation"), with_bars=False, clock=JumpingClock(NOW))
    made.data.bars.upsert(SERIES, to_frame(_bars()))
    made.facts.append(_facts())
    return made


def _of(built, **values):
    return run_operation(built, person(), "valuation.of", {"asset": "bitcoin", **values})


def _episodes(built, **values):
    return run_operation(built, person(), "valuation.episodes", {"asset": "bitcoin", **values})


def test_valuation_when_asked_then_word_components_and_sources(built):
    found = _of(built)
    assert (found.asset, found.ts, found.days, found.is_stale) == ("bitcoin", END, DAYS, False)
    assert found.state in ("stretched", "normal", "depressed")
    assert found.price.value == random_walk(0).close[DAYS - 1]
    parts = {part.name: part for part in found.components}
    assert parts["weekly_rsi"].figure.source == "Binance"
    assert parts["weekly_rsi"].figure.ts_event == END
    assert parts["mvrv"].figure.source.startswith("Coin Metrics")
    # The value of the day before: that of the day itself is not published yet.
    assert parts["mvrv"].figure.ts_event == END - 2 * DAY_MS
    assert parts["funding"].figure.ts_event == END - 8 * HOUR_MS
    assert parts["funding"].earlier == 3_000
    assert parts["fear_greed"].is_of_market
    # The index of the day: that of the next day is there as well, dated at this close.
    assert parts["fear_greed"].figure.ts_event == END - DAY_MS
    assert (parts["fear_greed"].missing, parts["fear_greed"].rank) == ("short", None)
    votes = [found.price_vote, parts["mvrv"].rank, parts["funding"].rank]
    assert found.score == pytest.approx(sum(votes) / 3)
    assert {part.is_of_price for part in found.components[:3]} == {True}
    assert [origin.source.split()[0] for origin in found.origins] == ["Binance", "Coin", "Fear"]
    assert found.volatility.value > 0


def test_valuation_when_asked_then_sentences_in_both_languages_and_money(built):
    found = _of(built)
    assert set(found.says) == {"en", "fr"}
    for said in found.says.values():
        assert all(said.model_dump().values())
    assert found.says["en"].word != found.says["fr"].word or found.word == "normal"
    assert f"{found.level.price.value:,.0f}"[:1] in found.says["en"].change


def test_valuation_when_asked_as_of_then_only_what_was_known(built):
    then = (FIRST + 2_500) * DAY_MS
    found = _of(built, as_of=then)
    assert (found.as_of, found.ts, found.days) == (then, then, 2_500)
    assert found.price.value == random_walk(0).close[2_499]
    mvrv = {part.name: part for part in found.components}["mvrv"]
    assert mvrv.figure.ts_known <= then
    assert _of(built, as_of=then + DAY_MS - 1).ts == then
    early = _of(built, as_of=FIRST * DAY_MS)
    assert (early.word, early.components, early.price) == ("unknown", [], None)
    assert early.says["en"].word == "not known yet"


def test_valuation_when_closes_end_then_stale_and_old_components_are_named(tmp_path: Path):
    made = house(tmp_path, with_bars=False, clock=JumpingClock(NOW + 6 * DAY_MS))
    made.data.bars.upsert(SERIES, to_frame(_bars()))
    # The mood ended long before the closes did.
    made.facts.append(
        [Observation(MOOD, day * DAY_MS, day * DAY_MS, 50.0 + day % 7) for day in range(FIRST, FIRST + 3_000)]
    )
    found = _of(made)
    assert (found.ts, found.is_stale, found.price.is_stale) == (END, True, True)
    mood = found.components[-1]
    assert (mood.missing, mood.figure.value, mood.figure.is_stale) == ("old", None, True)
    assert mood.figure.ts_event == (FIRST + 2_999) * DAY_MS
    assert {part.missing for part in found.components[3:5]} == {"none"}
    assert _of(made, as_of=NOW).is_stale is False


def test_episodes_when_asked_then_rows_of_each_state_and_horizon(built):
    table = _episodes(built)
    assert [(entry.state, entry.horizon_days) for entry in table.followed] == [
        (state, horizon) for state in ("stretched", "depressed") for horizon in (30, 91, 365)
    ]
    for entry in table.followed:
        rows = [
            row for row in table.rows if (row.state, row.horizon_days) == (entry.state, entry.horizon_days)
        ]
        assert entry.count == sum(row.change is not None for row in rows)
        starts = [row.ts for row in rows]
        assert starts == sorted(starts, reverse=True)
        assert all(
            after - before <= -entry.horizon_days * DAY_MS
            for after, before in zip(starts[1:], starts, strict=False)
        )
        assert (entry.median is None) == (entry.count < 10)
    one = _episodes(built, state="depressed", horizon=30)
    assert {(row.state, row.horizon_days) for row in one.rows} <= {("depressed", 30)}
    assert len(one.followed) == 1
    assert _episodes(built, as_of=FIRST * DAY_MS).rows == []


def test_valuation_when_something_changes_then_made_anew_and_else_kept(tmp_path: Path):
    made = house(tmp_path, with_bars=False, clock=JumpingClock(NOW))
    made.data.bars.upsert(SERIES, to_frame(_bars(stop=2_000)))
    sources, asset = provide(made, ValuationSources), provide(made, BarCatalog).find("bitcoin")
    first = read_valuation(sources, asset, NOW, None)
    assert read_valuation(sources, asset, NOW, None) is first
    made.facts.append([Observation(MOOD, (FIRST + 1_999) * DAY_MS, (FIRST + 1_999) * DAY_MS, 50.0)])
    second = read_valuation(sources, asset, NOW, None)
    assert second is not first
    assert second.valuation.components[-1].value == 50.0
    # A close of long ago is corrected.
    bars = _bars(100, 101)
    wrong = replace(bars, high=bars.high * 50, close=bars.close * 50, _memo={})
    made.data.bars.upsert(SERIES, to_frame(wrong))
    third = read_valuation(sources, asset, NOW, None)
    assert third.valuation.components[2].value < second.valuation.components[2].value


def test_valuation_when_an_asset_has_no_bars_then_unknown(built):
    found = run_operation(built, person(), "valuation.of", {"asset": "ethereum"})
    assert (found.word, found.ts, found.level) == ("unknown", None, None)


def test_valuation_when_a_source_gives_older_closes_then_both_count_and_are_named(tmp_path: Path):
    made = house(tmp_path, with_bars=False, clock=JumpingClock(NOW))
    made.data.bars.upsert(SERIES, to_frame(_bars(3_500)))
    short = _of(made)
    assert (short.days, short.word) == (500, "unknown")
    closes = random_walk(0).close
    made.facts.append(
        [
            Observation("onchain/bitcoin/price_usd", ts, NOW - DAY_MS, float(closes[day]))
            for day in range(3_990)
            for ts in ((FIRST + day) * DAY_MS,)
        ]
    )
    found = _of(made)
    assert (found.days, found.carried_days) == (DAYS, 0)
    assert found.score == found.price_vote is not None
    # The newest close is of the venue: what Coin Metrics says comes later.
    assert found.components[0].figure.source == "Binance, Coin Metrics Community"
    assert found.says["en"].why_sell.endswith("(Binance, Coin Metrics Community).")
    assert "non-commercial" in found.origins[0].licence
    # It was not known before it was read.
    assert _of(made, as_of=NOW - 2 * DAY_MS).days == 498


def test_valuation_when_an_old_fact_is_revised_then_made_anew(tmp_path: Path):
    made = house(tmp_path, with_bars=False, clock=JumpingClock(NOW))
    made.data.bars.upsert(SERIES, to_frame(_bars()))
    made.facts.append(_facts())
    before = {part.name: part for part in _of(made).components}["mvrv"]
    ts = (FIRST + 1_500) * DAY_MS
    made.facts.append([Observation(MVRV, ts, NOW, before.figure.value + 5.0)])
    after = {part.name: part for part in _of(made).components}["mvrv"]
    assert (after.figure.value, after.earlier) == (before.figure.value, before.earlier)
    assert after.rank <= before.rank
    made.facts.append([Observation(MVRV, (FIRST + day) * DAY_MS, NOW, 0.5) for day in range(1_600, 1_700)])
    again = {part.name: part for part in _of(made).components}["mvrv"]
    assert again.rank > after.rank
