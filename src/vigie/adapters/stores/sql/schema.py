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
    "0022",
    "0023",
    "0024",
    "0025",
    "0026",
    "0027",
    "0028",
    "0029",
    "0030",
    "0031",
    "0032",
    "0033",
    "0034",
    "0035",
    "0036",
    "0037",
    "0038",
    "0039",
)
NEWEST: Final = STEPS[-1]
SchemaState = Literal["empty", "older", "current", "newer"]


def read_step(database: Database) -> str:
    """Return the schema's step, the empty word where there is none."""
    with database.reading() as connection:
        return read_step_in(connection)


def classify_step(step: str) -> SchemaState:
    """Say what a step means to this program."""
    if not step:
        return "empty"
    if step == NEWEST:
        return "current"
    return "older" if step in STEPS else "newer"


def ensure_schema(database: Database) -> None:
    """Make the schema where there is none, and refuse one that is not this program's.

    Raises
    ------
    ConfigError
        If the database was made by a newer Vigie, by an older one and was not moved yet, or is somebody else's.
    """
    step = read_step(database)
    state = classify_step(step)
    if state == "empty":
        _create_schema(database)
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


def _create_schema(database: Database) -> None:
    """Make the schema, unless tables of others are in its place: another program's, or the rest of a damaged one."""
    own_tables = set(Base.metadata.tables)
    with database.writing("schema") as connection:
        if read_step_in(connection):  # another process was first
            return
        existing = sorted(own_tables & set(inspect(connection).get_table_names()))
        if existing:
            raise ConfigError(
                f"the database holds tables that no step of Vigie made ({', '.join(existing[:3])}); name an empty one "
                f"in "
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

    current = read_step_in(connection)
    if current and classify_step(current) == "newer":
        raise ConfigError(f"the database has schema {current}; this Vigie knows schemas up to {NEWEST}")
    settings = _alembic_config()
    settings.attributes["connection"] = connection
    if not current or current <= to:
        command.upgrade(settings, to)
    else:
        command.downgrade(settings, to or "base")


def list_steps() -> tuple[str, ...]:
    """Return the steps that lie in the folder, first to last."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_alembic_config())
    return tuple(reversed([script.revision for script in scripts.walk_revisions()]))


def _alembic_config() -> Config:
    from alembic.config import Config

    settings = Config()
    settings.set_main_option(
        "script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%")
    )
    return settings


def read_step_in(connection: Connection) -> str:
    """Return the schema's step, the empty word where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version"))) or ""
