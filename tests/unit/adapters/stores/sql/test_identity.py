"""A home with users refuses an empty database and another home's, and says what to restore."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import wipe
from vigie.adapters.stores.sql import schema
from vigie.domain.errors import ConfigError
from vigie.domain.person import OWNER
from vigie.ports.home import DATABASE_NOTE
from vigie.services.backups import backup
from vigie.services.backups.backup_restore import restore
from vigie.services.needs import bound
from vigie.services.people.accounts.users import add_user
from vigie.wiring.app_context import open_app_context
from vigie.wiring.backups import open_backup_context

GOOD = "quiet harbour lamp"


def people(home: Path, address: str | None = None) -> list[str]:
    return [one.name for one in open_app_context(home, database=address).accounts.users()]


def test_an_emptied_database_beside_a_home_with_users_is_refused_and_left_as_it_is(
    tmp_path, database, database_url
):
    home = tmp_path / "home"
    bound(open_app_context(home, database=database_url), add_user)(OWNER, "Ann", GOOD)
    assert people(home, database_url) == ["Ann"]
    schema.move(database, "")
    with pytest.raises(ConfigError, match="has users, but its database is empty: put the database"):
        open_app_context(home, database=database_url)
    assert schema.read_step(database) == ""
    # The tables are there and hold nothing.
    schema.move(database)
    with pytest.raises(ConfigError, match="its database is empty"):
        open_app_context(home, database=database_url)


def test_another_homes_database_is_refused(tmp_path, database, database_url):
    home = tmp_path / "home"
    bound(open_app_context(home, database=database_url), add_user)(OWNER, "Ann", GOOD)
    wipe(database)
    bound(open_app_context(tmp_path / "other", database=database_url), add_user)(OWNER, "Eve", GOOD)
    with pytest.raises(ConfigError, match=r"its database is another one: .*DATABASE_URL"):
        open_app_context(home, database=database_url)
    assert people(tmp_path / "other", database_url) == ["Eve"]


def test_a_home_of_an_earlier_version_notes_its_database_at_the_next_start(tmp_path):
    home = tmp_path / "home"
    bound(open_app_context(home), add_user)(OWNER, "Ann", GOOD)
    (home / DATABASE_NOTE).unlink()
    assert people(home) == ["Ann"]
    for file in home.glob("vigie.sqlite*"):
        file.unlink()
    with pytest.raises(ConfigError, match="its database is empty"):
        open_app_context(home)


def test_a_home_without_users_takes_any_database(tmp_path):
    home = tmp_path / "home"
    open_app_context(home).audit.append("job.done", actor="owner", subject="j1", text={})
    open_app_context(home)
    assert not (home / DATABASE_NOTE).exists()
    for file in home.glob("vigie.sqlite*"):
        file.unlink()
    assert people(home) == []


def test_what_is_restored_is_taken_also_from_another_home(tmp_path):
    home, other = tmp_path / "home", tmp_path / "other"
    for place, name in ((home, "Ann"), (other, "Eve")):
        bound(open_app_context(place), add_user)(OWNER, name, GOOD)
    with open_backup_context(other) as depot:
        backup.create(depot, tmp_path / "made")
    for file in home.glob("vigie.sqlite*"):
        file.unlink()
    with open_backup_context(home) as depot:
        restore(depot, tmp_path / "made", replaces=True)
    assert people(home) == ["Eve"]
    assert people(home) == ["Eve"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_note_that_cannot_be_read_is_refused_with_its_cure(tmp_path, content):
    home = tmp_path / "home"
    bound(open_app_context(home), add_user)(OWNER, "Ann", GOOD)
    (home / DATABASE_NOTE).write_text(content)
    with pytest.raises(ConfigError, match=r"database\.json cannot be read .*or remove it"):
        open_app_context(home)
