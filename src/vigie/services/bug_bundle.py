"""What a bug report needs, in one file that can be shown to anybody: no secrets, no names, no personal folders.

Takes the doctor's answers and settings that are masked already; gives the bytes of a zip.
"""

from __future__ import annotations

import dataclasses
import io
import json
import platform
import re
import sys
import zipfile
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from vigie.data.stores import DataStores
from vigie.domain.errors import VigieError
from vigie.domain.time import iso
from vigie.services.doctor import Diagnosis
from vigie.services.stored_series import series_statuses
from vigie.version import __version__

NAME: Final = "vigie-bug-report.zip"
MASK: Final = "***"
LOG_LINES: Final = 200
# Equal reports give equal files: nothing in the zip says when it was made.
_MADE: Final = (2020, 1, 1, 0, 0, 0)
_PACKAGES: Final = (
    "ccxt", "distributed", "jinja2", "llvmlite", "numba", "numpy", "optuna", "polars", "pydantic", "rich", "scipy",
    "ta-lib", "typer",
)  # fmt: skip
_WORDS: Final = """\
For a bug report. These files hold what `vigie doctor` says, versions, names of settings, what bars are stored and
the last lines of logs. Secrets are replaced by ***, personal folders by ~, names of user and machine by USER and
HOST. Look through them before you send them; nothing was sent anywhere.
"""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What must not be said.

    Attributes
    ----------
    hidden : sequence of str
        Values that are replaced by ``***``, longest first.
    names : mapping of str to str
        Folders and names, and the words that stand for them.
    """

    hidden: Sequence[str]
    names: Mapping[str, str]

    def clean_value(self, value: Any) -> Any:
        """Return a value of JSON in which no text, and no key, says anything private."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, Mapping):
            return {self.clean(str(key)): self.clean_value(entry) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean_value(entry) for entry in value]
        return value

    def clean(self, text: str) -> str:
        """Return a text without anything private."""
        for secret in self.hidden:
            text = text.replace(secret, MASK)
        for name, word in self.names.items():
            is_folder = word == "~"
            pattern = re.escape(name) if is_folder else rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])"
            text = re.sub(pattern, word, text, flags=re.IGNORECASE)
        return text


def make_bundle(
    data_stores: DataStores,
    checks: Sequence[Diagnosis],
    *,
    home: Path,
    settings: Mapping[str, str],
    setting_files: Sequence[Path],
    privacy: Privacy,
) -> bytes:
    """Return a zip for a bug report.

    Parameters
    ----------
    checks : sequence of Diagnosis
        The doctor's answers.
    home : Path
        Where logs may lie.
    settings : mapping
        By name; values that could be secret are masked already.
    setting_files : sequence of Path
        Files of settings that are there; only their names are told.
    privacy : Privacy
        Applied to everything.
    """
    documents = {
        "doctor.json": [dataclasses.asdict(check) for check in checks],
        "versions.json": versions(),
        "settings.json": {"home": str(home), "variables": settings, "files": list(map(str, setting_files))},
        "data.json": _stored_series(data_stores),
    }
    files = {
        name: json.dumps(privacy.clean_value(document), indent=1) + "\n"
        for name, document in documents.items()
    }
    files["README.txt"] = _WORDS
    files |= {f"logs/{privacy.clean(path.name)}": privacy.clean(_last_lines(path)) for path in logs(home)}
    return _zip_files(files)


def versions() -> dict[str, Any]:
    """Return the versions of Vigie, Python, the system and the packages that matter."""
    installed = {
        distribution.metadata["Name"].lower(): distribution.version
        for distribution in metadata.distributions()
    }
    return {
        "vigie": __version__,
        "python": sys.version.split()[0],
        "implementation": platform.python_implementation(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": {name: installed.get(name) for name in _PACKAGES},
    }


def logs(home: Path) -> list[Path]:
    """Return the log files below the home folder; there may be none."""
    parts = ("*.log", "serve.jsonl", "collect.jsonl", "work.jsonl", "trade-*.jsonl")
    folders = (home, home / "logs")
    return sorted(
        path for folder in folders for part in parts for path in folder.glob(part) if path.is_file()
    )


def _last_lines(path: Path) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return "".join(deque(file, LOG_LINES))


def _stored_series(data_stores: DataStores) -> Any:
    try:
        statuses = series_statuses(data_stores)
    except VigieError as fault:
        return {"problem": str(fault)}
    return [
        {
            "series": f"{status.series.venue}/{status.series.instrument}/{status.series.timeframe}",
            "first": None if status.first_ms is None else iso(status.first_ms),
            "last": None if status.last_ms is None else iso(status.last_ms),
            **{
                name: getattr(status, name)
                for name in ("bars", "gaps", "missing", "size_bytes", "files", "unreadable")
            },
        }
        for status in statuses
    ]


def _zip_files(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name].encode())
    return buffer.getvalue()
