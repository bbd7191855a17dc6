"""Executors keep one contract: answers in order, tasks drawn a few ahead, faults passed on."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

from tests.unit.research.material import history, plan, slot
from vigie.adapters.executors.dask import DaskExecutor, group_tasks
from vigie.adapters.executors.threads import ThreadExecutor, usable_cores
from vigie.domain.errors import ConnectorError, UsageError
from vigie.research.sweep.loop import MemoryRowStore, Search, run_search
from vigie.research.sweep.shuffled import no_progress
from vigie.research.sweep.tpe import run_tpe
from vigie.trading import catalogue
from vigie.wiring import results
from vigie.wiring.results import open_executor


@pytest.fixture(scope="module")
def cluster():
    """A real cluster of two worker processes on loopback."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as opened:
        yield opened


def test_all_cores_are_used_where_no_number_is_said(monkeypatch):
    monkeypatch.setattr(results, "usable_cores", lambda: 3)
    met = threading.Barrier(3, timeout=60)
    with open_executor() as every:
        # Three at once, or nobody comes through.
        assert list(every.map(lambda task: met.wait() >= 0 and task, range(3))) == [0, 1, 2]
    assert usable_cores() >= 1


@pytest.fixture(params=["one thread", "three threads", "dask"])
def executor(request):
    if request.param == "dask":
        opened = DaskExecutor(request.getfixturevalue("cluster").scheduler_address)
    else:
        opened = ThreadExecutor(1 if request.param == "one thread" else 3)
    with opened as ready:
        yield ready


def square(number):
    return number * number


def refuse_seven(number):
    if number == 7:
        raise UsageError("number must not be 7, was 7")
    return number


def test_answers_come_in_the_order_of_the_tasks(executor):
    assert list(executor.map(square, range(50))) == [k * k for k in range(50)]


def test_tasks_without_end_are_drawn_a_few_ahead(executor):
    drawn = []

    def endless():
        for number in itertools.count():
            drawn.append(number)
            yield number

    answers = executor.map(square, endless())
    assert [next(answers) for _ in range(3)] == [0, 1, 4]
    answers.close()
    assert len(drawn) < 100


def test_fault_of_a_task_reaches_the_caller(executor):
    given = []

    def take():
        given.extend(iter(executor.map(refuse_seven, range(20))))

    with pytest.raises(UsageError, match="must not be 7"):
        take()
    assert len(given) <= 7
    assert given == list(range(len(given)))


@pytest.mark.parametrize("count", [0, 1, 5, 16, 100])
def test_groups_hold_every_task_once_and_spread_few_over_all_workers(count):
    groups = list(group_tasks(iter(range(count)), 2))
    assert [task for group in groups for task in group] == list(range(count))
    assert max((len(group) for group in groups), default=0) <= 8
    assert len(groups) >= min(count, 2)


def test_no_tasks_give_no_answers(executor):
    assert list(executor.map(square, ())) == []


def test_threads_work_at_the_same_time():
    meeting = threading.Barrier(3, timeout=30)
    with ThreadExecutor(3) as executor:
        # Each task waits for two others: with fewer threads this breaks.
        assert sorted(executor.map(lambda number: (meeting.wait(), number)[1], range(3))) == [0, 1, 2]


class Staged:
    """Squares in two stages, and says in which thread each was done."""

    def __init__(self):
        self.prepared, self.finished = set(), set()

    def __call__(self, number):
        return self.finish(self.prepare(number))

    def prepare(self, number):
        self.prepared.add(threading.current_thread())
        return number

    def finish(self, number):
        self.finished.add(threading.current_thread())
        if number == -1:
            raise UsageError("number must be >= 0, was -1")
        return number * number


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_staged_work_is_prepared_by_the_caller_and_answered_in_order(threads):
    work = Staged()
    with ThreadExecutor(threads) as executor:
        assert list(executor.map(work, range(300))) == [k * k for k in range(300)]
    assert work.prepared == {threading.current_thread()}
    assert len(work.finished) <= threads
    assert (work.finished == work.prepared) is (threads == 1)


def test_fault_of_staged_work_reaches_the_caller():
    with ThreadExecutor(2) as executor, pytest.raises(UsageError, match="must be >= 0"):
        list(executor.map(Staged(), [1, 2, -1, 3]))


def test_staged_tasks_without_end_are_drawn_a_few_ahead():
    drawn = []

    def endless():
        for number in itertools.count():
            drawn.append(number)
            yield number

    with ThreadExecutor(2) as executor:
        answers = executor.map(Staged(), endless())
        assert [next(answers) for _ in range(3)] == [0, 1, 4]
        answers.close()
    assert len(drawn) < 100


@pytest.mark.parametrize("threads", [0, 257])
def test_threads_beyond_reason_are_refused(threads):
    with pytest.raises(UsageError, match=f"threads must be 1..256, was {threads}"):
        ThreadExecutor(threads)


def rows_of(given, executor, search=None):
    keeper = MemoryRowStore(given.accounts)
    search = search or Search()
    (run_tpe if search.method == "tpe" else run_search)(given, search, executor, keeper, no_progress)
    return keeper.rows


def test_sweep_on_two_dask_workers_equals_threads_bit_for_bit(cluster):
    given = plan(
        "fast=3:22,slow=15:44,stop_atr=1|2",
        slot(history(seed=1)),
        slot(history(700, seed=2, instrument="eth-usdt-perp")),
    )
    with ThreadExecutor(2) as threads, open_executor(dask=cluster.scheduler_address) as dask:
        here, there = rows_of(given, threads), rows_of(given, dask)
    assert len(here) == 1_200
    assert here["refused"].sum() > 0
    assert here.tobytes() == there.tobytes()


def test_tpe_on_dask_equals_threads(cluster):
    given = plan("fast=3:22,slow=15:44")
    search = Search("tpe", 40, 2)
    with ThreadExecutor(1) as threads, DaskExecutor(cluster.scheduler_address) as dask:
        assert rows_of(given, threads, search).tobytes() == rows_of(given, dask, search).tobytes()


def test_own_strategy_travels_to_the_workers(cluster, tmp_path):
    source = (catalogue.SHIPPED / "ema_cross.py").read_text().replace("EMA cross:", "My cross:")
    (tmp_path / "my_cross.py").write_text(source)
    own = catalogue.load("my_cross", tmp_path)
    base = slot()
    mine = slot()
    object.__setattr__(mine, "strategy", own)
    object.__setattr__(mine, "params", own.defaults())
    with DaskExecutor(cluster.scheduler_address) as dask:
        travelled = rows_of(plan("fast=4:12:4,slow=16:40:8", mine), dask)
    with ThreadExecutor(1) as threads:
        shipped = rows_of(plan("fast=4:12:4,slow=16:40:8", base), threads)
    np.testing.assert_array_equal(travelled["figures"], shipped["figures"])


def test_cluster_that_does_not_answer_is_said(monkeypatch):
    monkeypatch.setattr("vigie.adapters.executors.dask.TIMEOUT_S", 1)
    with pytest.raises(ConnectorError, match="no Dask scheduler answers at tcp"):
        DaskExecutor("tcp://127.0.0.1:1")
