"""What backups need, whatever state the database is in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.adapters.clock import SystemClock
from vigie.adapters.stores.files import lock_folder
from vigie.adapters.stores.keys import HomeSeal
from vigie.adapters.stores.presence import use_home_alone
from vigie.adapters.stores.programs import AllowedPrograms
from vigie.config.names import is_secret
from vigie.ports.copying import DatabaseCopier
from vigie.version import __version__

if TYPE_CHECKING:
    from vigie.services.backups.backup import BackupContext


@contextmanager
def open_backup_context(
    home: str | Path | None = None, *, database: str | None = None
) -> Iterator[BackupContext]:
    """Build what backups need, whatever state the database is in.

    Parameters
    ----------
    home : str or Path, optional
        As in `open_data`.
    database : str, optional
        As in `open_app_context`.
    """
    context_class: type[BackupContext] = import_module("vigie.services.backups.backup").BackupContext
    settings = import_module("vigie.config.loading").load(home).settings
    sql = import_module("vigie.adapters.stores.sql.database")
    copier_class = import_module("vigie.adapters.stores.sql.copying").SqlDatabaseCopier

    @contextmanager
    def open_file(path: Path) -> Iterator[DatabaseCopier]:
        with closing(sql.open_database(f"sqlite:///{path}")) as opened_database:
            yield copier_class(opened_database)

    with closing(sql.open_database(database or settings.database)) as opened_database:
        file = Path(opened_database.engine.url.database) if opened_database.is_sqlite else None
        yield context_class(
            home=settings.home, database=copier_class(opened_database), database_file=file, open_file=open_file,
            lock_home=lambda: use_home_alone(settings.home), hold=lock_folder, clock=SystemClock(), program=__version__,
            is_secret=is_secret, programs=AllowedPrograms,
            seal=HomeSeal(settings.home / "programs" / "origin.key"),
        )  # fmt: skip
