"""The parts on one machine: each may do what it must and no more, and asks for commands and settings that exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from ipaddress import ip_address, ip_network

import pytest
import yaml

from tests.deploy.material import DEPLOY, checked, command_fault, setting_fault
from vigie.run_file import read_run_file

FILE = DEPLOY / "compose.yml"
MADE = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES = MADE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("${VIGIE_IMAGE")}
each = pytest.mark.parametrize("name", SERVICES)


def test_the_schema_holds_and_a_misspelt_key_is_found(tmp_path):
    words = ("--builtin-schema", "vendor.compose-spec")
    assert checked("check-jsonschema", *words, FILE) == ""
    planted = tmp_path / "compose.yml"
    planted.write_text(FILE.read_text(encoding="utf-8").replace("cap_drop:", "cap_dropp:"))
    assert "cap_dropp" in checked("check-jsonschema", *words, planted)


def test_every_part_that_weeks_need_is_there():
    assert set(OURS) == {"web", "collector", "worker", "trader"}
    assert set(SERVICES) - set(OURS) == {"database", "proxy", "prometheus", "grafana"}
    assert SERVICES["trader"]["profiles"] == ["trade"]


@each
def test_a_part_cannot_change_its_image_nor_gain_rights_nor_fill_the_disk_with_its_log(name):
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["cap_add"] == ["NET_BIND_SERVICE"] if name == "proxy" else "cap_add" not in one
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in one
    assert one["logging"]["options"].keys() == {"max-size", "max-file"}
    assert one["mem_limit"]
    assert one["restart"] == "unless-stopped"
    # The image of Vigie brings its own for the pages.
    assert name == "web" or "healthcheck" in one


@each
def test_an_image_is_named_by_version(name):
    image = SERVICES[name]["image"]
    assert name in OURS or re.fullmatch(r"[\w./-]+:v?\d+(\.\d+)*(-\w+)?", image)


@each
def test_secrets_come_as_files_and_folders_and_networks_are_declared(name):
    one = SERVICES[name]
    assert set(one.get("secrets", ())) <= set(MADE["secrets"])
    assert set(one["networks"]) <= set(MADE["networks"])
    for key, value in one.get("environment", {}).items():
        is_named = re.search(r"PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL", key)
        if is_named:
            assert str(value).removeprefix("/run/secrets/") in one["secrets"], key
    for volume in one.get("volumes", ()):
        source = volume.split(":")[0]
        assert source in MADE["volumes"] or (DEPLOY / source).exists(), volume


@pytest.mark.parametrize("name", OURS)
def test_commands_and_settings_exist(name):
    one = SERVICES[name]
    assert command_fault(one["command"]) == ""
    assert [setting_fault(key) for key in one["environment"] if setting_fault(key)] == []


def test_the_check_of_commands_and_settings_finds_planted_faults():
    assert command_fault(["serv"]) == "no command serv"
    assert "No such option" in command_fault(["serve", "--hosst", "0.0.0.0"])
    assert setting_fault("VIGIE_PROT") == "VIGIE_PROT is no setting"
    assert setting_fault("VIGIE_PORT_FILE") == "VIGIE_PORT_FILE is no setting"


def test_the_world_reaches_the_proxy_alone_and_the_pages_believe_nobody_else():
    ports = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert set(ports) == {"proxy", "grafana"}
    assert all(port.startswith("127.0.0.1:") for port in ports["grafana"])
    address = SERVICES["proxy"]["networks"]["front"]["ipv4_address"]
    assert SERVICES["web"]["environment"]["VIGIE_PROXY"] == address
    outside = {name for name, one in SERVICES.items() if "outside" in one["networks"]}
    assert outside == {"collector", "trader", "proxy", "grafana"}
    assert [name for name, one in MADE["networks"].items() if not (one or {}).get("internal")] == ["outside"]


def test_a_fixed_address_is_none_that_another_part_may_have_drawn_before():
    for name, one in MADE["networks"].items():
        fixed = [
            ip_address(networks[name]["ipv4_address"])
            for service in SERVICES.values()
            if isinstance(networks := service["networks"], dict) and (networks.get(name) or {})
        ]
        assert len(fixed) == len(set(fixed))
        for config in (one or {}).get("ipam", {}).get("config", ()):
            assert all(address in ip_network(config["subnet"]) for address in fixed)
            drawn = ip_network(config["ip_range"])
            assert drawn.subnet_of(ip_network(config["subnet"]))
            assert not [address for address in fixed if address in drawn]


@pytest.mark.parametrize("name", OURS)
def test_a_part_has_as_long_to_end_as_its_unit_of_systemd(name):
    unit = (DEPLOY / "systemd" / f"vigie-{name}{'@' * (name == 'trader')}.service").read_text(
        encoding="utf-8"
    )
    seconds = re.findall(r"(?m)^TimeoutStopSec=(\d+)$", unit)
    assert SERVICES[name]["stop_grace_period"] == f"{seconds[0]}s"


def test_who_is_asked_whether_they_live_is_asked_as_a_browser_asks():
    asked = [
        words for one in SERVICES.values() if "wget" in (words := one.get("healthcheck", {}).get("test", []))
    ]
    assert len(asked) == 3
    # One wget asks `--spider` with HEAD, which the proxy's own address refuses, another with GET.
    assert [words for words in asked if "--spider" in words] == []


def test_what_the_world_must_not_ask_ends_at_the_proxy():
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert "@inside path /metrics /readyz\n\trespond @inside 404" in text
    assert "reverse_proxy web:8080" in text


def test_the_run_file_that_is_traded_first_is_paper():
    file = read_run_file(DEPLOY / "run.toml")
    assert file.venue.mode == "paper"


@pytest.mark.skipif(sys.platform == "win32", reason="a script of a server, not on Windows")
def test_secrets_are_made_once_drawn_anew_each_time_and_out_of_reach(tmp_path):
    def made(folder):
        folder.mkdir(exist_ok=True)
        script = folder / "prepare.sh"
        script.write_bytes((DEPLOY / "prepare.sh").read_bytes())
        subprocess.run(["sh", script], check=True, capture_output=True)
        return {path.name: path.read_text() for path in (folder / "secrets").iterdir()}

    first, other = made(tmp_path / "a"), made(tmp_path / "b")
    assert set(first) == {one["file"].removeprefix("./secrets/") for one in MADE["secrets"].values()}
    assert made(tmp_path / "a") == first
    assert first["postgres_password"] != other["postgres_password"]
    assert len(first["postgres_password"]) == 64
    assert first["database_url"] == f"postgresql://vigie:{first['postgres_password']}@database/vigie"
    assert os.stat(tmp_path / "a" / "secrets").st_mode & 0o777 == 0o700
