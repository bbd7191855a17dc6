"""What every plug-in from outside promises, asked of the example packages as they are installed."""

from __future__ import annotations

import asyncio
import shutil
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import httpx
import pytest

from tests.clocks import JumpingClock
from tests.plugins import EXAMPLES, forgetting, install
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.plugins.checking import check_plugin
from vigie.adapters.plugins.found import OutsidePlugins
from vigie.adapters.plugins.loading import load_plugin
from vigie.adapters.plugins.notifiers import channel_kind
from vigie.adapters.plugins.simulated import open_simulated
from vigie.adapters.plugins.sources import open_source, site_of, source_manifest
from vigie.adapters.sources.site import Site
from vigie.domain.errors import ConfigError, ConnectorError, TransientError, UsageError
from vigie.ports.notifier import OutgoingMessage

NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/pyproject.toml"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    return install(tmp_path_factory.mktemp("site") / "packages", NAMES)


@pytest.fixture
def plugins(installed, tmp_path):
    """The plug-ins of a home, from a copy of the installed packages; all are allowed."""
    site = shutil.copytree(installed, tmp_path / "site")
    found = OutsidePlugins(tmp_path / "home", path=[str(site)])
    for info in found.list_plugins():
        found.allow(info.name)
    with forgetting():
        yield found


