"""A training that is killed at any of its writes leaves a whole entry or none, and the next one makes the same fit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import houses
from tests.databases import wipe
from tests.unit.services.learning_material import train
from vigie.domain.learned import LearnedFit
from vigie.services.learning.model_files import model_folder, read_stored_model

pytest.importorskip("sklearn")
pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="processes are not forked here: only on POSIX"
)
QUICK = {"folds": 2, "columns": ("price.return_24", "price.body", "calendar.hour_sine")}
# One process loads what a training needs. For each home that it is told it makes another one, which trains and kills
# itself at the point with that number: before or after it syncs or moves a file, enters the model, writes one of its
# rows, or ends a transaction.
TRAINER = """
import json, os, signal, sys
from pathlib import Path
from sqlalchemy.engine.default import DefaultDialect
from tests import houses
from tests.crash.test_killed_trainings import QUICK
from tests.unit.services.learning_material import train
from vigie.adapters.stores.sql import learned_models
points, until = [], 0
def mortal(owner, name):
    whole = getattr(owner, name)
    def either(*given, **named):
        for when, work in (("before", lambda: None), ("after", lambda: whole(*given, **named))):
            done = work()
            points.append(f"{name} {when}")
            if len(points) == until:
                os.kill(os.getpid(), signal.SIGKILL)
        return done
    setattr(owner, name, either)
with open(os.dup(1), "w") as told:
    os.dup2(2, 1)
    for line in sys.stdin:
        home, address, until = json.loads(line)
        child = os.fork()
        if not child:
            house = houses.house(Path(home), database=address)
            for owner, name in (
                (os, "fsync"), (os, "replace"), (os, "rename"), (learned_models.SqlLearnedModels, "add"),
                (learned_models, "insert"), (DefaultDialect, "do_commit"),
            ):
                mortal(owner, name)
            train(house, **QUICK)
            print(json.dumps(points), file=told, flush=True)
            os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(ended, file=told, flush=True)
"""


@dataclass(frozen=True, slots=True)
class Trainer:
    """A process that trains a model in homes, and is killed there."""

    process: subprocess.Popen[str]
    address: str

    def train(self, home: Path, until: int = 0) -> str:
        """Train until a point, to the end at 0; return what is said of it: the points, else how it ended."""
        houses.fill(home)
        self.process.stdin.write(json.dumps([str(home), self.address, until]) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextmanager
def trainer(address: str):
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield Trainer(process, address)
        process.stdin.close()
    assert process.returncode == 0


@dataclass(frozen=True, slots=True)
class Made:
    """What a training makes that nobody kills, who makes it, and all points that it passes."""

    fit: LearnedFit
    trainer: Trainer
    points: list[str]


@pytest.fixture(scope="module")
def made(tmp_path_factory, module_database):
    address = module_database.engine.url.render_as_string(hide_password=False)
    folder = tmp_path_factory.mktemp("made")
    wipe(module_database)
    fit = train(houses.house(folder / "whole", database=address), **QUICK).fit
    with trainer(address) as process:
        wipe(module_database)
        points = json.loads(process.train(folder / "counted"))
        assert process.process.stdout.readline().strip() == "0"
        yield Made(fit, process, points)


def assert_made_again(made: Made, home: Path, number: int) -> None:
    point = made.points[number - 1]
    assert made.trainer.train(home, number) == str(-signal.SIGKILL), point
    house = houses.house(home, database=made.trainer.address)
    registered = list(house.learned_models.fits())
    assert [one.version for one in house.learned_models.models()] == [one.version for one in registered]
    assert len(list(house.learned_models.experiments())) == len(registered)
    # The point right before the entry is told is that after its transaction.
    assert len(registered) == (number >= made.points.index("add after")), point
    fit = registered[0] if registered else train(house, **QUICK).fit
    assert (fit.version, fit.data, fit.evaluation) == (1, made.fit.data, made.fit.evaluation), point
    assert fit.files == made.fit.files
    read_stored_model(house.home, fit)
    if not registered:
        assert [path.name for path in model_folder(house.home, "btc_day").glob("[!.]*")] == ["1"]
        assert not list(model_folder(house.home, "btc_day").glob(".folds-*"))


# `make test` has one point in five and the first of each kind; `make chaos` has all.
@pytest.mark.parametrize("share", [5, pytest.param(1, marks=pytest.mark.chaos)])
def test_a_training_killed_at_any_write_is_whole_or_none(made, module_database, tmp_path, share):
    kinds = ("fsync", "replace", "add", "insert", "do_commit")
    assert {f"{kind} {when}" for kind in kinds for when in ("before", "after")} <= set(made.points)
    chosen = {made.points.index(kind) + 1 for kind in made.points}
    entered = made.points.index("add after")
    chosen |= {entered - 1, entered, *range(share, len(made.points) + 1, share)}
    for number in sorted(chosen):
        wipe(module_database)
        assert_made_again(made, tmp_path / str(number), number)
