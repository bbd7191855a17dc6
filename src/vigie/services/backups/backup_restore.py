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
    BackupContext,
    backup_of,
    create,
    default_path,
    is_key,
    is_left_out,
    open_backup,
)
from vigie.services.backups.backup_archive import ArchiveReader, row_reader
from vigie.services.backups.backup_programs import is_stray_code, normalise_name

# What a home without the backup's secrets keeps of what was there.
_OWN: Final = ("secrets", ".env")
_KEPT: Final = (*_OWN, FOLDER)


@dataclass(frozen=True, slots=True)
class RestoreResult:
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
class UpgradeResult:
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
    backup_context: BackupContext,
    path: Path,
    *,
    secrets: Path | None = None,
    replaces: bool = False,
    most: int | None = MOST_BYTES,
) -> RestoreResult:
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
    with _exclusive_home(backup_context), open_backup(path, secrets, most=most) as (main, secrets_reader):
        if not backup_context.database.knows(main.manifest.schema):
            raise ConfigError(
                f"{path} has schema {main.manifest.schema}, made by a newer Vigie "
                f"({main.manifest.program}); install that one first"
            )
        if main.manifest.is_simulated and backup_context.database_file is None:
            raise UsageError(
                f"{path} holds a simulated market, which keeps its database in its home; unset DATABASE_URL"
            )
        _refuse_keys(main, secrets_reader)
        _refuse_no_space(backup_context, main, secrets_reader)
        if not replaces:
            _refuse_existing(backup_context)
        new_home = _write_aside(backup_context, main, secrets_reader)
        inside = _database_in_home(backup_context)
        if inside is None:
            _fill_database(backup_context, main, secrets_reader)
        else:
            with backup_context.open_file(new_home / inside) as database:
                _fill_database(replace(backup_context, database=database), main, secrets_reader)
        # Asked before the home, and its key with it, is moved.
        backup = backup_of(backup_context, main, secrets_reader)
        before = _swap_homes(backup_context, new_home)
        left_out = [name for name in main.manifest.files() if is_stray_code(name)]
        return RestoreResult(
            backup, before, backup_context.programs(backup_context.home).list_programs(), left_out
        )


def upgrade(backup_context: BackupContext) -> UpgradeResult:
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
    result = _upgrade(backup_context)
    programs = backup_context.programs(backup_context.home)
    if programs.is_listed() or not backup_context.home.is_dir():
        return result
    return replace(result, allowed=programs.allow([program.name for program in programs.list_programs()]))


def _upgrade(backup_context: BackupContext) -> UpgradeResult:
    step, state = backup_context.database.state()
    if state == "newer":
        raise ConfigError(
            f"the database has schema {step}, made by a newer Vigie; install that one again, or restore a backup"
        )
    if state == "current":
        backup_context.database.check()
        return UpgradeResult(step, step, None)
    if state == "empty":
        backup_context.database.move()
        return UpgradeResult(step, backup_context.database.state()[0], None)
    with _exclusive_home(backup_context):
        return _migrate(backup_context, step)


def _migrate(backup_context: BackupContext, step: str) -> UpgradeResult:
    stamp = iso(backup_context.clock.wall_now()).replace(":", "").replace("-", "")
    backup = create(backup_context, default_path(backup_context, f"before-upgrade-{stamp}"))
    backup_context.database.move()
    try:
        _check_rows(backup_context, backup)
    except VigieError as fault:
        with open_backup(backup.path) as (main, secrets_reader):
            _fill_database(backup_context, main, secrets_reader, move=False)
        raise StorageError(
            f"the upgrade failed and was taken back: {fault}. The database is as it was; the backup is {backup.path}"
        ) from fault
    return UpgradeResult(step, backup_context.database.state()[0], backup.path)


@contextmanager
def _exclusive_home(backup_context: BackupContext) -> Iterator[None]:
    with backup_context.lock_home():
        other_users = backup_context.database.others()
        if other_users:
            raise UsageError(
                f"{' and '.join(other_users)} use the database, here or on another machine; stop them first"
            )
        yield


def _check_rows(backup_context: BackupContext, backup: Backup) -> None:
    """Compare the moved database with the backup: no row may be lost."""
    backup_context.database.check()
    with backup_context.database.snapshot() as snapshot:
        tables = set(snapshot.tables())
        for table in backup.manifest.tables():
            if table in tables:
                rows = sum(1 for _ in snapshot.rows(table))
                expected = backup.manifest.pieces[f"database/{table}.jsonl"].rows
                if rows < expected:
                    raise DataError(f"table {table} had {expected} rows before and has {rows} now")


def _fill_database(
    backup_context: BackupContext,
    main: ArchiveReader,
    secrets_reader: ArchiveReader | None,
    *,
    move: bool = True,
) -> None:
    sources = dict.fromkeys(main.manifest.tables(), main)
    if secrets_reader is not None:
        sources |= dict.fromkeys(secrets_reader.manifest.tables(), secrets_reader)
    backup_context.database.fill(main.manifest.schema, list(sources), row_reader(sources), move=move)


