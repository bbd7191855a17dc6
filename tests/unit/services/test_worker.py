"""Long work is done, watched, stopped and gone on with, whatever becomes of the processes that do it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests import houses
from tests.clocks import JumpingClock
from vigie.domain.job import FINISHED
from vigie.services.running.compiling import GOES_ON
from vigie.services.running.expected_jobs import expect_job, last_expectation
from vigie.services.running.job_process import describe_exit
from vigie.services.running.work import kinds
from vigie.services.running.worker import Worker

BACKTEST = {"strategies": "ema_cross", "assets": "bitcoin", "timeframe": "4h"}
# Slow enough to be met in the middle.
SWEEP = {
    "strategies": "ema_cross",
    "assets": "bitcoin",
    "timeframe": "1h",
    "grid": "fast=5:64:1,slow=70:269:1",
}


def fake_hand(body):
    """Return a command that speaks the hand's language and does what a test needs."""
    head = """
        import json, os, sys, time
        def say(**message):
            print(json.dumps(message), flush=True)
        for line in sys.stdin:
            order = json.loads(line)
    """
    code = textwrap.dedent(head) + textwrap.indent(textwrap.dedent(body), "    ")
    return (sys.executable, "-S", "-c", code)


@contextmanager
def working(house, command=None, **more):
    """Run a worker beside the test."""
    worker = Worker(house, name="tested", **({} if command is None else {"command": command}), **more)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(30)
        assert not thread.is_alive()


def finished(house, job):
    return houses.until(lambda: found if (found := house.jobs.get(job.id)).state in FINISHED else None)


def told(house, job):
    return [event.kind for event in house.audit.after(0) if event.subject == job.id]


def test_a_backtest_is_done_and_its_result_is_kept(tmp_path):
    house = houses.house(tmp_path / "home")
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    with working(house):
        done = finished(house, job)
    assert (done.state, done.progress) == ("done", 1.0)
    run = house.runs.get(done.answer["run"])
    assert (run.owner, run.kind, run.job) == ("u1", "backtest", job.id)
    assert run.summary["trades"] == done.answer["trades"] > 0
    folder = tmp_path / "home" / run.folder
    assert (folder / "result.json").is_file()
    page = json.loads((folder / "page" / "page.json").read_text(encoding="utf-8"))
    assert set(page["texts"]) == {"en", "fr"}
    assert told(house, job) == ["job.started", "job.done"]
    assert house.audit.verify() == 2


def test_an_order_that_cannot_be_run_fails_in_words_and_the_next_is_done(tmp_path):
    house = houses.house(tmp_path / "home")
    bad = house.jobs.put("backtest", {**BACKTEST, "assets": "dogecoin"}, owner="u1")
    odd = house.jobs.put("backtest", {"no such field": 1}, owner="u1")
    good = house.jobs.put("backtest", BACKTEST, owner="u1")
    with working(house):
        assert finished(house, good).state == "done"
    assert house.jobs.get(bad.id).state == "failed"
    assert "no bars of 'dogecoin' are stored on binance-perp" in house.jobs.get(bad.id).message
    assert "no such field" in house.jobs.get(odd.id).message
    assert told(house, bad) == ["job.started", "job.failed"]


def test_a_process_that_is_killed_fails_its_job_and_not_the_worker(tmp_path):
    house = houses.house(tmp_path / "home")
    first = house.jobs.put("backtest", BACKTEST, owner="u1")
    command = fake_hand(f"""
        if order["job"] == {first.id!r}:
            os.kill(os.getpid(), 9)
        say(done={{}})
    """)
    with working(house, command):
        failed = finished(house, first)
        second = house.jobs.put("backtest", BACKTEST, owner="u1")
        assert finished(house, second).state == "done"
    assert failed.state == "failed"
    assert failed.message == describe_exit(-9)
    assert "the system killed its process, probably because" in failed.message


def test_a_fault_of_the_program_is_named_in_the_log(tmp_path):
    house = houses.house(tmp_path / "home")
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    with working(house, fake_hand('say(crashed="ZeroDivisionError: no")\nsys.exit(1)')):
        failed = finished(house, job)
    assert failed.state == "failed"
    assert "please report it" in failed.message
    assert [text for _, _, text in house.jobs.log(job.id)] == ["ZeroDivisionError: no"]


def test_a_running_job_is_cancelled_and_its_process_ended(tmp_path):
    house = houses.house(tmp_path / "home")
    job = house.jobs.put("sweep", SWEEP, owner="u1")
    command = fake_hand(
        'say(progress=0.25, message="trying 1 of 4", lines=[str(os.getpid())])\ntime.sleep(600)'
    )
    with working(house, command):
        houses.until(lambda: house.jobs.get(job.id).progress == 0.25)
        number = int(house.jobs.log(job.id)[0][2])
        assert house.jobs.cancel(job.id)
        ended = finished(house, job)
        houses.until(lambda: not psutil.pid_exists(number))
    assert (ended.state, ended.message) == ("cancelled", "stopped at 25% as asked")
    assert told(house, job) == ["job.started", "job.cancelled"]


