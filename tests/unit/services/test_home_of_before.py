"""A home that was written before the package's names changed: it opens, answers the same, and its account goes on.

`tests/data/home-of-before` has the database of `tests.traded` as that program left it, the plan of its account, and
what every operation that only reads answered then. Its bars are the simulated ones that every test has. The answers are
written anew only where one is meant to change: `python -m tests.home_of_before NAME`.
"""

from __future__ import annotations

import math

import pytest

from tests.home_of_before import ACCOUNT, answers, answers_of_before, open_home
from tests.traded import DAYS
from tests.unit.services.trading.material import BEGUN
from tests.unit.services.trading.test_trading import go
from vigie.domain.time import DAY_MS
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.process import trading
from vigie.services.trading.process.startup import load_strategies


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home")


def is_same(then: object, now: object) -> bool:
    """Tell whether two answers are the same: sums of a library may differ in their last digit between processors."""
    if isinstance(then, dict) and isinstance(now, dict):
        return then.keys() == now.keys() and all(is_same(then[name], now[name]) for name in then)
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(is_same, then, now))
    if isinstance(then, float) and isinstance(now, float):
        return math.isclose(then, now, rel_tol=1e-13)
    return then == now


def test_every_operation_that_reads_answers_as_before(home):
    then, now = answers_of_before(), answers(home)
    assert len(then) > 100
    assert [name for name in then if not is_same(then[name], now.get(name))] == []


def test_the_account_goes_on_where_it_was_and_orders_nothing_twice(home, monkeypatch):
    # The shipped files are others by now, which `check_run` tells when an account starts; here the log goes on.
    monkeypatch.setattr(trading, "load_pinned_strategies", load_strategies)
    run = home.trades.run(ACCOUNT)
    before, intents = list(home.trades.steps(run.id)), home.trades.intents(run.id)
    assert len(before) > 100
    assert intents
    go(home, load_plan(home.results, run.id), BEGUN + (DAYS + 2) * DAY_MS, [], begun=BEGUN + DAYS * DAY_MS)
    after = list(home.trades.steps(run.id))
    assert after[: len(before)] == before
    assert len(after) > len(before)
    assert [one.intent for one in home.trades.intents(run.id)][: len(intents)] == [
        one.intent for one in intents
    ]
    ids = [fill.id for fill in home.trades.fills(run.id)]
    assert len(ids) == len(set(ids))
