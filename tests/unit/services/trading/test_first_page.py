"""The first page of a process tells an account from its kept fold, and the same whatever lies there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.services.trading.test_replay_cache import EVERY, Until, state, unlike
from tests.unit.services.trading.test_replay_cache import path as path
from tests.unit.services.trading.test_replay_cache import taken as taken
from tests.unit.services.trading.test_replay_cache import traded as traded
from vigie.services.caches.account_views import AccountViewCache
from vigie.services.trading.log.account_view import AccountLogs, open_account_view
from vigie.services.trading.log.replay_cache import load_event_log


def opened(house, run):
    """Return an account as the first page of a process finds it."""
    logs = AccountLogs(house.trades, house.results, AccountViewCache())
    with open_account_view(logs, run) as view:
        return view


def test_the_first_page_of_a_process_goes_on_from_what_was_kept(traded, taken, path):
    house, run, whole = traded
    cut_short = replace(house, trades=Until(house.trades, whole.number - EVERY // 2))
    load_event_log(cut_short.results, cut_short.trades, run)
    kept = path.read_bytes()
    taken.clear()
    assert state(opened(house, run)) == state(whole)
    assert taken == list(range(whole.number - EVERY // 2 + 1, whole.number + 1))
    assert path.read_bytes() == kept, "too little is new to be kept"


def test_a_page_without_a_kept_fold_keeps_one_for_the_next_process(traded, taken, path):
    house, run, whole = traded
    assert state(opened(house, run)) == state(whole)
    assert taken[0] == 1
    taken.clear()
    assert state(opened(house, run)) == state(whole)
    assert taken == []


@pytest.mark.parametrize("name", ["code", "plan", "run", "steps", "fills", "decisions", "body", "torn"])
def test_a_page_tells_the_log_whatever_lies_in_the_kept_fold(traded, taken, path, name):
    house, run, whole = traded
    load_event_log(house.results, house.trades, run)
    if name == "torn":
        path.write_bytes(path.read_bytes()[:-7])
    else:
        unlike(path, name)
    taken.clear()
    assert state(opened(house, run)) == state(whole)
    assert taken[0] == 1


def test_a_log_put_back_from_a_backup_and_traded_on_is_told_as_it_is_now(traded, taken, path):
    house, run, whole = traded
    load_event_log(house.results, house.trades, run)
    shorter = replace(house, trades=Until(house.trades, last=whole.number - 1))
    taken.clear()
    assert opened(shorter, run).number == whole.number - 1
    assert taken == list(range(1, whole.number))
