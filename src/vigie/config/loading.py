"""All settings together: read, laid over one another, checked, and told with where each came from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from vigie.config.early import resolve_paths
from vigie.config.layers import OPTIONS, Entry, Layer, around, inside, laid
from vigie.config.names import Key, is_secret, may_let_in, nearest, own_services
from vigie.config.secrecy import MASK, masked, refuse_open_files
from vigie.config.settings import Instruments, Part, Settings, stated_rules
from vigie.domain.errors import ConfigError
from vigie.domain.instrument import StatedRules

DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Checked settings and the layers they were laid from, the weakest first."""

    settings: Settings
    layers: Sequence[Layer]

    def told(self) -> list[tuple[str, str, str]]:
        """Return (key, shown value, where it came from) of every setting, secrets masked."""
        return [
            (".".join(key), _shown(key, value), self.origin(key)) for key, value in _leaves(self.settings)
        ]

    def origin(self, key: Key) -> str:
        """Return where a setting came from: ``VIGIE_PORT in the environment``."""
        for layer in reversed(self.layers):
            entry = layer.entries.get(key)
            if entry is not None:
                return f"{entry.name} in {layer.place}" + (f" ({entry.file})" if entry.file else "")
        return DEFAULT


def load(
    home: str | Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Loaded:
    """Read all settings: files in the home and the working folder, environment, options; later wins.

    Parameters
    ----------
    home : str or Path, optional
        Wins over what is written.
    environ : mapping, optional
        The environment; the process's own by default.
    options : mapping, optional
        What was said on the command line, by setting; None means that nothing was said.

    Raises
    ------
    ConfigError
        If a key is unknown, a value is wrong, or a secret cannot be read or can be read by others. Every fault is
        named with its key and file, one a line.
    """
    given = os.environ if environ is None else environ
    paths = resolve_paths(home, given)
    chosen, own = paths.home, own_services(paths.sources)
    layers = laid(inside(chosen, secrets=True, own=own), around(given, Path.cwd(), secrets=True, own=own))
    said = {"home": home, **(options or {})}
    spoken: dict[Key, Entry] = {
        (name,): Entry(f"--{name.replace('_', '-')}", value)
        for name, value in said.items()
        if value is not None
    }
    layers.append(Layer(OPTIONS, None, spoken))
    refuse_open_files(layers)
    faults = [
        f"{name} in {layer.place} is no setting{nearest(name)}" for layer in layers for name in layer.unknown
    ]
    try:
        settings = _checked(layers, chosen)
    except ValidationError as fault:
        faults += [_sentence(error, layers) for error in fault.errors(include_url=False)]
    if faults:
        raise ConfigError("\n".join(faults))
    return Loaded(settings, layers)


def load_instruments(
    home: str | Path | None = None, *, environ: Mapping[str, str] | None = None
) -> tuple[StatedRules, ...]:
    """Read what the settings state of instruments, and nothing else: other faults stop other commands.

    Raises
    ------
    ConfigError
        As `load` does.
    """
    given = os.environ if environ is None else environ
    layers = laid(inside(resolve_paths(home, given).home), around(given, Path.cwd()))
    tree: dict[str, Any] = {}
    for layer in layers:
        _lay(tree, {key: entry for key, entry in layer.entries.items() if key[0] == "instruments"})
    try:
        return stated_rules(_InstrumentsAlone.model_validate(tree).instruments)
    except ValidationError as fault:
        raise ConfigError(
            "\n".join(_sentence(error, layers) for error in fault.errors(include_url=False))
        ) from None


class _InstrumentsAlone(Part):
    instruments: Instruments = Field(default={})


def _lay(tree: dict[str, Any], entries: Mapping[Key, Entry]) -> dict[str, Any]:
    for key, entry in entries.items():
        branch = tree
        for name in key[:-1]:
            if not isinstance(branch.get(name), dict):
                branch[name] = {}
            branch = branch[name]
        branch[key[-1]] = entry.value
    return tree


@cache
def _laid() -> Callable[..., Settings]:
    # Once a process: making a model of all settings takes longer than reading them.
    class Laid(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            *_: Any,
            **__: Any,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(_Written(settings_cls, layer) for layer in init_settings()["layers"])

    return Laid


def _checked(layers: Sequence[Layer], home: Path) -> Settings:
    # Which folder is home was settled before: files that lie in it cannot move it.
    settled = Layer("", None, {("home",): Entry("home", str(home))})
    return _laid()(layers=(settled, *reversed(layers)))


class _Written(PydanticBaseSettingsSource):
    """One layer, as pydantic-settings takes it."""

    def __init__(self, kind: type[BaseSettings], layer: Layer) -> None:
        super().__init__(kind)
        self._layer = layer

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Return one field as it is written."""
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the layer as a tree."""
        return _lay({}, self._layer.entries)


def _sentence(error: Any, layers: Sequence[Layer]) -> str:
    """Say what is wrong with a setting: its name as it was written, its place, what is accepted, what it was."""
    key = tuple(str(part) for part in error["loc"])
    where = ".".join(key)
    for layer in reversed(layers):
        found = next(
            (held for held in layer.entries if held == key[: len(held)] or key == held[: len(key)]), None
        )
        if found is not None:
            where = f"{layer.entries[found].name if len(found) <= len(key) else where} in {layer.place}"
            break
    if error["type"] == "extra_forbidden":
        return f"{where} is no setting{nearest(key[-1])}"
    wish = error["msg"].removeprefix("Value error, ").partition(", unable to")[0]
    wish = wish.replace("Input should be", "must be").replace("String should", "must")
    given = error["input"]
    if key[0] == "urls" and may_let_in(str(given)):
        given = masked(str(given))
    was = "" if is_secret(key) or isinstance(given, dict) else f", was {given!r}"
    return f"{where} {wish}{was}"


def _leaves(tree: Any, above: Key = ()) -> list[tuple[Key, Any]]:
    found: list[tuple[Key, Any]] = []
    names = type(tree).model_fields if hasattr(type(tree), "model_fields") else tree
    for name in names:
        value = tree[name] if isinstance(tree, dict) else getattr(tree, name)
        if value is None:  # not stated
            continue
        is_group = isinstance(value, dict) or hasattr(type(value), "model_fields")
        found += _leaves(value, (*above, name)) if is_group else [((*above, name), value)]
    return found


def _shown(key: Key, value: Any) -> str:
    if isinstance(value, SecretStr):
        held = value.get_secret_value()
        return (MASK if held else "") if key[0] == "keys" else masked(held)
    if key[0] == "urls":
        return masked(str(value))
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
