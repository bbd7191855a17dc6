"""Whether the evidence of an item in a file is whole: every hash of its manifest; nothing is unpacked to the disk."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie.services.news.evidence_bundle import FORMAT, LARGEST, MANIFEST, MOST_REVISIONS

# Raw answers with what is said of each, and a few files beside them.
_MOST_FILES: Final = 2 * MOST_REVISIONS + 10
_LARGEST_FILE: Final = 2 * LARGEST
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class EvidenceCheck:
    """What a file of evidence is.

    Attributes
    ----------
    digest : str
        SHA-256 of the whole file.
    faults : tuple of str
        What is not as the manifest says; nothing where it is whole.
    """

    item: str
    files: int
    digest: str
    faults: tuple[str, ...]


def check_evidence(path: Path) -> EvidenceCheck:
    """Return what a file of evidence is.

    Raises
    ------
    UsageError
        If it is no such file.
    """
    try:
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive)
            faults = tuple(_faults(archive, manifest["files"]))
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror or fault}") from fault
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, RuntimeError) as fault:
        raise UsageError(f"{path} is no evidence of an item: {fault}") from fault
    return EvidenceCheck(str(manifest["item"]), len(manifest["files"]), digest, faults)


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    if len(archive.namelist()) > _MOST_FILES:
        raise ValueError(f"it must hold at most {_MOST_FILES} files")
    with archive.open(MANIFEST) as file:
        manifest = json.loads(file.read(_PIECE))
    if (
        not isinstance(manifest, dict)
        or manifest["format"] != FORMAT
        or not isinstance(manifest["files"], list)
    ):
        raise ValueError(f"its {MANIFEST} must be {FORMAT}")
    return manifest


def _faults(archive: zipfile.ZipFile, rows: list[dict[str, Any]]) -> list[str]:
    """Return what differs; a name is written so that nothing in it reaches a terminal."""
    files_listed = {str(row["name"]): (int(row["bytes"]), str(row["sha256"])) for row in rows}
    files_found = [name for name in archive.namelist() if name != MANIFEST]
    faults = [f"{name!a} is there twice" for name in sorted(set(files_found)) if files_found.count(name) > 1]
    if archive.namelist().count(MANIFEST) != 1:
        faults.append(f"{MANIFEST} is there twice")
    faults += [f"{name!a} is not in the manifest" for name in sorted({*files_found} - {*files_listed})]
    faults += [f"{name!a} is missing" for name in sorted({*files_listed} - {*files_found})]
    for name in sorted({*files_found} & {*files_listed}):
        size, digest = files_listed[name]
        if not _is_same(archive, name, size, digest):
            faults.append(f"{name!a} is not what its hash says")
    return faults


def _is_same(archive: zipfile.ZipFile, name: str, size: int, digest: str) -> bool:
    digest_so_far, n_read = hashlib.sha256(), 0
    try:
        with archive.open(name) as file:
            while piece := file.read(_PIECE):
                digest_so_far.update(piece)
                n_read += len(piece)
                if n_read > min(size, _LARGEST_FILE):
                    return False
    except (zipfile.BadZipFile, EOFError, zlib.error):
        # Its own check sum, or its end, is not there: it was changed.
        return False
    return n_read == size and digest_so_far.hexdigest() == digest
