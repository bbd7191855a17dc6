"""Units of systemd: every part says when it is ready and that it lives, and can write its own folder only."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.deploy.material import DEPLOY, command_fault, setting_fault

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
    names = [word.split("=")[0] for word in shlex.split(made["Environment"][0])]
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


def test_settings_of_the_example_are_settings():
    text = (UNITS / "vigie.env").read_text(encoding="utf-8")
    names = re.findall(r"(?m)^#?([A-Z][A-Z_]+)=", text)
    assert len(names) >= 5
    assert [setting_fault(name) for name in names if setting_fault(name)] == []
