"""The demonstration's model: trained without a library that learns, past every gate, explained like any signal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
import pytest

from tests import houses
from tests.houses import Browser, person
from tests.unit.sandbox.world.hands import Hand
from vigie.adapters.clock import SystemClock
from vigie.domain.ids import SeriesId
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS, HOUR_MS, parse_time
from vigie.services.demo_world import ACCOUNT, PAST_DAYS, VENUE, run_file
from vigie.services.learning.gates import LEAST_CLOSES, LEAST_TRADES
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_strategy import ODDS_OF_TARGET
from vigie.services.learning.training import TrainingHome
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation
from vigie.services.runs.request_builder import build_request
from vigie.services.setups.following import SetupFollower
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.process.replaying import begin_replay, replay
from vigie.views.cli.demo_model import COIN, COLUMNS, NAME, DemoModel
from vigie_sandbox.world.history import write_series
from vigie_sandbox.world.world import World

OPENED = parse_time("2026-11-29")
STRATEGY = "meta_donchian_breakout_wave"
# More than the closes of its shadow.
REPLAYED_DAYS = 20


@dataclass(frozen=True)
class Still:
    """The clock of a market that has just opened."""

    now: int = OPENED

    def market_now(self) -> int:
        return self.now

    def wall_now(self) -> int:
        return self.now


def demonstration(folder, *, has_wave: bool):
    """A home with two years of the coin's hours, as an import leaves them."""
    world = World(Hand(), OPENED, has_wave=has_wave, quiet=True, flawless=True)
    house = houses.house(folder / "home", with_bars=False, clock=Still())
    path = write_series(world, "bitget", COIN, "1h", folder)
    house.data.bars.upsert(SeriesId(VENUE, "bnb-usdt-perp", "1h"), pl.read_parquet(path))
    return house


def prepare(house, folder, said):
    return DemoModel(folder / "home", provide(house, TrainingHome), house.audit, said.append).prepare()


