"""A backup becomes a home again, and the way back when a move of the schema fails."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from vigie.domain.errors import ConfigError, DataError, StorageError, UsageError, VigieError
from vigie.domain.time import iso
from vigie.ports.programs import Program
from vigie.services.backups.backup import (
    FOLDER,
    MOST_BYTES,
    PROGRAMS,
    Backup,
    Depot,
    backup_of,
    create,
    default_path,
    is_key,
    is_left_out,
    opened,
)
from vigie.services.backups.backup_archive import Reader, lines_of
from vigie.services.backups.backup_programs import is_stray_code, plain

# What a home without the backup's secrets keeps of what was there.
_OWN: Final = ("secrets", ".env")
_KEPT: Final = (*_OWN, FOLDER)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes
    ----------
    before : Path or None
        Where that lies which was there before.
    programs : sequence of Program
        Programs of a person's own that came with it; those that are not allowed here do not run unattended.
    left_out : sequence of str
        Code that the backup held where no program belongs; it was not written.
    """

    backup: Backup
    before: Path | None
    programs: Sequence[Program]
    left_out: Sequence[str]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did.

    Attributes
    ----------
    backup : Path or None
        None where there was nothing to move.
    allowed : sequence of Program
        Programs that were found and allowed, which happens once in a home.
    """

    before: str
    after: str
    backup: Path | None
    allowed: Sequence[Program] = ()


def restore(
    depot: Depot,
    path: Path,
    *,
    secrets: Path | None = None,
    replaces: bool = False,
    most: int | None = MOST_BYTES,
) -> Restored:
    """Put a backup in the place of a home and its database.

    Everything is built beside the home first; what was there is moved aside, not removed. Which programs may run
    unattended stays as it was in the home: no backup says.

    Parameters
    ----------
    replaces : bool
        Whether there may be something already.
    most : int, optional
        Bytes that the backup may unpack to; None means any number.

    Raises
    ------
    UsageError
        If there is something already, Vigie runs, or a simulated market would meet a database of its own.
    ConfigError
        If a newer Vigie made the backup.
    DataError
        If the backup is damaged, or none of Vigie's; nothing was changed.
    StorageError
        If the disk has no room for it.
    """
    with _alone(depot), opened(path, secrets, most=most) as (main, apart):
        if not depot.database.knows(main.manifest.schema):
            raise ConfigError(
                f"{path} has schema {main.manifest.schema}, made by a newer Vigie "
                f"({main.manifest.program}); install that one first"
            )
        if main.manifest.is_simulated and depot.database_file is None:
            raise UsageError(
                f"{path} holds a simulated market, which keeps its database in its home; unset DATABASE_URL"
            )
        _refuse_keys(main, apart)
        _refuse_larger(depot, main, apart)
        if not replaces:
            _refuse_full(depot)
        aside = _built(depot, main, apart)
        inside = _inside(depot)
        if inside is None:
            _fill(depot, main, apart)
        else:
            with depot.open_file(aside / inside) as database:
                _fill(replace(depot, database=database), main, apart)
        # Asked before the home, and its key with it, is moved.
        backup = backup_of(depot, main, apart)
        before = _swap(depot, aside)
        left_out = [name for name in main.manifest.files() if is_stray_code(name)]
        return Restored(backup, before, depot.programs(depot.home).found(), left_out)


def upgrade(depot: Depot) -> Upgraded:
    """Back up, move the schema, check; put everything back where the check fails.

    In a home that has no list of allowed programs yet those that lie in it are allowed.

    Raises
    ------
    ConfigError
        If the database is newer than this program.
    UsageError
        If Vigie runs.
    StorageError
        If it failed; the database is as it was.
    """
    done = _upgraded(depot)
    programs = depot.programs(depot.home)
    if programs.is_listed() or not depot.home.is_dir():
        return done
    return replace(done, allowed=programs.allow([one.name for one in programs.found()]))


def _upgraded(depot: Depot) -> Upgraded:
    step, state = depot.database.state()
    if state == "newer":
        raise ConfigError(
            f"the database has schema {step}, made by a newer Vigie; install that one again, or restore a backup"
        )
    if state == "current":
        depot.database.check()
        return Upgraded(step, step, None)
    if state == "empty":
        depot.database.move()
        return Upgraded(step, depot.database.state()[0], None)
    with _alone(depot):
        return _moved(depot, step)


def _moved(depot: Depot, step: str) -> Upgraded:
    stamp = iso(depot.clock.wall_now()).replace(":", "").replace("-", "")
    made = create(depot, default_path(depot, f"before-upgrade-{stamp}"))
    depot.database.move()
    try:
        _check(depot, made)
    except VigieError as fault:
        with opened(made.path) as (main, apart):
            _fill(depot, main, apart, move=False)
        raise StorageError(
            f"the upgrade failed and was taken back: {fault}. The database is as it was; the backup is {made.path}"
        ) from fault
    return Upgraded(step, depot.database.state()[0], made.path)


@contextmanager
def _alone(depot: Depot) -> Iterator[None]:
    with depot.alone():
        others = depot.database.others()
        if others:
            raise UsageError(
                f"{' and '.join(others)} use the database, here or on another machine; stop them first"
            )
        yield


def _check(depot: Depot, made: Backup) -> None:
    """Compare the moved database with the backup: no row may be lost."""
    depot.database.check()
    with depot.database.snapshot() as snapshot:
        there = set(snapshot.tables())
        for table in made.manifest.tables():
            if table in there:
                rows = sum(1 for _ in snapshot.rows(table))
                wanted = made.manifest.pieces[f"database/{table}.jsonl"].rows
                if rows < wanted:
                    raise DataError(f"table {table} had {wanted} rows before and has {rows} now")


def _fill(depot: Depot, main: Reader, apart: Reader | None, *, move: bool = True) -> None:
    sources = dict.fromkeys(main.manifest.tables(), main)
    if apart is not None:
        sources |= dict.fromkeys(apart.manifest.tables(), apart)
    depot.database.fill(main.manifest.schema, list(sources), lines_of(sources), move=move)


def _refuse_keys(main: Reader, apart: Reader | None) -> None:
    """Refuse keys that come without being secrets, which would lie open, and secrets that are none."""
    keys = {name for name in main.manifest.files() if is_key(name)}
    others = {name for name in apart.manifest.files() if not _may_be_apart(name)} if apart else set()
    for reader, odd in ((main, keys), (apart, others)):
        if reader is not None and odd:
            raise DataError(f"{reader.path} holds {min(odd)}, which it would not if Vigie had made it")


def _may_be_apart(name: str) -> bool:
    """Tell whether a file is a key, or one that is among the secrets where it holds one."""
    return is_key(name) or name == "vigie.toml" or name.startswith("feeds/")


def _refuse_larger(depot: Depot, main: Reader, apart: Reader | None) -> None:
    """Refuse what the disk has no room for, before any of it is written."""
    there = next(one for one in (depot.home, *depot.home.parents) if one.exists())
    free = shutil.disk_usage(there).free
    needed = main.manifest.size() + (apart.manifest.size() if apart else 0)
    if needed > free:
        raise StorageError(
            f"{main.path} holds {needed} bytes and the disk has room for {free}; nothing was changed"
        )


def _refuse_full(depot: Depot) -> None:
    if depot.home.is_dir() and not _is_fresh(depot):
        raise UsageError(f"{depot.home} holds something already; --replace moves it aside first")
    if depot.database.state()[1] != "empty":
        raise UsageError("the database holds something already; --replace removes it")


def _is_fresh(depot: Depot) -> bool:
    """Tell whether a home holds nothing but an empty database, such as looking for one leaves behind."""
    file = depot.database_file
    for entry in depot.home.iterdir():
        if entry.name == PROGRAMS:
            continue
        if file is None or entry.parent != file.parent or not entry.name.startswith(file.name):
            return False
    return file is None or depot.database.state()[1] == "empty"


def _inside(depot: Depot) -> Path | None:
    """Return where the database's file lies below the home folder, None where it does not."""
    file = depot.database_file
    if file is None or not file.is_relative_to(depot.home):
        return None
    return file.relative_to(depot.home)


