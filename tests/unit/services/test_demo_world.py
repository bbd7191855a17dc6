"""What the demonstration's paper account is made of, and when it may begin."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

from vigie.domain.account import Protections
from vigie.domain.job import Job
from vigie.run_file import read_run_file
from vigie.services import demo_world
from vigie.wiring.world_address import find_world


def test_its_world_can_be_copied_from_what_has_read_this():
    # Polars begins threads of its own: the world would make its past itself, and keep 100 MB of compiler for it.
    loads = "import sys, vigie.services.demo_world; print('polars' in sys.modules, 'numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_paper_account_trades_every_slot_of_the_demonstration(tmp_path):
    path = demo_world.run_file(tmp_path)
    asked = read_run_file(path)
    assert (asked.venue.id, asked.venue.mode, asked.account.mode) == ("bitget-perp", "paper", "portfolio")
    by_strategy = {one.strategy: len(one.instruments) for one in asked.slots}
    # Five strategies and what a person plans there, on each of seven coins.
    assert by_strategy.pop("plan") == 7
    assert sum(by_strategy.values()) == 35 == demo_world.count_strategies()


def test_ten_trades_of_the_demonstration_that_lose_what_they_risk_do_not_bar_its_account_for_a_month(
    tmp_path,
):
    settings = read_run_file(demo_world.run_file(tmp_path)).account_settings()
    assert settings.protections == Protections()
    risk, limits = settings.sizing.risk_fraction, Protections()
    fall = 1.0 - (1.0 - risk) ** 10
    assert fall < min(limits.global_drawdown_fraction, limits.account_drawdown_fraction)


def test_a_run_file_that_was_changed_stays_as_it_is(tmp_path):
    path = demo_world.run_file(tmp_path)
    path.write_text("[account]\ncapital = 5_000\n", "utf-8")
    assert demo_world.run_file(tmp_path).read_text("utf-8") == "[account]\ncapital = 5_000\n"


def test_the_account_begins_with_what_its_replayed_past_ended_with_once(tmp_path):
    path = demo_world.run_file(tmp_path)
    demo_world.carry_capital(tmp_path, 9_368.966)
    assert read_run_file(path).account_settings().sizing.capital == 9_368.97
    demo_world.carry_capital(tmp_path, 5_000.0)
    assert read_run_file(path).account_settings().sizing.capital == 9_368.97
    path.write_text("[account]\ncapital = 5_000\n", "utf-8")
    demo_world.carry_capital(tmp_path, 9_368.966)
    assert path.read_text("utf-8") == "[account]\ncapital = 5_000\n"


class Jobs:
    """Jobs as they are at each look."""

    def __init__(self, *looks: list[tuple[str, ...]]) -> None:
        self.looks = list(looks)

    def list(self, *, owner: str) -> list[Job]:
        assert owner == "owner"
        now = self.looks.pop(0)
        return [SimpleNamespace(kind=one[0], state=one[1], id=one[-1]) for one in now]


def test_the_trader_waits_for_the_history_and_for_nothing_else():
    jobs = Jobs(
        [("import", "queued")], [("import", "running")], [("import", "done"), ("backtest", "running")]
    )
    slept: list[float] = []
    house = SimpleNamespace(jobs=jobs, clock=SimpleNamespace(sleep=slept.append))
    demo_world.wait_for_history(house.jobs, house.clock)
    assert (len(slept), jobs.looks) == (2, [])


def test_nobody_waits_for_a_history_once_something_else_is_enough():
    jobs = Jobs([("import", "running", "a")])
    answers = iter([False, True])
    slept: list[float] = []
    house = SimpleNamespace(jobs=jobs, clock=SimpleNamespace(sleep=slept.append))
    demo_world.wait_for_history(house.jobs, house.clock, is_enough=lambda: next(answers))
    assert (len(slept), jobs.looks) == (1, [])


def test_the_first_start_of_a_trader_waits_for_the_jobs_it_finds_and_for_no_later_ones():
    first, second, later = ("backtest", "running", "a"), ("backtest", "queued", "b"), ("sweep", "queued", "c")
    jobs = Jobs([first, second], [first, second, later], [("backtest", "done", "a"), second, later], [later])
    slept: list[float] = []
    house = SimpleNamespace(jobs=jobs, clock=SimpleNamespace(sleep=slept.append))
    demo_world.wait_for_first_jobs(house.jobs, house.clock)
    assert (len(slept), jobs.looks) == (2, [])


def test_the_world_of_the_demonstration_is_found_without_naming_its_address(tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    assert find_world(demo_world.demo_home()) == ""
    home = demo_world.demo_home()
    demo_world.create_demo_home(home)
    (home / demo_world.WORLD).write_text("http://127.0.0.1:4711\n", "ascii")
    assert find_world(home) == "http://127.0.0.1:4711"


def test_others_know_while_the_past_is_replayed_and_no_longer(tmp_path):
    assert not demo_world.is_replaying(tmp_path)
    assert not list(tmp_path.iterdir())
    with demo_world.hold_replay(tmp_path):
        assert demo_world.is_replaying(tmp_path)
    assert not demo_world.is_replaying(tmp_path)
    command = (
        "import sys, pathlib; from vigie.services import demo_world; "
        "held = demo_world.hold_replay(pathlib.Path(sys.argv[1])); held.__enter__(); "
        "print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", command, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert demo_world.is_replaying(tmp_path)
        other.kill()
    assert not demo_world.is_replaying(tmp_path), "it ends with who was killed"
