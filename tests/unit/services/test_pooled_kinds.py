"""Several markets beside what a model learns and what scores it: amounts are told, a network decides on each."""

from __future__ import annotations

import json

import pytest

from tests import houses
from tests.houses import Browser, person
from tests.unit.services.backtest_material import command_line
from tests.unit.services.learning_material import END, Hand, letting_half_through, train, training_home
from tests.unit.services.test_library_shadow import QUICK, do, ordered, promote
from tests.unit.services.test_model_evaluation import evaluate
from vigie.domain.errors import UsageError
from vigie.domain.job import SHADOW
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.domain.time import HOUR_MS
from vigie.services.learning import newest_part
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_files import model_folder, read_stored_model
from vigie.services.learning.reproduction import reproduce_fit
from vigie.services.learning.shadow import (
    ShadowFollower,
    decide_at,
    model_markets,
    replay_shadow,
    shadow_strategy,
)
from vigie.services.learning.training import find_model
from vigie.services.operation_calls import run_operation
from vigie.trading.catalogue import load

pytest.importorskip("sklearn")
PAIR = ("btc-usdt-perp", "eth-usdt-perp")
RULE = "macd_cross"
ENTRIES = LONG_ENTRY | SHORT_ENTRY


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A home with two candidates of two markets that trade: one learned returns, one is a network."""
    built = houses.house(tmp_path_factory.mktemp("pooled_kinds"), clock=Hand())
    with letting_half_through():
        train(built, "much", kind="linear", label="return", pooled_with=("ETH",), **QUICK)
        train(built, "nets", kind="network", pooled_with=("ETH",), **QUICK)
    return built.home


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def house(template, tmp_path, hand):
    return houses.copied(template, tmp_path / "home", clock=hand)


def test_a_model_of_returns_of_several_markets_tells_amounts_and_each_market(house, monkeypatch, capsys):
    card = LearnedCard.model_validate(house.learned_models.fit("much", 1).card)
    assert (card.label, card.instruments) == ("return", PAIR)
    details = run_operation(house, person("viewer"), "models.get", {"name": "much"})
    assert [one.name for one in details.values.yardsticks] == ["last_outcome", "drift"]
    assert [one.name for one in details.markets] == list(PAIR)
    assert details.values.rows == sum(one.rows for one in details.markets)
    with letting_half_through():
        assert reproduce_fit(training_home(house), "much").is_equal
    page = Browser(house).get("/lab/much").text
    for words in ("return of the next 24 bars of", "Against the yardstick", *PAIR):
        assert words in page
    monkeypatch.setenv("VIGIE_HOME", str(house.home))
    shown = " ".join(command_line(monkeypatch, capsys)("model", "show", "much").out.split())
    for words in ("return of the next 24 bars", "Against drift, R²", *PAIR):
        assert words in shown


def test_a_volatility_of_several_markets_is_judged_and_trades_on_none(house, monkeypatch, capsys):
    told = evaluate(
        house, kind="linear", columns=QUICK["columns"], folds=2, label="volatility", pooled_with=("ETH",)
    )  # fmt: skip
    assert [(one.name, one.trades) for one in told.markets] == [(name, 0) for name in PAIR]
    assert told.values.rows == told.skill.rows == sum(one.rows for one in told.markets)
    monkeypatch.setenv("VIGIE_HOME", str(house.home))
    vigie = command_line(monkeypatch, capsys)
    asked = ("BTC,ETH", "--venue", houses.VENUE, "--columns", ",".join(QUICK["columns"]), "--kind", "linear")
    for more in (("--folds", "2"), ("--folds", "4", "--folding", "combinatorial")):
        given = ("model", "evaluate", *asked, *more, "--label", "volatility")
        for language in ("en", "fr"):
            shown = " ".join(vigie(*given, "--language", language).out.split())
            assert all(name in shown for name in PAIR)
            assert not [word for word in ("Trades", "After costs", "Après frais", "Sharpe") if word in shown]
        record = vigie(*given, "--json").out
        assert json.loads(record)["markets"][0].keys() == {"name", "rows", "auc", "log_loss_gain"}
        assert not [
            word for word in ("trades", "sharpe", "verdict", "equity", "years") if f'"{word}"' in record
        ]


def test_a_model_of_returns_rises_and_decides_on_each_market(house):
    moved = promote(house, "much")
    assert moved.opening.family == "binance-perp btc-usdt-perp+eth-usdt-perp 1h direction 24"
    assert ShadowFollower(training_home(house), house.jobs).follow_once() == len(PAIR)
    parts = training_home(house)
    for market in model_markets(parts.models, "much"):
        assert replay_shadow(parts, moved, market, 200) == (1, None, 0)


def test_a_network_of_several_markets_decides_in_one_job_a_bar_and_market(house, hand):
    assert promote(house, "nets").opening is None
    said = []
    for number in range(2):
        hand.now = END - (1 - number) * HOUR_MS + 1_000
        for _ in range(2):
            # Another worker finds the orders that were given.
            assert ShadowFollower(training_home(house), house.jobs, said.append).follow_once() == 0
    jobs = ordered(house)
    assert sorted((job.ask["ts_bar"], job.ask["instrument"]) for job in jobs) == [
        (END - left * HOUR_MS, name) for left in (2, 1) for name in PAIR
    ]
    looks = []
    for job in jobs:
        assert do(house, job)["decided"] is True
        looks.append(find_model(house.learned_models, "nets").opening.look)
    assert looks == [1] * len(jobs)
    parts, model = training_home(house), find_model(house.learned_models, "nets")
    assert model.opening.family == "binance-perp btc-usdt-perp+eth-usdt-perp 1h direction 24"
    odds = set()
    for market in model_markets(parts.models, "nets"):
        assert replay_shadow(parts, model, market, 200) == (2, None, 0)
        kept = parts.models.shadow("nets", 1, instrument=market.noted_as)
        assert [one.ts_bar for one in kept] == [END - 2 * HOUR_MS, END - HOUR_MS]
        odds |= {one.log_odds for one in kept}
    assert len(odds) == 4
    assert said == []
    with pytest.raises(UsageError, match="nets 1 goes no further than the shadow"):
        promote(house, "nets")


def test_of_several_markets_the_one_whose_last_job_failed_is_named(house):
    promote(house, "nets")
    ShadowFollower(training_home(house), house.jobs).follow_once()
    for state in ("done", "failed"):
        job = house.jobs.take("tests", [SHADOW], stale_ms=HOUR_MS)
        house.jobs.finish(job.id, "tests", state, message="no room")
    (said,) = run_operation(house, person("viewer"), "models.list", {"name": "nets"}).remarks
    assert said.startswith(
        f"nets/1 said nothing of {job.ask['instrument']} at the close of 2025-08-29T00:00:00Z"
    )
    assert "Reason: no room. That close counts for no gate. The next bar starts a new job" in said
    assert said.endswith(f"/jobs/{job.id}.")


def test_a_network_that_judges_the_signals_of_a_rule_on_several_markets_decides_and_goes_no_further(
    house, hand
):
    with letting_half_through():
        made = train(
            house, "picky", kind="network", rule=RULE, horizon=48, pooled_with=("ETH",), **QUICK
        )  # fmt: skip
    card = LearnedCard.model_validate(made.fit.card)
    assert (card.rule, card.instruments) == (RULE, PAIR)
    assert [one.name for one in made.told.markets] == list(PAIR)
    with letting_half_through():
        assert reproduce_fit(training_home(house), "picky").is_equal
    assert promote(house, "picky").opening is None
    assert not list(house.results.strategies.glob("*picky*"))
    ShadowFollower(training_home(house), house.jobs).follow_once()
    assert all(do(house, job)["decided"] for job in ordered(house))
    parts, model = training_home(house), find_model(house.learned_models, "picky")
    assert model.opening.family == f"binance-perp btc-usdt-perp+eth-usdt-perp 1h {RULE} 48"
    stored, rule = read_stored_model(house.home, made.fit), load(RULE)
    network = shadow_strategy(parts, made.fit, stored)
    for market in model_markets(parts.models, "picky"):
        assert replay_shadow(parts, model, market, 200) == (1, None, 0)
        skipped = set()
        for ts_bar in range(END - 150 * HOUR_MS, END, HOUR_MS):
            told = decide_at(parts, network, market, ts_bar, stored)
            ruled = decide_at(parts, rule, market, ts_bar).flags & ENTRIES
            is_likely = told.log_odds >= stored.card.score.long_from
            # It skips signals of the rule, and does nothing else.
            assert told.flags & ENTRIES == (ruled if is_likely else 0)
            if ruled:
                skipped.add(not is_likely)
        assert skipped == {True, False}
    with pytest.raises(UsageError, match="picky 1 goes no further than the shadow: only its library scores"):
        promote(house, "picky")


def test_jobs_of_two_markets_at_once_open_the_newest_part_once(house, monkeypatch):
    promote(house, "nets")
    ShadowFollower(training_home(house), house.jobs).follow_once()
    first, second = ordered(house)
    opened, looked = newest_part.open_newest, []

    def beside(parts, fit):
        # Meanwhile another process does the job of the other market, to its end.
        looked.append(fit.version)
        assert do(house, second)["decided"] is True
        return opened(parts, fit)

    monkeypatch.setattr(newest_part, "open_newest", beside)
    assert do(house, first)["decided"] is True
    assert looked == [1]
    assert find_model(house.learned_models, "nets").opening.look == 1
    assert {path.name for path in model_folder(house.home, "nets", 1).iterdir()} >= {"card.json", "model.npz"}
    for name in PAIR:
        assert len(house.learned_models.shadow("nets", 1, instrument=name)) == 1
