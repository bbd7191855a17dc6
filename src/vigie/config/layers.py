"""Settings as they were written, in layers; a later one wins.

``vigie.toml`` in the home folder, ``vigie.toml`` in the working folder, ``.env`` in both, the environment, options.
Reads with the standard library alone where there is no ``.env``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vigie.config.names import FILE_TAIL, Key, is_known, is_ours, is_secret, key_of
from vigie.domain.errors import ConfigError

TOML: Final = "vigie.toml"
DOTENV: Final = ".env"
ENVIRONMENT: Final = "the environment"
OPTIONS: Final = "the command's options"


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting as it was written.

    Attributes
    ----------
    name : str
        As it is called there: ``VIGIE_PORT``, ``port``.
    value : object
        As it was read, not yet checked.
    file : Path or None
        Where the value lies in a file of its own, such as a mounted secret.
    """

    name: str
    value: Any
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says.

    Attributes
    ----------
    place : str
        For people: a path, or `ENVIRONMENT`.
    path : Path or None
        The file, where it is one.
    entries : dict
        By setting.
    unknown : sequence of str
        Names that can only be meant for us and are no setting.
    """

    place: str
    path: Path | None
    entries: dict[Key, Entry]
    unknown: Sequence[str] = field(default=())

    def value(self, key: Key) -> Any:
        """Return what is written for a setting, None where nothing is."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value


def around(
    environ: Mapping[str, str], folder: Path, *, secrets: bool = False, own: frozenset[str] = frozenset()
) -> list[Layer]:
    """Return the layers that do not depend on where the home folder is; `own` are sources that may have a key."""
    reader = _Reader(own, secrets)
    layers = [*_file(folder / TOML, reader.toml), *_file(folder / DOTENV, reader.dotenv)]
    return [*layers, reader.variables(ENVIRONMENT, None, environ)]


def inside(home: Path, *, secrets: bool = False, own: frozenset[str] = frozenset()) -> list[Layer]:
    """Return the layers that lie in the home folder."""
    reader = _Reader(own, secrets)
    return [*_file(home / TOML, reader.toml), *_file(home / DOTENV, reader.dotenv)]


def laid(within: Sequence[Layer], beside: Sequence[Layer]) -> list[Layer]:
    """Put the layers of the home folder among the others, the weakest first: files, ``.env``, environment."""
    both = [*within, *beside]
    return [layer for name in (TOML, DOTENV, None) for layer in both if _name(layer) == name]


def _name(layer: Layer) -> str | None:
    return None if layer.path is None else layer.path.name


def _file(path: Path, read: Any) -> Iterator[Layer]:
    # A link to nothing is a file that cannot be read: a mount may be away, and its limits with it.
    if os.path.lexists(path):
        yield read(path)


def text_of(path: Path, name: str) -> str:
    """Read a file of settings or of one secret.

    Raises
    ------
    ConfigError
        If it cannot be read; the message names setting and file.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{name} cannot be read from {path}: {reason}") from None


def _refuse_odd(path: Path) -> None:
    """Refuse what is no file and might never end; a pipe may hold a ``.env`` that is made when it is read."""
    with suppress(OSError):  # what cannot be looked at cannot be read, which says why
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not (path.name == DOTENV and stat.S_ISFIFO(mode)):
            raise ConfigError(f"the settings cannot be read from {path}: it is no file")


def _leaves(tree: Mapping[str, Any], above: Key = ()) -> Iterator[tuple[Key, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one place: which own sources there are, and whether files of secrets are opened."""

    own: frozenset[str]
    secrets: bool

    def toml(self, path: Path) -> Layer:
        import tomllib

        _refuse_odd(path)
        try:
            tree = tomllib.loads(text_of(path, "the settings"))
            entries = {key: Entry(".".join(key), value) for key, value in _leaves(tree)}
        except tomllib.TOMLDecodeError as fault:
            raise ConfigError(f"{path} is no TOML: {fault}") from None
        except RecursionError:
            raise ConfigError(f"{path} holds tables within tables, too deep for settings") from None
        strange = [
            key
            for key in entries
            if key[0] in ("urls", "keys") and len(key) > 1 and not is_known(key, self.own)
        ]
        unknown = tuple(entries.pop(key).name for key in strange)
        return Layer(str(path), path, entries, unknown)

    def dotenv(self, path: Path) -> Layer:
        from io import StringIO

        from dotenv import dotenv_values

        _refuse_odd(path)
        # A dollar sign in a password is a dollar sign.
        given = dotenv_values(stream=StringIO(text_of(path, "the settings")), interpolate=False)
        return self.variables(
            str(path), path, {name: value for name, value in given.items() if value is not None}
        )

    def variables(self, place: str, path: Path | None, given: Mapping[str, str]) -> Layer:
        entries: dict[Key, Entry] = {}
        unknown = []
        for name, value in given.items():
            key = key_of(name, self.own)
            if key is None and name.endswith(FILE_TAIL):
                key = key_of(name.removesuffix(FILE_TAIL), self.own)
                if key is not None and is_secret(key):
                    if self.secrets and value:
                        file = Path(value).expanduser()
                        # An empty file says nothing, as an empty variable does.
                        if text := text_of(file, name).strip():
                            entries[key] = Entry(name, text, file)
                    continue
                key = None
            if key is None:
                unknown += [name] if is_ours(name) else []
            elif value:
                entries.setdefault(key, Entry(name, value))
        return Layer(place, path, entries, tuple(unknown))
