"""The schema of the database: made on the first opening, moved by an upgrade, refused where it is newer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import Connection, inspect, select
from sqlalchemy.sql import column, table

from vigie.adapters.stores.sql.database import Database
from vigie.adapters.stores.sql.tables import Base
from vigie.domain.errors import ConfigError

if TYPE_CHECKING:
    from alembic.config import Config

# A test holds the last to the newest step in the folder; reading it must not cost an import of every step.
STEPS: Final = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
    "0021",
)
NEWEST: Final = STEPS[-1]
State = Literal["empty", "older", "current", "newer"]


def found(database: Database) -> str:
    """Return the schema's step, the empty word where there is none."""
    with database.reading() as connection:
        return step_of(connection)


def state_of(step: str) -> State:
    """Say what a step means to this program."""
    if not step:
        return "empty"
    if step == NEWEST:
        return "current"
    return "older" if step in STEPS else "newer"


def ready(database: Database) -> None:
    """Make the schema where there is none, and refuse one that is not this program's.

    Raises
    ------
    ConfigError
        If the database was made by a newer Vigie, by an older one and was not moved yet, or is somebody else's.
    """
    step = found(database)
    state = state_of(step)
    if state == "empty":
        _make(database)
    elif state == "newer":
        raise ConfigError(
            f"the database has schema {step}, made by a newer Vigie; this one knows schemas up to {NEWEST}. "
            "Install the newer version again, or restore a backup from before: vigie backup restore FILE"
        )
    elif state == "older":
        raise ConfigError(
            f"the database has schema {step}, this Vigie needs {NEWEST}. Move it with: vigie upgrade "
            "(it makes a backup first)"
        )


def _make(database: Database) -> None:
    """Make the schema, unless tables of others are in its place: another program's, or the rest of a damaged one."""
    ours = set(Base.metadata.tables)
    with database.writing("schema") as connection:
        if step_of(connection):  # another process was first
            return
        there = sorted(ours & set(inspect(connection).get_table_names()))
        if there:
            raise ConfigError(
                f"the database holds tables that no step of Vigie made ({', '.join(there[:3])}); name an empty one in "
                "DATABASE_URL, or restore a backup into it: vigie backup restore FILE"
            )
        move_in(connection, NEWEST)


def move(database: Database, to: str = NEWEST) -> None:
    """Move the schema up or down to a step, all of it or nothing; the empty word removes everything."""
    with database.writing("schema") as connection:
        move_in(connection, to)


def move_in(connection: Connection, to: str) -> None:
    """Move the schema up or down inside a transaction that writes."""
    from alembic import command

    now = step_of(connection)
    if now and state_of(now) == "newer":
        raise ConfigError(f"the database has schema {now}; this Vigie knows schemas up to {NEWEST}")
    settings = _alembic()
    settings.attributes["connection"] = connection
    if not now or now <= to:
        command.upgrade(settings, to)
    else:
        command.downgrade(settings, to or "base")


def steps() -> tuple[str, ...]:
    """Return the steps that lie in the folder, first to last."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_alembic())
    return tuple(reversed([script.revision for script in scripts.walk_revisions()]))


def _alembic() -> Config:
    from alembic.config import Config

    settings = Config()
    settings.set_main_option(
        "script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%")
    )
    return settings


def step_of(connection: Connection) -> str:
    """Return the schema's step, the empty word where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version"))) or ""
