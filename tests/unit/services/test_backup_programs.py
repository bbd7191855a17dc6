"""Programs in a backup: listed, bounded, from where they say; none runs unattended because a backup holds it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.houses import fill
from tests.unit.services.test_backup_hostile import built
from vigie.adapters.stores.programs import AllowedPrograms
from vigie.domain.errors import DataError
from vigie.services.backups import backup
from vigie.services.backups.backup_restore import RestoreResult, restore, upgrade
from vigie.views.cli.main import GROUPS, GUARDED, restrict_programs
from vigie.views.cli.programs import allow_named
from vigie.wiring.backups import open_backup_context

OWN = "strategies/own.py"
SOURCE = "sources/pool/source.py"


def restored(home: Path, path: Path, **more: Any) -> RestoreResult:
    with open_backup_context(home) as depot:
        return restore(depot, path, **more)


def upgraded(home: Path) -> list[str]:
    with open_backup_context(home) as depot:
        return [one.name for one in upgrade(depot).allowed]


def told(home: Path) -> dict[str, bool]:
    return {one.name: one.is_allowed for one in AllowedPrograms(home).list_programs()}


def put(home: Path, name: str, text: str = "x = 1\n") -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home with a strategy and a source of its own."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    home = fill(tmp_path / "home", with_bars=False)
    put(home, OWN)
    put(home, SOURCE)
    monkeypatch.setenv("VIGIE_HOME", str(home))
    return home


def test_what_comes_out_of_an_archive_is_listed_runs_nowhere_and_no_upgrade_allows_it(tmp_path, home):
    allowed = {"format": 1, "allowed": {OWN: hashlib.sha256(b"evil = 1\n").hexdigest()}}
    hostile = {
        OWN: b"evil = 1\n",
        SOURCE: b"evil = 1\n",
        "sources/pool/manifest.toml": b"",
        # What Python, its libraries or Vigie would take for code, or for leave to run it.
        "programs/allowed.json": json.dumps(allowed).encode(),
        "programs/origin.key": b"0" * 64,
        # The same, to systems that know no capitals.
        "Programs./allowed.json": json.dumps(allowed).encode(),
        "VIGIE.sqlite": b"evil",
        "runs/r1/Fold/fold.bin": b"evil",
        "sources/pool/__pycache__/source.cpython-311.pyc": b"evil",
        "sources/pool/fast.so": b"evil",
        "strategies/own.pyc": b"evil",
        "strategies/own.PY. ": b"evil",
        "numpy.py": b"evil = 1\n",
        "Strategies/own.py": b"evil = 1\n",
        "runs/r1/fold/fold.bin": b"evil",
        "runs/r1/report.html": b"<p>",
        "cache/kernel-x/loop.nbi": b"evil",
        "logs/serve.jsonl": b"{}",
        "vigie.sqlite": b"evil",
        "vigie.sqlite-journal": b"evil",
    }
    path = built(tmp_path / "hostile.backup", {f"files/{name}": body for name, body in hostile.items()})
    target = tmp_path / "restored"
    done = restored(target, path)
    written = {one.relative_to(target).as_posix() for one in target.rglob("*") if one.is_file()}
    plain = {OWN, SOURCE, "sources/pool/manifest.toml", "runs/r1/report.html"}
    ours = {name for name in written if name.startswith("vigie.sqlite")}
    assert written - ours == plain | {"programs/allowed.json", "programs/.lock"}
    assert [name for name in ours if b"evil" in (target / name).read_bytes()] == []
    assert {one.name: one.is_allowed for one in done.programs} == {OWN: False, SOURCE: False}
    assert set(done.left_out) == {
        "sources/pool/fast.so", "strategies/own.pyc", "numpy.py", "Strategies/own.py", "cache/kernel-x/loop.nbi",
        "strategies/own.PY. ",
    }  # fmt: skip
    assert (target / "vigie.sqlite").read_bytes()[:6] == b"SQLite"
    # The next upgrade does not take them for those of an older version.
    assert upgraded(target) == []
    assert told(target) == {OWN: False, SOURCE: False}


def test_a_restore_keeps_what_the_home_allows_and_its_own_seal_tells_where_a_backup_is_from(tmp_path, home):
    AllowedPrograms(home).allow([OWN])
    with open_backup_context(home) as depot:
        made = backup.create(depot, tmp_path / "one.backup")
        assert made.is_ours
        assert made.to_dict()["programs"] == [SOURCE, OWN]
        assert made.to_dict()["unpacked"] == made.manifest.size() > 0
        assert made.manifest.host
    put(home, OWN, "x = 2\n")
    AllowedPrograms(home).allow([OWN, SOURCE])
    done = restored(home, made.path, replaces=True)
    assert done.backup.is_ours
    # The list is the home's: the source's content is allowed here, what the strategy was before is not any more.
    assert told(home) == {OWN: False, SOURCE: True}
    # Elsewhere nothing is allowed, and nobody knows the seal, secrets of the backup or not.
    other = restored(tmp_path / "other", made.path)
    assert other.backup.secrets is not None
    assert not other.backup.is_ours
    assert told(tmp_path / "other") == {OWN: False, SOURCE: False}
    with open_backup_context(home) as depot:
        assert backup.verify(made.path, backup_context=depot).is_ours


def test_a_backup_that_was_changed_is_not_of_this_home(tmp_path, home):
    with open_backup_context(home) as depot:
        made = backup.create(depot, tmp_path / "one.backup", with_secrets=False)
    evil = b"evil = 1\n"
    changed = tmp_path / "changed.backup"
    with zipfile.ZipFile(made.path) as source, zipfile.ZipFile(changed, "w") as out:
        manifest = json.loads(source.read("manifest.json"))
        piece = {"size": len(evil), "sha256": hashlib.sha256(evil).hexdigest(), "rows": 0}
        manifest["pieces"][f"files/{OWN}"] = piece
        for name in source.namelist():
            if name not in ("manifest.json", f"files/{OWN}"):
                out.writestr(name, source.read(name))
        out.writestr(f"files/{OWN}", evil)
        out.writestr("manifest.json", json.dumps(manifest))
    with open_backup_context(home) as depot:
        assert backup.verify(made.path, backup_context=depot).is_ours
        assert not backup.verify(changed, backup_context=depot).is_ours


def test_a_link_in_an_archive_becomes_a_file_with_its_text(tmp_path, home):
    body = b"/etc/passwd"
    path = built(tmp_path / "link.backup", {"files/strategies": body})
    with zipfile.ZipFile(path) as archive:
        manifest = archive.read("manifest.json")
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("files/strategies")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, body)
        archive.writestr("manifest.json", manifest)
    restored(tmp_path / "restored", path)
    written = tmp_path / "restored" / "strategies"
    assert not written.is_symlink()
    assert written.read_bytes() == body


def test_what_unpacks_to_more_than_is_allowed_is_refused_before_it_is_unpacked(tmp_path, home, monkeypatch):
    path = built(tmp_path / "b", {"files/note.txt": b"\0" * 3_000_000})
    opened = []
    plain = zipfile.ZipFile.open

    def noted(self, name, *more, **options):
        opened.append(name)
        return plain(self, name, *more, **options)

    monkeypatch.setattr(zipfile.ZipFile, "open", noted)
    with pytest.raises(DataError, match=r"unpacks to 0.0 GB, more than 0.0 GB.*--most-gb 1"):
        restored(tmp_path / "restored", path, most=2_000_000)
    assert opened == ["manifest.json"]
    assert not (tmp_path / "restored" / "note.txt").exists()
    restored(tmp_path / "restored", path, most=4_000_000)


def test_an_upgrade_allows_once_what_it_finds_and_lists_it(home):
    assert upgraded(home) == [SOURCE, OWN]
    assert told(home) == {OWN: True, SOURCE: True}
    put(home, "strategies/later.py")
    put(home, SOURCE, "x = 2\n")
    assert upgraded(home) == []
    assert told(home) == {"strategies/later.py": False, OWN: True, SOURCE: False}


def test_a_typed_command_allows_what_it_runs_and_nothing_beside_it(home, tmp_path):
    put(home, "strategies/other.py")
    outside = put(tmp_path, "strategies/own.py")
    allow_named([home / OWN, home / "strategies" / "ema_cross.py", outside])
    assert told(home) == {OWN: True, "strategies/other.py": False, SOURCE: False}


@pytest.mark.parametrize(
    ("words", "is_guarded"),
    [
        (["serve", "--port", "0"], True),
        (["work"], True),
        (["work", "--hand"], True),
        (["collect", "--only", "feargreed"], True),
        (["trade", "run", "run.toml"], True),
        (["trade", "status"], True),
        (["demo", "trade"], True),
        (["strategy", "list"], True),
        # Closing positions waits for nothing; these allow what they are told to run.
        (["trade", "flatten"], False),
        (["strategy", "check", "own"], False),
        (["backtest"], False),
        ([], False),
    ],
)
def test_commands_that_run_unattended_are_guarded(home, monkeypatch, words, is_guarded):
    asked = []
    monkeypatch.setattr("vigie.adapters.program_guard.guard", asked.append)
    restrict_programs(words)
    assert asked == [home] * is_guarded
    assert {one.split()[0] for one in GUARDED} <= {
        *GROUPS,
        "serve",
        "work",
        "collect",
        "doctor",
        "demo",
        "call",
    }
