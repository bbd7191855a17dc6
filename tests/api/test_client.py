"""A client that the documented command makes of the API's description talks to a running home."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.e2e.houses import site_of
from vigie.services.operations.markets import MarketRow
from vigie.services.rows import row_names

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "web.md").read_text("utf-8")
COMMAND = re.search(r"^uvx (openapi-python-client==\S+) (.+)$", PAGE, re.M)
HOME = "http://127.0.0.1:8080"


def uv(*arguments, folder):
    """Run uv, which came with the environment of the tests."""
    return subprocess.run(
        [Path(sys.executable).with_name("uv"), *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, check=True, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(tmp_path_factory, site):
    """Make the client as the page says, from the pinned packages, in an environment of its own; give its Python."""
    folder = tmp_path_factory.mktemp("client")
    uv("venv", "--python", sys.executable, "made", folder=folder)
    python = folder / "made" / "bin" / "python"
    pinned = ROOT / "requirements" / "client.txt"
    uv("pip", "install", "--python", python, "--require-hashes", "-r", pinned, folder=folder)
    # The program waits five seconds for the description. A process makes it once, on a busy machine in more than that.
    httpx.get(f"{site.url}/api/v1/openapi.json", timeout=120).raise_for_status()
    program, *arguments = shlex.split(COMMAND[0].removeprefix("uvx ").replace(HOME, site.url))
    made = subprocess.run(
        [python.with_name(program.partition("==")[0]), *arguments],
        cwd=folder, capture_output=True, text=True, check=True,
        env={**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    return folder, python, made.stdout + made.stderr


def test_page_names_the_version_that_is_pinned():
    assert (ROOT / "requirements" / "client.in").read_text("utf-8").strip() == COMMAND[1]


def test_client_holds_every_operation(client):
    assert "WARNING" not in client[2]
    assert "Unable" not in client[2]


def test_program_of_the_page_reads_a_running_home(client, site):
    folder, python, _ = client
    program = re.search(r"```python\n(from vigie_client.*?)```", PAGE, re.S)[1].replace(HOME, site.url)
    fields = "print(*table.rows[0].to_dict())\n"
    lines = subprocess.run(
        [python, "-c", program + fields], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert 1 < len(lines) <= 6
    symbol, price, _ = lines[0].split()
    assert (symbol, float(price) > 0) == ("BTC", True)
    assert set(lines[-1].split()) == set(row_names(MarketRow))
