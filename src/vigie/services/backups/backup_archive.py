"""The file of a backup: a ZIP of rows and files, each with its checksum in a manifest that is written last."""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from vigie.domain.errors import DataError, NotFound, StorageError
from vigie.domain.refusal import Refusal
from vigie.ports.copying import Row

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
ROWS: Final = "database/"
FILES: Final = "files/"
PART: Final = ".part"
_CHUNK: Final = 1 << 20
# A hundred bytes a piece: of half a million files.
_LARGEST_MANIFEST: Final = 64 << 20
# Of one row: a raw document with what it answered. A longer one is cut, and is no row any more.
_LONGEST_ROW: Final = 256 << 20
# What archives are answered with that are damaged, encrypted, or packed in a way that nobody knows.
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    OSError,
    ValueError,
    EOFError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
)
# Packed already: packing again costs time only.
_PACKED: Final = (".parquet", ".png", ".xlsx", ".zip", ".gz", ".br")


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One member of the archive; `rows` counts a table's."""

    size: int
    sha256: str
    rows: int = 0


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup holds.

    Attributes
    ----------
    id : str
        The same in the two files of one backup.
    kind : str
        ``backup`` or ``secrets``.
    schema : str
        The database's step.
    secrets : str
        ``apart`` or ``left out``.
    host : str
        Name of the machine it says it was made on.
    seal : str
        By the home that made it, which alone can make it.
    """

    id: str
    kind: str
    program: str
    schema: str
    ts: int
    is_simulated: bool
    secrets: str
    pieces: dict[str, ArchiveMember] = field(default_factory=dict)
    format: int = FORMAT
    host: str = ""
    seal: str = ""

    def sealed_text(self) -> bytes:
        """Return what a seal is made of: everything else that the manifest says."""
        return json.dumps({**asdict(self), "seal": ""}, sort_keys=True).encode()

    def tables(self) -> list[str]:
        """Return the tables in it."""
        return [name[len(ROWS) : -len(".jsonl")] for name in self.pieces if name.startswith(ROWS)]

    def size(self) -> int:
        """Return how many bytes it all has, unpacked."""
        return sum(piece.size for piece in self.pieces.values())

    def files(self) -> list[str]:
        """Return the paths of the files in it, below the home folder."""
        return [name[len(FILES) :] for name in self.pieces if name.startswith(FILES)]


class ArchiveWriter:
    """Puts pieces into an archive and notes what they are."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.pieces: dict[str, ArchiveMember] = {}

    def write_rows(self, table: str, rows: Iterable[Row]) -> None:
        """Put the rows of a table, one a line."""
        lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for row in rows)
        self._write_member(f"{ROWS}{table}.jsonl", lines, is_counted=True)

    def write_file(self, name: str, source: IO[bytes]) -> None:
        """Put a file under its path below the home folder."""
        self._write_member(f"{FILES}{name}", iter(lambda: source.read(_CHUNK), b""))

    def _write_member(self, name: str, chunks: Iterable[bytes], *, is_counted: bool = False) -> None:
        member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED) else zipfile.ZIP_DEFLATED
        member.external_attr = 0o600 << 16
        digest, size, count = hashlib.sha256(), 0, 0
        with self._archive.open(member, "w", force_zip64=True) as out:
            for chunk in chunks:
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                count += 1
        self.pieces[name] = ArchiveMember(size, digest.hexdigest(), count if is_counted else 0)


@contextmanager
def open_writer(
    path: Path, manifest: BackupManifest, seal: Callable[[bytes], str]
) -> Iterator[ArchiveWriter]:
    """Open a new archive; it has its name only once it is whole, and only its owner may read it.

    Parameters
    ----------
    seal : callable
        Makes the seal of the home over the manifest.

    Raises
    ------
    StorageError
        If it cannot be written; nothing is left of it.
    """
    part = path.with_name(path.name + PART)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                writer = ArchiveWriter(archive)
                yield writer
                complete = replace(manifest, pieces=writer.pieces)
                complete = replace(complete, seal=seal(complete.sealed_text()))
                archive.writestr(MANIFEST, json.dumps(asdict(complete), indent=1))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as fault:
        raise StorageError(
            "could_not_written_no",
            "{path} could not be written: {strerror}; no backup was made",
            path=path,
            strerror=fault.strerror or fault,
        ) from fault
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


