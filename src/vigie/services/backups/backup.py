"""Backups: everything of a home in one file that restores into either database; secrets in a file of their own.

The desk may go on meanwhile: the database is read as one state, folders under their locks.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import os
import platform
import sqlite3
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from vigie.config import is_simulated, may_hold_credentials
from vigie.domain.errors import DataError, UsageError
from vigie.ports.clock import Clock
from vigie.ports.copying import DatabaseCopier, DatabaseSnapshot, Row
from vigie.ports.home import DATABASE_NOTE
from vigie.ports.programs import Programs
from vigie.services.backups.backup_archive import (
    ArchiveReader,
    ArchiveWriter,
    BackupManifest,
    open_reader,
    open_writer,
)
from vigie.services.backups.backup_programs import is_program, is_regenerated, is_stray_code, normalise_name

SECRETS: Final = ".secrets"
FOLDER: Final = "backups"
# Where a home keeps which programs it allows, and the key of its seal.
PROGRAMS: Final = "programs"
# Made again by themselves, or not for other machines.
_LEFT: Final = frozenset({"cache", "logs", "inbox", PROGRAMS, "reserve.bin", DATABASE_NOTE, FOLDER})
# What a backup unpacks to at most, unless somebody allows more: a few kilobytes may stand for any number of bytes.
MOST_BYTES: Final = 64 << 30
_LOCKS: Final = frozenset({".lock", ".sweep.lock"})
_UNFINISHED: Final = (".tmp", ".part", ".new")
# Whoever has these could act as somebody: they go into the secrets' file.
_SECRET_TABLES: Final = frozenset({"sessions", "tokens"})
# What stands for them where that file is missing: no password fits, no second factor is asked for.
_BLANK: Final = {"users": {"password_hash": "!", "totp_secret": ""}}


@dataclass(frozen=True, slots=True)
class BackupContext:
    """What backups need of a home.

    Attributes
    ----------
    database_file : Path or None
        Where the database is a file of this machine.
    open_file : callable
        Opens a database in a file, made where there is none; closed when the block ends.
    lock_home : callable
        Has the home for itself, or raises where Vigie runs.
    hold : callable
        Holds a folder against writers.
    programs : callable
        Returns the programs of a home folder.
    seal : callable
        Makes the seal of this home over a text, empty where it has none and none is to be made.
    """

    home: Path
    database: DatabaseCopier
    database_file: Path | None
    open_file: Callable[[Path], AbstractContextManager[DatabaseCopier]]
    lock_home: Callable[[], AbstractContextManager[None]]
    hold: Callable[[Path], AbstractContextManager[None]]
    clock: Clock
    program: str
    is_secret: Callable[[tuple[str, ...]], bool]
    programs: Callable[[Path], Programs]
    seal: Callable[[bytes, bool], str]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made or verified."""

    path: Path
    manifest: BackupManifest
    secrets: Path | None
    is_ours: bool = False

    def programs(self) -> list[str]:
        """Return the programs in it."""
        return [name for name in self.manifest.files() if is_program(name)]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        pieces = self.manifest.pieces
        return {
            "file": str(self.path),
            "size": self.path.stat().st_size,
            "id": self.manifest.id,
            "program": self.manifest.program,
            "schema": self.manifest.schema,
            "ts": self.manifest.ts,
            "simulated": self.manifest.is_simulated,
            "tables": {name: pieces[f"database/{name}.jsonl"].rows for name in self.manifest.tables()},
            "files": len(self.manifest.files()),
            "unpacked": self.manifest.size(),
            "programs": self.programs(),
            "host": self.manifest.host,
            "made_by_this_home": self.is_ours,
            "secrets": str(self.secrets) if self.secrets else None,
        }


