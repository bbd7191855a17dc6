"""A model that judges the signals of a rule is a strategy that skips some of them, and does nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from tests.unit.services.backtest_material import command_line
from tests.unit.services.learning_material import ASKED, letting_half_through, train, training_home
from vigie.data.feature_names import find_feature_names
from vigie.data.features import add_features
from vigie.domain.account import AccountSettings, Costs, Sizing
from vigie.domain.errors import UsageError
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.domain.time import HOUR_MS, parse_time
from vigie.engine.judgement import judge
from vigie.engine.signals import make_flags
from vigie.research.learning.odds_trading import trade_odds
from vigie.research.learning.walking import walk
from vigie.services.bar_reading import load_bars
from vigie.services.learning import model_strategy, training
from vigie.services.learning.account_models import find_demoted, refuse_early_models
from vigie.services.learning.model_files import read_stored_model
from vigie.services.learning.prepared_rows import prepare_rows
from vigie.services.learning.promotion import demote_model, promote_model
from vigie.services.learning.shadow import ShadowFollower, decide_at, model_markets
from vigie.services.learning.training import find_model
from vigie.services.operation_calls import run_operation
from vigie.services.runs.backtest import run_backtest
from vigie.services.runs.backtest_request import BacktestRequest, SlotRequest
from vigie.trading.catalogue import load, load_file
from vigie.views.web.model_decision import model_decision

pytest.importorskip("sklearn")
RULE, NAME = "macd_cross", "sure"
COLUMNS = ("price.return_24", "price.body", "calendar.hour_sine")
HORIZON = 48
FILTERED = replace(ASKED, columns=COLUMNS, kind="logistic", rule=RULE, horizon=HORIZON, folds=2)
END = parse_time(houses.START) + houses.DAYS * 24 * HOUR_MS


class Clock:
    """The end of what is stored."""

    def market_now(self) -> int:
        return END

    def wall_now(self) -> int:
        return END


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A home in which a model lets through the better half of a rule's signals, in the shadow."""
    built = houses.house(tmp_path_factory.mktemp("filtered"), clock=Clock())
    with letting_half_through():
        train(built, NAME, columns=COLUMNS, kind="logistic", rule=RULE, horizon=HORIZON, folds=2)
    parts = training_home(built)
    promote_model(parts, built.audit, "u1", find_model(parts.models, NAME))
    return built


@pytest.fixture(scope="module")
def fit(house):
    return training.find_fit(house.learned_models, NAME)


def backtest(house, strategy: str):
    asked = BacktestRequest(
        slots=(SlotRequest("BTC", "1h", strategy),), venue=houses.VENUE,
        account=AccountSettings("isolated", Costs(), Sizing(max_bars=HORIZON)),
        own_strategies=house.results.strategies,
    )  # fmt: skip
    return run_backtest(house.data, asked).slots[0]


def decided(house, strategy):
    """The bars that it decides on, with the columns that it reads."""
    history = load_bars(house.data.bars, houses.VENUE, "BTC", "1h")
    return add_features(history, house.data.bars, house.facts, find_feature_names(strategy.path))


@pytest.mark.parametrize(
    "words", [("signals", "--last", "600"), ("backtest", "--out", "run")], ids=lambda words: words[0]
)
def test_a_command_warns_of_a_market_that_it_was_not_judged_on(house, tmp_path, monkeypatch, capsys, words):
    monkeypatch.setenv("VIGIE_HOME", str(house.home))
    monkeypatch.chdir(tmp_path)
    vigie, slots = (
        command_line(monkeypatch, capsys),
        ("--strategy", f"meta_{RULE}_{NAME}", "--timeframe", "1h"),
    )
    told = vigie(*words, "--venue", houses.VENUE, "--symbols", "BTC,ETH", *slots)
    assert told.code == 0, told.err
    said = f"Warning: meta_{RULE}_{NAME} was learned from and judged on btc-usdt-perp/1h, not on "
    assert " ".join(told.out.split()).count(said) == 1
    assert f"{said}eth-usdt-perp/1h" in told.out


def test_its_name_says_rule_and_model_and_its_file_what_it_was_learned_from(house, fit):
    (path,) = house.results.strategies.glob("*.py")
    assert path.name == f"meta_{RULE}_{NAME}.py"
    assert path == model_strategy.strategy_path(house.results, fit)
    assert load_file(path).title == (
        f"{NAME} 1: signals of {RULE} that reach their target within {HORIZON} bars, logistic."
    )
    (model,) = house.learned_models.models(NAME)
    assert model.opening.family == f"binance-perp btc-usdt-perp 1h {RULE} {HORIZON}"


def test_it_skips_signals_of_the_rule_and_does_nothing_else(house, fit):
    filtered, ruled = backtest(house, f"meta_{RULE}_{NAME}"), backtest(house, RULE)
    stored = read_stored_model(house.home, fit)
    prepared = prepare_rows(house.data, FILTERED)
    odds = np.full(len(prepared.markets[0].bars), np.nan)
    odds[prepared.rows.bars] = stored.log_odds(prepared.rows.values)
    through = odds >= stored.card.score.long_from
    entries, all_entries = (
        set(np.flatnonzero(slot.input.flags & (LONG_ENTRY | SHORT_ENTRY)).tolist())
        for slot in (filtered, ruled)
    )
    known = set(prepared.rows.bars.tolist())
    assert 50 < len(entries & known) < len(all_entries & known) - 50
    assert entries & known == {bar for bar in all_entries & known if through[bar]}
    # The levels are the rule's own.
    assert filtered.input.stop_unit.tolist() == pytest.approx(ruled.input.stop_unit.tolist(), nan_ok=True)


