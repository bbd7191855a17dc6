"""Settings: the only reader of files and environment.

paths      where things lie below the home folder
names      which variable stands for which setting
layers     vigie.toml, .env, environment and options, read and laid over one another
early      the few settings that every command needs, without loading a library
settings   every setting with its type, bounds and default
loading    all settings together: read, checked, and where each came from
secrecy    files with secrets, and secrets on the screen
redaction  what of the settings may be shown to others
"""

from vigie.config.early import resolve_paths, states_instruments, venue_url, web_host, web_port
from vigie.config.names import may_hold_credentials
from vigie.config.paths import SIMULATED_FILE, Paths, is_simulated
from vigie.config.redaction import hidden_values, personal_names, setting_files, shown_settings

__all__ = [
    "SIMULATED_FILE",
    "Paths",
    "hidden_values",
    "is_simulated",
    "may_hold_credentials",
    "personal_names",
    "resolve_paths",
    "setting_files",
    "shown_settings",
    "states_instruments",
    "venue_url",
    "web_host",
    "web_port",
]
