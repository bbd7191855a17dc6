"""`vigie news` and `vigie source` as they are typed: sources asked, items found and explained, own sources kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.houses import house, placed
from tests.newsrooms import told_house
from tests.unit.sandbox.world.hands import small_world
from vigie.config import settings
from vigie.config.paths import SIMULATED_FILE as MARK
from vigie.domain.item import item_id
from vigie.domain.register import RegisterEntry
from vigie.intelligence.market.fear_greed import WEIGHTS
from vigie.ports.quotes import SourceHealth
from vigie.ports.registers import RegisterSnapshot
from vigie.ports.source_fetches import SourceFetch
from vigie.views.cli.main import app
from vigie.wiring.news import NewsConnectors
from vigie_sandbox.world.server import serving


def typed(home: Any, *words: str, ends: int = 0) -> str:
    done = CliRunner().invoke(app, [*words, "--home", str(home)])
    assert done.exit_code == ends, done.output
    return done.output


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    home = tmp_path_factory.mktemp("told")
    told_house(home)
    return home


@pytest.fixture(scope="module")
def world():
    with serving(small_world()) as url:
        yield url


@pytest.fixture
def simulated(tmp_path, world, monkeypatch):
    monkeypatch.setenv("VIGIE_WORLD_URL", world)
    # A simulated market keeps its database in its home whatever is set; here it lies where houses lie.
    monkeypatch.setattr(settings, "is_simulated", lambda home: False)
    home = placed(tmp_path / "home", with_bars=False)
    (home / MARK).write_text("{}")
    return home


def test_sources_are_asked_and_what_they_showed_is_found_and_explained(simulated):
    assert "nothing found; `vigie news fetch`" in typed(simulated, "news", "search", "bitcoin")
    asked = typed(simulated, "news", "fetch", "chainpost", "tessel").splitlines()
    assert [line.partition(":")[0] for line in asked] == ["chainpost", "tessel"]
    new = int(asked[0].partition(": ")[2].partition(" new of ")[0])
    assert new > 0
    again = typed(simulated, "news", "fetch", "chainpost")
    assert "chainpost: 0 new of " in again
    rows = json.loads(typed(simulated, "news", "search", "bitcoin", "--everything", "--json"))
    lines = typed(simulated, "news", "search", "bitcoin", "--everything").splitlines()
    assert [line[:20] for line in lines] == [row["id"] for row in rows]
    assert rows
    assert house(simulated).items.count() >= len(rows), "it is kept where the database of the home is"
    shown = typed(simulated, "news", "why", rows[0]["id"])
    assert shown.startswith(rows[0]["title"])
    assert "first seen" in shown


def test_an_item_says_where_it_is_from_and_what_every_step_found(told):
    item = item_id("sec_press", "e")
    plain = typed(told, "news", "why", item)
    for said in (
        "SEC approves spot Ether ETF",
        "SEC press releases, regulator, of SEC: https://www.sec.gov/e",
    ):
        assert said in plain
    steps = json.loads(typed(told, "news", "why", item, "--json"))["found"]
    assert {one["step"] for one in steps} == {
        "language", "relevance", "duplicate", "entities", "topics", "sentiment", "novelty", "urgency",
        "reliability", "story", "summary", "keywords",
    }  # fmt: skip
    assert all(f"  {one['step']}: " in plain for one in steps)
    # Each with its version and what it took.
    assert all(one["version"] and one["took_us"] is not None for one in steps)
    assert " ms: " in typed(told, "news", "why", item, "--numbers")
    assert "cite une" in typed(told, "news", "why", item, "--language", "fr")


def test_what_is_searched_for_is_narrowed_and_what_is_not_there_is_said(told):
    def found(*words: str) -> set[str]:
        return {row["source"] for row in json.loads(typed(told, "news", "search", *words, "--json"))}

    assert found("ether") == {"sec_press", "decrypt", "journalducoin", "coindesk"}
    assert found("ether", "--tier", "regulator") == {"sec_press"}
    assert found("ether", "--language", "fr") == {"journalducoin"}
    assert found('"spot ether etf"', "--asset", "ethereum") >= {"sec_press"}
    typed(told, "news", "why", "0" * 20, ends=1)


@pytest.mark.parametrize(
    "words",
    [
        ("mood",),
        ("mood", "ethereum"),
        ("words",),
        ("topics",),
        ("sources", "--days", "365"),
        ("model",),
        ("weekly",),
    ],
)
def test_what_is_told_of_all_news_is_printed(told, words):
    assert typed(told, "news", *words).strip()


def test_parts_of_our_fear_and_greed_are_printed_with_their_weights(told):
    lines = typed(told, "news", "mood").splitlines()
    assert all(
        any(line.startswith(f"  {name} ({weight:.0%}): ") for line in lines)
        for name, weight in WEIGHTS.items()
    )
    kept = json.loads(typed(told, "news", "mood", "ethereum", "--json"))
    assert (kept["subject"], [one["part"] for one in kept["parts"]]) == ("ethereum", list(WEIGHTS))


def test_drafts_say_so_until_they_answered_this_home(tmp_path):
    place = house(tmp_path, with_bars=False)
    before = {line.split()[0]: line for line in typed(tmp_path, "source", "list").splitlines()}
    assert "(draft, never verified)" in before["sec_press/feed"]
    place.quotes.put_health([SourceHealth("sec_press/feed", "live", 1, 1)])
    after = {line.split()[0]: line for line in typed(tmp_path, "source", "list").splitlines()}
    assert "(draft)" in after["sec_press/feed"]
    place.items.take(SourceFetch("sec_press", 1, left_out=1_007))
    told = {line.split()[0]: line for line in typed(tmp_path, "source", "list").splitlines()}
    assert told["sec_press/feed"].endswith("1,007 older ones are skipped")
    assert "left out" not in told["cftc/feed"]
    assert "never verified" in after["cftc/feed"]
    assert "VIGIE_CRYPTORANK_KEY" in typed(tmp_path, "source", "test", "cryptorank", "phoenix_news", ends=1)
    assert "no public interface" in typed(tmp_path, "source", "test", "phoenix_news", ends=1)


def test_sources_are_tried_and_their_kept_answers_read_again(simulated):
    assert typed(simulated, "source", "test", "chainpost").startswith("chainpost: verified, ")
    assert typed(simulated, "source", "again", "chainpost") == "1 stored answers read, 0 revisions created\n"


def test_what_is_read_otherwise_and_what_cannot_be_read_is_told(tmp_path):
    place = house(tmp_path, with_bars=False)
    place.registers.take(RegisterSnapshot("fca_warnings", 1, [RegisterEntry("fca_warnings", "k", "Firm")]))
    shown = "<item><title>Quorex</title><link>https://www.fca.org.uk/q</link></item>"
    body = {"body": f'<rss version="2.0"><channel><title>Warnings</title>{shown}</channel></rss>'}
    place.documents.put("fca_warnings/feed", "k", 1, body)
    odd = place.documents.put("fca_warnings/feed", "k", 2, {"body": "<html>Come again</html>"})
    first, second, third = typed(tmp_path, "source", "again", "fca_warnings").splitlines()
    assert first == "1 stored answers read, 0 revisions created"
    assert second == "1 rows of the register are read differently from now on"
    assert third.startswith(f"skipped: the raw document {odd.id} cannot be read: ")


def test_own_sources_are_added_exchanged_and_removed(tmp_path):
    home = placed(tmp_path / "home", with_bars=False)
    added = typed(home, "source", "add", "https://office.example/r", "--kind", "page", "--title", "Office",
                  "--publisher", "regulator", "--reads", "rows=main li", "--reads", "date=time")  # fmt: skip
    assert added == "office\n"
    rows = json.loads(typed(home, "source", "list", "--json"))
    assert [row["title"] for row in rows if row["source"] == "office"] == ["Office"]
    list_of = tmp_path / "feeds.opml"
    list_of.write_text(typed(home, "source", "opml"), encoding="utf-8")
    assert typed(home, "source", "remove", "office") == "office is removed\n"
    assert "office/feed" not in typed(home, "source", "list")
    list_of.write_text(
        '<opml version="1.0"><body><outline text="One" xmlUrl="https://one.example/rss"/>'
        '<outline text="In" xmlUrl="http://10.0.0.1/rss"/></body></opml>'
    )
    taken = typed(home, "source", "take", str(list_of)).splitlines()
    assert taken[0] == "one: added"
    assert taken[1].startswith("http://10.0.0.1/rss: ")
    typed(home, "source", "take", str(list_of), ends=1)


def test_own_sources_that_cannot_be_asked_are_named_with_their_reason(tmp_path):
    house(tmp_path, with_bars=False)
    (tmp_path / "feeds").mkdir(exist_ok=True)
    (tmp_path / "feeds" / "office.toml").write_text('url = "ftp://example.com/feed"\n')
    (tmp_path / "sources" / "prices").mkdir(parents=True)
    done = CliRunner().invoke(app, ["source", "list", "--home", str(tmp_path)])
    assert done.exit_code == 0
    lines = [line for line in done.stderr.splitlines() if " cannot be used: " in line]
    assert [line.split()[0] for line in lines] == ["feeds/office.toml", "sources/prices"]
    assert all(line.partition(": ")[2] for line in lines)
    said = []
    news = NewsConnectors(
        house(tmp_path, with_bars=False),
        None,
        None,
        tmp_path / "feeds",
        urls={},
        keys={},
        speedup=1.0,
        report=said.append,
    )
    assert news.own_connectors() == []
    assert said == ["feeds/office.toml cannot be asked; `vigie source list` says why"]
