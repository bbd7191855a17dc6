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
from vigie.config.layers import (
    OPTIONS,
    SettingEntry,
    SettingsLayer,
    merge_layers,
    read_home_layers,
    read_outer_layers,
)
from vigie.config.names import (
    SettingKey,
    declared,
    is_secret,
    may_hold_credentials,
    own_services,
    suggest_name,
)
from vigie.config.secrecy import MASK, mask_address, refuse_open_files
from vigie.config.settings import (
    MAIL_ADDRESS,
    MODEL_NAME,
    SYMBOL,
    Instruments,
    Settings,
    SettingsGroup,
    make_stated_rules,
)
from vigie.domain.errors import ConfigError
from vigie.domain.input_errors import describe_value
from vigie.domain.instrument import StatedRules

DEFAULT: Final = "default"
_FORMS: Final[Mapping[str, str]] = {
    MAIL_ADDRESS: "an address such as vigie@example.org, or empty",
    SYMBOL: "a contract's symbol of 1 to 40 letters and digits",
    MODEL_NAME: "a name without spaces, or empty",
}


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Checked settings and the layers they were laid from, the weakest first."""

    settings: Settings
    layers: Sequence[SettingsLayer]

    def list_settings(self) -> list[tuple[str, str, str]]:
        """Return (key, shown value, where it came from) of every setting, secrets masked."""
        return [
            (".".join(key), _format_value(key, value), self.origin(key))
            for key, value in _list_leaves(self.settings)
        ]

    def origin(self, key: SettingKey) -> str:
        """Return where a setting came from: ``VIGIE_PORT in the environment``."""
        for layer in reversed(self.layers):
            entry = layer.entries.get(key)
            if entry is not None:
                return f"{entry.name} in {layer.source}" + (f" ({entry.file})" if entry.file else "")
        return DEFAULT


def load(
    home: str | Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> LoadedSettings:
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
    variables = os.environ if environ is None else environ
    paths = resolve_paths(home, variables)
    home_path, own_sources = paths.home, own_services(paths.sources) | own_services(paths.plugins)
    layers = merge_layers(
        read_home_layers(home_path, with_secrets=True, own_sources=own_sources),
        read_outer_layers(variables, Path.cwd(), with_secrets=True, own_sources=own_sources),
    )
    spoken_options = {"home": home, **(options or {})}
    option_entries: dict[SettingKey, SettingEntry] = {
        (name,): SettingEntry(f"--{name.replace('_', '-')}", value)
        for name, value in spoken_options.items()
        if value is not None
    }
    layers.append(SettingsLayer(OPTIONS, None, option_entries))
    refuse_open_files(layers)
    faults = [
        f"{name} in {layer.source} is no setting{suggest_name(name)}"
        for layer in layers
        for name in layer.unknown
    ]
    try:
        settings = _validate_layers(layers, home_path)
    except ValidationError as fault:
        faults += [_describe_error(error, layers) for error in fault.errors(include_url=False)]
    if faults:
        raise ConfigError("\n".join(faults))
    return LoadedSettings(settings, layers)


def load_instruments(
    home: str | Path | None = None, *, environ: Mapping[str, str] | None = None
) -> tuple[StatedRules, ...]:
    """Read what the settings state of instruments, and nothing else: other faults stop other commands.

    Raises
    ------
    ConfigError
        As `load` does.
    """
    variables = os.environ if environ is None else environ
    layers = merge_layers(
        read_home_layers(resolve_paths(home, variables).home), read_outer_layers(variables, Path.cwd())
    )
    tree: dict[str, Any] = {}
    for layer in layers:
        _add_entries(tree, {key: entry for key, entry in layer.entries.items() if key[0] == "instruments"})
    try:
        return make_stated_rules(_InstrumentsOnly.model_validate(tree).instruments)
    except ValidationError as fault:
        raise ConfigError(
            "\n".join(_describe_error(error, layers) for error in fault.errors(include_url=False))
        ) from None


class _InstrumentsOnly(SettingsGroup):
    instruments: Instruments = Field(default={})


def _add_entries(tree: dict[str, Any], entries: Mapping[SettingKey, SettingEntry]) -> dict[str, Any]:
    for key, entry in entries.items():
        branch = tree
        for name in key[:-1]:
            if not isinstance(branch.get(name), dict):
                branch[name] = {}
            branch = branch[name]
        branch[key[-1]] = entry.value
    return tree


def preload() -> None:
    """Make what reading settings needs, once for all processes that are copied from this one."""
    declared()
    _laid()


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
            return tuple(_LayerSource(settings_cls, layer) for layer in init_settings()["layers"])

    return Laid


def _validate_layers(layers: Sequence[SettingsLayer], home: Path) -> Settings:
    # Which folder is home was settled before: files that lie in it cannot move it.
    home_layer = SettingsLayer("", None, {("home",): SettingEntry("home", str(home))})
    return _laid()(layers=(home_layer, *reversed(layers)))


class _LayerSource(PydanticBaseSettingsSource):
    """One layer, as pydantic-settings takes it."""

    def __init__(self, settings_class: type[BaseSettings], layer: SettingsLayer) -> None:
        super().__init__(settings_class)
        self._layer = layer

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Return one field as it is written."""
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the layer as a tree."""
        return _add_entries({}, self._layer.entries)


def _describe_error(error: Any, layers: Sequence[SettingsLayer]) -> str:
    """Say what is wrong with a setting: its name as it was written, its place, what is accepted, what it was."""
    key = tuple(str(part) for part in error["loc"])
    location = ".".join(key)
    for layer in reversed(layers):
        written_key = next(
            (
                entry_key
                for entry_key in layer.entries
                if entry_key == key[: len(entry_key)] or key == entry_key[: len(key)]
            ),
            None,
        )
        if written_key is not None:
            written = layer.entries[written_key].name if len(written_key) <= len(key) else location
            location = f"{written} in {layer.source}"
            break
    if error["type"] == "extra_forbidden":
        return f"{location} is no setting{suggest_name(key[-1])}"
    value, values = error["input"], error.get("ctx", {})
    if key[0] == "urls" and may_hold_credentials(str(value)):
        value = mask_address(str(value))
    if error["type"] == "value_error":
        actual = "" if is_secret(key) or isinstance(value, dict) else f", was {value!r}"
        return f"{location} {values['error']}{actual}"
    form = _FORMS.get(values.get("pattern", ""), "")
    given = None if is_secret(key) else value
    return f"{location} {describe_value(error['type'], error['msg'], values, given, form=form)}"


def _list_leaves(tree: Any, prefix: SettingKey = ()) -> list[tuple[SettingKey, Any]]:
    leaves: list[tuple[SettingKey, Any]] = []
    names = type(tree).model_fields if hasattr(type(tree), "model_fields") else tree
    for name in names:
        value = tree[name] if isinstance(tree, dict) else getattr(tree, name)
        if value is None:  # not stated
            continue
        is_group = isinstance(value, dict) or hasattr(type(value), "model_fields")
        leaves += _list_leaves(value, (*prefix, name)) if is_group else [((*prefix, name), value)]
    return leaves


def _format_value(key: SettingKey, value: Any) -> str:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return (MASK if secret else "") if key[0] == "keys" else mask_address(secret)
    if key[0] == "urls":
        return mask_address(str(value))
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