def test_what_a_job_kept_whose_owner_left_meanwhile_goes_after_them(tmp_path):
    house = houses.house(tmp_path / "home")
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    folder = house.results.runs / f"backtest-{job.id}"
    go = tmp_path / "go"
    hand = fake_hand(f"""
        say(progress=0.5, message="half", lines=[])
        while not os.path.exists({str(go)!r}): time.sleep(0.01)
        say(done={{}})
    """)
    with working(house, hand):
        houses.until(lambda: house.jobs.get(job.id).state == "running")
        house.results.write(folder, {"result.json": b"{}"})
        house.runs.put(
            "u1", "backtest", title="late", folder=f"runs/{folder.name}", ask={}, summary={}, job=job.id
        )
        house.jobs.forget("u1")
        go.touch()
        houses.until(lambda: not folder.exists())
    assert house.runs.list(owner="u1") == []
    assert told(house, job) == ["job.started"]


def test_a_worker_that_is_stopped_gives_its_job_back_at_once(tmp_path):
    house = houses.house(tmp_path / "home")
    job = house.jobs.put("sweep", SWEEP, owner="u1")
    command = fake_hand('say(progress=0.5, message="half", lines=[])\ntime.sleep(600)')
    for _ in range(4):  # more often than a job that kills its worker is tried
        with working(house, command):
            houses.until(lambda: house.jobs.get(job.id).state == "running")
        back = house.jobs.get(job.id)
        assert (back.state, back.attempts) == ("queued", 0)
    with working(house, fake_hand("say(done={})")):
        assert finished(house, job).state == "done"


def test_a_process_that_has_grown_is_replaced_when_nothing_waits(tmp_path):
    house = houses.house(tmp_path / "home")
    first, second = (house.jobs.put("backtest", BACKTEST, owner="u1") for _ in range(2))
    command = fake_hand('say(done={"pid": os.getpid()}, is_large=True)')
    with working(house, command):
        one, two = finished(house, first).answer["pid"], finished(house, second).answer["pid"]
        houses.until(lambda: not psutil.pid_exists(two))
        third = house.jobs.put("backtest", BACKTEST, owner="u1")
        three = finished(house, third).answer["pid"]
    assert one == two != three


def test_a_process_that_has_compiled_is_replaced_before_the_next_job(tmp_path):
    house = houses.house(tmp_path / "home")
    first, second = (house.jobs.put("backtest", BACKTEST, owner="u1") for _ in range(2))
    with working(house, fake_hand('say(done={"pid": os.getpid()}, has_compiled=True)')):
        one, two = finished(house, first).answer["pid"], finished(house, second).answer["pid"]
    assert one != two


def test_a_process_that_compiled_its_portion_is_followed_by_one_that_does_the_same_job(tmp_path):
    house = houses.house(tmp_path / "home")
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    seen = tmp_path / "seen"
    body = f"""
        with open({str(seen)!r}, "a") as file:
            file.write(order["job"] + "\\n")
        if open({str(seen)!r}).read().count(order["job"]) < 3:
            os._exit({GOES_ON})
        say(done={{"trades": 3}})
    """
    with working(house, fake_hand(body)):
        assert finished(house, job).answer == {"trades": 3}
    assert seen.read_text().split() == [job.id] * 3
    assert told(house, job) == ["job.started", "job.done"]


def test_reports_reach_the_queue_while_the_process_computes(tmp_path):
    house = houses.house(tmp_path / "home")
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    with working(house, fake_hand("time.sleep(600)")):
        first = houses.until(lambda: house.jobs.get(job.id).ts_beat)
        later = houses.until(
            lambda: beat if (beat := house.jobs.get(job.id).ts_beat) > first + 1_500 else None
        )
    assert later > first


def test_noise_of_libraries_is_no_report(tmp_path):
    house = houses.house(tmp_path / "home")
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    with working(house, fake_hand('print("hello", flush=True)\nsay(done={"trades": 3})')):
        assert finished(house, job).answer == {"trades": 3}