def create(backup_context: BackupContext, path: Path, *, with_secrets: bool = True) -> Backup:
    """Write a backup; a file of the name appears only once it is whole.

    Raises
    ------
    UsageError
        If there is such a file already, or nothing to back up.
    StorageError
        If it cannot be written.
    """
    secrets_path = path.with_name(path.name + SECRETS)
    for target in (path, secrets_path):
        if target.exists():
            raise UsageError("already_exists", "{target} already exists; give another name", target=target)
    with backup_context.database.snapshot() as snapshot:
        if not snapshot.step:
            raise UsageError(
                "nothing_back_up",
                "there is nothing to back up in {home}: its database is empty",
                home=backup_context.home,
            )
        now = backup_context.clock.wall_now()
        backup_id = hashlib.sha256(f"{backup_context.home}\n{path}\n{now}".encode()).hexdigest()[:16]
        manifest = BackupManifest(
            id=backup_id, kind="backup", program=backup_context.program, schema=snapshot.step, ts=now,
            is_simulated=is_simulated(backup_context.home),
            secrets="apart" if with_secrets else "left out", host=platform.node(),
        )  # fmt: skip

        def seal(text: bytes) -> str:
            return backup_context.seal(text, True)

        if with_secrets:
            with open_writer(secrets_path, replace(manifest, kind="secrets"), seal) as out:
                _write_secrets(backup_context, snapshot, out)
        try:
            with open_writer(path, manifest, seal) as out:
                for table in snapshot.tables():
                    if table not in _SECRET_TABLES:
                        out.write_rows(table, _blank_secrets(table, snapshot.rows(table)))
                for name, file in _files(backup_context, backup_context.home):
                    if not _is_secret(backup_context, name):
                        _write_file(out, name, file)
        except BaseException:  # also where a person ends it; raised again
            secrets_path.unlink(missing_ok=True)  # secrets of a backup that does not exist
            raise
    return verify(path, backup_context=backup_context, most=None)


def verify(
    path: Path,
    secrets: Path | None = None,
    *,
    backup_context: BackupContext | None = None,
    most: int | None = MOST_BYTES,
) -> Backup:
    """Read a backup and its secrets, where they lie beside it, and compare everything with its checksum.

    Parameters
    ----------
    backup_context : BackupContext, optional
        Of the home that is asked whether it made the backup.
    most : int, optional
        Bytes that it may unpack to; None means any number.

    Raises
    ------
    DataError
        The first fault that is found.
    """
    with open_backup(path, secrets, most=most) as (main, secrets_reader):
        return backup_of(backup_context, main, secrets_reader)


def backup_of(
    backup_context: BackupContext | None, main: ArchiveReader, secrets_reader: ArchiveReader | None
) -> Backup:
    """Return what was read, and whether the home made it."""
    manifest = main.manifest
    own_seal = backup_context.seal(manifest.sealed_text(), False) if backup_context is not None else ""
    is_ours = bool(own_seal) and hmac.compare_digest(own_seal.encode(), manifest.seal.encode())
    return Backup(main.path, manifest, secrets_reader.path if secrets_reader else None, is_ours)


@contextmanager
def open_backup(
    path: Path, secrets: Path | None = None, *, most: int | None = MOST_BYTES
) -> Iterator[tuple[ArchiveReader, ArchiveReader | None]]:
    """Open a backup that was verified, and its secrets where there are any; nothing is unpacked beyond `most` bytes."""
    default_secrets = path.with_name(path.name + SECRETS)
    secrets_path = secrets or (default_secrets if default_secrets.exists() else None)
    with ExitStack() as stack:
        main = stack.enter_context(open_reader(path))
        _refuse_huge(main, most)
        main.verify()
        if main.manifest.kind != "backup":
            raise DataError(
                "contains_secrets_backup",
                "{path} contains the secrets of a backup; give the backup itself",
                path=path,
            )
        secrets_reader = stack.enter_context(open_reader(secrets_path)) if secrets_path else None
        if secrets_reader is not None:
            _refuse_huge(secrets_reader, most)
            secrets_reader.verify()
            if (secrets_reader.manifest.id, secrets_reader.manifest.kind) != (main.manifest.id, "secrets"):
                raise DataError(
                    "does_not_belong",
                    "{secrets_path} does not belong to {path}",
                    secrets_path=secrets_path,
                    path=path,
                )
        yield main, secrets_reader


