"""Settings as they were written, in layers; a later one wins.

``vigie.toml`` in the home folder, ``vigie.toml`` in the working folder, ``.env`` in both, the environment, options.
Reads with the standard library alone where there is no ``.env``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vigie.config.names import FILE_TAIL, Key, is_ours, is_secret, key_of, services
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


def around(environ: Mapping[str, str], folder: Path, *, secrets: bool = False) -> list[Layer]:
    """Return the layers that do not depend on where the home folder is."""
    layers = [*_file(folder / TOML, _toml), *_file(folder / DOTENV, _dotenv(secrets=secrets))]
    return [*layers, _variables(ENVIRONMENT, None, environ, secrets=secrets)]


def inside(home: Path, *, secrets: bool = False) -> list[Layer]:
    """Return the layers that lie in the home folder."""
    return [*_file(home / TOML, _toml), *_file(home / DOTENV, _dotenv(secrets=secrets))]


def laid(within: Sequence[Layer], beside: Sequence[Layer]) -> list[Layer]:
    """Put the layers of the home folder among the others, the weakest first: files, ``.env``, environment."""
    both = [*within, *beside]
    return [layer for name in (TOML, DOTENV, None) for layer in both if _name(layer) == name]


def _name(layer: Layer) -> str | None:
    return None if layer.path is None else layer.path.name


def _file(path: Path, read: Any) -> Iterator[Layer]:
    if path.exists():
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


def _toml(path: Path) -> Layer:
    import tomllib

    try:
        tree = tomllib.loads(text_of(path, "the settings"))
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{path} is no TOML: {fault}") from None
    entries = {key: Entry(".".join(key), value) for key, value in _leaves(tree)}
    strange = [
        key for key in entries if key[0] in ("urls", "keys") and len(key) > 1 and key[1] not in services()
    ]
    unknown = tuple(entries.pop(key).name for key in strange)
    return Layer(str(path), path, entries, unknown)


def _leaves(tree: Mapping[str, Any], above: Key = ()) -> Iterator[tuple[Key, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value


def _dotenv(*, secrets: bool) -> Any:
    def read(path: Path) -> Layer:
        from io import StringIO

        from dotenv import dotenv_values

        # A dollar sign in a password is a dollar sign.
        given = dotenv_values(stream=StringIO(text_of(path, "the settings")), interpolate=False)
        values = {name: value for name, value in given.items() if value is not None}
        return _variables(str(path), path, values, secrets=secrets)

    return read


def _variables(place: str, path: Path | None, given: Mapping[str, str], *, secrets: bool) -> Layer:
    entries: dict[Key, Entry] = {}
    unknown = []
    for name, value in given.items():
        key = key_of(name)
        if key is None and name.endswith(FILE_TAIL):
            key = key_of(name.removesuffix(FILE_TAIL))
            if key is not None and is_secret(key):
                if secrets and value:
                    file = Path(value).expanduser()
                    entries[key] = Entry(name, text_of(file, name).strip(), file)
                continue
            key = None
        if key is None:
            unknown += [name] if is_ours(name) else []
        elif value:
            entries.setdefault(key, Entry(name, value))
    return Layer(place, path, entries, tuple(unknown))
