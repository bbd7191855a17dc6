"""The few settings that every command needs, read without loading a library; `settings` checks them all."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vigie.config.layers import DOTENV, TOML, merge_layers, read_home_layers, read_outer_layers
from vigie.config.names import HOME, SettingKey
from vigie.config.paths import Paths
from vigie.domain.errors import ConfigError


def resolve_paths(home: str | Path | None = None, environ: Mapping[str, str] | None = None) -> Paths:
    """Find the home folder: the argument, else ``VIGIE_HOME``, else the platform's user data folder.

    Parameters
    ----------
    home : str or Path, optional
        Wins over everything.
    environ : mapping, optional
        The environment; the process's own by default. ``.env`` and ``vigie.toml`` in the working folder may name
        the home folder, too.

    Returns
    -------
    Paths
        Nothing is created.

    Raises
    ------
    ConfigError
        If it names what can be no folder: a name that is too long, a link to itself.
    """
    if home:
        return _check_home(Path(home).expanduser())
    variables = os.environ if environ is None else environ
    # The Python door asks at every run: no other variable is looked at, and no layer is made where there is no file.
    home_variable = {name: variables[name] for name in (HOME,) if name in variables}
    home_text = home_variable.get(HOME, "")
    if not home_text.startswith("~") and not any(map(os.path.lexists, (TOML, DOTENV))):
        return _check_home(Path(home_text)) if home_text else Paths(_default_home())
    for layer in reversed(read_outer_layers(home_variable, Path.cwd())):
        home_value = layer.value(("home",))
        if home_value:
            if not isinstance(home_value, str):
                raise ConfigError(f"home in {layer.source} must be text, was {home_value!r}")
            folder = Path.cwd() if layer.path is None else layer.path.parent
            return _check_home(folder / Path(home_value).expanduser())
    return Paths(_default_home())


def _check_home(home: Path) -> Paths:
    try:
        os.stat(home)
    except OSError as fault:
        if fault.errno in (errno.ELOOP, errno.ENAMETOOLONG):
            raise ConfigError(f"home must be a folder, was {home}: {fault.strerror}") from None
    return Paths(Path(os.path.realpath(home)))


def _default_home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("vigie", appauthor=False)


def _read_early(key: SettingKey, home: Path | None, environ: Mapping[str, str] | None) -> tuple[Any, str]:
    """Return what is written for a setting and where, None where nothing is."""
    outer = read_outer_layers(os.environ if environ is None else environ, Path.cwd(), with_secrets=True)
    inner = read_home_layers(home or resolve_paths(environ=environ).home, with_secrets=True)
    for layer in reversed(merge_layers(inner, outer)):
        entry = layer.entries.get(key)
        if entry is not None:
            return entry.value, f"{entry.name} in {layer.source}"
    return None, ""


def states_instruments(home: Path, environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether a file of settings states rules of instruments, so that `loading` must be asked for them."""
    variables = os.environ if environ is None else environ
    layers = [*read_home_layers(home), *read_outer_layers(variables, Path.cwd())]
    return any(key[0] == "instruments" for layer in layers for key in layer.entries)


def venue_url(exchange: str, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the base address to use for a service in place of its own: ``VIGIE_<SERVICE>_URL``, ``urls`` in files."""
    address, _ = _read_early(("urls", exchange.lower()), None, environ)
    return str(address) if address else None


def web_host(environ: Mapping[str, str] | None = None) -> str:
    """Return where the pages listen: ``VIGIE_HOST``, ``host`` in files, else this machine only."""
    host, _ = _read_early(("host",), None, environ)
    return str(host) if host else "127.0.0.1"


def web_port(environ: Mapping[str, str] | None = None) -> int:
    """Return the port of the pages: ``VIGIE_PORT``, ``port`` in files, else 8080.

    Raises
    ------
    ConfigError
        If it is no port.
    """
    value, source = _read_early(("port",), None, environ)
    text = "8080" if value is None else str(value)
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < 65_536:
        raise ConfigError(f"{source} must be 1..65535, was {value!r}")
    return int(text)
