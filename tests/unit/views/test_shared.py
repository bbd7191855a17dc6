"""What parts of a tree load before they part, and how they begin where they cannot be copies."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from vigie.adapters import forks
from vigie.services.running import process_tree
from vigie.services.running.process_tree import ProcessPart
from vigie.views.cli import preloading

# A command up to where its parts begin; then loads in their order, and says after each whether it can still be copied
# and what is there: a process of its own.
LOADING = """
import sys
from vigie.adapters.forks import is_possible
from vigie.views.cli import demo, preloading, serve, tree

class Context:
    invoked_subcommand = None

def run_tree(**_):
    print("begun", is_possible(), "polars" in sys.modules, "sklearn" in sys.modules)
    for part in sys.argv[1:]:
        preloading.preload_part(part)
        print(part, is_possible(), "polars" in sys.modules, "sklearn" in sys.modules)
    from sqlalchemy import inspect
    from vigie.adapters.stores.sql.tables import UserRow
    from vigie.config import loading
    # What every copy would make for itself, and write to what it shares for it.
    assert inspect(UserRow).configured and loading._laid.cache_info().currsize == 1
    from vigie.intelligence.news.gazetteer import lookup
    from vigie.services.news.entities.naming import OwnNames, gazetteer_of
    from vigie.views.api import routes
    assert routes.operation_routes.cache_info().currsize == lookup._packaged.cache_info().currsize == 1
    assert gazetteer_of(OwnNames()) is lookup.packaged_gazetteer()
    # What loads compiled code is there, without what only compiling needs.
    from numba.core.caching import Cache
    assert hasattr(Cache.load_overload, "__wrapped__")
    assert "numba.np.arraymath" not in sys.modules and "scipy.linalg" not in sys.modules

tree.run_tree = run_tree
"""
DEMO = LOADING + "demo.demo(Context(), port=0, speed=60.0, seed=1)"
UP = LOADING + "serve.up(port=0, collect=True)"
REAL = ("serve", "collect", "work")


def test_what_is_to_be_loaded_is_there():
    assert [name for names in preloading.NEEDS.values() for name in names if find_spec(name) is None] == []


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
@pytest.mark.parametrize(
    ("command", "begun", "without_tables"),
    [(DEMO, tuple(preloading.NEEDS), 2), (UP, REAL, 1)],
    ids=["demo", "up"],
)
def test_tree_can_be_copied_for_each_part_and_loads_tables_after_the_world_began(
    tmp_path, command, begun, without_tables
):
    environ = {key: value for key, value in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
    said = subprocess.run(
        [sys.executable, "-c", command, *begun],
        env={**environ, "VIGIE_HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE, text=True, check=True,
    ).stdout  # fmt: skip
    lines = [line.split() for line in said.splitlines()]
    assert [(part, may, learns) for part, may, _, learns in lines] == [
        (part, "True", "False") for part in ("begun", *begun)
    ]
    assert [has_tables == "True" for _, _, has_tables, _ in lines] == [
        at >= without_tables for at in range(len(lines))
    ]


@pytest.mark.parametrize(("may_be", "loaded"), [((False, False), []), ((True, False), ["work"])])
def test_part_is_started_like_any_program_where_it_cannot_be_a_copy(monkeypatch, may_be, loaded):
    asked, answers = [], iter(may_be)
    monkeypatch.setattr(preloading, "preload_part", asked.append)
    monkeypatch.setattr(forks, "is_possible", lambda: next(answers))
    monkeypatch.setattr(process_tree, "start_part_process", lambda *given: given)
    part = ProcessPart("work", ("work",))
    assert preloading.start_part(part, {"COLOUR": "blue"}, 7) == (part, {"COLOUR": "blue"}, 7)
    assert asked == loaded