@pytest.mark.skipif(os.name != "posix", reason="only on POSIX")
def test_a_job_whose_worker_is_killed_is_finished_by_the_next_one(tmp_path):
    home = tmp_path / "home"
    house = houses.house(home)
    job = house.jobs.put("sweep", SWEEP, owner="u1")
    first = subprocess.Popen(
        [sys.executable, "-m", "vigie", "work"],
        env={**os.environ, "VIGIE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    try:
        parts = home / "runs" / f"sweep-{job.id}" / "parts"
        houses.until(lambda: parts.is_dir() and list(parts.glob("*.parquet")), seconds=120)
        hands = psutil.Process(first.pid).children(recursive=True)
    finally:
        first.kill()
        first.wait()
    # Its process goes with it: nothing writes there when the next one begins.
    assert hands
    houses.until(lambda: not any(hand.is_running() and hand.status() != "zombie" for hand in hands))
    assert house.jobs.get(job.id).state == "running"
    with working(house, stale_ms=1_000):
        done = houses.until(
            lambda: found if (found := house.jobs.get(job.id)).state in FINISHED else None, seconds=120
        )
    assert (done.state, done.attempts) == ("done", 2), done.message
    assert done.answer["combinations"] == 60 * 200
    assert [text for _, _, text in house.jobs.log(job.id)].count("taken up again, attempt 2") == 1
    assert not parts.exists()
    assert [run.job for run in house.runs.list(owner="u1")] == [job.id]


def test_every_kind_of_work_is_in_the_folder():
    folder = Path(sys.modules["vigie.services.running.work"].__file__).parent
    assert len(kinds()) == len([path for path in folder.glob("*.py") if path.name != "__init__.py"])
    assert sorted(kinds()) == ["backtest", "backup", "import", "quick", "shadow", "sweep", "train"]


def test_an_import_takes_files_of_the_inbox_and_nothing_else(tmp_path):
    house = houses.house(tmp_path / "home", with_bars=False)
    inbox = tmp_path / "home" / "inbox"
    inbox.mkdir(parents=True)
    lines = ["timestamp,open,high,low,close,volume"]
    lines += [f"2024-01-{day:02d},100,101,99,100,5" for day in range(1, 21)]
    (inbox / "BTCUSDT_1d.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "home" / "outside_1d.csv").write_text("\n".join(lines), encoding="utf-8")
    ok = house.jobs.put("import", {"venue": "binance-perp"}, owner="u1")
    bad = house.jobs.put("import", {"venue": "binance-perp", "files": ["../outside_1d.csv"]}, owner="u1")
    with working(house):
        assert finished(house, bad).state == "failed"
    (receipt,) = house.data.receipts.list_receipts()
    assert house.jobs.get(ok.id).answer == {"series": 1, "added": 20, "problems": 0, "receipt": receipt.id}
    assert list(house.bar_reader.instruments()) == ["bitcoin"]


def test_without_work_the_computing_process_ends_and_the_next_job_starts_another(tmp_path):
    house = houses.house(tmp_path / "home")
    started = tmp_path / "started"
    command = fake_hand(f'open({str(started)!r}, "a").write("x"); say(done={{"trades": 3}})')

    def hands():
        found = []
        for one in psutil.Process().children():
            with suppress(psutil.Error):
                if one.cmdline() == list(command) and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
        return found

    with working(house, command, rest_ms=300):
        for count in (1, 2):
            houses.until(lambda: not hands())
            job = house.jobs.put("backtest", BACKTEST, owner="u1")
            assert finished(house, job).answer == {"trades": 3}
            assert started.read_text() == "x" * count
        houses.until(lambda: not hands())


def test_after_the_first_jobs_the_computing_process_makes_room_before_that_is_said(tmp_path):
    house = houses.house(tmp_path / "home")
    rests = []
    jobs = [house.jobs.put("backtest", BACKTEST, owner="u1") for _ in range(2)]
    command = fake_hand('say(done={"pid": os.getpid()})')

    def note():
        ended = [house.jobs.get(job.id) for job in jobs]
        rests.append([(job.state, psutil.pid_exists(job.answer["pid"])) for job in ended])
        return len(rests) == 2

    with working(house, command, on_first_rest=note):
        houses.until(lambda: len(rests) == 2)
        later = house.jobs.put("backtest", BACKTEST, owner="u1")
        assert finished(house, later).state == "done"
    assert rests == [[("done", False)] * 2] * 2, (
        "when all that waited was done, until it is kept, and never again"
    )


def test_an_idle_computing_process_makes_room_where_others_need_it_and_a_job_has_one_all_the_same(tmp_path):
    house = houses.house(tmp_path / "home")
    crowded = threading.Event()
    ready = """
        import json, os, sys
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            print(json.dumps({"done": {"pid": os.getpid()}}), flush=True)
    """
    command = (sys.executable, "-S", "-c", textwrap.dedent(ready))
    with working(house, command, is_crowded=crowded.is_set) as worker:
        houses.until(lambda: worker._job_process is not None and worker._job_process.is_ready)
        crowded.set()
        houses.until(lambda: worker._job_process is None)
        job = house.jobs.put("backtest", BACKTEST, owner="u1")
        assert finished(house, job).state == "done"
        houses.until(lambda: worker._job_process is None)


def test_whoever_opens_a_form_that_orders_a_job_finds_its_process_ready(tmp_path):
    clock = JumpingClock()
    house = houses.house(tmp_path / "home", clock=clock, with_bars=False)
    worker = Worker(house, command=fake_hand("pass"), rest_ms=5_000, is_crowded=lambda: False)
    clock.sleep(6)
    worker._rest()
    assert worker._job_process is None
    expect_job(house.home)
    worker._rest()
    assert worker._job_process.is_alive
    # Said once, it is ready for as long as after a job.
    clock.sleep(4)
    worker._rest()
    assert worker._job_process.is_alive
    clock.sleep(2)
    worker._rest()
    assert worker._job_process is None


@pytest.mark.parametrize("is_owner", [True, False])
def test_only_who_may_order_a_backtest_has_one_expected(tmp_path, is_owner):
    house = houses.house(tmp_path / "home")
    before = last_expectation(house.home)
    assert houses.Browser(house, is_owner=is_owner).get("/backtests/new").status_code == 200
    assert (last_expectation(house.home) != before) is is_owner
