"""A model that compares with other instruments: its market is pinned, and its shadow waits for their bars."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product

import polars as pl
import pytest

from tests import houses
from tests.unit.services.learning_material import ASKED, START, Hand, training_home
from tests.unit.services.test_promotion import promote, trading_model
from vigie.data.feature_names import find_feature_names
from vigie.data.frames import to_frame
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie.quant.features import registry
from vigie.services.bar_reading import load_bars
from vigie.services.learning import column_bars
from vigie.services.learning.model_files import StoredModel, read_stored_model
from vigie.services.learning.model_strategy import refuse_unfit_for_accounts
from vigie.services.learning.prepared_rows import prepare_rows
from vigie.services.learning.reproduction import reproduce_fit
from vigie.services.learning.shadow import ShadowFollower, model_markets, replay_shadow
from vigie.services.learning.training import find_model

pytest.importorskip("sklearn")
COLUMNS = ("price.body", "cross.relative_return_24")
COMPARED = "feature.cross.relative_return_24.eth+sol"
END = START + houses.DAYS * 24 * HOUR_MS


@dataclass
class LateBars:
    """A store that some bars have not reached yet: by instrument, those that open from a time on."""

    bars: object
    late: dict[str, int] = field(default_factory=dict)

    def __getattr__(self, name):
        return getattr(self.bars, name)

    def read(self, series, **more):
        frame = self.bars.read(series, **more)
        late = self.late.get(series.instrument)
        return frame if late is None else frame.filter(pl.col("timestamp").to_physical() < late)


@pytest.fixture(scope="module")
def shadowed(tmp_path_factory):
    hand = Hand(END)
    house = houses.house(tmp_path_factory.mktemp("compared"), clock=hand)
    made = trading_model(house, columns=COLUMNS)
    # Another market is stored by the time it is promoted: its own stays the one that it learned from.
    ether = load_bars(house.data.bars, houses.VENUE, "ETH", "1h")
    house.data.bars.upsert(SeriesId(houses.VENUE, "ada-usdt-perp", "1h"), to_frame(ether))
    promote(house)
    return house, hand, made.fit


def store_next(house, asset: str, ts: int) -> None:
    """Store one more bar, equal to the last one of the home's history."""
    bars = load_bars(house.data.bars, houses.VENUE, asset, "1h", end_ms=END)
    last = bars.slice(len(bars) - 1, len(bars))
    house.data.bars.upsert(
        SeriesId(houses.VENUE, last.instrument, "1h"), to_frame(replace(last, ts=last.ts * 0 + ts))
    )


def test_its_market_is_the_one_that_it_learned_from_whatever_is_stored_later(shadowed):
    house, _, fit = shadowed
    assert read_stored_model(house.home, fit).card.peers == ("eth-usdt-perp", "sol-usdt-perp")
    assert find_feature_names(house.results.strategies / "model_btc_day.py") == (
        "feature.price.body", COMPARED,
    )  # fmt: skip
    again = reproduce_fit(training_home(house), "btc_day")
    # From which log-odds on it trades was made up.
    assert {one.what for one in again.figures} == {"model score long_from", "model score short_from"}
    assert again.data == ()


def test_one_that_was_trained_before_its_market_was_told_is_refused_by_its_columns(shadowed):
    house, _, fit = shadowed
    stored = read_stored_model(house.home, fit)
    older = StoredModel(stored.scorer, stored.card.model_copy(update={"peers": ()}))
    with pytest.raises(
        UsageError, match=r"btc_day reads cross\.relative_return_24, .* train it anew, or with"
    ):
        refuse_unfit_for_accounts(older, fit)


def test_its_shadow_waits_for_bars_of_the_others_and_says_nothing_without_them(shadowed):
    house, hand, fit = shadowed
    follower = ShadowFollower(training_home(house), house.jobs)
    store_next(house, "BTC", END)
    hand.now = END + HOUR_MS + MINUTE_MS
    assert follower.follow_once() == 0
    for asset in ("ETH", "SOL"):
        store_next(house, asset, END)
    assert follower.follow_once() == 1
    # The next one never comes: nothing is known, and nobody waits for ever.
    store_next(house, "BTC", END + HOUR_MS)
    hand.now += HOUR_MS
    assert follower.follow_once() == 0
    hand.now += 5 * MINUTE_MS
    assert follower.follow_once() == 1
    first, second = (
        said for said in house.learned_models.shadow("btc_day", fit.version) if said.ts_bar >= END
    )
    assert first.log_odds is not None
    assert second.log_odds is None
    assert second.flags == 0


def test_with_the_facts_that_it_reads_it_joins_so_many_series_and_no_more(tmp_path, monkeypatch):
    house = houses.house(tmp_path)
    series = f"derivatives/{houses.VENUE}:btc-usdt-perp/funding_fraction"
    settled = range(START, END, 8 * HOUR_MS)
    house.facts.append([Observation(series, ts, ts, 1e-4 * (ts % 7)) for ts in settled])
    monkeypatch.setattr(column_bars, "MOST_JOINED", 2)

    def peers(*columns):
        return prepare_rows(house.data, replace(ASKED, columns=columns)).peers

    assert peers(*COLUMNS) == ("eth-usdt-perp", "sol-usdt-perp")
    assert peers(*COLUMNS, "derivatives.funding_mean_72") == ("eth-usdt-perp",)


def test_every_fact_and_some_others_fit_into_what_a_decision_keeps():
    facts = {fact for column in registry().values() for fact in column.reads}
    assert 0 < len(facts) < column_bars.MOST_JOINED == 20


def test_what_its_shadow_said_is_said_again_once_late_bars_of_the_others_are_there(shadowed):
    house, hand, fit = shadowed
    parts = training_home(house)
    late = LateBars(house.data.bars)
    follower = ShadowFollower(replace(parts, data=replace(parts.data, bars=late)), house.jobs)
    said = {}
    # Each of the others is there, lacks its newest bar, or is not there at all.
    for number, lacks in enumerate(product((None, 0, START), repeat=2)):
        ts_bar = END + (number - 20) * HOUR_MS
        hand.now = ts_bar + 2 * HOUR_MS - MINUTE_MS
        begins = [ts_bar if begin == 0 else begin for begin in lacks]
        names = ("eth-usdt-perp", "sol-usdt-perp")
        late.late = {name: begin for name, begin in zip(names, begins, strict=True) if begin is not None}
        assert follower.follow_once() == 1
        said[ts_bar] = not late.late
    late.late.clear()
    kept = {one.ts_bar: one for one in house.learned_models.shadow("btc_day", fit.version)}
    assert {ts_bar: kept[ts_bar].log_odds is not None for ts_bar in said} == said
    assert all(kept[ts_bar].flags == 0 for ts_bar, has_odds in said.items() if not has_odds)
    model = find_model(parts.models, "btc_day")
    replayed = replay_shadow(parts, model, model_markets(parts.models, "btc_day")[0], 200)
    assert replayed == (sum(said.log_odds is not None for said in kept.values()), None, 0)
