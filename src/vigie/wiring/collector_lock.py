"""The right to be the one collector of a home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

from vigie.adapters.stores.process_locks import hold_file
from vigie.domain.errors import StorageError

# Said to PostgreSQL by the one that collects.
_LOCK_NAME: Final = "collecting"


@contextmanager
def hold_collector_lock(home: str | Path | None = None) -> Iterator[Callable[[], str]]:
    """Be the one collector of a home and of its database, until the block ends or the process does.

    Yields
    ------
    callable
        Called now and then; returns why the block must end: another one has begun while the database was away.

    Raises
    ------
    StorageError
        If another one is there, or the home cannot be written.
    """
    settings = import_module("vigie.config.loading").load(home).settings
    with closing(
        import_module("vigie.adapters.stores.sql.database").open_database(settings.database)
    ) as database:
        lock_files = [settings.home / "logs" / _LOCK_NAME]
        if database.is_sqlite:
            # Two homes may share one file.
            lock_files.append(Path(database.engine.url.database).resolve().with_suffix(f".{_LOCK_NAME}"))
        with ExitStack() as stack:
            for path in lock_files:
                stack.enter_context(hold_file(path, partial(_already_collecting, settings.home)))
            if database.is_sqlite:
                yield lambda: ""
                return
            advisory_lock = import_module("vigie.adapters.stores.sql.advisory_lock").AdvisoryLock(
                database, _LOCK_NAME
            )
            stack.enter_context(closing(advisory_lock))

            def lost_reason() -> str:
                holder = advisory_lock.acquire()
                return str(_already_collecting("this database", holder)) if holder else ""

            if reason := lost_reason():
                raise StorageError(reason)
            yield lost_reason


def _already_collecting(target: object, holder: str) -> StorageError:
    return StorageError(
        "another_collector_runs",
        "another collector asks the sources for {target} already ({holder}), and one is enough; end that one first, "
        "or leave it: `vigie up --no-collect` runs everything else beside it",
        target=target,
        holder=holder,
    )
