"""Killed at any point and started again, the exchange goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT
from tests.unit.sandbox.exchange.worlds import ME, D, Desk, Wander, bars
from vigie.domain.errors import StorageError, UsageError
from vigie.domain.time import MINUTE_MS
from vigie_sandbox.exchange.core.entities import ExchangeRefusal
from vigie_sandbox.exchange.core.exchange import Exchange
from vigie_sandbox.exchange.core.journal import ExchangeJournal
from vigie_sandbox.exchange.matchers.tracks import Track

QUIET = (100.0, 100.5, 99.5, 100.0)
FLAT = (100.0, 100.0, 100.0, 100.0)


def everything(exchange: Exchange) -> object:
    """Return all that the exchange knows, in order."""
    with exchange.change() as books:
        return list(books.iterate_rows())


def desk(file: Path, count: int = 5) -> Desk:
    return Desk([Track("BTCUSDT", bars([QUIET] * count))], memory=file)


def test_exchange_started_again_knows_what_it_knew(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    here = Wander([FLAT, (100, 101, 97, 100), FLAT], memory=file)
    here.order(1, "1", client_id="a", stop=D("98"), target=D("103"))
    here.order(1, "1", client_id="b", price=D("90"))
    here.exchange.split_next_orders(D("0.5"))
    here.order(1, "1", client_id="c")
    here.at(2 * MINUTE_MS)
    before, seq = everything(here.exchange), here.exchange.seq
    again = Wander([FLAT, (100, 101, 97, 100), FLAT], memory=file, ts=2 * MINUTE_MS)
    assert everything(again.exchange) == before
    assert (again.exchange.seq, again.exchange.now()) == (seq, 2 * MINUTE_MS)
    with pytest.raises(ExchangeRefusal) as refusal:
        again.order(1, "1", client_id="a")
    assert refusal.value.code == "duplicate_id"
    again.exchange.release_withheld_orders()
    assert [order.client_id for order in again.exchange.open_orders(ME)] == ["b"]


def test_ids_go_on_and_are_never_given_twice(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    here = Wander([FLAT] * 3, memory=file)
    ids = [here.order(1, "1").id]
    for _ in range(3):
        here = Wander([FLAT] * 3, memory=file)
        ids.append(here.order(1, "1").id)
    assert len(set(ids)) == 4
    assert ids == sorted(ids)


def test_stop_that_was_passed_while_the_exchange_was_down_fires_after_the_start(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    rows = [FLAT, FLAT, (100, 100, 95, 100), FLAT]
    Wander(rows, memory=file).order(1, "1", stop=D("98"))
    again = Wander(rows, memory=file, ts=4 * MINUTE_MS)
    again.exchange.tick()
    assert [trade.cause for trade in again.exchange.trades(ME)] == ["order", "stop"]


def test_lockstep_goes_on_between_the_phases(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    first = desk(file)
    first.go()
    first.buy("1", client_id="a", stop=D("98"))
    first.hands.ack(1, 1)
    second = desk(file)
    current = second.hands.current()
    assert current is not None
    assert (current.number, current.opened) == (1, (("BTCUSDT/1h", D(100)),))
    second.hands.ack(1, 1)
    assert second.trades == []
    second.hands.ack(1, 2)
    third = desk(file)
    third.hands.ack(1, 2)
    assert len(third.trades) == 1
    assert third.exchange.last("BTCUSDT") == 100
    assert third.hands.step().number == 2


def test_a_step_that_was_done_but_not_heard_of_is_told_again(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    rows = [QUIET, (100, 100.5, 97, 98), QUIET]
    first = Desk([Track("BTCUSDT", bars(rows))], memory=file)
    first.go()
    first.buy("1", stop=D("98"))
    first.go()
    instant = first.go()
    again = Desk([Track("BTCUSDT", bars(rows))], memory=file).hands.step(3)
    assert again == instant
    assert [trade.cause for trade in again.trades] == ["stop"]


def test_memory_of_other_bars_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    desk(file).go(3)
    with pytest.raises(UsageError, match="other bars"):
        desk(file, 1)


def test_file_cut_at_any_byte_is_the_state_before_or_after_its_last_change(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    here = Wander([FLAT] * 3, memory=file)
    before, size = everything(here.exchange), file.stat().st_size
    here.order(1, "1", client_id="a", stop=D("98"))
    after, whole = everything(here.exchange), file.read_bytes()
    assert len(whole) > size
    for length in (*range(size, len(whole) - 2, 11), *range(len(whole) - 2, len(whole) + 1)):
        cut = tmp_path / "cut"
        cut.write_bytes(whole[:length])
        again = Wander([FLAT] * 3, memory=cut)
        assert everything(again.exchange) == (after if length == len(whole) else before)


def test_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "memory"
    memory = ExchangeJournal(file)
    memory.rewrite([(("account", "a"), {"cash": "1"})])
    memory.append({("account", "a"): {"cash": "2"}})
    real = os.write
    monkeypatch.setattr(os, "write", lambda number, line: real(number, line[:10]))
    with pytest.raises(StorageError, match="disk is full"):
        memory.append({("account", "a"): {"cash": "3"}})
    monkeypatch.undo()
    memory.append({("account", "b"): {"cash": "4"}})
    assert ExchangeJournal(file).load() == {("account", "a"): {"cash": "2"}, ("account", "b"): {"cash": "4"}}


def test_row_that_is_taken_away_stays_away(tmp_path: Path) -> None:
    memory = ExchangeJournal(tmp_path / "memory")
    memory.rewrite([(("position", "p"), [1])])
    memory.append({("position", "p"): None})
    assert ExchangeJournal(tmp_path / "memory").load() == {}


def test_file_of_something_else_is_refused_and_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("my notes\n")
    with pytest.raises(StorageError, match="not the memory of a simulated exchange"):
        ExchangeJournal(file).load()
    assert file.read_text() == "my notes\n"


def test_long_file_is_written_anew_and_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie_sandbox.exchange.core.journal._SPARE_BYTES", 0)
    file = tmp_path / "memory"
    here = Wander([FLAT] * 3, memory=file)
    for turn in range(60):
        here.exchange.deposit(ME, D(turn + 1))
        order = here.order(1, "1", price=D("90"))
        here.exchange.cancel(ME, order_id=order.id)
    # 60 orders of three lines each would be far longer than 60 of one.
    known = everything(here.exchange)
    fresh = tmp_path / "fresh"
    ExchangeJournal(fresh).rewrite(known)  # type: ignore[arg-type]
    assert file.stat().st_size < 6 * fresh.stat().st_size
    assert everything(Wander([FLAT] * 3, memory=file).exchange) == known


_CHILD = """
import sys
from pathlib import Path
from tests.unit.sandbox.exchange.worlds import *
here = Wander([(100.0, 100.0, 100.0, 100.0)] * 100_000, memory=Path(sys.argv[1]))
here.ts = here.exchange.now()
number = len(here.exchange.order_history(ME))
while True:
    number += 1
    here.ts += 700
    side = 1 if number % 2 else -1
    here.order(side, "1", client_id=f"n{number}", **({"stop": D("98")} if side > 0 else {}))
    print(f"n{number}", flush=True)
"""


def test_killed_exchange_has_every_order_it_has_answered_and_all_its_money(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    answered: list[str] = []
    for life in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(file)], stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        assert child.stdout is not None
        for _ in range(20 + 17 * life):
            answered.append(child.stdout.readline().strip())
        os.kill(child.pid, signal.SIGKILL)
        answered += child.stdout.read().split()
        child.wait()
        child.stdout.close()
    again = Wander([FLAT] * 100_000, memory=file)
    known = [order.client_id for order in again.exchange.order_history(ME)]
    # At most one order of each life was taken and not answered any more.
    assert known == [f"n{number}" for number in range(1, len(known) + 1)]
    assert set(answered) <= set(known)
    assert len(known) - len(answered) <= 4
    bills = again.exchange.bills(ME)
    assert sum(bill.amount - bill.fee for bill in bills) == again.exchange.money(ME).cash
    held = sum(trade.side * trade.qty for trade in again.exchange.trades(ME))
    assert held == sum(one.side * one.qty for one in again.exchange.positions(ME))
    assert len(again.exchange.open_plans(ME)) == len(again.exchange.positions(ME))
