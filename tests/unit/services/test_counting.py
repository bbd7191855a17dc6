"""A search's trials are counted while it runs: all of them, a bounded number at a time, whatever the threads."""

from __future__ import annotations

import pytest

from tests.unit.research.material import plan
from vigie.adapters.executors.threads import ThreadExecutor
from vigie.domain.errors import StorageError
from vigie.research.sweep.loop import Search, run_search
from vigie.research.sweep.plan import TrialNames
from vigie.research.sweep.shuffled import silent
from vigie.services.runs import counting
from vigie.services.runs.counting import CountedRows, count_search


class Registry:
    """Remembers what was recorded, in which portions; full after so many."""

    def __init__(self, portions=99):
        self.portions, self._most = [], portions

    def record(self, trials):
        if len(self.portions) == self._most:
            raise StorageError("trials cannot be counted: no space left")
        self.portions.append(list(trials))

    def count(self, series):
        return len({trial for portion in self.portions for one, trial in portion if one in series})


def searched(given, registry, threads):
    keeper = CountedRows(given, registry)
    with ThreadExecutor(threads) as executor:
        run_search(given, Search(), executor, keeper, silent)
    return keeper


@pytest.mark.parametrize("threads", [1, 3])
def test_every_combination_that_was_not_refused_is_counted_once(monkeypatch, threads):
    monkeypatch.setattr(counting, "TOGETHER", 50)
    given, registry = plan("fast=3:12,slow=8:27"), Registry()
    keeper = searched(given, registry, threads)
    tried = keeper.rows["combination"][~keeper.rows["refused"]].tolist()
    assert keeper.tally.total() == (len(tried), "")
    assert len(tried) < len(keeper.rows) == 200
    assert [one for portion in registry.portions for one in portion] == list(TrialNames(given).pairs(tried))
    assert len(registry.portions) > 2
    assert max(map(len, registry.portions)) < 50 + 32
    assert count_search(given, tried, Registry()) == (len(tried), "")


def test_a_registry_that_fills_up_costs_the_count_and_not_the_rows(monkeypatch):
    monkeypatch.setattr(counting, "TOGETHER", 50)
    keeper = searched(plan("fast=3:12,slow=15:24"), Registry(portions=1), 2)
    assert keeper.tally.total() == (0, "trials cannot be counted: no space left")
    assert len(keeper.rows) == 100
