"""The image: built in one stage, run in another that holds what runs and nothing else, as nobody in particular."""

from __future__ import annotations

import re
import shlex
import sys

import pytest

from tests.architecture.source_tree import ROOT
from tests.deploy.material import DEPLOY, checked, command_fault, setting_fault

FILE = DEPLOY / "Dockerfile"
STAGES = re.split(r"(?m)^FROM ", FILE.read_text(encoding="utf-8"))
LAST = STAGES[-1].replace("\\\n", " ")


def instructions(name, text=LAST):
    return re.findall(rf"(?m)^{name} (.*)$", text)


@pytest.mark.skipif(sys.platform == "win32", reason="hadolint comes in a wheel not on Windows")
def test_hadolint_finds_nothing_and_finds_a_planted_fault(tmp_path):
    assert checked("hadolint", FILE) == ""
    planted = tmp_path / "Dockerfile"
    planted.write_text(FILE.read_text(encoding="utf-8").replace("USER 10001:10001", "USER root"))
    assert "DL3002" in checked("hadolint", planted)


def test_the_last_stage_installs_nothing_and_runs_as_nobody_in_particular():
    assert len(STAGES) == 3
    assert not re.search(r"\b(pip|uv|apt-get|npm|gcc|curl|wget) ", LAST)
    assert instructions("USER") == ["10001:10001"]
    assert instructions("COPY") == ["--from=build /opt/vigie /opt/vigie"]


def test_both_stages_are_of_one_base_that_can_be_bound_to_a_digest():
    text = FILE.read_text(encoding="utf-8")
    assert re.findall(r"(?m)^FROM (\S+)", text) == ["${PYTHON_IMAGE}"] * 2
    # By exact version; nothing else is fetched under a name that may become another image.
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-bookworm", instructions("ARG", text)[0].split("=")[1])
    assert "syntax=" not in text


def test_every_package_is_pinned_by_hash_and_comes_with_its_bytecode():
    build = STAGES[1].replace("\\\n", " ")
    installs = re.findall(r"(?:pip install|uv pip install) ([^&]*)", build)
    assert len(installs) == 4
    for words in installs:
        assert "--require-hashes" in words or "/tmp/wheel" in words
    into = [words for words in installs if "/opt/vigie" in words]
    assert len(into) == 2
    assert all("--compile-bytecode" in words for words in into)


def test_it_starts_a_command_that_exists_and_is_asked_whether_it_lives():
    words = [*eval(instructions("ENTRYPOINT")[0]), *eval(instructions("CMD")[0])]
    assert words[0] == "vigie"
    assert command_fault(words[1:]) == ""
    assert "http://127.0.0.1:8080/healthz" in LAST
    names = [word.split("=")[0] for word in shlex.split(" ".join(instructions("ENV"))) if "=" in word]
    assert [setting_fault(name) for name in names if setting_fault(name)] == []


def test_nothing_goes_to_the_builder_but_what_the_image_is_made_of():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    named = {rule[1:] for rule in rules if rule.startswith("!")}
    assert {path for path in named if not (ROOT / path).exists()} == set()
    assert named.isdisjoint({".git", "deploy/", "tests/", ".env"})
    # What pyproject and the build hook read.
    assert {"src/", "frontend/", "requirements/", "tools/build_assets.py", "hatch_build.py"} <= named
    assert {"pyproject.toml", "README.md", "LICENSE"} <= named