def _refuse_huge(reader: ArchiveReader, most: int | None) -> None:
    size = reader.manifest.size()
    if most is not None and size > most:
        raise DataError(
            "unpacks_gb",
            "{path} unpacks to {size:.1f} GB, more than {most:.1f} GB; if it is "
            "yours, allow it with --most-gb {size_2}",
            path=reader.path,
            size=size / 1e9,
            most=most / 1e9,
            size_2=math.ceil(size / 1e9),
        )


def _write_secrets(backup_context: BackupContext, snapshot: DatabaseSnapshot, out: ArchiveWriter) -> None:
    for table in snapshot.tables():
        if table in _SECRET_TABLES or table in _BLANK:
            out.write_rows(table, snapshot.rows(table))
    for name, file in _files(backup_context, backup_context.home):
        if _is_secret(backup_context, name):
            _write_file(out, name, file)


def _blank_secrets(table: str, rows: Iterator[Row]) -> Iterator[Row]:
    blank = _BLANK.get(table, {})
    for row in rows:
        yield {**row, **{name: value for name, value in blank.items() if name in row}}


def _write_file(out: ArchiveWriter, name: str, path: Path) -> None:
    with suppress(FileNotFoundError):  # a result that was removed meanwhile
        if path.suffix != ".sqlite":
            with path.open("rb") as source:
                out.write_file(name, source)
            return
        with tempfile.TemporaryDirectory(prefix="vigie-backup-") as folder:
            copy = Path(folder) / "copy"
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as into:
                source.backup(into)
            with copy.open("rb") as copied:
                out.write_file(name, copied)


def _files(backup_context: BackupContext, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files below a folder in order; while a folder has a lock, it is held."""
    if not folder.is_dir():
        return
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    with ExitStack() as stack:
        if any(entry.name == ".lock" for entry in entries):
            stack.enter_context(backup_context.hold(folder))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        for entry in entries:
            path = folder / entry.name
            if entry.is_symlink() or _is_skipped(backup_context, path):
                continue
            if entry.is_dir():
                yield from _files(backup_context, path)
            else:
                yield path.relative_to(backup_context.home).as_posix(), path


def _is_skipped(backup_context: BackupContext, path: Path) -> bool:
    name = path.name
    if is_left_out(path.relative_to(backup_context.home).as_posix()):
        return True
    if backup_context.database_file is not None and name.startswith(backup_context.database_file.name):
        return path.parent == backup_context.database_file.parent
    return name in _LOCKS or name.endswith((*_UNFINISHED, "-wal", "-shm", "-journal"))


def is_left_out(name: str) -> bool:
    """Tell whether a file or folder of a home, named below it, never is in a backup nor comes out of one."""
    return (
        normalise_name(name).partition("/")[0] in _LEFT or is_regenerated(f"{name}/") or is_stray_code(name)
    )


def is_key(name: str) -> bool:
    """Tell whether a file of a home is a key, or holds some whatever else is in it."""
    normalised = normalise_name(name)
    return normalised == ".env" or normalised.startswith("secrets/")


def _is_secret(backup_context: BackupContext, name: str) -> bool:
    if is_key(name):
        return True
    if name.startswith("feeds/"):
        return _holds_token(backup_context.home / name)
    return name == "vigie.toml" and _names_secret(backup_context, backup_context.home / name)


def _holds_token(path: Path) -> bool:
    """Tell whether a source of one's own may be read by its address alone: a name or a query in it may let one in."""
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        return True
    return may_hold_credentials(text)


def _names_secret(backup_context: BackupContext, path: Path) -> bool:
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return True  # not readable as settings: rather among the secrets
    names = list(_setting_names(settings, ()))
    addresses = settings.get("urls", {})
    return any(backup_context.is_secret(key) for key in names) or may_hold_credentials(str(addresses))


def _setting_names(settings: dict[str, Any], prefix: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _setting_names(value, (*prefix, name))
        else:
            yield (*prefix, name)


def default_path(backup_context: BackupContext, stamp: str) -> Path:
    """Return where a backup goes that nobody named."""
    return backup_context.home / FOLDER / f"vigie-{stamp}.backup"