def _built(depot: Depot, main: Reader, apart: Reader | None) -> Path:
    """Write the files into a folder beside the home."""
    aside = depot.home.with_name(f".{depot.home.name}.restoring")
    shutil.rmtree(aside, ignore_errors=True)  # of one that was killed
    try:
        aside.mkdir(parents=True, mode=0o700)
        # First, and made even where it is empty: no file of the backup takes its place, and what comes with a backup is
        # not what an upgrade finds.
        _keep(depot.home / PROGRAMS, aside / PROGRAMS)
        depot.programs(aside).allow(())
        for reader in (main, *([apart] if apart else [])):
            for name in reader.manifest.files():
                if is_left_out(name) or _is_of_database(depot, name):
                    continue
                target = aside / name
                target.parent.mkdir(parents=True, exist_ok=True)
                mode = 0o600 if reader is apart else 0o644
                with open(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as out:
                    reader.file(name, out)
                    out.flush()
                    os.fsync(out.fileno())
        for name in _KEPT if apart is None else (FOLDER,):
            _keep(depot.home / name, aside / name)
    except OSError as fault:
        shutil.rmtree(aside, ignore_errors=True)
        raise StorageError(
            f"{aside} could not be written: {fault.strerror or fault}; nothing was changed"
        ) from fault
    return aside


def _is_of_database(depot: Depot, name: str) -> bool:
    """Tell whether a file would take the place of the database, which is filled row by row."""
    inside = _inside(depot)
    return inside is not None and plain(name).startswith(plain(inside.as_posix()))


def _keep(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        shutil.copy2(source, target)


def _swap(depot: Depot, aside: Path) -> Path | None:
    before = None
    if depot.home.exists():
        is_fresh = _is_fresh(depot)
        depot.database.close_connections()
        if is_fresh:
            shutil.rmtree(depot.home)
        else:
            stamp = iso(depot.clock.wall_now()).replace(":", "").replace("-", "")
            before = depot.home.with_name(f"{depot.home.name}.before-{stamp}")
            os.rename(depot.home, before)
    os.rename(aside, depot.home)
    return before
