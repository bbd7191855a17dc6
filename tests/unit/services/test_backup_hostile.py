"""Archives that somebody built: endless, encrypted, with keys where none belong; refused before anything is written."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vigie.adapters.stores.sql import schema
from vigie.domain.errors import DataError, StorageError
from vigie.services.backups import backup_archive
from vigie.services.backups.backup import SECRETS, verify
from vigie.services.backups.backup_restore import restore
from vigie.wiring.backups import open_backup_context


def built(path: Path, files: dict[str, bytes], kind: str = "backup", **more: Any) -> Path:
    pieces = {
        name: {"size": len(body), "sha256": hashlib.sha256(body).hexdigest(), "rows": body.count(b"\n")}
        for name, body in files.items()
    }
    told = {
        "id": "x", "kind": kind, "program": "1", "schema": schema.NEWEST, "ts": 1, "is_simulated": False,
        "secrets": "apart", "format": 1, "pieces": pieces, **more,
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
        archive.writestr("manifest.json", json.dumps(told))
    return path


def restored(home: Path, path: Path) -> None:
    with open_backup_context(home) as depot:
        restore(depot, path)


def altered(path: Path, local: int, central: int, value: int) -> Path:
    """Change what both heads of the first member say."""
    whole = bytearray(path.read_bytes())
    whole[local], whole[whole.find(b"PK\x01\x02") + central] = value, value
    path.write_bytes(whole)
    return path


def test_an_archive_that_is_encrypted_or_packed_oddly_is_refused_in_words(tmp_path):
    for name, places in (("encrypted", (6, 8, 1)), ("odd", (8, 10, 99))):
        path = altered(built(tmp_path / name, {"files/a": b"x"}), *places)
        with pytest.raises(DataError, match="is damaged at files/a"):
            verify(path)


def test_a_piece_that_is_larger_than_its_manifest_says_is_not_unpacked(tmp_path, monkeypatch):
    pieces = {"files/a": {"size": 1, "sha256": "", "rows": 0}}
    path = built(tmp_path / "b", {"files/a": b"\0" * 4_000_000}, pieces=pieces)
    opened = []
    plain = zipfile.ZipFile.open

    def noted(self, name, *more, **options):
        opened.append(name)
        return plain(self, name, *more, **options)

    monkeypatch.setattr(zipfile.ZipFile, "open", noted)
    with pytest.raises(DataError, match="is not what was written"):
        verify(path)
    assert opened == ["manifest.json"]


def test_an_endless_or_bottomless_manifest_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(backup_archive, "_LARGEST_MANIFEST", 100_000)
    for name, text in (("long", " " * 200_000), ("deep", "[" * 90_000)):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("manifest.json", text)
        with pytest.raises(DataError, match="is not a complete Vigie backup \\("):
            verify(path)


@pytest.mark.parametrize("name", ["database/../x.jsonl", "database/users.csv", "files/../a", "files//a"])
def test_names_that_no_backup_has_are_refused(tmp_path, name):
    with pytest.raises(DataError, match="outside the home folder"):
        verify(built(tmp_path / "b", {name: b""}))


@pytest.mark.parametrize("name", [".env", ".ENV", "secrets/venue-keys.json", "Secrets/venue-keys.json"])
def test_keys_come_with_the_secrets_only(tmp_path, name):
    path = built(tmp_path / "b", {f"files/{name}": b"VIGIE_ALLOW_LIVE=true\n"})
    home = tmp_path / "home"
    with pytest.raises(DataError, match="would not if Vigie had made it"):
        restored(home, path)
    assert not (home / name).exists()
    main = built(tmp_path / "c", {"files/note.txt": b""})
    built(tmp_path / f"c{SECRETS}", {"files/strategies/own.py": b""}, kind="secrets")
    with pytest.raises(DataError, match="would not if Vigie had made it"):
        restored(home, main)


def test_what_the_disk_has_no_room_for_is_refused_before_it_is_written(tmp_path, monkeypatch):
    path = built(tmp_path / "b", {"files/note.txt": b"x" * 1_000})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=999))
    with pytest.raises(StorageError, match="nothing was changed"):
        restored(tmp_path / "home", path)
    assert not (tmp_path / ".home.restoring").exists()


@pytest.mark.parametrize(
    "row", [b"[1]", b"no row", b"[" * 100_000, b'"x"', b'{"id": "' + b"9" * 200], ids=len
)
def test_rows_that_are_none_are_refused_in_words(tmp_path, monkeypatch, row):
    monkeypatch.setattr(backup_archive, "_LONGEST_ROW", 100_100)
    path = built(tmp_path / "x", {"database/users.jsonl": row + b"\n"})
    with pytest.raises(DataError, match="has an invalid row"):
        restored(tmp_path / "home", path)


def test_a_row_longer_than_any_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(backup_archive, "_LONGEST_ROW", 1_000)
    path = built(tmp_path / "x", {"database/users.jsonl": b'{"id": "' + b"9" * 5_000 + b'"}\n'})
    with pytest.raises(DataError, match="has an invalid row"):
        restored(tmp_path / "home", path)
