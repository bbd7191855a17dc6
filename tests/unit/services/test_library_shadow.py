"""A model that only its library scores decides in the shadow, in a job: what stands all day loads no such library."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests import houses
from tests.houses import Browser, person
from tests.unit.services.backtest_material import command_line
from tests.unit.services.learning_material import END, START, Hand, letting_half_through, train, training_home
from tests.unit.services.test_worker import finished, working
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.job import SHADOW
from vigie.domain.time import HOUR_MS
from vigie.quant.models import model_kind
from vigie.services.learning.library_strategy import library_strategy
from vigie.services.learning.model_files import model_folder, read_stored_model
from vigie.services.learning.model_strategy import STRATEGY_FILE
from vigie.services.learning.promotion import demote_model, promote_model
from vigie.services.learning.shadow import (
    ShadowFollower,
    ShadowMarket,
    decide_at,
    load_model_strategy,
    replay_shadow,
    shadow_strategy,
)
from vigie.services.learning.training import find_model
from vigie.services.operation_calls import run_operation
from vigie.services.running.work import Report, kinds

pytest.importorskip("sklearn")
OWN = ("price.return_24", "price.body", "calendar.hour_sine")
MARKET = ShadowMarket(SeriesId(houses.VENUE, "btc-usdt-perp", "1h"), "")
QUICK = {"folds": 2, "columns": OWN}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A home with a network that trades, a candidate, and a logistic regression in the shadow."""
    built = houses.house(tmp_path_factory.mktemp("network"), clock=Hand())
    with letting_half_through():
        train(built, "net", kind="network", **QUICK)
        train(built, "straight", kind="logistic", **QUICK)
    promote(built, "straight")
    return built.home


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def house(template, tmp_path, hand):
    return houses.copied(template, tmp_path / "home", clock=hand)


def promote(house, name="net"):
    parts = training_home(house)
    return promote_model(parts, house.audit, "u1", find_model(parts.models, name))


def ordered(house):
    return [job for job in house.jobs.list() if job.kind == SHADOW]


def do(house, job):
    """Do a job as the process of jobs does."""
    kind = kinds()[job.kind]
    return kind.do(house, kind.input_type.model_validate(job.ask), Report(job.id, job.owner, lambda *_: None))


def test_its_shadow_is_ordered_once_a_close_and_says_what_a_replay_says(house, hand):
    risen = promote(house)
    assert (risen.stage, risen.opening) == ("shadow", None)
    assert not (house.results.strategies / "model_net.py").exists()
    said = []
    for number in range(3):
        hand.now = END - (2 - number) * HOUR_MS + 1_000
        follower = ShadowFollower(training_home(house), house.jobs, said.append)
        # What a library is not needed for decides at once; another worker finds the order that was given.
        assert follower.follow_once() == 1
        assert follower.follow_once() == 0
        assert ShadowFollower(training_home(house), house.jobs).follow_once() == 1
    jobs = ordered(house)
    assert sorted(job.ask["ts_bar"] for job in jobs) == [END - left * HOUR_MS for left in (3, 2, 1)]
    assert {job.owner for job in jobs} == {"u1"}
    assert not house.learned_models.shadow("net", 1)
    for job in (*jobs, jobs[0]):
        assert do(house, job) == {"model": "net", "version": 1, "decided": True}
    parts, model = training_home(house), find_model(house.learned_models, "net")
    kept = house.learned_models.shadow("net", 1)
    assert [one.ts_bar for one in kept] == [END - left * HOUR_MS for left in (3, 2, 1)]
    assert all(one.log_odds is not None for one in kept)
    assert replay_shadow(parts, model, MARKET, 200) == (3, None, 0)
    # The newest part of time was opened by its first job, once; the other model of the family had looked before.
    assert model.opening.look == 2
    assert model.opening.figures.rows > 500
    assert said == []


def test_what_it_says_is_the_librarys_score_of_the_newest_row(house):
    promote(house)
    parts, fit = training_home(house), house.learned_models.fit("net", 1)
    stored = read_stored_model(house.home, fit)
    strategy = shadow_strategy(parts, fit, stored)
    flags = set()
    for number in range(1, 30):
        told = decide_at(parts, strategy, MARKET, END - number * HOUR_MS, stored)
        flags.add(told.flags)
        assert told.effects == ()
        assert (told.flags != 0) == (told.log_odds >= stored.card.score.long_from)
    assert len(flags) == 2


