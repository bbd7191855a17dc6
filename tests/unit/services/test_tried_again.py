"""A job that fails for a passing reason is tried again by itself, and says why meanwhile."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests import houses
from tests.unit.services.test_worker import BACKTEST, fake_hand, finished, told, working
from vigie.domain.errors import DatabaseUnavailable, DiskFull, TransientError, UsageError
from vigie.services.demo_world import VENUE
from vigie.services.reader_texts import say_refusal
from vigie.services.running import job_process, worker

BUSY = "the simulated world does not answer"


def failing(tries, *, passing=True):
    """Return a hand that fails so often, then is done."""
    return fake_hand(f"""
        tries = globals().get("tries", 0) + 1
        say(**(dict(failed={BUSY!r}, is_passing={passing}) if tries <= {tries} else dict(done={{}})))
    """)


@pytest.fixture
def house(tmp_path):
    return houses.house(tmp_path / "home", with_bars=False)


def test_the_first_import_is_tried_again_with_its_reason_meanwhile(house, monkeypatch):
    monkeypatch.setattr(worker, "AGAIN_MS", (10**9,))
    job = house.jobs.put("import", {"venue": VENUE}, owner="owner")
    with working(house, failing(1)) as worked:
        shown = houses.until(lambda: found if BUSY in (found := house.jobs.get(job.id)).message else None)
        assert shown.state == "running", "whoever waits for the history goes on waiting"
        assert shown.message == f"{BUSY}; it is tried again by itself"
        assert say_refusal(shown.message, "fr").endswith("un nouvel essai suivra automatiquement")
        assert not worked.is_idle
    # Given back with its worker, it waits for the next one.
    assert house.jobs.get(job.id).state == "queued"
    monkeypatch.setattr(worker, "AGAIN_MS", (1,))
    with working(house, failing(1)):
        assert finished(house, job).state == "done"
    assert [text for _, _, text in house.jobs.log(job.id)] == [BUSY, BUSY]
    assert told(house, job) == ["job.started", "job.started", "job.done"]


@pytest.mark.parametrize(("tries", "state"), [(3, "done"), (4, "failed")])
def test_it_is_tried_so_often_and_then_fails_with_its_reason(house, monkeypatch, tries, state):
    monkeypatch.setattr(worker, "AGAIN_MS", (1, 1, 1))
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    with working(house, failing(tries)):
        ended = finished(house, job)
    assert (ended.state, ended.message) == (state, "done" if state == "done" else BUSY)


def test_what_does_not_pass_fails_at_once(house):
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    with working(house, failing(1, passing=False)):
        ended = finished(house, job)
    assert (ended.state, ended.message) == ("failed", BUSY)


def test_a_job_that_waits_to_be_tried_again_is_cancelled(house, monkeypatch):
    monkeypatch.setattr(worker, "AGAIN_MS", (10**9,))
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    with working(house, failing(1)):
        houses.until(lambda: BUSY in house.jobs.get(job.id).message)
        assert house.jobs.cancel(job.id)
        assert finished(house, job).state == "cancelled"


def test_a_job_that_another_worker_has_by_now_is_not_tried_again(house, monkeypatch):
    jobs, sent, send = type(house.jobs), [], worker.JobProcess.send_job
    beat = jobs.beat

    def send_told(process, *order):
        sent.append(order)
        send(process, *order)

    def beat_until_it_failed(queue, *job, message, **more):
        return beat(queue, *job, message=message, **more) and BUSY not in message

    monkeypatch.setattr(worker, "BEAT_MS", 0)
    monkeypatch.setattr(worker._JobTracker, "is_due_again", lambda tracker: bool(tracker._pause_ms))
    monkeypatch.setattr(worker.JobProcess, "send_job", send_told)
    monkeypatch.setattr(jobs, "beat", beat_until_it_failed)
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    with working(house, failing(1)):
        finished(house, job)
    assert len(sent) == 1


def test_a_process_that_ends_while_its_job_waits_is_followed_by_one_that_tries_it_again(
    house, tmp_path, monkeypatch
):
    monkeypatch.setattr(worker, "AGAIN_MS", (2_000,))
    seen = tmp_path / "seen"
    hand = fake_hand(f"""
        if os.path.exists({str(seen)!r}):
            say(done={{}})
        else:
            open({str(seen)!r}, "w").close()
            say(failed={BUSY!r}, is_passing=True)
            os._exit(1)
    """)
    job = house.jobs.put("backtest", BACKTEST, owner="u1")
    with working(house, hand):
        ended = finished(house, job)
    assert (ended.state, ended.message) == ("done", "done")


@pytest.mark.parametrize(
    ("fault", "passes"),
    [
        (TransientError("busy"), True),
        (DatabaseUnavailable("away"), True),
        (DiskFull("full"), False),
        (UsageError("no bars"), False),
    ],
)
def test_the_process_that_computes_says_whether_a_reason_passes(house, monkeypatch, fault, passes):
    def run(*_):
        raise fault

    kind = SimpleNamespace(name="import", input_type=SimpleNamespace(model_validate=lambda ask: ask), do=run)
    monkeypatch.setattr(job_process, "kind_of_work", lambda _name: kind)
    writer = SimpleNamespace(write_progress=None)
    told = job_process._run_job(house, {"job": "j1", "owner": "u1", "kind": "import", "ask": {}}, writer)
    assert (told["failed"], told["is_passing"]) == (str(fault), passes)