def test_examples_are_a_source_and_a_channel(plugins):
    assert {info.kind for info in plugins.list_plugins()} == {"source", "notifier"}
    assert [info.name for info in plugins.list_plugins()] == [f"packages/{name}" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_keeps_the_contract_of_its_kind(plugins, name):
    assert check_plugin(plugins.content(f"packages/{name}"), JumpingClock()) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_an_example_is_imported_before_it_is_allowed_or_after_it_changed(
    installed, tmp_path, name
):
    site = shutil.copytree(installed, tmp_path / "site")
    program = next(path for path in (site / name).glob("*.py") if path.stem in ("source", "notifier"))
    ran = tmp_path / "ran"
    for file in (program, site / name / "__init__.py"):
        file.write_text(f"{file.read_text('utf-8')}\nopen({str(ran)!r}, 'a').close()\n", "utf-8")
    plugins = OutsidePlugins(tmp_path / "home", path=[str(site)])
    with forgetting():
        for spoil in (lambda: None, lambda: plugins.allow(f"packages/{name}") and touch(site / name)):
            spoil()
            content = plugins.content(f"packages/{name}")
            assert not content.info.is_allowed
            assert plugins.usable(content.info.kind) == []
            with pytest.raises(ConfigError, match="its content is not allowed here"):
                load_plugin(content)
            assert check_plugin(content, JumpingClock())
        assert name not in sys.modules
        assert not ran.exists()
        plugins.allow(f"packages/{name}")
        load_plugin(plugins.content(f"packages/{name}"))
        assert ran.exists()


def touch(folder: Path) -> None:
    """Change a file that is no program: all files count."""
    manifest = folder / "manifest.toml"
    manifest.write_text(f"{manifest.read_text('utf-8')}\n# Changed.\n", "utf-8")


def test_what_runs_is_what_was_hashed_whatever_lies_on_the_disk_by_then(plugins):
    content = plugins.content("packages/example_room")
    (content.folder / "notifier.py").write_text("raise RuntimeError('changed')\n", "utf-8")
    assert load_plugin(content).EXAMPLE == "room://news"
    plugins.allow("packages/example_room")
    with pytest.raises(ConfigError, match="has changed since it was loaded; restart Vigie"):
        load_plugin(plugins.content("packages/example_room"))


def test_facts_of_the_source_come_through_its_declared_host_alone(plugins):
    content, clock = plugins.content("packages/example_hashrate"), JumpingClock()
    load_plugin(content)
    service = open_simulated(content)
    fetcher = Fetcher(clock, transport=service.transport())
    feeds = open_source(content, Site(source_manifest(content), fetcher, clock, key="hunter2"))
    batch = asyncio.run(feeds["daily"].pull(""))
    (measure,) = feeds["daily"].measures()
    assert len(batch.observations) == 30
    assert all(fnmatchcase(fact.series, measure.pattern) for fact in batch.observations)
    assert [fact.ts_event for fact in batch.observations] == sorted(
        fact.ts_event for fact in batch.observations
    )
    assert {httpx.URL(address).host for _, address, _ in service.requests} == {"pool.example.org"}
    again = asyncio.run(feeds["daily"].pull(batch.bookmark))
    assert [fact.ts_event for fact in again.observations] == [batch.observations[-1].ts_event]


ESCAPES = {
    "another host": "await site.fetcher.get('https://elsewhere.example.org/')",
    "a socket": "__import__('socket').create_connection(('127.0.0.1', 9), 0.1)",
    "a name looked up": "__import__('socket').getaddrinfo('elsewhere.example.org', 443)",
    "a name of an address": "__import__('socket').getnameinfo(('192.0.2.1', 443), 0)",
    "a name looked up by the loop": "await __import__('asyncio').get_running_loop().getaddrinfo('192.0.2.1', 443)",
    "a socket in a thread of the loop": (
        "await __import__('asyncio').get_running_loop().run_in_executor("
        "None, __import__('socket').create_connection, ('127.0.0.1', 9), 0.1)"
    ),
    "a program": "__import__('subprocess').run(['true'])",
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_a_source_reaches_no_host_that_it_does_not_declare(plugins, escape):
    content = plugins.content("packages/example_hashrate")
    source = content.folder / "source.py"
    text = source.read_text("utf-8").replace("    now = site.now()", f"    {escape}\n    now = site.now()")
    text = text.replace(
        'await site.json("/v1/hash-rate", list, headers={"x-key": site.key})', '[{"day": 1, "hash_rate": 2}]'
    )
    source.write_text(text, "utf-8")
    plugins.allow("packages/example_hashrate")
    content, clock = plugins.content("packages/example_hashrate"), JumpingClock()

    async def found_nowhere(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    site = site_of(content, Fetcher(clock), clock, symbols={}, key="k", resolve=found_nowhere)
    feed = open_source(content, site)["daily"]
    with pytest.raises((PermissionError, ConnectorError), match="declare"):
        asyncio.run(feed.pull(""))


def test_a_declared_host_is_looked_up_for_a_source_in_the_threads_of_the_loop(plugins):
    content = plugins.content("packages/example_hashrate")
    manifest = content.folder / "manifest.toml"
    text = manifest.read_text("utf-8").replace('"https://pool.example.org"', '"https://localhost"')
    manifest.write_text(text, "utf-8")
    plugins.allow("packages/example_hashrate")
    content, clock = plugins.content("packages/example_hashrate"), JumpingClock()
    feed = open_source(content, site_of(content, Fetcher(clock), clock, symbols={}, key="k"))["daily"]
    with pytest.raises(UsageError, match="localhost must lead to the public internet"):
        asyncio.run(feed.pull(""))


def test_a_source_that_declares_less_than_it_asks_breaks_the_contract(plugins):
    content = plugins.content("packages/example_hashrate")
    manifest = content.folder / "manifest.toml"
    manifest.write_text(
        manifest.read_text("utf-8").replace('"https://pool.example.org"', '"https://other.example.org"'),
        "utf-8",
    )
    source = content.folder / "source.py"
    source.write_text(
        source.read_text("utf-8").replace("await site.json(", "await _ask(site, ")
        + "\n\nasync def _ask(site, path, kind, headers):\n"
        + '    return (await site.fetcher.get("https://pool.example.org" + path, headers=headers)).json(kind)\n',
        "utf-8",
    )
    plugins.allow("packages/example_hashrate")
    (broken,) = check_plugin(plugins.content("packages/example_hashrate"), JumpingClock())
    assert broken == "it asks pool.example.org, which its manifest does not declare"


def test_messages_of_the_channel_arrive_and_failures_say_what_happens_next(plugins):
    content, clock = plugins.content("packages/example_room"), JumpingClock()
    load_plugin(content)
    service = open_simulated(content)
    kind = channel_kind(content, clock, bytes, {}, transport=service.transport)
    message = OutgoingMessage("d1", "room://news", "Bitcoin", "A rule was published.")
    assert asyncio.run(kind.open().send(message)) == "200"
    ((method, address, body),) = service.requests
    assert (method, address) == ("POST", "https://chat.example.org/rooms/news")
    assert b"A rule was published." in body
    with pytest.raises(ConnectorError):
        asyncio.run(kind.open().send(OutgoingMessage("d2", "room://gone", "x", "y")))
    service.fault = "status 500"
    with pytest.raises(TransientError):
        asyncio.run(kind.open().send(message))


def test_a_channel_in_a_simulated_home_sends_nothing(plugins):
    kind = channel_kind(
        plugins.content("packages/example_room"), JumpingClock(), bytes, {}, is_simulated=True
    )
    with pytest.raises(ConfigError, match="its market is simulated"):
        kind.open()
    assert "example_room" not in sys.modules
