"""Manifests of connectors: one flat TOML file a folder, read strictly and without importing the connector."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from vigie.domain.errors import ConfigError

TIERS: Final = ("draft", "data", "paper", "live")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FeedManifest:
    """One thing that a source or a live venue is asked for.

    Attributes
    ----------
    name, title : str
        Part of the connector's id, ``markets``; and for people.
    every_s : float
        How often, on the wall; a stream, while it is silent.
    mode : str
        ``schedule``, or ``stream`` with polling where it is silent.
    depth : str
        How far back it goes, in words.
    keeps_raw : bool
        Answers are kept as they came, too, to be read again later.
    pages : tuple of str
        Names of the pages that show what it brings; nothing: the page of On-chain alone, which shows every series.
    """

    name: str
    title: str
    every_s: float
    depth: str
    mode: Literal["schedule", "stream"] = "schedule"
    keeps_raw: bool = False
    pages: tuple[str, ...] = ()


def read_record(record_type: type[T], path: Path, data: dict[str, Any]) -> T:
    """Make a record of what a file says; lists become tuples.

    Raises
    ------
    ConfigError
        If a key is missing or unknown; the message names key and file.
    """
    entries = fields(record_type)  # type: ignore[arg-type]  # a type variable cannot say that it is a record
    known_keys = {entry.name for entry in entries}
    needed_keys = {
        record_field.name
        for record_field in entries
        if record_field.default is MISSING and record_field.default_factory is MISSING
    }
    if missing := needed_keys - data.keys():
        raise ConfigError(
            "keys_missing", "{path}: missing: {missing}", path=path, missing=", ".join(sorted(missing))
        )
    if unknown := data.keys() - known_keys:
        raise ConfigError(
            "keys_unknown", "{path}: unknown: {unknown}", path=path, unknown=", ".join(sorted(unknown))
        )
    return record_type(
        **{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    )


def check_choice(path: Path, key: str, value: str, choices: tuple[str, ...]) -> None:
    """Demand that a value is one of those it can have.

    Raises
    ------
    ConfigError
        If it is not; the message names key, value and file.
    """
    if value not in choices:
        raise ConfigError(
            "key_not_allowed",
            "{path}: {key} must be one of {choices}, was {value!r}",
            path=path,
            key=key,
            choices=" ".join(choices),
            value=value,
        )


def check_id(path: Path, name: str) -> None:
    """Demand that a connector has the name of its folder.

    Raises
    ------
    ConfigError
        If it has not.
    """
    if name != path.parent.name:
        raise ConfigError(
            "id_must_folder_name",
            "{path}: id must be the folder's name {name!r}, was {name_2!r}",
            path=path,
            name=path.parent.name,
            name_2=name,
        )