def _refuse_keys(main: ArchiveReader, secrets_reader: ArchiveReader | None) -> None:
    """Refuse keys that come without being secrets, which would lie open, and secrets that are none."""
    keys = {name for name in main.manifest.files() if is_key(name)}
    wrong_secrets = (
        {name for name in secrets_reader.manifest.files() if not _may_be_apart(name)}
        if secrets_reader
        else set()
    )
    for reader, names in ((main, keys), (secrets_reader, wrong_secrets)):
        if reader is not None and names:
            raise DataError(f"{reader.path} holds {min(names)}, which it would not if Vigie had made it")


def _may_be_apart(name: str) -> bool:
    """Tell whether a file is a key, or one that is among the secrets where it holds one."""
    return is_key(name) or name == "vigie.toml" or name.startswith("feeds/")


def _refuse_no_space(
    backup_context: BackupContext, main: ArchiveReader, secrets_reader: ArchiveReader | None
) -> None:
    """Refuse what the disk has no room for, before any of it is written."""
    existing = next(
        folder for folder in (backup_context.home, *backup_context.home.parents) if folder.exists()
    )
    free = shutil.disk_usage(existing).free
    needed = main.manifest.size() + (secrets_reader.manifest.size() if secrets_reader else 0)
    if needed > free:
        raise StorageError(
            f"{main.path} holds {needed} bytes and the disk has room for {free}; nothing was changed"
        )


def _refuse_existing(backup_context: BackupContext) -> None:
    if backup_context.home.is_dir() and not _is_fresh(backup_context):
        raise UsageError(f"{backup_context.home} holds something already; --replace moves it aside first")
    if backup_context.database.state()[1] != "empty":
        raise UsageError("the database holds something already; --replace removes it")


def _is_fresh(backup_context: BackupContext) -> bool:
    """Tell whether a home holds nothing but an empty database, such as looking for one leaves behind."""
    file = backup_context.database_file
    for entry in backup_context.home.iterdir():
        if entry.name == PROGRAMS:
            continue
        if file is None or entry.parent != file.parent or not entry.name.startswith(file.name):
            return False
    return file is None or backup_context.database.state()[1] == "empty"


def _database_in_home(backup_context: BackupContext) -> Path | None:
    """Return where the database's file lies below the home folder, None where it does not."""
    file = backup_context.database_file
    if file is None or not file.is_relative_to(backup_context.home):
        return None
    return file.relative_to(backup_context.home)


def _write_aside(
    backup_context: BackupContext, main: ArchiveReader, secrets_reader: ArchiveReader | None
) -> Path:
    """Write the files into a folder beside the home."""
    new_home = backup_context.home.with_name(f".{backup_context.home.name}.restoring")
    shutil.rmtree(new_home, ignore_errors=True)  # of one that was killed
    try:
        new_home.mkdir(parents=True, mode=0o700)
        # First, and made even where it is empty: no file of the backup takes its place, and what comes with a backup is
        # not what an upgrade finds.
        _copy_over(backup_context.home / PROGRAMS, new_home / PROGRAMS)
        backup_context.programs(new_home).allow(())
        for reader in (main, *([secrets_reader] if secrets_reader else [])):
            for name in reader.manifest.files():
                if is_left_out(name) or _is_of_database(backup_context, name):
                    continue
                target = new_home / name
                target.parent.mkdir(parents=True, exist_ok=True)
                mode = 0o600 if reader is secrets_reader else 0o644
                with open(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as out:
                    reader.copy_file(name, out)
                    out.flush()
                    os.fsync(out.fileno())
        for name in _KEPT if secrets_reader is None else (FOLDER,):
            _copy_over(backup_context.home / name, new_home / name)
    except OSError as fault:
        shutil.rmtree(new_home, ignore_errors=True)
        raise StorageError(
            f"{new_home} could not be written: {fault.strerror or fault}; nothing was changed"
        ) from fault
    return new_home


def _is_of_database(backup_context: BackupContext, name: str) -> bool:
    """Tell whether a file would take the place of the database, which is filled row by row."""
    inside = _database_in_home(backup_context)
    return inside is not None and normalise_name(name).startswith(normalise_name(inside.as_posix()))


def _copy_over(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        shutil.copy2(source, target)


def _swap_homes(backup_context: BackupContext, new_home: Path) -> Path | None:
    before = None
    if backup_context.home.exists():
        is_fresh = _is_fresh(backup_context)
        backup_context.database.close_connections()
        if is_fresh:
            shutil.rmtree(backup_context.home)
        else:
            stamp = iso(backup_context.clock.wall_now()).replace(":", "").replace("-", "")
            before = backup_context.home.with_name(f"{backup_context.home.name}.before-{stamp}")
            os.rename(backup_context.home, before)
    os.rename(new_home, backup_context.home)
    return before