@pytest.mark.parametrize("rule", ["", "macd_cross"])
def test_it_decides_as_the_file_of_any_other_model_would(template, tmp_path, rule):
    house = houses.copied(template, tmp_path / "home", clock=Hand())
    with letting_half_through():
        made = train(house, "filed", kind="logistic", rule=rule, horizon=48, **QUICK)
    promote(house, "filed")
    parts, stored = training_home(house), read_stored_model(house.home, made.fit)
    filed, in_memory = load_model_strategy(house.results, made.fit), library_strategy(stored)
    flags = set()
    for ts_bar in range(END - 150 * HOUR_MS, END, HOUR_MS):
        told = decide_at(parts, in_memory, MARKET, ts_bar, stored)
        assert told == decide_at(parts, filed, MARKET, ts_bar)
        flags.add(told.flags)
    assert len(flags) >= 2


def test_no_account_can_follow_it_and_the_refusal_says_why(house):
    fit = house.learned_models.fit("net", 1)
    assert [file.name for file in fit.files] == ["card.json", "model.npz"]
    assert not (model_folder(house.home, "net", 1) / STRATEGY_FILE).exists()
    promote(house)
    with pytest.raises(UsageError, match="net 1 goes no further than the shadow: only its library scores"):
        run_operation(house, person("trader"), "models.promote", {"name": "net"})
    (row,) = run_operation(house, person("viewer"), "models.list", {"name": "net"}).rows
    details = run_operation(house, person("viewer"), "models.get", {"name": "net"})
    assert (row.stage, row.can_rise, details.obstacle) == ("shadow", False, "library")
    parts = training_home(house)
    back = demote_model(parts, house.audit, "u1", find_model(parts.models, "net"), "candidate")
    assert back.stage == "candidate"
    # Ordered before it was taken back: nothing is said any more.
    job = house.jobs.put(SHADOW, {"name": "net", "version": 1, "ts_bar": END - HOUR_MS}, owner="u1")
    assert do(house, job)["decided"] is False
    assert not house.learned_models.shadow("net", 1)


def test_without_the_library_it_says_so_once_and_the_others_go_on(house, hand, monkeypatch):
    promote(house)
    found = model_kind.find_spec
    monkeypatch.setattr(model_kind, "find_spec", lambda name: None if name == "sklearn" else found(name))
    said = []
    follower = ShadowFollower(training_home(house), house.jobs, said.append)
    assert (follower.follow_once(), follower.follow_once()) == (1, 0)
    assert said == ['model_net: learning needs sklearn: pip install "vigie[ml]"']
    assert not ordered(house)
    parts = training_home(house)
    demote_model(parts, house.audit, "u1", find_model(parts.models, "net"), "candidate")
    with pytest.raises(UsageError, match="learning needs sklearn"):
        promote(house)
    assert find_model(parts.models, "net").stage == "candidate"


def test_a_bar_that_is_not_stored_yet_orders_nothing(house, hand):
    promote(house)
    hand.now = END + 5 * HOUR_MS
    follower = ShadowFollower(training_home(house), house.jobs)
    assert follower.follow_once() == 0
    assert not ordered(house)


STANDING = """
import sys
from pathlib import Path
from tests import houses
from tests.unit.services.learning_material import training_home
from vigie.services.learning.shadow import ShadowFollower
from vigie.services.operation_calls import run_operation
class Clock:
    def market_now(self):
        return int(sys.argv[2])
    wall_now = market_now
house = houses.house(Path(sys.argv[1]), clock=Clock())
run_operation(house, houses.person("trader"), "models.promote", {"name": "net"})
assert ShadowFollower(training_home(house), house.jobs).follow_once() == 1
assert [job.kind for job in house.jobs.list()] == ["shadow"]
for name, asked in (("models.list", {}), ("models.odds", {}), ("models.get", {"name": "net"})):
    run_operation(house, houses.person("viewer"), name, asked)
print([name for name in ("sklearn", "lightgbm") if name in sys.modules])
"""


