"""The page of plug-ins from outside, and what an allowed one adds: a line on the chart, a channel, a source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.houses import Browser, house
from tests.plugins import forgetting
from vigie.adapters.plugins import notifiers as plugin_notifiers
from vigie.adapters.plugins.found import OutsidePlugins
from vigie.adapters.plugins.kinds import open_kind_of
from vigie.adapters.plugins.notifiers import channel_kind
from vigie.adapters.plugins.scaffold import create_plugin
from vigie.adapters.plugins.sources import site_of
from vigie.wiring import plugin_sources
from vigie.wiring.app_context import open_app_context
from vigie.wiring.collector import open_collector


def put(home: Path, kind: str, name: str, *, is_allowed: bool) -> None:
    create_plugin(open_kind_of(kind), name, home / "plugins")
    if is_allowed:
        OutsidePlugins(home).allow(f"plugins/{name}")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("No plug-in yet", "not allowed", "enforced", "declared only", "unusable", "How to allow one"),
        ),
        (
            "fr",
            (
                "Aucune extension",
                "non autorisé",
                "imposés",
                "déclarés seulement",
                "inutilisable",
                "Autoriser une",
            ),
        ),
    ],
)
def test_the_page_shows_what_plugins_declare_and_runs_none(tmp_path, language, words):
    home = tmp_path / "home"
    built = house(home, with_bars=False)
    browser = Browser(built, language=language)
    assert words[0] in browser.get("/plugins").text
    put(home, "source", "lanterns", is_allowed=False)
    put(home, "notifier", "pigeon", is_allowed=True)
    put(home, "source", "spoilt", is_allowed=False)
    (home / "plugins" / "lanterns" / "source.py").write_text("raise AssertionError\n", "utf-8")
    (home / "plugins" / "spoilt" / "source.py").unlink()
    page = browser.get("/plugins").text
    for word in (*words[1:], "plugins/lanterns", "plugins/pigeon", "api.example.org"):
        assert word in page, word
    rows = {row["name"]: row for row in Browser(built).call("plugins.list").json()["rows"]}
    assert [rows[f"plugins/{name}"]["state"] for name in ("lanterns", "pigeon", "spoilt")] == [
        "not allowed", "on", "unusable",
    ]  # fmt: skip
    assert rows["plugins/lanterns"]["are_hosts_enforced"]
    assert not rows["plugins/pigeon"]["are_hosts_enforced"]


def test_an_allowed_indicator_can_be_chosen_on_the_chart(tmp_path):
    home = tmp_path / "home"
    built = house(home)
    for name, is_allowed in (("above_mean", True), ("never_read", False)):
        put(home, "indicator", name, is_allowed=is_allowed)
    with forgetting():
        built = replace(built, plugins=open_app_context(home).plugins)
        browser = Browser(built)
        names = [one["name"] for one in browser.call("assets.indicators").json()["indicators"]]
        assert "above_mean" in names
        assert "never_read" not in names
        page = browser.get("/asset/bitcoin?lines=above_mean_30").text
        assert "Above mean 30" in page
        chart = browser.call("assets.chart", asset="bitcoin", range="1m", lines="above_mean_30").json()
        assert [line["name"] for line in chart["lines"]] == ["Above mean 30"]
        assert len(chart["lines"][0]["values"]) > 100
        assert browser.call("assets.chart", asset="bitcoin", lines="never_read").status_code == 400


def test_an_allowed_channel_takes_its_addresses_and_no_other_does(tmp_path):
    home = tmp_path / "home"
    house(home, with_bars=False)
    put(home, "notifier", "pigeon", is_allowed=True)
    put(home, "notifier", "parrot", is_allowed=False)
    notifiers = open_app_context(home).notifiers
    assert notifiers.kind_of_address("pigeon://loft") == "pigeon"
    assert notifiers.kind_of_address("parrot://perch") == "apprise"
    assert notifiers.kind("pigeon").title == "Pigeon"
    with forgetting():
        assert hasattr(notifiers.for_kind("pigeon"), "send")


def test_the_collector_asks_allowed_sources_only(home):
    put(home, "source", "lanterns", is_allowed=True)
    put(home, "source", "lights", is_allowed=False)
    with forgetting():
        connectors = {one.owner: one for one in open_collector().connectors}
        assert connectors["lanterns"].off == ""
        assert "its content is not allowed here" in connectors["lights"].off
        assert "lanterns/daily" in {note.id for note in open_app_context(home).directory.notes()}


def test_a_source_gets_its_own_key_from_the_settings_and_is_off_without_it(home, monkeypatch):
    put(home, "source", "lanterns", is_allowed=False)
    monkeypatch.setenv("VIGIE_LANTERNS_KEY", "hunter2")
    given = []
    monkeypatch.setattr(
        plugin_sources, "site_of", lambda *args, **more: given.append(more["key"]) or site_of(*args, **more)
    )
    OutsidePlugins(home).allow("plugins/lanterns")
    with forgetting():
        open_collector()
    monkeypatch.delenv("VIGIE_LANTERNS_KEY")
    manifest = home / "plugins" / "lanterns" / "manifest.toml"
    text = manifest.read_text("utf-8").replace("secrets = []", 'secrets = ["VIGIE_LANTERNS_KEY"]')
    manifest.write_text(text, "utf-8")
    OutsidePlugins(home).allow("plugins/lanterns")
    with forgetting():
        (found,) = [one for one in open_collector().connectors if one.owner == "lanterns"]
        assert "write VIGIE_LANTERNS_KEY=... into .env" in found.off
        monkeypatch.setenv("VIGIE_LANTERNS_KEY", "hunter2")
        (found,) = [one for one in open_collector().connectors if one.owner == "lanterns"]
        assert found.off == ""
    assert given == ["", "", "hunter2"]


def test_a_channel_gets_no_key_that_it_does_not_declare(home, monkeypatch):
    put(home, "notifier", "pigeon", is_allowed=True)
    monkeypatch.setenv("VIGIE_PIGEON_KEY", "hunter2")
    given = []
    monkeypatch.setattr(
        plugin_notifiers,
        "channel_kind",
        lambda *args, **more: given.append(args[3]) or channel_kind(*args, **more),
    )
    manifest = home / "plugins" / "pigeon" / "manifest.toml"
    text = manifest.read_text("utf-8").replace("secrets = []", 'secrets = ["VIGIE_PIGEON_KEY"]')
    assert open_app_context(home).notifiers.kind("pigeon")
    manifest.write_text(text, "utf-8")
    OutsidePlugins(home).allow("plugins/pigeon")
    assert open_app_context(home).notifiers.kind("pigeon")
    assert given == [{}, {"key": "hunter2"}]
