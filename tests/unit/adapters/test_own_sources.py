"""Sources of a person's own: the one of the documentation is collected; what cannot be used spoils nothing."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tests.houses import Browser, house
from vigie.adapters.sources.own import own_sources
from vigie.config import SIMULATED_FILE
from vigie.config.loading import load
from vigie.data.collection.running import Collector
from vigie.domain.errors import ConfigError
from vigie.wiring.collector import open_collector

PAGE = (ROOT / "docs" / "sources.md").read_text("utf-8")
MANIFEST, PROGRAM = re.findall(r"```(?:toml|python)\n(# sources/.*?)```", PAGE, re.DOTALL)
ADDRESS = 'live_url = "https://pool.example.org"'


@pytest.fixture
def heard() -> list[str | None]:
    """What the pool was told to let us in."""
    return []


@pytest.fixture
def pool(heard: list[str | None]) -> Iterator[str]:
    class Pool(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"hashrate": "5e12"}).encode()
            heard.append(self.headers.get("Authorization"))
            self.send_response(200 if self.path == "/stats" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Pool)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def put(home: Path, name: str, manifest: str = MANIFEST, program: str | None = PROGRAM) -> Path:
    folder = home / "sources" / name
    folder.mkdir(parents=True)
    (folder / "manifest.toml").write_text(manifest, "utf-8")
    if program is not None:
        (folder / "source.py").write_text(program, "utf-8")
    return folder


def collected() -> Collector:
    """Run the collector of own sources until one of them has delivered or failed."""
    collector = open_collector()
    collector.connectors = [one for one in collector.connectors if one.owner == "mining_pool"]

    async def act() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(collector.run(stop))
        for _ in range(1_200):
            if any(one.state in ("live", "failing") for one in collector.quotes.health()):
                break
            await asyncio.sleep(0.05)
        stop.set()
        await asyncio.wait_for(task, 60)

    asyncio.run(act())
    return collector


def test_the_source_of_the_documentation_is_collected(home, pool):
    assert ADDRESS in MANIFEST
    put(home, "mining_pool", MANIFEST.replace(ADDRESS, f'live_url = "{pool}"'))
    collector = collected()
    assert set(collector.inbox._facts.list_series()) == {"mining/own/hashrate_hs"}
    told = {one.source: one.state for one in collector.quotes.health()}
    assert told == {"mining_pool/hashrate": "live"}


@pytest.mark.parametrize(
    ("name", "manifest", "program", "fault"),
    [
        ("mining_pool", MANIFEST, None, "mining_pool/source.py is missing"),
        ("mining_pool", "id = ", PROGRAM, "is not valid TOML: Invalid value (at end of document"),
        ("mining_pool", 'id = "mining_pool"', PROGRAM, "mining_pool/manifest.toml: missing: "),
        ("other", MANIFEST, PROGRAM, "other/manifest.toml: id must be the folder's name 'other'"),
        ("coingecko", MANIFEST, PROGRAM, "Vigie already has a source coingecko"),
        ("Pool", MANIFEST, PROGRAM, "the folder's name must use only a-z, 0-9 and _,"),
        ("mining_pool", MANIFEST.replace("every_s = 600", 'every_s = "x"'), PROGRAM, "every_s must be a number"),
        ("mining_pool", MANIFEST.replace("burst = 2", "burst = 0"), PROGRAM, "burst must be a number above 0"),
        ("mining_pool", MANIFEST.replace(ADDRESS, 'live_url = "ftp://x"'), PROGRAM, "live_url must begin"),
        ("mining_pool", MANIFEST.replace("[feeds.hashrate]", "[feeds.'a/b']"), PROGRAM, (
            "a feed's name must use only a-z, 0-9 and _, was"
)),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_without_where_the_home_is_and_spoils_nothing(
    home, name, manifest, program, fault
):
    put(home, name, manifest, program)
    (found,) = own_sources(home / "sources")
    assert found.manifest is None
    assert fault in found.fault
    assert str(home) not in found.fault


def test_a_broken_source_leaves_the_others(home):
    put(home, "broken", "id = ", "")
    put(home, "mining_pool", program="1 / 0")
    found = {one.id for one in open_collector().connectors if not one.off}
    assert "coingecko/markets" in found
    assert "mining_pool/hashrate" not in found


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        ("1 / 0", "mining_pool/source.py cannot be run: ZeroDivisionError"),
        ("import sys; sys.exit(3)", "mining_pool/source.py cannot be run: SystemExit"),
        ("open_feeds = 1", "must define the function open_feeds"),
        ("def open_feeds(site):\n    raise KeyError('x')", "open_feeds failed: KeyError('x')"),
        ("def open_feeds(site):\n    return {}", "open_feeds returns no feed hashrate"),
    ],
)
def test_a_program_that_cannot_be_run_is_off_with_its_reason(home, program, fault):
    put(home, "mining_pool", program=program)
    (found,) = [one for one in open_collector().connectors if one.owner == "mining_pool"]
    assert fault in found.off


def test_a_simulated_home_asks_nothing_outside(home, monkeypatch):
    put(home, "mining_pool", program="raise AssertionError")
    (home / SIMULATED_FILE).write_text("{}", "utf-8")
    monkeypatch.setenv("VIGIE_WORLD_URL", "http://127.0.0.1:9")
    (found,) = [one for one in open_collector().connectors if one.owner == "mining_pool"]
    assert "simulated" in found.off


def test_page_shows_own_sources_with_what_is_wrong_in_both_languages_and_runs_none(tmp_path):
    built = house(tmp_path / "home", with_bars=False)
    assert "None yet" in Browser(built).get("/sources?part=figures").text
    put(tmp_path / "home", "mining_pool", program="raise AssertionError")
    put(tmp_path / "home", "broken", "id = 'broken'", "")
    page = Browser(built).get("/sources?part=figures").text
    assert "mining_pool/hashrate" in page
    assert "broken/manifest.toml: missing: " in page
    assert (
        "broken/manifest.toml\u00a0: il manque\u00a0: "
        in Browser(built, language="fr").get("/sources?part=figures").text
    )
    Browser(built).post("/sources/test", {"source": "mining_pool/hashrate"})
    assert built.quotes.requests() == {"mining_pool/hashrate": "now"}


# --- its key

SECRET = "hunter2-hunter2"
KEYED = MANIFEST.replace("secrets = []", 'secrets = ["VIGIE_MINING_POOL_KEY"]')
SENDING = PROGRAM.replace('"/stats", dict', '"/stats", dict, headers={"Authorization": f"Bearer {site.key}"}')


def test_a_source_gets_its_key_as_the_documentation_sends_it(home, pool, heard, monkeypatch):
    assert 'headers={"Authorization": f"Bearer {site.key}"}' in PAGE
    monkeypatch.setenv("VIGIE_MINING_POOL_KEY", SECRET)
    put(home, "mining_pool", KEYED.replace(ADDRESS, f'live_url = "{pool}"'), SENDING)
    assert {one.source: one.state for one in collected().quotes.health()} == {"mining_pool/hashrate": "live"}
    assert heard == [f"Bearer {SECRET}"]


def test_without_its_key_a_source_is_off_and_names_the_variable(home):
    put(home, "mining_pool", KEYED, "raise AssertionError")
    (found,) = [one for one in open_collector().connectors if one.owner == "mining_pool"]
    assert "VIGIE_MINING_POOL_KEY" in found.off


def test_no_complaint_of_a_source_shows_its_key(home, pool, monkeypatch):
    monkeypatch.setenv("VIGIE_MINING_POOL_KEY", SECRET)
    program = PROGRAM.replace(
        "async def read(site, bookmark):", "async def read(site, bookmark):\n    int(site.key)"
    )
    put(home, "mining_pool", KEYED.replace(ADDRESS, f'live_url = "{pool}"'), program)
    (found,) = collected().quotes.health()
    assert (found.state, "********" in found.error, SECRET in found.error) == ("failing", True, False)


def test_a_source_may_name_no_key_but_its_own(home):
    put(home, "mining_pool", MANIFEST.replace("secrets = []", 'secrets = ["VIGIE_BITGET_KEY"]'))
    (found,) = own_sources(home / "sources")
    assert "secrets must be empty or name VIGIE_MINING_POOL_KEY alone" in found.fault


def test_a_key_is_of_a_source_that_is_there_and_is_masked(home, monkeypatch):
    monkeypatch.setenv("VIGIE_MINING_POOL_KEY", SECRET)
    with pytest.raises(ConfigError, match="VIGIE_MINING_POOL_KEY in the environment is no setting"):
        load(home)
    put(home, "mining_pool", KEYED)
    loaded = load(home)
    assert loaded.settings.keys["mining_pool"].key.get_secret_value() == SECRET
    assert SECRET not in str(loaded.list_settings())
    monkeypatch.setenv("VIGIE_MINING_POOL_SECRET", SECRET)
    with pytest.raises(ConfigError, match="VIGIE_MINING_POOL_SECRET in the environment is no setting"):
        load(home)


def test_a_key_in_the_settings_of_the_home_is_of_a_source_that_is_there(home):
    put(home, "mining_pool", KEYED)
    path = home / "vigie.toml"
    path.write_text(f'[keys.mining_pool]\nkey = "{SECRET}"\n', "utf-8")
    path.chmod(0o600)
    assert load(home, environ={}).settings.keys["mining_pool"].key.get_secret_value() == SECRET
    path.write_text(f'[keys.mining_pol]\nkey = "{SECRET}"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"keys\.mining_pol\.key in .* is no setting"):
        load(home, environ={})