def test_where_one_column_is_not_known_the_signal_is_skipped_and_no_other(house, fit):
    strategy = model_strategy.load_model_strategy(house.results, fit)
    names, bars = find_feature_names(strategy.path), decided(house, strategy)

    def entries(seen) -> list[int]:
        flags = make_flags(judge(strategy, seen, strategy.defaults()), len(seen))
        return np.flatnonzero(flags & (LONG_ENTRY | SHORT_ENTRY)).tolist()

    known = entries(bars)
    for name, bar in zip(names, known[10:], strict=False):
        values = bars.feature(name).copy()
        values[bar] = np.nan
        broken = replace(bars, features={**bars.features, name: values}, _memo={})
        assert entries(broken) == [one for one in known if one != bar]


def test_it_trades_what_the_fill_model_traded_of_the_signals_that_were_let_through(house, fit):
    stored = read_stored_model(house.home, fit)
    prepared = prepare_rows(house.data, FILTERED)
    odds = stored.log_odds(prepared.rows.values)
    walked = replace(
        walk(prepared.rows, prepared.kind, prepared.folds, seed=0), log_odds=odds,
        is_long=odds >= stored.card.score.long_from, is_short=np.zeros(len(odds), bool),
    )  # fmt: skip
    outcome = trade_odds(prepared.rows, walked, prepared.slots, trials=1, seed=0, is_filter=True).outcomes[0]
    trades = backtest(house, f"meta_{RULE}_{NAME}").trades
    first, last = int(prepared.rows.ts[0]), int(prepared.rows.ts[-1])
    judged = (trades["entry_ts"] >= first) & (trades["exit_ts"] < last)
    told = outcome.trades[outcome.trades["exit_ts"] < last]
    assert judged.sum() > 20
    assert trades["entry_ts"][judged].tolist() == told["entry_ts"].tolist()
    assert trades["exit_ts"][judged].tolist() == told["exit_ts"].tolist()


def test_in_the_shadow_its_log_odds_are_those_of_the_model(house, fit):
    strategy = model_strategy.load_model_strategy(house.results, fit)
    prepared = prepare_rows(house.data, replace(ASKED, columns=COLUMNS, kind="logistic"))
    stored = read_stored_model(house.home, fit)
    market, row = model_markets(house.learned_models, NAME)[0], len(prepared.rows) // 2
    said = decide_at(
        training_home(house), strategy, market, int(prepared.markets[0].bars.ts[prepared.rows.bars[row]])
    )
    assert said.log_odds == pytest.approx(stored.log_odds(prepared.rows.values[[row]])[0], abs=1e-12)


def test_what_it_said_of_a_close_is_told_with_the_columns_that_moved_it_most(house, fit):
    assert ShadowFollower(training_home(house), house.jobs).follow_once() == 1
    strategy = model_strategy.load_model_strategy(house.results, fit)
    market = model_markets(house.learned_models, NAME)[0]
    said = decide_at(training_home(house), strategy, market, END - HOUR_MS)

    class Context:
        def call(self, name, **given):
            return run_operation(house, houses.person("viewer"), name, given)

    criteria = judge(strategy, decided(house, strategy), strategy.defaults()).long
    told = model_decision(Context(), f"meta_{RULE}_{NAME}", "btc-usdt-perp", criteria, END)
    assert (told.model, told.log_odds) == (f"{NAME}/1", said.log_odds)
    assert {one.column for one in told.effects} == set(COLUMNS)
    base = told.log_odds - sum(one.effect for one in told.effects)
    scorer, score = read_stored_model(house.home, fit).scorer, read_stored_model(house.home, fit).card.score
    assert base == pytest.approx(score.intercept + score.slope * scorer.base, rel=1e-9)


def test_a_rule_that_changed_since_is_refused_wherever_its_model_is_used(house, fit, monkeypatch):
    path = model_strategy.strategy_path(house.results, fit)
    refuse_early_models(house.learned_models, [load("ema_cross")], "paper")
    with pytest.raises(
        UsageError, match=f"meta_{RULE}_{NAME} is at the stage shadow and may not trade at paper"
    ):
        refuse_early_models(house.learned_models, [load_file(path)], "paper")
    refuse_early_models(house.learned_models, [load_file(path)], "shadow")
    assert not find_demoted(house.learned_models, [load_file(path)], "shadow")(f"meta_{RULE}_{NAME}")
    monkeypatch.setattr(model_strategy, "rule_digest", lambda rule: "0" * 64)
    changed = f"{RULE}, whose signals {NAME} 1 judges, has changed since: train the model anew"
    with pytest.raises(UsageError, match=changed):
        refuse_early_models(house.learned_models, [load_file(path)], "shadow")
    # An account that holds something by it is let begin: it decides the exit, and enters nothing.
    assert find_demoted(house.learned_models, [load_file(path)], "shadow")(f"meta_{RULE}_{NAME}")
    with pytest.raises(UsageError, match=changed):
        model_strategy.load_model_strategy(house.results, fit)


def test_taken_back_its_file_goes(house, fit):
    parts = training_home(house)
    demote_model(parts, house.audit, "u1", find_model(parts.models, NAME), "candidate")
    assert not model_strategy.strategy_path(house.results, fit).exists()
    assert promote_model(parts, house.audit, "u1", find_model(parts.models, NAME)).stage == "shadow"
