"""The file of a promoted model may run unattended: it is Vigie's own, and no other content is allowed by it."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from tests import houses
from tests.unit.services.learning_material import letting_half_through, train, training_home
from tests.unit.services.test_promotion import OWN, trading_model
from vigie.domain.errors import Conflict, UsageError
from vigie.services.learning import model_strategy, promotion
from vigie.services.learning.model_files import describe_files, model_folder, read_stored_model
from vigie.services.learning.model_strategy import load_model_strategy
from vigie.services.learning.promotion import demote_model, promote_model
from vigie.services.learning.training import find_fit, find_model

pytest.importorskip("sklearn")
PROGRAM = "strategies/model_btc_day.py"
# What runs unattended is guarded: the pages that promote, and what has the model decide.
GUARDED = """
import sys
from pathlib import Path
from vigie.adapters.program_guard import guard
home = Path(sys.argv[1])
guard(home)
from vigie.domain.person import OWNER
from vigie.services.learning.shadow import note_past
from vigie.services.learning.training import TrainingHome, find_model
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation
from vigie.wiring.app_context import open_app_context
house = open_app_context(home)
stage = run_operation(house, OWNER, "models.promote", {"name": "btc_day"}).stage
parts = provide(house, TrainingHome)
from vigie.domain.errors import VigieError
from vigie.services.learning.model_strategy import load_model_strategy
from vigie.services.learning.training import find_fit
from vigie.trading.catalogue import load_file
load_model_strategy(parts.results, find_fit(parts.models, "btc_day"))
path = home / "strategies" / "model_btc_day.py"
path.write_text(path.read_text() + "# mine\\n")
try:
    load_file(path, fresh=True)
except VigieError as refused:
    print(stage, refused)
"""


def test_it_is_promoted_and_run_where_programs_are_guarded_and_no_other_content_is(tmp_path):
    house = houses.house(tmp_path / "home")
    trading_model(house)
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(tmp_path / "home")], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith(f"shadow {PROGRAM} was not run: its content is not allowed here;"), (
        done.stderr
    )


def test_taken_back_it_is_not_allowed_any_more(tmp_path):
    house = houses.house(tmp_path / "home")
    made = trading_model(house)
    parts = training_home(house)
    moved = promote_model(parts, house.audit, "u1", made.model)
    (program,) = house.programs.list_programs()
    assert (program.name, program.is_allowed) == (PROGRAM, True)
    demote_model(parts, house.audit, "u1", moved, "candidate")
    assert house.programs.list_programs() == []
    assert house.programs.allowed_digest(PROGRAM) == ""


def test_a_candidate_allows_nothing(tmp_path):
    house = houses.house(tmp_path / "home")
    train(house, columns=OWN, kind="logistic")
    assert find_model(house.learned_models, "btc_day").stage == "candidate"
    assert not house.programs.is_listed()


def test_taken_back_while_its_file_is_changed_it_is_not_allowed_either(tmp_path):
    house = houses.house(tmp_path / "home")
    made, parts = trading_model(house), training_home(house)
    moved = promote_model(parts, house.audit, "u1", made.model)
    path = house.home / PROGRAM
    path.write_text(path.read_text() + "# mine\n")
    demote_model(parts, house.audit, "u1", moved, "candidate")
    assert path.read_text().endswith("# mine\n")
    assert house.programs.allowed_digest(PROGRAM) == ""


def test_taken_back_it_leaves_what_somebody_allowed_in_its_place(tmp_path):
    house = houses.house(tmp_path / "home")
    made, parts = trading_model(house), training_home(house)
    moved = promote_model(parts, house.audit, "u1", made.model)
    path = house.home / PROGRAM
    path.write_text(path.read_text() + "# mine\n")
    house.programs.allow([PROGRAM])
    demote_model(parts, house.audit, "u1", moved, "candidate")
    (program,) = house.programs.list_programs()
    assert program.is_allowed


def test_a_model_whose_rule_changed_leaves_no_file_and_allows_nothing(tmp_path, monkeypatch):
    house = houses.house(tmp_path / "home")
    with letting_half_through():
        made = train(house, columns=OWN, kind="logistic", rule="macd_cross", horizon=48, folds=2)
    monkeypatch.setattr(model_strategy, "rule_digest", lambda rule: "0" * 64)
    with pytest.raises(UsageError, match="macd_cross, whose signals btc_day 1 judges, has changed since"):
        promote_model(training_home(house), house.audit, "u1", made.model)
    assert not house.programs.is_listed()
    assert house.programs.list_programs() == []


def test_a_version_that_rises_while_another_is_opened_keeps_its_file(tmp_path, monkeypatch):
    house = houses.house(tmp_path / "home")
    first = trading_model(house).model
    parts = training_home(house)
    second = trading_model(house).model
    opened = promotion.open_newest

    def slow(parts, fit):
        if fit.version == second.version:
            promote_model(parts, house.audit, "u2", first)
        return opened(parts, fit)

    monkeypatch.setattr(promotion, "open_newest", slow)
    with pytest.raises(Conflict, match="btc_day 1 stands above candidate"):
        promote_model(parts, house.audit, "u1", second)
    load_model_strategy(parts.results, find_fit(parts.models, "btc_day", first.version))
    (program,) = house.programs.list_programs()
    assert program.is_allowed


def test_a_file_that_vigie_would_not_write_of_the_model_is_not_allowed(tmp_path):
    """As a backup of somebody else's may bring it: its hash is the one that is entered."""
    house = houses.house(tmp_path / "home")
    made, parts = trading_model(house), training_home(house)
    folder = model_folder(house.home, "btc_day")
    shutil.copytree(folder / "1", folder / "2")
    path = folder / "2" / model_strategy.STRATEGY_FILE
    path.write_text(path.read_text() + "# theirs\n")
    contents = {file.name: (folder / "2" / file.name).read_bytes() for file in made.fit.files}
    fit = replace(made.fit, version=2, files=describe_files(contents))
    model = parts.models.add(parts.models.experiment("btc_day"), fit)
    promote_model(parts, house.audit, "u1", model)
    (program,) = house.programs.list_programs()
    assert not program.is_allowed


@pytest.mark.parametrize("words", ['"""\nraise SystemExit\n"""', "\\", 'x"'])
def test_words_of_a_card_do_not_run(tmp_path, words):
    house = houses.house(tmp_path / "home")
    stored = read_stored_model(house.home, trading_model(house).fit)
    market = replace_market(stored.card, words)
    card = stored.card.model_copy(update={"name": words, "kind": words, "verdict": words, "market": market})
    names = [
        type(node).__name__
        for node in ast.parse(model_strategy.render_strategy(replace(stored, card=card))).body
    ]
    assert names == [type(node).__name__ for node in ast.parse(model_strategy.render_strategy(stored)).body]


def replace_market(card, words):
    return card.market.model_copy(update={"venue": words, "instrument": words, "timeframe": words})
