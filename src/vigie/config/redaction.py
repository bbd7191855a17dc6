"""What of the settings may be shown to others, in a bug report: names yes, values only where they are harmless."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from vigie.config.names import FILE_SUFFIX

# Variables whose values may be shown to others; of every other one only that it is set.
PUBLIC_VARIABLES: Final = frozenset(
    {"VIGIE_HOME", "VIGIE_CACHE_DIR", "VIGIE_PORT", "VIGIE_SHARED", "NUMBA_CACHE_DIR"}
)
HIDDEN_VALUE: Final = "(set, hidden)"
_VIGIE_VARIABLE: Final = re.compile(r"(VIGIE|NUMBA)_\w+|DATABASE_URL|MONGODB_URL")
_SECRET: Final = re.compile(r"KEY|SECRET|TOKEN|PASS|_PWD$|CREDENTIAL|AUTH|_URL$|_DSN$", re.IGNORECASE)
_SETTING_FILES: Final = ("vigie.toml", ".env")
# In quotes, behind an equals sign, or long: several may find the same value.
_VALUE_PATTERNS: Final = tuple(
    map(re.compile, (r"""["']([^"'\n]+)["']""", r"""=\s*([^\s"']+)""", r"""([^\s"'=]{12,})"""))
)
# A line of `.env` that says in which file a secret lies.
_SECRET_FILE_LINE: Final = re.compile(
    rf"""^\s*(?:export\s+)?(?:VIGIE_\w+|DATABASE_URL|MONGODB_URL){FILE_SUFFIX}\s*=\s*["']?([^"'\n]+?)["']?\s*$""",
    re.MULTILINE,
)
MIN_SECRET_LENGTH: Final = 6


def shown_settings(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables that Vigie may read, by name; values that could be secret are hidden."""
    variables = os.environ if environ is None else environ
    return {
        name: variables[name] if name in PUBLIC_VARIABLES else HIDDEN_VALUE
        for name in sorted(variables)
        if _VIGIE_VARIABLE.fullmatch(name)
    }


def setting_files(home: Path) -> list[Path]:
    """Return the files of settings that lie in the working folder and in the home folder."""
    candidates = (folder / name for folder in dict.fromkeys((Path.cwd(), home)) for name in _SETTING_FILES)
    return [path for path in candidates if path.is_file()]


def hidden_values(home: Path, environ: Mapping[str, str] | None = None) -> list[str]:
    """Return every value of the environment and of files of settings that must never be shown to others.

    Parameters
    ----------
    home : Path
        The home folder.
    environ : mapping, optional
        The environment; the process's own by default.

    Returns
    -------
    list of str
        Longest first, so that a value inside another one spoils neither.
    """
    variables = os.environ if environ is None else environ
    values = {value for name, value in variables.items() if name not in PUBLIC_VARIABLES and _is_secret(name)}
    secret_files = {
        value for name, value in variables.items() if name.endswith(FILE_SUFFIX) and _is_vigie_variable(name)
    }
    for path in setting_files(home):
        text = path.read_text(encoding="utf-8", errors="replace")
        values.update(value for pattern in _VALUE_PATTERNS for value in pattern.findall(text))
        secret_files.update(_SECRET_FILE_LINE.findall(text))
    values.update(_read_secret_files(secret_files))
    values.update([unquote(part) for value in values for part in _address_passwords(value)])
    values.update([line for value in values for line in value.splitlines()])
    long_values = {value for value in values if len(value.strip()) >= MIN_SECRET_LENGTH}
    return sorted(long_values, key=lambda value: (-len(value), value))


def _read_secret_files(files: Iterable[str]) -> Iterator[str]:
    """Yield what lies in files of one secret each, where this process may read them."""
    for name in files:
        with suppress(OSError):
            yield Path(name).expanduser().read_text(encoding="utf-8", errors="replace").strip()


def _address_passwords(value: str) -> list[str]:
    """Return the password of an address such as ``postgresql://user:password@host``, which may be said alone."""
    userinfo = value.partition("://")[2].rpartition("@")[0]
    password = userinfo.partition(":")[2]
    return [password] if password else []


def _is_vigie_variable(name: str) -> bool:
    return _VIGIE_VARIABLE.fullmatch(name.removesuffix(FILE_SUFFIX)) is not None


def _is_secret(name: str) -> bool:
    return _VIGIE_VARIABLE.fullmatch(name) is not None or _SECRET.search(name) is not None


def personal_names(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what names the person at this machine, with the word that stands for it.

    Returns
    -------
    dict of str to str
        The personal folder becomes ``~``, the user's name ``USER``, the machine's name ``HOST``.
    """
    variables = os.environ if environ is None else environ
    folder = Path(variables.get("HOME") or variables.get("USERPROFILE") or Path.home())
    users = {variables.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")} | {folder.name}
    # A home of / is a container's: it names nobody.
    folders = {str(folder), folder.as_posix(), os.path.realpath(folder)} if folder.name else set()
    names = dict.fromkeys(sorted(folders, key=len, reverse=True), "~")
    names.update({user: "USER" for user in sorted(users) if len(user) > 1})
    names.setdefault(platform.node() or "HOST", "HOST")
    return names