@contextmanager
def without_libraries() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("sklearn", "lightgbm", "optuna"):
            patch.setitem(sys.modules, name, None)
        yield


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A home whose model was prepared, its folder, and what was said."""
    folder, said = tmp_path_factory.mktemp("demonstration"), []
    house = demonstration(folder, has_wave=True)
    with without_libraries():
        assert prepare(house, folder, said)
    return house, folder, said


@pytest.fixture(scope="module")
def signal(prepared):
    """The oldest setup that the model confirmed in some replayed days of the account, of its slot alone."""
    house, folder, _ = prepared
    path, stores = folder / "one_slot.toml", provide(house, TradingStores)
    text = run_file(folder / "home").read_text()
    path.write_text(text[: text.index("[[slots]]")] + text[text.rindex("[[slots]]") :])
    asked = build_request(house.data, config=path, own_strategies=house.results.strategies)
    run = begin_replay(stores, asked, account=ACCOUNT, owner=OWNER.user, days=REPLAYED_DAYS)
    lease = stores.trades.take(run.account, "tests", for_s=30.0, by_force=True)
    asyncio.run(replay(stores, run, lease, SystemClock(), lambda _: None))
    stores.trades.leave(lease)
    SetupFollower(stores, house.setups).follow_once()
    rows = run_operation(house, person("owner"), "setups.list", {"replayed": "only"}).rows
    ended = [row for row in rows if row.strategy == STRATEGY and row.state == "played_out"]
    oldest = min(ended, key=lambda row: row.ts_known)
    assert oldest.ts_known < OPENED - LEAST_CLOSES * HOUR_MS
    return oldest


def test_it_learns_the_wave_passes_each_gate_and_becomes_a_strategy_of_the_account(prepared):
    house, folder, said = prepared
    assert said == [f"the model trades on paper: {STRATEGY}"]
    (model,) = house.learned_models.models(NAME)
    (fit,) = house.learned_models.fits(NAME)
    assert (model.stage, model.opening.look, fit.figures.is_luck) == ("paper", 1, False)
    assert fit.figures.trades >= LEAST_TRADES
    noted = [said.ts_bar for said in house.learned_models.shadow(NAME, 1)]
    assert noted[-LEAST_CLOSES:] == list(range(OPENED - LEAST_CLOSES * HOUR_MS, OPENED, HOUR_MS))
    # Before them it decided where it entered in what is replayed.
    assert len(noted) > LEAST_CLOSES
    assert noted[0] >= OPENED - (PAST_DAYS + 1) * DAY_MS
    # What is replayed as the account's past taught it nothing.
    assert fit.card["learned_from"]["until_ms"] < OPENED - PAST_DAYS * DAY_MS
    text = run_file(folder / "home").read_text()
    assert text.count(f'strategy = "{STRATEGY}"') == 1
    # Killed after any step and called again, it is as it was.
    with without_libraries():
        assert prepare(house, folder, said)
    assert run_file(folder / "home").read_text() == text
    assert len(house.learned_models.fits(NAME)) == 1


def told_by_api(house, path, **asked):
    return Browser(house).get(f"/api/v1/{path}", params=asked).json()


def test_its_signal_is_explained_like_any_other_with_its_log_odds_and_five_effects(prepared, signal):
    house, asked = prepared[0], {"setup": signal.setup, "account": ACCOUNT, "replayed": "true"}
    changes = told_by_api(house, "setups/read", **asked)["changes"]
    deciding = next(change for change in changes if change["state"] == "confirmed")
    (criterion,) = (one for one in deciding["criteria"] if one["name"] == ODDS_OF_TARGET)
    card = LearnedCard.model_validate(house.learned_models.fits(NAME)[0].card)
    assert criterion["required"]
    assert criterion["holds"]
    assert criterion["threshold"] == card.score.long_from < criterion["value"]
    # The rule's own criteria stand beside it.
    assert any(one["name"].startswith("Close breaks the channel") for one in deciding["criteria"])
    said = told_by_api(house, "models/decision", strategy=STRATEGY, ts_known=deciding["ts_known"])
    assert said["log_odds"] == pytest.approx(criterion["value"], rel=1e-12)
    sizes = [abs(one["effect"]) for one in said["effects"]]
    assert {one["column"] for one in said["effects"]} == set(COLUMNS)
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("language", "name", "told"),
    [
        ("en", ODDS_OF_TARGET, "The log-odds decide; what moved them most:"),
        ("fr", "Log-cote d’atteindre l’objectif", "C’est la log-cote qui décide"),
    ],
)
def test_the_pages_of_its_signal_and_its_trade_explain_it_in_both_languages(
    prepared, signal, language, name, told
):
    house, browser = prepared[0], Browser(prepared[0], language=language)
    assert f"/setup/{signal.setup}?" in browser.get("/signals?replayed=only").text
    trades = run_operation(house, person("owner"), "journal.list", {"replayed": "only"}).rows
    (trade,) = (one for one in trades if one.setup == signal.setup)
    for url in (
        f"/setup/{signal.setup}?account={ACCOUNT}&replayed=1",
        f"/journal/{trade.id}?account={ACCOUNT}",
    ):
        page = browser.get(url).text
        assert name in page
        assert told in page
        assert all(f"<code>{column}</code>" in page for column in COLUMNS)
    assert STRATEGY in browser.get("/trading").text.replace("<wbr>", "")


def test_the_page_of_its_asset_shows_what_moved_its_odds_at_the_last_close(prepared):
    house, page = prepared[0], Browser(prepared[0]).get("/asset/binancecoin").text
    rows = told_by_api(house, "models/effects", asset="binancecoin")["rows"]
    assert {row["column"] for row in rows} == set(COLUMNS)
    assert all(row["text"] in page for row in rows)


def test_where_there_is_nothing_to_learn_it_says_so_and_the_account_trades_its_rules(tmp_path):
    house, said = demonstration(tmp_path, has_wave=False), []
    with without_libraries():
        assert not prepare(house, tmp_path, said)
    assert said[0].startswith("the model does not trade: ")
    assert house.learned_models.models(NAME)[0].stage in ("candidate", "shadow")
    assert STRATEGY not in run_file(tmp_path / "home").read_text()
