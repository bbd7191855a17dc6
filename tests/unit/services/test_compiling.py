"""Of processes that compile for the first time one does it at a time, and what was done once keeps nobody waiting."""

from __future__ import annotations

import io
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import houses
from vigie.compiled import cache_folder
from vigie.services.operation import Ask
from vigie.services.running import hand, work, worker
from vigie.services.running.compiling import in_turn, is_taken
from vigie.views.cli import demo

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: these processes are forked")


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VIGIE_CACHE_DIR", str(tmp_path / "cache"))


def waiter(what: str, told: list[str]) -> threading.Thread:
    def work_on() -> None:
        with in_turn(what):
            told.append(what)

    thread = threading.Thread(target=work_on, daemon=True)
    thread.start()
    return thread


def test_the_second_begins_when_the_first_has_ended():
    told: list[str] = []
    with in_turn("loops"):
        second = waiter("trade", told)
        # What is done already waits for nobody, whoever compiles.
        (cache_folder() / "figures.compiled").touch()
        waiter("figures", told).join()
        assert told == ["figures"]
        assert is_taken()
        told.append("loops")
    second.join()
    assert told == ["figures", "loops", "trade"]


def test_what_failed_is_done_again_in_turn():
    with pytest.raises(ValueError, match="broken"), in_turn("loops"):
        raise ValueError("broken")
    assert not is_taken()
    with in_turn("loops") as is_first:
        assert is_first
        assert is_taken()
    with in_turn("loops") as is_first:
        assert not is_first
        assert not is_taken()


def test_a_process_that_was_forked_meanwhile_does_not_keep_the_turn():
    begun, ended = os.pipe()
    with in_turn("loops"):
        child = os.fork()
        if child == 0:
            os.close(ended)
            os.read(begun, 1)
            os._exit(0)
    os.close(begun)
    assert not is_taken()
    os.close(ended)
    os.waitpid(child, 0)


def test_where_nothing_can_be_kept_everybody_compiles(tmp_path: Path):
    (tmp_path / "cache").write_text("a file in place of the folder")
    with in_turn("loops"), in_turn("trade"):
        pass


def test_the_first_job_of_a_kind_is_done_in_turn_and_later_ones_wait_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = houses.house(tmp_path / "home", with_bars=False)
    seen: list[bool] = []

    def run(_house: object, _ask: object, _report: object) -> dict[str, str]:
        seen.append(is_taken())
        return {}

    sweep = replace(work.kinds()["sweep"], run=run, ask=Ask)
    monkeypatch.setattr(hand, "kinds", lambda: {"sweep": sweep, "import": replace(sweep, name="import")})
    teller = hand._Teller(io.StringIO(), made.clock)
    order = {"job": "j1", "owner": "o", "kind": "sweep", "ask": {}}
    # What the compiler took of this process it never gives back: a fresh one takes its place.
    assert hand._do(made, order, teller) == {"done": {}, "has_compiled": True}
    assert hand._do(made, order, teller) == {"done": {}}
    assert hand._do(made, {**order, "kind": "import"}, teller) == {"done": {}}
    assert seen == [True, False, False]
    assert not is_taken()


def test_the_demonstrations_trader_has_its_turn_while_what_it_needs_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seen: list[bool] = []
    made = houses.house(tmp_path / "home", with_bars=False)
    monkeypatch.setattr("vigie.bootstrap.open_house", lambda: made)
    monkeypatch.setattr("vigie.services.running.demo_world.wait_for_history", lambda _house: None)
    monkeypatch.setattr(
        "vigie.services.running.demo_world.wait_for_first_jobs", lambda _house: seen.append(is_taken())
    )
    monkeypatch.setattr("vigie.services.running.parts.end_with_parent", lambda _end: None)
    monkeypatch.setattr("vigie.views.cli.trade.run", lambda *_words, **_more: seen.append(is_taken()))
    monkeypatch.setattr(demo.subprocess, "run", lambda *_words, **_more: seen.append(is_taken()))
    demo.trade(home=tmp_path)
    # The first jobs, then what trading needs in two parts, then the trader.
    assert seen == [False, True, True, False]


def test_a_worker_holds_no_process_ready_while_somebody_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = houses.house(tmp_path / "home", with_bars=False)
    looks: list[bool] = []
    begun: list[list[bool]] = []
    taken = iter((True, True, False))

    def look() -> bool:
        looks.append(next(taken, False))
        return looks[-1]

    monkeypatch.setattr(worker, "is_taken", look)
    one = worker.Worker(made, name="here")
    # The first, at its start, is for the jobs that wait already.
    monkeypatch.setattr(one, "_ready", lambda: (begun.append(list(looks)), looks and one.stop()))
    one.run()
    assert begun == [[], [True, True, False]]


def test_a_process_that_is_ready_makes_room_for_who_compiles_and_one_that_begins_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = houses.house(tmp_path / "home", with_bars=False)
    monkeypatch.setattr(worker, "is_taken", lambda: True)
    one = worker.Worker(made, name="here")
    monkeypatch.setattr(one, "_ready", lambda: None)
    ended: list[str] = []

    def idle(name: str, *, is_ready: bool) -> None:
        one._hand = SimpleNamespace(is_ready=is_ready, end=lambda: ended.append(name))
        looks = iter((False, True))
        monkeypatch.setattr(
            one, "_stopping", SimpleNamespace(is_set=lambda: next(looks), wait=lambda _s: None)
        )
        one.run()

    idle("ready", is_ready=True)
    assert one._hand is None
    idle("begins", is_ready=False)
    assert one._hand is not None
    assert ended == ["ready", "begins"]