def test_who_promotes_and_follows_it_loads_no_library_that_learns(house):
    told = subprocess.run(
        [sys.executable, "-c", STANDING, str(house.home), str(END)],
        env=dict(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.stdout.strip() == "[]", told.stderr


# Before or after it enters what it said, or what the newest part of time said, this process kills itself.
MORTAL = """
import os, signal, sys
from pathlib import Path
from tests import houses
from tests.unit.services.test_library_shadow import Hand, do, ordered
from vigie.adapters.stores.sql.learned_models import SqlLearnedModels
house, left = houses.house(Path(sys.argv[1]), clock=Hand()), [int(sys.argv[2])]
def mortal(name):
    whole = getattr(SqlLearnedModels, name)
    def either(*given, **named):
        for work in (lambda: None, lambda: whole(*given, **named)):
            done = work()
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return done
    setattr(SqlLearnedModels, name, either)
mortal("note_shadow"); mortal("move")
do(house, ordered(house)[0])
"""


@pytest.mark.parametrize("moment", [1, 2, 3, 4])
def test_a_job_that_is_killed_says_the_same_once_when_it_is_taken_up_again(house, moment):
    promote(house)
    ShadowFollower(training_home(house), house.jobs).follow_once()
    killed = subprocess.run(
        [sys.executable, "-c", MORTAL, str(house.home), str(moment)],
        env=dict(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = house.learned_models.shadow("net", 1)
    assert len(before) == (moment > 1)
    do(house, ordered(house)[0])
    (said,) = house.learned_models.shadow("net", 1)
    assert not before or before == [said]
    model = find_model(house.learned_models, "net")
    assert model.opening.look == 2
    assert replay_shadow(training_home(house), model, MARKET, 1) == (1, None, 0)


def test_a_worker_has_it_decide_in_the_process_of_jobs_and_nobody_is_told_of_it(house):
    promote(house)
    ShadowFollower(training_home(house), house.jobs).follow_once()
    (job,) = ordered(house)
    with working(house):
        done = finished(house, job)
    assert (done.state, done.answer["decided"]) == ("done", True), done.message
    assert replay_shadow(training_home(house), find_model(house.learned_models, "net"), MARKET, 1) == (
        1,
        None,
        0,
    )
    # Nobody ordered it: neither lists of jobs nor the audit log speak of it.
    listed = run_operation(house, person("u1"), "jobs.list", {})
    assert [row.kind for row in listed.rows] == []
    assert [event for event in house.audit.after(0) if event.subject == job.id] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("net/1 said nothing at the close of 2025-08-29T00:00:00Z", "model.npz", "train the model anew"),
        ),
        ("fr", ("net/1 n’a rien dit à la clôture du 2025-08-29T00:00:00Z", "model.npz", "entraînez")),
    ],
)
def test_a_job_that_failed_is_told_with_its_reason_beside_the_model_until_another_is_done(
    house, hand, monkeypatch, capsys, language, words
):
    promote(house)
    ShadowFollower(training_home(house), house.jobs).follow_once()
    path, (job,) = model_folder(house.home, "net", 1) / "model.npz", ordered(house)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with working(house):
        assert finished(house, job).state == "failed"
    monkeypatch.setenv("VIGIE_HOME", str(house.home))
    vigie = command_line(monkeypatch, capsys)

    def told() -> list[str]:
        return [
            Browser(house, language=language).get("/lab").text,
            Browser(house, language=language).get("/lab/net").text,
            " ".join(vigie("model", "list", "--language", language).out.split()),
        ]

    for text in told():
        assert all(word in text for word in (*words, f"/jobs/{job.id}"))
    assert "said nothing" in run_operation(house, person("viewer"), "models.list", {}).remarks[0]
    # The next close is decided: nothing is left to say.
    path.write_bytes(whole)
    again = house.jobs.put(SHADOW, job.ask, owner="u1")
    with working(house):
        assert finished(house, again).state == "done"
    assert not [text for text in told() if words[0] in text]


def test_where_a_column_is_not_known_nothing_is_said(house):
    stored = read_stored_model(house.home, house.learned_models.fit("net", 1))
    strategy = library_strategy(stored)
    told = decide_at(training_home(house), strategy, MARKET, START + 9 * HOUR_MS, stored)
    assert (told.flags, told.log_odds) == (0, None)
