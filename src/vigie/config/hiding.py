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

from vigie.config.names import FILE_TAIL

# Variables whose values may be shown to others; of every other one only that it is set.
HARMLESS: Final = frozenset(
    {"VIGIE_HOME", "VIGIE_CACHE_DIR", "VIGIE_PORT", "VIGIE_SHARED", "NUMBA_CACHE_DIR"}
)
HIDDEN: Final = "(set, hidden)"
_OURS: Final = re.compile(r"(VIGIE|NUMBA)_\w+|DATABASE_URL|MONGODB_URL")
_SECRET: Final = re.compile(r"KEY|SECRET|TOKEN|PASS|_PWD$|CREDENTIAL|AUTH|_URL$|_DSN$", re.IGNORECASE)
_FILES: Final = ("vigie.toml", ".env")
# In quotes, behind an equals sign, or long: several may find the same value.
_WRITTEN: Final = tuple(
    map(re.compile, (r"""["']([^"'\n]+)["']""", r"""=\s*([^\s"']+)""", r"""([^\s"'=]{12,})"""))
)
# A line of `.env` that says in which file a secret lies.
_NAMED: Final = re.compile(
    rf"""^\s*(?:export\s+)?(?:VIGIE_\w+|DATABASE_URL|MONGODB_URL){FILE_TAIL}\s*=\s*["']?([^"'\n]+?)["']?\s*$""",
    re.MULTILINE,
)
SHORTEST_SECRET: Final = 6


def shown_settings(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables that Vigie may read, by name; values that could be secret are hidden."""
    given = os.environ if environ is None else environ
    return {
        name: given[name] if name in HARMLESS else HIDDEN for name in sorted(given) if _OURS.fullmatch(name)
    }


def setting_files(home: Path) -> list[Path]:
    """Return the files of settings that lie in the working folder and in the home folder."""
    found = (folder / name for folder in dict.fromkeys((Path.cwd(), home)) for name in _FILES)
    return [path for path in found if path.is_file()]


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
    given = os.environ if environ is None else environ
    found = {value for name, value in given.items() if name not in HARMLESS and _is_secret(name)}
    named = {value for name, value in given.items() if name.endswith(FILE_TAIL) and _is_ours(name)}
    for path in setting_files(home):
        text = path.read_text(encoding="utf-8", errors="replace")
        found.update(value for pattern in _WRITTEN for value in pattern.findall(text))
        named.update(_NAMED.findall(text))
    found.update(_held_in(named))
    found.update([unquote(part) for value in found for part in _of_address(value)])
    found.update([line for value in found for line in value.splitlines()])
    long = {value for value in found if len(value.strip()) >= SHORTEST_SECRET}
    return sorted(long, key=lambda value: (-len(value), value))


def _held_in(files: Iterable[str]) -> Iterator[str]:
    """Yield what lies in files of one secret each, where this process may read them."""
    for name in files:
        with suppress(OSError):
            yield Path(name).expanduser().read_text(encoding="utf-8", errors="replace").strip()


def _of_address(value: str) -> list[str]:
    """Return the password of an address such as ``postgresql://user:password@host``, which may be said alone."""
    userinfo = value.partition("://")[2].rpartition("@")[0]
    password = userinfo.partition(":")[2]
    return [password] if password else []


def _is_ours(name: str) -> bool:
    return _OURS.fullmatch(name.removesuffix(FILE_TAIL)) is not None


def _is_secret(name: str) -> bool:
    return _OURS.fullmatch(name) is not None or _SECRET.search(name) is not None


def own_names(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what names the person at this machine, with the word that stands for it.

    Returns
    -------
    dict of str to str
        The personal folder becomes ``~``, the user's name ``USER``, the machine's name ``HOST``.
    """
    given = os.environ if environ is None else environ
    folder = Path(given.get("HOME") or given.get("USERPROFILE") or Path.home())
    users = {given.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")} | {folder.name}
    # A home of / is a container's: it names nobody.
    places = {str(folder), folder.as_posix(), os.path.realpath(folder)} if folder.name else set()
    names = dict.fromkeys(sorted(places, key=len, reverse=True), "~")
    names.update({user: "USER" for user in sorted(users) if len(user) > 1})
    names.setdefault(platform.node() or "HOST", "HOST")
    return names
