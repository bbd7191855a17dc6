"""Units of systemd: every part says when it is ready and that it lives, and can write its own folder only."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from tests.deploy.material import DEPLOY, REACH, command_fault, setting_fault, variable_of
from vigie.config.names import is_secret, setting_key

UNITS = DEPLOY / "systemd"
PARTS = ["vigie-web.service", "vigie-collector.service", "vigie-worker.service", "vigie-trader@.service"]
# A service may write where it says, and nothing else; what is compiled while it runs forbids one more.
WALLS = {
    "User": "vigie", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "ProtectSystem": "strict",
    "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "RestrictNamespaces": "yes",
    "SystemCallFilter": "@system-service", "StateDirectory": "vigie", "UMask": "0077",
    "ProtectKernelTunables": "yes", "ProtectControlGroups": "yes", "LockPersonality": "yes",
}  # fmt: skip


def unit(name):
    """Return the lines of a unit, by key, each with all its values."""
    found: dict[str, list[str]] = {}
    for line in (UNITS / name).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("name", [*PARTS, "vigie-backup.service"])
def test_a_service_is_walled_in_and_calls_what_exists(name):
    made = unit(name)
    assert {key: made[key][0] for key in WALLS} == WALLS
    assert "MemoryDenyWriteExecute" not in made
    calls = [shlex.split(line.replace("%i", "main")) for line in made["ExecStart"]]
    ours = [words[1:] for words in calls if words[0] == "/opt/vigie/bin/vigie"]
    assert ours
    assert [command_fault(words) for words in ours if command_fault(words)] == []
    names = [word.split("=")[0] for line in made["Environment"] for word in shlex.split(line)]
    assert [setting_fault(one) for one in names if setting_fault(one)] == []


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_falls_silent_is_started_again_and_one_that_is_refused_is_not(name):
    made = unit(name)
    assert made["Type"] == ["notify"]
    assert made["NotifyAccess"] == ["main"]
    assert 10 <= int(made["WatchdogSec"][0]) <= 120
    assert made["Restart"] == ["on-failure"]
    assert made["RestartPreventExitStatus"] == ["2"]
    assert made["MemoryMax"]
    assert made["WantedBy"] == ["vigie.target"]


def test_a_trader_is_tried_again_for_ever_and_the_others_until_somebody_looks():
    limits = {name: unit(name)["StartLimitIntervalSec"] for name in PARTS}
    assert {name for name, limit in limits.items() if limit == ["0"]} == {"vigie-trader@.service"}
    assert int(unit("vigie-trader@.service")["RestartSec"][0]) >= 10


def test_what_starts_with_the_machine_trades_nothing():
    wanted = unit("vigie.target")["Wants"][0].split()
    assert set(wanted) == {name for name in PARTS if "trader" not in name}


def test_settings_of_the_example_are_settings_and_hold_no_secret():
    text = (UNITS / "vigie.env").read_text(encoding="utf-8")
    names = re.findall(r"(?m)^#?([A-Z][A-Z_]+)=", text)
    assert len(names) >= 5
    assert [setting_fault(name) for name in names if setting_fault(name)] == []
    assert [name for name in names if (key := setting_key(name)) is None or is_secret(key)] == []


# Of each unit, the secrets that it has; as in Compose, the keys of venues are the trader's alone.
SECRETS = {
    "vigie-web.service": REACH["web"][1],
    "vigie-collector.service": REACH["collector"][1],
    "vigie-worker.service": REACH["worker"][1],
    "vigie-trader@.service": REACH["trader"][1],
    "vigie-backup.service": {"database_url"},
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_unit_has_these_secrets_as_files_and_no_others(name):
    made = unit(name)
    assert set(made["LoadCredential"]) == {f"{one}:/etc/vigie/secrets/{one}" for one in SECRETS[name]}
    # Where there is no such file the secret is an empty one, which says nothing.
    assert set(made["SetCredential"]) == {rf"{one}:\n" for one in SECRETS[name]}
    given = [line for line in made["Environment"] if "_FILE=" in line]
    assert set(given) == {f"{variable_of(one)}=%d/{one}" for one in SECRETS[name]}
    assert made["EnvironmentFile"] == ["-/etc/vigie/vigie.env"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is only on Linux")
@pytest.mark.parametrize("name", SECRETS)
def test_systemd_understands_every_line(name, tmp_path):
    def told(text):
        made = tmp_path / name.replace("@", "@main")
        made.write_text(text.replace("/opt/vigie/bin/vigie", "/bin/true"))
        return subprocess.run(
            ["systemd-analyze", "verify", made], capture_output=True, text=True, check=False
        ).stderr

    text = (UNITS / name).read_text(encoding="utf-8")
    assert name not in told(text).replace("@main", "@")
    assert "LoadCredentail" in told(text.replace("LoadCredential=", "LoadCredentail="))


@pytest.mark.skipif(sys.platform == "win32", reason="a script of a server, not on Windows")
def test_a_command_of_ones_own_has_the_keys_of_venues_only_where_it_speaks_with_an_account(tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name in REACH["trader"][1] | {"smtp_url"}:
        (secrets / name).write_text("" if name == "binance_key" else "word")
    stub = tmp_path / "systemd-run"
    stub.write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done\n')
    stub.chmod(0o755)
    script = (UNITS / "vg").read_text(encoding="utf-8").replace("/etc/vigie/secrets", str(secrets))

    def called(*words):
        done = subprocess.run(
            ["sh", "-c", script, "vg", *words], stdin=subprocess.DEVNULL, check=True, capture_output=True, text=True,
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        )  # fmt: skip
        lines = done.stdout.splitlines()
        own = lines.index("/opt/vigie/bin/vigie")
        [at] = [line.removeprefix("--unit=") for line in lines if line.startswith("--unit=")]
        named = {
            line.split(":")[0].removeprefix("LoadCredential=") for line in lines[:own] if "LoadC" in line
        }
        read = {f"{variable_of(name)}=/run/credentials/{at}.service/{name}" for name in named}
        assert read <= set(lines[:own])
        return lines[own + 1 :], named

    assert called("user", "add", "Ann B") == (["user", "add", "Ann B"], {"database_url", "smtp_url"})
    # An empty one is left out.
    assert called("trade", "flatten")[1] == (REACH["trader"][1] | {"smtp_url"}) - {"binance_key"}
