"""The parts on one machine: each may do what it must and no more, and asks for commands and settings that exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from ipaddress import ip_address, ip_network

import pytest
import yaml
from tools.pin_images import pinned

from tests.architecture.source_tree import ROOT
from tests.deploy.material import DEPLOY, REACH, checked, command_fault, setting_fault, variable_of
from vigie.adapters.sources.manifest import manifests as sources
from vigie.config.names import FILE_SUFFIX
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
def test_a_part_has_these_networks_and_these_secrets_and_no_others(name):
    one = SERVICES[name]
    networks, secrets = REACH[name]
    assert set(one["networks"]) == networks
    assert set(one.get("secrets", ())) == secrets
    if name in OURS:
        # Each secret is read by the part that has it, through the variable of a setting that is one.
        named = {key: value for key, value in one["environment"].items() if key.endswith(FILE_SUFFIX)}
        assert named == {variable_of(secret): f"/run/secrets/{secret}" for secret in secrets}


def test_parts_that_send_messages_have_a_way_out_a_sender_and_what_the_collector_asks_has_its_key():
    for name in ("web", "worker"):
        assert SERVICES[name]["environment"].keys() >= {"VIGIE_SMTP_FROM", "VIGIE_APPRISE_HOSTS"}
    asked = {secret.removeprefix("VIGIE_").lower() for one in sources() for secret in one.secrets}
    assert set(SERVICES["collector"]["secrets"]) == {"database_url"} | asked
    assert MADE["networks"]["outside"]["driver_opts"] == {
        "com.docker.network.bridge.enable_icc": "false"  # its members do not reach one another there
    }


@each
def test_an_image_is_named_by_exact_version(name):
    image = SERVICES[name]["image"]
    assert name in OURS or re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?", image)
    # PostgreSQL numbers its releases with two parts, others with three.
    assert name in OURS or image.count(".") - image.count("./") >= (1 if name == "database" else 2)


def test_a_release_names_the_digest_of_every_image_and_builds_none():
    digests = {}

    def digest_of(image):
        return digests.setdefault(image, f"sha256:{len(digests):064x}")

    own = f"ghcr.io/owner/vigie:v1.2.3@sha256:{'a' * 64}"
    text = FILE.read_text(encoding="utf-8")
    released = yaml.safe_load(pinned(text, own, digest_of))
    images = {name: one["image"] for name, one in released["services"].items()}
    assert {images.pop(name) for name in OURS} == {"${VIGIE_IMAGE:-" + own + "}"}
    assert images == {
        name: f"{SERVICES[name]['image']}@{digests[SERVICES[name]['image']]}" for name in images
    }
    assert [name for name, one in released["services"].items() if "build" in one] == []
    # Nothing else is changed.
    for name, one in released["services"].items():
        assert {**one, "image": "", "build": ""} == {**SERVICES[name], "image": "", "build": ""}
    with pytest.raises(ValueError, match="has no digest"):
        pinned(text, own, lambda image: "latest")
    with pytest.raises(ValueError, match="has no digest"):
        pinned(text, "ghcr.io/owner/vigie:v1.2.3", digest_of)
    with pytest.raises(ValueError, match="once"):
        pinned(text.replace("  build:", "  built:"), own, digest_of)


@pytest.mark.skipif(sys.platform == "win32", reason="a script of a release, not on Windows")
def test_the_digest_is_the_one_that_the_registry_has(tmp_path):
    stub = tmp_path / "docker"
    stub.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\necho \'{{"digest": "sha256:{"b" * 64}"}}\'\n')
    stub.chmod(0o755)
    own = f"ghcr.io/owner/vigie:v1.2.3@sha256:{'a' * 64}"
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "pin_images.py", FILE, own],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    released = yaml.safe_load(done.stdout)
    assert released["services"]["database"]["image"] == f"{SERVICES['database']['image']}@sha256:{'b' * 64}"
    asked = (tmp_path / "asked").read_text().splitlines()
    assert f"buildx imagetools inspect {SERVICES['proxy']['image']} --format {{{{json .Manifest}}}}" in asked


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


def test_the_log_of_the_proxy_has_no_word_of_a_shared_link():
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    [pattern] = re.findall(r'request>uri regexp "([^"]+)" "\$1\.\.\."', text)
    for path, told in (
        ("/portfolio/shared/S3cret-word?lang=fr", "/portfolio/shared/...?lang=fr"),
        ("/shared/An0ther-word", "/shared/..."),
        ("/api/v1/holdings/shared?word=Th1rd", "/api/v1/holdings/shared?word=..."),
        ("/api/v1/watchlists/read?x=1&share=F0urth", "/api/v1/watchlists/read?x=1&share=..."),
        ("/portfolio?moved=week", "/portfolio?moved=week"),
    ):
        assert re.sub(pattern, r"\1...", path) == told
    assert "request>headers>Referer delete" in text


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
