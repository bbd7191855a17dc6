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

from vigie.config.names import FILE_SUFFIX, SettingKey, is_known, is_secret, is_vigie_variable, setting_key
from vigie.domain.errors import ConfigError

TOML: Final = "vigie.toml"
DOTENV: Final = ".env"
ENVIRONMENT: Final = "the environment"
OPTIONS: Final = "the command's options"


@dataclass(frozen=True, slots=True)
class SettingEntry:
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
class SettingsLayer:
    """What one place says.

    Attributes
    ----------
    source : str
        For people: a path, or `ENVIRONMENT`.
    path : Path or None
        The file, where it is one.
    entries : dict
        By setting.
    unknown : sequence of str
        Names that can only be meant for us and are no setting.
    """

    source: str
    path: Path | None
    entries: dict[SettingKey, SettingEntry]
    unknown: Sequence[str] = field(default=())

    def value(self, key: SettingKey) -> Any:
        """Return what is written for a setting, None where nothing is."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value


def read_outer_layers(
    environ: Mapping[str, str],
    folder: Path,
    *,
    with_secrets: bool = False,
    own_sources: frozenset[str] = frozenset(),
) -> list[SettingsLayer]:
    """Return the layers that do not depend on where the home folder is; `own_sources` may have a key."""
    reader = _LayerReader(own_sources, with_secrets)
    layers = [
        *_read_existing(folder / TOML, reader.read_toml),
        *_read_existing(folder / DOTENV, reader.read_dotenv),
    ]
    return [*layers, reader.read_variables(ENVIRONMENT, None, environ)]


def read_home_layers(
    home: Path, *, with_secrets: bool = False, own_sources: frozenset[str] = frozenset()
) -> list[SettingsLayer]:
    """Return the layers that lie in the home folder."""
    reader = _LayerReader(own_sources, with_secrets)
    return [
        *_read_existing(home / TOML, reader.read_toml),
        *_read_existing(home / DOTENV, reader.read_dotenv),
    ]


def merge_layers(
    home_layers: Sequence[SettingsLayer], outer_layers: Sequence[SettingsLayer]
) -> list[SettingsLayer]:
    """Put the layers of the home folder among the others, the weakest first: files, ``.env``, environment."""
    layers = [*home_layers, *outer_layers]
    return [layer for file_name in (TOML, DOTENV, None) for layer in layers if _name(layer) == file_name]


def _name(layer: SettingsLayer) -> str | None:
    return None if layer.path is None else layer.path.name


def _read_existing(path: Path, read_layer: Any) -> Iterator[SettingsLayer]:
    # A link to nothing is a file that cannot be read: a mount may be away, and its limits with it.
    if os.path.lexists(path):
        yield read_layer(path)


def read_text(path: Path, name: str) -> str:
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


def _refuse_special_file(path: Path) -> None:
    """Refuse what is no file and might never end; a pipe may hold a ``.env`` that is made when it is read."""
    with suppress(OSError):  # what cannot be looked at cannot be read, which says why
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not (path.name == DOTENV and stat.S_ISFIFO(mode)):
            raise ConfigError(f"the settings cannot be read from {path}: it is no file")


def _iterate_leaves(tree: Mapping[str, Any], prefix: SettingKey = ()) -> Iterator[tuple[SettingKey, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _iterate_leaves(value, (*prefix, name))
        else:
            yield (*prefix, name), value


@dataclass(frozen=True, slots=True)
class _LayerReader:
    """Reads one place: which own sources there are, and whether files of secrets are opened."""

    own_sources: frozenset[str]
    with_secrets: bool

    def read_toml(self, path: Path) -> SettingsLayer:
        import tomllib

        _refuse_special_file(path)
        try:
            tree = tomllib.loads(read_text(path, "the settings"))
            entries = {key: SettingEntry(".".join(key), value) for key, value in _iterate_leaves(tree)}
        except tomllib.TOMLDecodeError as fault:
            raise ConfigError(f"{path} is not valid TOML: {fault}") from None
        except RecursionError:
            raise ConfigError(f"{path} holds tables within tables, too deep for settings") from None
        unknown_keys = [
            key
            for key in entries
            if key[0] in ("urls", "keys") and len(key) > 1 and not is_known(key, self.own_sources)
        ]
        unknown = tuple(entries.pop(key).name for key in unknown_keys)
        return SettingsLayer(str(path), path, entries, unknown)

    def read_dotenv(self, path: Path) -> SettingsLayer:
        from io import StringIO

        from dotenv import dotenv_values

        _refuse_special_file(path)
        # A dollar sign in a password is a dollar sign.
        variables = dotenv_values(stream=StringIO(read_text(path, "the settings")), interpolate=False)
        return self.read_variables(
            str(path), path, {name: value for name, value in variables.items() if value is not None}
        )

    def read_variables(self, source: str, path: Path | None, variables: Mapping[str, str]) -> SettingsLayer:
        entries: dict[SettingKey, SettingEntry] = {}
        unknown = []
        for name, value in variables.items():
            key = setting_key(name, self.own_sources)
            if key is None and name.endswith(FILE_SUFFIX):
                key = setting_key(name.removesuffix(FILE_SUFFIX), self.own_sources)
                if key is not None and is_secret(key):
                    if self.with_secrets and value:
                        file = Path(value).expanduser()
                        # An empty file says nothing, as an empty variable does.
                        if text := read_text(file, name).strip():
                            entries[key] = SettingEntry(name, text, file)
                    continue
                key = None
            if key is None:
                unknown += [name] if is_vigie_variable(name) else []
            elif value:
                entries.setdefault(key, SettingEntry(name, value))
        return SettingsLayer(source, path, entries, tuple(unknown))
