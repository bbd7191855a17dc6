"""What the files of `deploy/` share: where they are, programs that check files, and commands that must exist."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer.main

from tests.architecture.source_tree import ROOT
from vigie.adapters.venues.manifest import manifests
from vigie.config.names import FILE_SUFFIX, is_secret, setting_key
from vigie.views.cli.main import app

DEPLOY = ROOT / "deploy"
# Read by libraries and by Vigie before there are settings.
OTHERS = {"VIGIE_CACHE_DIR", "MALLOC_ARENA_MAX", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}

# Of each part: its networks and its secrets. `outside` is the only network with a way out; the venues' keys are the
# trader's alone.
VENUE_KEYS = {
    f"{one.id}_{part}"
    for one in manifests()
    if "trading" in one.capabilities
    for part in ("key", "secret", "passphrase")[: len(one.credentials)]
}
REACH = {
    "web": ({"front", "back", "watch", "outside"}, {"database_url", "smtp_url"}),
    "collector": ({"back", "outside"}, {"database_url", "coingecko_key"}),
    "worker": ({"back", "outside"}, {"database_url", "smtp_url"}),
    "trader": ({"back", "outside"}, {"database_url"} | VENUE_KEYS),
    "database": ({"back"}, {"postgres_password"}),
    "proxy": ({"front", "outside"}, set()),
    "prometheus": ({"watch"}, {"metrics_token"}),
    "grafana": ({"watch", "outside"}, {"grafana_password"}),
}


def variable_of(secret: str) -> str:
    """Return the variable that names the file of a secret."""
    name = secret if secret == "database_url" else f"vigie_{secret}"
    return f"{name.upper()}{FILE_SUFFIX}"


def checked(program: str, *words: str | Path) -> str:
    """Run a checker of the environment and return what it says; the empty word where it finds nothing."""
    name = Path(sys.executable).with_name(program + (".exe" if sys.platform == "win32" else ""))
    done = subprocess.run(
        [name, *words], cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip() or f"code {done.returncode}"


def command_fault(words: Sequence[str]) -> str:
    """Say what is wrong with a call of vigie; the empty word where it can be made."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while rest and hasattr(command, "commands"):
        if rest[0] not in command.commands:
            return f"no command {rest[0]}"
        command = command.commands[rest.pop(0)]
    try:
        command.make_context("vigie", rest, resilient_parsing=False)
    except Exception as fault:
        return f"{' '.join(words)}: {fault}"
    return ""


def setting_fault(name: str) -> str:
    """Say whether a variable is a setting; the empty word where it is."""
    if name in OTHERS or setting_key(name) is not None:
        return ""
    key = setting_key(name.removesuffix(FILE_SUFFIX)) if name.endswith(FILE_SUFFIX) else None
    return "" if key is not None and is_secret(key) else f"{name} is no setting"
