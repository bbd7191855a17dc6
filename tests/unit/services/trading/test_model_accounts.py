"""A model at the stage paper trades in an account as in its backtest, and under no name before its stage."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests import houses
from tests.unit.services.learning_material import (
    letting_half_through,
    trading_either_side,
    train,
    training_home,
)
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import backtest_of, go
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS
from vigie.services.learning import promotion, training
from vigie.services.trading.process import trading

pytest.importorskip("sklearn")
DAYS = 14
FILE = """
[account]
mode = "portfolio"
capital = 10_000
risk_fraction = 0.001
max_bars = 24

[venue]
id = "binance-perp"

[[slots]]
instruments = ["BTC"]
timeframe = "1h"
strategy = "model_btc_day"
"""


# A process of its own: pages of models, what they say in the shadow, an account that trades one, its backtest.
READER = """
import sys
from pathlib import Path
from tests import houses
from tests.unit.services.learning_material import training_home
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import backtest_of, go
from vigie.domain.time import DAY_MS
from vigie.services.learning.shadow import ShadowFollower
from vigie.services.trading.process import trading
folder, text = Path(sys.argv[1]), sys.argv[2]
clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
house = houses.house(folder / "home", clock=clock)
browser = houses.Browser(house)
for page in ("/lab", "/lab/btc_day", "/lab?a=btc_day/1&b=sure/1", "/asset/bitcoin", "/columns?instrument=BTC"):
    assert browser.get(page).status_code == 200, page
assert ShadowFollower(training_home(house), house.jobs).follow_once() == 2
plan = planned(house, folder, text=text)
run = go(house, plan, BEGUN + 3 * DAY_MS, [])
chronicle = trading.load_event_log(house.results, house.trades, run)
assert len(chronicle.account.trades), "nothing was traded"
assert len(backtest_of(house, plan, folder, chronicle.ts).trades)
print([name for name in ("sklearn", "lightgbm", "optuna") if name in sys.modules])
"""


@pytest.fixture
def house(tmp_path):
    """A home in which a model that trades either side stands at paper."""
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    built = houses.house(tmp_path / "home", clock=clock)
    learned = {
        "columns": ("price.return_24", "cross.relative_return_24", "calendar.hour_sine"),
        "kind": "logistic",
    }
    with trading_either_side():
        train(built, **learned)
    with letting_half_through():
        train(built, "sure", rule="macd_cross", folds=2, **learned)
    parts = training_home(built)
    for name in ("btc_day", "sure"):
        shadow = promotion.promote_model(parts, built.audit, "u1", training.find_model(parts.models, name))
        built.learned_models.move(shadow, "paper")
    return built


@pytest.mark.parametrize("strategy", ["model_btc_day", "meta_macd_cross_sure"])
def test_a_model_in_an_account_decides_as_its_backtest_across_a_restart(house, tmp_path, strategy):
    plan, said = planned(house, tmp_path, text=FILE.replace("model_btc_day", strategy)), []
    half = BEGUN + DAYS * DAY_MS // 2
    run = go(house, plan, half, said)
    go(house, plan, BEGUN + DAYS * DAY_MS, said, begun=half)
    chronicle = trading.load_event_log(house.results, house.trades, run)
    account, backtest = chronicle.account, backtest_of(house, plan, tmp_path, chronicle.ts)
    ended = len(account.trades)
    assert ended >= 5
    # Either process decided.
    assert account.trades["entry_ts"][0] < half < account.trades["entry_ts"][-1]
    assert account.trades["entry_bar"].tolist() == backtest.trades["entry_bar"][:ended].tolist()
    assert account.trades["pnl"].tolist() == pytest.approx(backtest.trades["pnl"][:ended].tolist(), abs=1e-7)


def test_what_shows_follows_and_trades_models_imports_no_library_that_learns(house, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", READER, str(tmp_path), FILE], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stderr


def test_an_account_takes_no_model_before_its_stage_whatever_the_file_is_called(house, tmp_path):
    path = house.results.strategies / "model_btc_day.py"
    shutil.copy(path, path.with_name("my_own.py"))
    copied = FILE.replace("model_btc_day", "my_own")
    assert planned(house, tmp_path, text=copied).slots
    (model,) = house.learned_models.models("btc_day")
    house.learned_models.move(model, "shadow")
    for text in (FILE, copied):
        with pytest.raises(UsageError, match="is at the stage shadow and may not trade at paper yet"):
            planned(house, tmp_path, text=text)


@pytest.mark.parametrize(
    ("given", "said"),
    [({"BTC": "ETH"}, "not on eth-usdt-perp 1h"), ({'"1h"': '"4h"'}, "not on btc-usdt-perp 4h")],
)
def test_an_account_trades_a_model_on_the_bars_that_it_was_judged_on_alone(house, tmp_path, given, said):
    text = FILE
    for before, after in given.items():
        text = text.replace(before, after)
    with pytest.raises(UsageError, match=f"judged on btc-usdt-perp 1h, {said}"):
        planned(house, tmp_path, text=text)
