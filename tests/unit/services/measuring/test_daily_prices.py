"""The daily history of prices and rates: who gives which day, what is missing, what was known when."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.contracts.memory_facts import MemoryFacts
from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.data.bar_reader import BarReader
from vigie.data.frames import BAR_SCHEMA
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.facts import FactStore
from vigie.services.market_data.daily_prices import (
    DayValues,
    SourceSpan,
    closes_for_engine,
    closes_of_assets,
    closes_version,
    daily_closes,
    daily_rates,
    plain_text,
    rates_version,
)

FIRST = date(2025, 5, 1)
START = 1_746_057_600_000
CM, SPOT, GECKO = "onchain/bitcoin/price_usd", "market/bitcoin/spot_close_usdt", "market/bitcoin/close_usd"
LATER = START + 40 * DAY_MS


def day(number: int) -> date:
    return date.fromordinal(FIRST.toordinal() + number)


def fact(series: str, number: int, value: float, known: int | None = None) -> Observation:
    ts = START + number * DAY_MS
    return Observation(series, ts, ts + DAY_MS if known is None else known, value)


@pytest.fixture(params=["memory", "files"])
def facts(request: pytest.FixtureRequest, tmp_path: Path) -> FactStore:
    return MemoryFacts() if request.param == "memory" else ParquetFacts(tmp_path / "facts", seal_lines=3)


@pytest.fixture
def reader(tmp_path: Path) -> BarReader:
    return BarReader(ParquetBars(tmp_path / "bars"))


def closes(facts: FactStore, reader: BarReader, first: int, last: int, at: int = LATER) -> DayValues:
    return daily_closes(facts, reader, "bitcoin", first=day(first), last=day(last), at=at)


def store_bars(reader: BarReader, venue: str, instrument: str, values: dict[int, float]) -> None:
    columns = {
        name: [START + number * DAY_MS for number in values] if name == "timestamp" else list(values.values())
        for name in BAR_SCHEMA
    }
    reader.store.upsert(SeriesId(venue, instrument, "1d"), pl.DataFrame(columns).cast(BAR_SCHEMA))


def test_each_day_comes_from_the_first_source_that_has_it(facts, reader):
    facts.append([fact(CM, 0, 100.0), fact(CM, 2, 102.0)])
    facts.append([fact(SPOT, number, 200.0 + number) for number in (0, 1, 4)])
    facts.append([fact(GECKO, number, 300.0 + number) for number in (1, 3, 4)])
    found = closes(facts, reader, 0, 6)
    assert dict(found.texts()) == {
        day(0): "100.0", day(1): "201.0", day(2): "102.0", day(3): "303.0", day(4): "204.0",
    }  # fmt: skip
    assert found.missing == [day(5), day(6)]
    assert found.spans == [
        SourceSpan("coinmetrics", day(0), day(0)),
        SourceSpan("binance_spot", day(1), day(1)),
        SourceSpan("coinmetrics", day(2), day(2)),
        SourceSpan("coingecko", day(3), day(3)),
        SourceSpan("binance_spot", day(4), day(4)),
        SourceSpan("", day(5), day(6)),
    ]


def test_several_assets_are_read_together_and_alike(facts, reader):
    facts.append([fact(CM, 0, 100.0), fact("onchain/ethereum/price_usd", 1, 5.0)])
    store_bars(reader, "bitget-perp", "eth-usdt-perp", {0: 4.0})
    together = closes_of_assets(
        facts, reader, ["ethereum", "bitcoin", "solana"], first=day(0), last=day(1), at=LATER
    )
    for asset, found in together.items():
        alone = daily_closes(facts, reader, asset, first=day(0), last=day(1), at=LATER)
        assert (found.name, found.texts(), found.spans) == (asset, alone.texts(), alone.spans)
    assert {asset: [text for _, text in found.texts()] for asset, found in together.items()} == {
        "ethereum": ["4.0", "5.0"], "bitcoin": ["100.0"], "solana": [],
    }  # fmt: skip


def test_stored_bars_of_spot_stand_with_their_source_and_other_markets_come_last(facts, reader):
    store_bars(reader, "bitget-perp", "btc-usdt-perp", {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0})
    store_bars(reader, "binance-spot", "btc-usdt-spot", {0: 10.0, 1: 20.0, 2: 30.0})
    store_bars(reader, "bitget-perp", "btc-eur-perp", {0: 7.0, 1: 7.0, 2: 7.0, 3: 7.0, 9: 7.0})
    facts.append([fact(SPOT, 0, 11.0), fact(GECKO, 1, 500.0)])
    found = closes(facts, reader, 0, 3)
    assert found.values.tolist() == [11.0, 20.0, 30.0, 4.0]
    assert [span.source for span in found.spans] == ["binance_spot", "bitget-perp:btc-usdt-perp"]


def test_prices_of_a_thousand_coins_are_divided(facts, reader):
    store_bars(reader, "binance-perp", "1000pepe-usdt-perp", {0: 0.012})
    [asset] = reader.instruments()
    found = daily_closes(facts, reader, asset, first=day(0), last=day(0), at=LATER)
    assert found.values.tolist() == pytest.approx([0.000012])


def test_day_counts_from_its_end_and_a_value_from_when_it_was_known(facts, reader):
    noon = START + 2 * DAY_MS + 12 * HOUR_MS
    facts.append([fact(CM, 0, 100.0, START + 2 * DAY_MS), fact(CM, 0, 100.5, noon + 1)])
    facts.append([fact(CM, 1, 101.0, noon + 1), fact(GECKO, 1, 301.0, START + 2 * DAY_MS)])
    store_bars(reader, "bitget-perp", "btc-usdt-perp", {1: 1.0, 2: 2.0})
    before = closes(facts, reader, 0, 9, noon)
    assert before.values.tolist() == [100.0, 301.0]
    assert before.last == day(1), "the third day has not ended"
    assert closes(facts, reader, 0, 9, noon + 1).values.tolist() == [100.5, 101.0]


def test_span_without_anything_is_missing_and_an_empty_span_is_empty(facts, reader):
    found = closes(facts, reader, 0, 2)
    assert (found.missing, found.spans) == ([day(0), day(1), day(2)], [SourceSpan("", day(0), day(2))])
    backwards = closes(facts, reader, 3, 2)
    assert (backwards.missing, backwards.spans, backwards.texts()) == ([], [], [])


def test_what_is_not_positive_is_no_price(facts, reader):
    facts.append([fact(CM, 0, 0.0), fact(CM, 1, -1.0), fact(GECKO, 0, 5.0)])
    assert closes(facts, reader, 0, 1).texts() == [(day(0), "5.0")]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-07, "0.0000001"), (1.5e21, "1500000000000000000000"), (97_123.25, "97123.25"), (3e-20, "0." + "0" * 18)],
)  # fmt: skip
def test_numbers_are_written_without_exponent(value, text):
    assert plain_text(value) == text


def test_engine_gets_dollars(facts, reader):
    facts.append([fact(CM, 0, 2e-07)])
    [(asset, on, price, currency)] = closes_for_engine(closes(facts, reader, 0, 0))
    assert (asset, on, str(price), currency) == ("bitcoin", day(0), "2E-7", "USD")


def test_rates_are_the_central_banks_and_others_only_where_none_of_it_reaches(facts):
    facts.append([fact("fx/usd/per_eur", number, 1.10 + number / 100) for number in (0, 1)])
    facts.append([fact("fx/eur/per_usd", number, 0.5) for number in range(12)])
    facts.append([fact("fx/gbp/per_usd", number, 0.75) for number in (0, 3)])
    dollars = daily_rates(facts, "USD", first=day(0), last=day(10), at=LATER)
    assert dict(dollars.texts()) == {
        day(0): "1.1", day(1): "1.11", day(9): "2.0", day(10): "2.0",
    }  # fmt: skip
    assert dollars.sources == ("ecb", "coingecko")
    assert day(8) in dollars.missing, "the rate of the second day reaches it"
    pounds = daily_rates(facts, "GBP", first=day(0), last=day(10), at=LATER)
    assert pounds.texts() == [(day(0), "1.5"), (day(3), "1.5")]


def test_versions_differ_once_history_does(facts, reader):
    def both() -> tuple[object, object]:
        return closes_version(facts, reader, ["bitcoin"]), rates_version(facts, ["USD"])

    facts.append([fact(CM, 5, 100.0)])
    closed, rated = both()
    assert both() == (closed, rated)
    facts.append([fact(CM, 1, 100.0)])
    assert both()[0] != closed, "an older day"
    closed = both()[0]
    store_bars(reader, "binance-spot", "btc-usdt-spot", {0: 10.0})
    assert both()[0] != closed
    closed, rated = both()
    facts.append([fact("fx/usd/per_eur", 0, 1.1)])
    assert both()[1] != rated
    assert len({closed, rated}) == 2, "they can be keys"
