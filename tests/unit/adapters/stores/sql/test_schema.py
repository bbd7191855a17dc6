"""The schema goes up and down on data, from nothing and from half way; what is newer or older is refused."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url, text

from tests.databases import KINDS, NO_SERVER, HandClock
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.stores import open_stores
from vigie.adapters.stores.sql.tables import Base
from vigie.domain.errors import ConfigError
from vigie.domain.quote import Quote

MODELS = set(Base.metadata.tables)


@pytest.fixture
def empty(empty_url: str):
    database = open_database(empty_url)
    yield database
    database.close()


@pytest.fixture(scope="module", params=KINDS)
def rising(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], AbstractContextManager[Database]]:
    """Give a way to a database at a step, a copy of one that rises: each from nothing would take twice as long."""
    folder, server = tmp_path_factory.mktemp("rising"), None
    address = f"sqlite:///{folder / 'first.sqlite'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("pg_server")
        if server is None:
            pytest.skip(NO_SERVER)
        address = server.make()

    @contextmanager
    def copy(step: str) -> Iterator[Database]:
        with closing(open_database(address)) as first:
            schema.move(first, step)
        if server is None:
            shutil.copy(folder / "first.sqlite", folder / f"{step}.sqlite")
            there = f"sqlite:///{folder / step}.sqlite"
        else:
            there = server.make(template=str(make_url(address).database))
        with closing(open_database(there)) as opened:
            yield opened

    return copy


def names(database: Database) -> set[str]:
    found = set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    return {name for name in found if not finds_words(name)}


def finds_words(name: str) -> bool:
    """Tell whether something only helps one kind of database to find words: no part of the common schema."""
    return name.startswith("item_words_found") or name == "ix_item_words_words"


def fill(database: Database) -> None:
    """Write something into every part that the schema has."""
    from vigie.adapters.stores.sql.accounts.store import SqlUserStore

    accounts = SqlUserStore(database, HandClock())
    user = accounts.add("Ann", "hash", "trader")
    accounts.open_session(user.id, "key", "csrf", ts_expires=2**50)
    accounts.put_settings(user.id, {"theme": "dark"})
    row = {
        "id": "w1",
        "owner": user.id,
        "name": "List",
        "assets": '["bitcoin"]',
        "position": 0,
        "revision": 1,
    }
    # Only the columns that every schema has.
    with database.writing() as connection:
        marks = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO watchlists ({', '.join(row)}) VALUES ({marks})"), row)


def test_the_steps_named_in_the_program_are_those_in_the_folder():
    assert schema.list_steps() == schema.STEPS
    assert sorted(schema.STEPS) == list(schema.STEPS)


def test_an_empty_database_is_made_whole_and_opening_it_again_changes_nothing(empty):
    assert schema.read_step(empty) == ""
    schema.ensure_schema(empty)
    assert names(empty) == MODELS
    assert schema.read_step(empty) == schema.NEWEST
    fill(empty)
    schema.ensure_schema(empty)
    with empty.reading() as connection:
        assert connection.scalar(text("SELECT name FROM users")) == "Ann"


def test_the_tables_are_those_that_the_program_knows(empty):
    schema.ensure_schema(empty)
    with empty.reading() as connection:
        opts = {"compare_type": True, "include_name": lambda name, *_: not finds_words(name or "")}
        context = MigrationContext.configure(connection, opts=opts)
        difference = compare_metadata(context, Base.metadata)
    assert difference == []


def test_keys_and_indexes_have_names_that_a_later_step_can_speak_of(empty):
    schema.ensure_schema(empty)
    found = inspect(empty.engine)
    indexes = {index["name"] for table in MODELS for index in found.get_indexes(table)}
    assert {"ix_jobs_state_id", "ix_sessions_user", "ix_documents_kind_key_ts_known"} <= indexes
    assert found.get_unique_constraints("users")[0]["name"] == "uq_users_name_key"
    assert found.get_foreign_keys("tokens")[0]["name"] == "fk_tokens_user"


def test_every_step_goes_down_and_up_again_with_the_data_of_the_others(empty):
    schema.ensure_schema(empty)
    fill(empty)
    for step in reversed(schema.STEPS[:-1]):
        schema.move(empty, step)
        assert schema.read_step(empty) == step
    assert {"users", "settings", "watchlists"} <= names(empty)
    assert names(empty) & {"jobs", "quotes", "audit_events"} == set()
    schema.move(empty)
    assert names(empty) == MODELS
    with empty.reading() as connection:
        counts = [
            connection.scalar(text(f"SELECT count(*) FROM {name}"))
            for name in ("users", "sessions", "settings", "watchlists")
        ]
    assert counts == [1, 1, 1, 1]


def test_going_all_the_way_down_leaves_nothing_behind(empty):
    schema.ensure_schema(empty)
    stores = open_stores(empty.engine.url.render_as_string(hide_password=False), HandClock())
    stores.audit.append("kind", actor="u1", subject="s", text={"a": 1})
    stores.jobs.put("backtest", {}, owner="u1")
    stores.quotes.put([Quote("v", "i", 1, 2, 3.0)])
    stores.database.close()
    schema.move(empty, "")
    assert names(empty) == set()
    assert schema.read_step(empty) == ""
    schema.ensure_schema(empty)
    assert names(empty) == MODELS


@pytest.mark.parametrize("step", schema.STEPS[:-1])
def test_a_half_migrated_database_is_refused_with_the_cure_and_moved_on_request(rising, step):
    with rising(step) as database:
        assert schema.read_step(database) == step
        fill(database)
        with pytest.raises(ConfigError, match=rf"schema {step}, this Vigie needs .* vigie upgrade"):
            schema.ensure_schema(database)
        schema.move(database)
        schema.ensure_schema(database)
        assert names(database) == MODELS
        with database.reading() as connection:
            assert connection.scalar(text("SELECT name FROM users")) == "Ann"


def test_a_step_that_fails_half_way_leaves_the_schema_as_it_was(empty):
    schema.move(empty, "0002")
    fill(empty)
    with empty.writing() as connection:
        # The third step makes jobs first, then stumbles over this.
        connection.execute(text("CREATE TABLE runs (id TEXT)"))
    before = names(empty)
    with pytest.raises(Exception, match="runs"):
        schema.move(empty)
    assert schema.read_step(empty) == "0002"
    assert names(empty) == before
    with empty.writing() as connection:
        connection.execute(text("DROP TABLE runs"))
    schema.move(empty)
    assert names(empty) == MODELS


@pytest.mark.parametrize("table", ["users", "jobs"])
def test_a_database_with_tables_of_others_is_refused_and_left_as_it_is(empty, table):
    with empty.writing() as connection:
        connection.execute(text(f"CREATE TABLE {table} (id TEXT)"))
        connection.execute(text(f"INSERT INTO {table} VALUES ('theirs')"))
    with pytest.raises(ConfigError, match=rf"no step of Vigie made \({table}\); name an empty one"):
        schema.ensure_schema(empty)
    assert names(empty) == {table}
    with empty.reading() as connection:
        assert connection.scalar(text(f"SELECT id FROM {table}")) == "theirs"


def test_a_database_beside_other_tables_is_made(empty):
    with empty.writing() as connection:
        connection.execute(text("CREATE TABLE spatial_notes (id TEXT)"))
    schema.ensure_schema(empty)
    assert names(empty) == MODELS | {"spatial_notes"}


def test_a_newer_schema_is_refused_by_an_older_program(empty):
    schema.ensure_schema(empty)
    with empty.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    for attempt in (schema.ensure_schema, schema.move):
        with pytest.raises(ConfigError, match="0999"):
            attempt(empty)
    with pytest.raises(
        ConfigError, match=r"made by a newer Vigie.*Install the newer version.*backup restore"
    ):
        schema.ensure_schema(empty)
    assert names(empty) == MODELS


def test_processes_that_open_an_empty_database_at_once_make_it_once(empty_url: str):
    failures: list[BaseException] = []

    def open_it() -> None:
        try:
            open_stores(empty_url, HandClock()).database.close()
        except BaseException as fault:
            failures.append(fault)

    openers = [threading.Thread(target=open_it) for _ in range(4)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert failures == []
    stores = open_stores(empty_url, HandClock())
    assert names(stores.database) == MODELS
    stores.database.close()