class ArchiveReader:
    """Reads an archive of ours."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self.manifest = self._read_manifest()

    def _read_manifest(self) -> BackupManifest:
        try:
            with self._archive.open(MANIFEST) as source:
                text = source.read(_LARGEST_MANIFEST + 1)
            if len(text) > _LARGEST_MANIFEST:
                raise ValueError(
                    Refusal(
                        "manifest_more_bytes",
                        "its manifest has more than {largest_manifest} bytes",
                        largest_manifest=_LARGEST_MANIFEST,
                    )
                )
            data: dict[str, Any] = json.loads(text)
            pieces = {str(name): ArchiveMember(**piece) for name, piece in data.pop("pieces").items()}
            manifest = BackupManifest(**data, pieces=pieces)
        except (KeyError, TypeError, AttributeError, *_UNREADABLE) as fault:
            raise DataError(
                "not_complete_vigie_backup",
                "{path} is not a complete Vigie backup ({fault})",
                path=self.path,
                fault=fault,
            ) from fault
        if manifest.format != FORMAT:
            raise DataError(
                "bad_format",
                "{path}: format must be {format}, was {format_2}; use a newer Vigie",
                path=self.path,
                format=FORMAT,
                format_2=manifest.format,
            )
        for name in manifest.pieces:
            if not _is_safe_path(name):
                raise DataError(
                    "names_place_outside_home_folder",
                    "{path} names a place outside the home folder: {name!r}",
                    path=self.path,
                    name=name,
                )
        return manifest

    def read_rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table."""
        with self._archive.open(f"{ROWS}{table}.jsonl") as lines:
            while line := lines.readline(_LONGEST_ROW):
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as fault:
                    raise DataError(
                        "damaged_invalid_row",
                        "{path} is damaged: {table} has an invalid row",
                        path=self.path,
                        table=table,
                    ) from fault
                if not isinstance(row, dict):
                    raise DataError(
                        "damaged_invalid_row",
                        "{path} is damaged: {table} has an invalid row",
                        path=self.path,
                        table=table,
                    )
                yield row

    def copy_file(self, name: str, out: IO[bytes]) -> None:
        """Write a file's content."""
        with self._archive.open(FILES + name) as source:
            while chunk := source.read(_CHUNK):
                out.write(chunk)

    def verify(self) -> None:
        """Read everything and compare.

        Raises
        ------
        DataError
            For what is missing, too much, or other than it was written.
        """
        present = set(self._archive.namelist()) - {MANIFEST}
        if unexpected := present ^ set(self.manifest.pieces):
            if min(unexpected) in present:
                raise DataError(
                    "contains_more_manifest_lists",
                    "{path} contains more than its manifest lists: {unexpected}",
                    path=self.path,
                    unexpected=min(unexpected),
                )
            raise DataError(
                "incomplete_missing",
                "{path} is incomplete: {unexpected} is missing",
                path=self.path,
                unexpected=min(unexpected),
            )
        for name, piece in self.manifest.pieces.items():
            if self._archive.getinfo(name).file_size != piece.size:
                # Before it is unpacked: a few bytes may stand for more than any machine holds.
                raise DataError(
                    "damaged_not_what_written",
                    "{path} is damaged: {name} is not what was written",
                    path=self.path,
                    name=name,
                )
            digest, size, count = hashlib.sha256(), 0, 0
            try:
                with self._archive.open(name) as source:
                    while chunk := source.read(_CHUNK):
                        digest.update(chunk)
                        size += len(chunk)
                        count += chunk.count(b"\n")
            except _UNREADABLE as fault:
                raise DataError(
                    "archive_damaged_at",
                    "{path} is damaged at {name} ({fault})",
                    path=self.path,
                    name=name,
                    fault=fault,
                ) from fault
            is_rows = name.startswith(ROWS)
            if (size, digest.hexdigest()) != (piece.size, piece.sha256) or (is_rows and count != piece.rows):
                raise DataError(
                    "damaged_not_what_written",
                    "{path} is damaged: {name} is not what was written",
                    path=self.path,
                    name=name,
                )


def _is_safe_path(name: str) -> bool:
    path = PurePosixPath(name)
    is_rows = name.startswith(ROWS) and name.endswith(".jsonl")
    is_ours = (is_rows or name.startswith(FILES)) and path.as_posix() == name
    return is_ours and ".." not in path.parts and "\\" not in name and ":" not in path.parts[1]


@contextmanager
def open_reader(path: Path) -> Iterator[ArchiveReader]:
    """Open an archive.

    Raises
    ------
    NotFound
        If there is none.
    DataError
        If it is none of ours, or not whole.
    """
    if not path.is_file():
        raise NotFound("no_backup", "there is no backup {path}", path=path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as fault:
        raise DataError(
            "not_complete_vigie_backup",
            "{path} is not a complete Vigie backup ({fault})",
            path=path,
            fault=fault,
        ) from fault
    with archive:
        yield ArchiveReader(path, archive)


def row_reader(tables: Mapping[str, ArchiveReader]) -> Callable[[str], Iterator[Row]]:
    """Return what gives the rows of a table, from whichever archive has them."""
    return lambda table: tables[table].read_rows(table)
