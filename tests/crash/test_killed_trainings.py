"""A training that is killed at any of its writes leaves a whole entry or none, and the next one makes the same fit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import houses
from tests.unit.services.learning_material import train
from vigie.services.learning.model_files import model_folder, read_stored_model

pytest.importorskip("sklearn")
QUICK = {"folds": 2, "columns": ("price.return_24", "price.body", "calendar.hour_sine")}
# Before so many times of syncing or moving a file, or of entering the model, this process kills itself.
CHILD = """
import os, signal, sys
from pathlib import Path
from tests import houses
from tests.crash.test_killed_trainings import QUICK
from tests.unit.services.learning_material import train
from vigie.adapters.stores.sql.learned_models import SqlLearnedModels
house, left = houses.house(Path(sys.argv[1])), [int(sys.argv[2])]
def mortal(owner, name):
    whole = getattr(owner, name)
    def either(*given, **named):
        for work in (lambda: None, lambda: whole(*given, **named)):
            done = work()
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return done
    setattr(owner, name, either)
for owner, name in ((os, "fsync"), (os, "replace"), (os, "rename"), (SqlLearnedModels, "add")):
    mortal(owner, name)
train(house, **QUICK)
print(-left[0])
"""


def child(home: Path, number: int) -> subprocess.CompletedProcess[str]:
    told = [sys.executable, "-c", CHILD, str(home), str(number)]
    return subprocess.run(told, env=dict(os.environ), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A home without a model, what one is made of in another, and how many moments there are to be killed at."""
    template = tmp_path_factory.mktemp("template")
    houses.house(template)
    fit = train(houses.copied(template, tmp_path_factory.mktemp("whole") / "home"), **QUICK).fit
    home = tmp_path_factory.mktemp("counted") / "home"
    houses.copied(template, home)
    told = child(home, 0)
    assert told.returncode == 0, told.stderr
    return template, fit, int(told.stdout)


def assert_made_again(made, home: Path, number: int) -> None:
    template, whole, _ = made
    houses.copied(template, home)
    killed = child(home, number)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    house = houses.house(home)
    registered = list(house.learned_models.fits())
    assert [one.version for one in house.learned_models.models()] == [one.version for one in registered]
    assert len(list(house.learned_models.experiments())) == len(registered)
    fit = registered[0] if registered else train(house, **QUICK).fit
    assert (fit.version, fit.data, fit.evaluation) == (1, whole.data, whole.evaluation)
    assert fit.files == whole.files
    read_stored_model(house.home, fit)
    if not registered:
        assert [path.name for path in model_folder(house.home, "btc_day").glob("[!.]*")] == ["1"]
        assert not list(model_folder(house.home, "btc_day").glob(".folds-*"))


def test_a_training_killed_around_its_entry_is_whole_or_none(made, tmp_path):
    count = made[2]
    assert count > 20
    for number in (count // 2, count - 1, count):
        assert_made_again(made, tmp_path / str(number), number)


@pytest.mark.chaos
def test_a_training_killed_around_any_write_is_whole_or_none(made, tmp_path):
    for number in range(1, made[2] + 1):
        assert_made_again(made, tmp_path / str(number), number)
