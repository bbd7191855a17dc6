"""Of processes that compile for the first time one does it at a time, and what was done once keeps nobody waiting."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import houses
from vigie.compiled import cache_folder
from vigie.services.operation import OperationInput
from vigie.services.running import compile_portions, job_process, work, worker
from vigie.services.running.compiling import compile_turn, is_compiling
from vigie.views.cli import demo

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: these processes are forked")


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VIGIE_CACHE_DIR", str(tmp_path / "cache"))


def waiter(what: str, told: list[str]) -> threading.Thread:
    def work_on() -> None:
        with compile_turn(what):
            told.append(what)

    thread = threading.Thread(target=work_on, daemon=True)
    thread.start()
    return thread


def test_the_second_begins_when_the_first_has_ended():
    told: list[str] = []
    with compile_turn("loops"):
        second = waiter("trade", told)
        # What is done already waits for nobody, whoever compiles.
        (cache_folder() / "figures.compiled").touch()
        waiter("figures", told).join()
        assert told == ["figures"]
        assert is_compiling()
        told.append("loops")
    second.join()
    assert told == ["figures", "loops", "trade"]


def test_what_failed_is_done_again_in_turn():
    with pytest.raises(ValueError, match="broken"), compile_turn("loops"):
        raise ValueError("broken")
    assert not is_compiling()
    with compile_turn("loops") as is_first:
        assert is_first
        assert is_compiling()
    with compile_turn("loops") as is_first:
        assert not is_first
        assert not is_compiling()


def test_a_process_that_was_forked_meanwhile_does_not_keep_the_turn():
    begun, ended = os.pipe()
    with compile_turn("loops"):
        child = os.fork()
        if child == 0:
            os.close(ended)
            os.read(begun, 1)
            os._exit(0)
    os.close(begun)
    assert not is_compiling()
    os.close(ended)
    os.waitpid(child, 0)


def test_where_nothing_can_be_kept_everybody_compiles(tmp_path: Path):
    (tmp_path / "cache").write_text("a file in place of the folder")
    with compile_turn("loops"), compile_turn("trade"):
        pass


def test_the_first_job_of_a_kind_is_done_in_turn_and_later_ones_wait_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = houses.house(tmp_path / "home", with_bars=False)
    seen: list[bool] = []

    def run(_ask: object, _report: object) -> dict[str, str]:
        seen.append(is_compiling())
        return {}

    sweep = replace(work.kinds()["sweep"], run=run, input_type=OperationInput, needs=())
    monkeypatch.setattr(job_process, "kind_of_work", lambda name: replace(sweep, name=name))
    teller = job_process._ReportWriter(io.StringIO(), made.clock)
    order = {"job": "j1", "owner": "o", "kind": "sweep", "ask": {}}
    # What the compiler took of this process it never gives back: a fresh one takes its place.
    assert job_process._run_job(made, order, teller) == {"done": {}, "has_compiled": True}
    assert job_process._run_job(made, order, teller) == {"done": {}}
    assert job_process._run_job(made, {**order, "kind": "import"}, teller) == {"done": {}}
    assert seen == [True, False, False]
    assert not is_compiling()


def test_the_first_job_of_a_kind_says_that_it_compiles_and_later_ones_what_they_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = houses.house(tmp_path / "home", with_bars=False)

    def run(_ask: object, report: work.Report) -> dict[str, str]:
        report(0.0, "loading bars")
        tick = report.share(0.05, 0.9, stages=2)
        tick("strategies", 1, 1)
        tick("kernel", 2, 3)
        report(0.9, "judging and writing")
        return {}

    quick = replace(work.kinds()["quick"], run=run, input_type=OperationInput, needs=())
    monkeypatch.setattr(job_process, "kind_of_work", lambda _name: quick)
    monkeypatch.setattr(job_process, "EVERY_MS", 0)

    def said() -> list[str]:
        out = io.StringIO()
        order = {"job": "j1", "owner": "o", "kind": "quick", "ask": {}}
        job_process._run_job(made, order, job_process._ReportWriter(out, made.clock))
        return [json.loads(line)["message"] for line in out.getvalue().splitlines()]

    compiling = "compiling its code, which takes up to a minute"
    assert said() == [compiling, compiling, "trading 2 of 3", "judging and writing"]
    assert said() == ["loading bars", "reading signals 1 of 1", "trading 2 of 3", "judging and writing"]


def test_the_demonstrations_trader_has_its_turn_before_it_loads_what_it_needs_and_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seen: list[tuple[str, bool]] = []

    def noted(what: str, result: object = None) -> Callable[..., object]:
        return lambda *_, **_named: (seen.append((what, is_compiling())), result)[1]

    made = houses.house(tmp_path / "home", with_bars=False)
    monkeypatch.setattr("vigie.wiring.app_context.open_app_context", noted("opened", made))
    monkeypatch.setattr("vigie.services.running.process_tree.end_with_parent", lambda _end: None)
    monkeypatch.setattr("vigie.services.runs.request_builder.build_request", noted("read"))
    monkeypatch.setattr("vigie.services.trading.account_plans.planning.make_plan", noted("planned"))
    monkeypatch.setattr("vigie.services.trading.process.startup.load_judge", noted("judged"))
    monkeypatch.setattr("vigie.services.trading.process.startup.warm_up", noted("warm"))
    monkeypatch.setattr(compile_portions, "compile_in_portions", noted("portions"))
    monkeypatch.setattr("vigie.services.setups.compiling.compile_setups", noted("setups"))
    # The steps of this process and their order: `test_demo_account.py`.
    demo.trade(compile_only=True, home=tmp_path)
    steps = ("portions", "opened", "read", "planned", "judged", "warm", "setups")
    assert seen == [(step, True) for step in steps]
    assert not is_compiling()


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

    one = worker.Worker(made, name="here", is_crowded=look)
    # The first, at its start, is for the jobs that wait already.
    monkeypatch.setattr(one, "_ensure_process", lambda: (begun.append(list(looks)), looks and one.stop()))
    one.run()
    assert begun == [[], [True, True, False]]


def test_a_process_that_is_ready_makes_room_for_who_compiles_and_one_that_begins_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = houses.house(tmp_path / "home", with_bars=False)
    one = worker.Worker(made, name="here", is_crowded=lambda: True)
    monkeypatch.setattr(one, "_ensure_process", lambda: None)
    ended: list[str] = []

    def idle(name: str, *, is_ready: bool) -> None:
        one._job_process = SimpleNamespace(is_ready=is_ready, end=lambda: ended.append(name))
        looks = iter((False, True))
        monkeypatch.setattr(
            one, "_stopping", SimpleNamespace(is_set=lambda: next(looks), wait=lambda _s: None)
        )
        one.run()

    idle("ready", is_ready=True)
    assert one._job_process is None
    idle("begins", is_ready=False)
    assert one._job_process is not None
    assert ended == ["ready", "begins"]
