"""Names from public lists: clients against the simulated world, the difference first, kept, read by, taken back."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from typer.testing import CliRunner

from tests.clocks import OPENED, JumpingClock
from tests.houses import house, placed
from tests.unit.sandbox.world.hands import small_world
from vigie.adapters.name_lists.coingecko import CoinGeckoNameSource
from vigie.adapters.name_lists.gleif import GleifNameSource
from vigie.adapters.name_lists.parsing import clean_names
from vigie.adapters.name_lists.wikidata import WikidataNameSource
from vigie.adapters.net.fetch import Fetcher
from vigie.config import settings
from vigie.config.paths import SIMULATED_FILE as MARK
from vigie.domain.entity import ImportedName
from vigie.domain.errors import VigieError
from vigie.domain.register import RegisterEntry
from vigie.intelligence.news.gazetteer.entries import load_packaged
from vigie.intelligence.news.gazetteer.linking import link_entities
from vigie.intelligence.news.gazetteer.lookup import Gazetteer
from vigie.intelligence.news.gazetteer.name_imports import merge_imported
from vigie.ports.registers import RegisterSnapshot
from vigie.services.news.entities.naming import gazetteer_of, own_names
from vigie.views.cli.main import app
from vigie.wiring import name_sources
from vigie_sandbox.world.newsroom.licences import lei_of
from vigie_sandbox.world.server import serving

CLIENTS = {"wikidata": WikidataNameSource, "gleif": GleifNameSource, "coingecko": CoinGeckoNameSource}


@pytest.fixture(scope="module")
def world():
    with serving(small_world()) as url:
        yield url


@pytest.fixture
def simulated(tmp_path, world, monkeypatch):
    monkeypatch.setenv("VIGIE_WORLD_URL", world)
    monkeypatch.setattr(settings, "is_simulated", lambda home: False)
    home = placed(tmp_path / "home", with_bars=False)
    (home / MARK).write_text("{}")
    return home


def typed(home, *words, ends=0):
    done = CliRunner().invoke(app, ["news", "import-names", *words, "--home", str(home)])
    assert done.exit_code == ends, done.output
    return done.output


def linked(home, text):
    return [one.id for one in link_entities(gazetteer_of(own_names(house(home).names)), text)]


def answered(source, answer):
    def reply(request: httpx.Request) -> httpx.Response:
        return answer(request)

    fetcher = Fetcher(JumpingClock(OPENED), transport=httpx.MockTransport(reply))
    return asyncio.run(CLIENTS[source](fetcher, "http://list.test").fetch(limit=5, leis=["A" * 20]))


def test_a_difference_is_told_first_and_an_import_is_read_by_and_taken_back(simulated):
    text = "Traders of Harborlight Exchange wait"
    dry = typed(simulated, "wikidata")
    assert "licence: CC0" in dry
    assert "org:harborlight-exchange Harborlight Exchange" in dry
    assert "nothing was kept" in dry
    assert linked(simulated, text) == []
    told = json.loads(typed(simulated, "wikidata", "--apply", "--json"))
    assert (told["is_kept"], told["new"] >= 2, told["gone"]) == (True, True, 0)
    assert linked(simulated, text) == ["org:harborlight-exchange"]
    again = json.loads(typed(simulated, "wikidata", "--limit", "1", "--apply", "--json"))
    assert (again["entities"], again["gone"] > 0) == (1, True)
    assert "the import before it is read again" in typed(simulated, "wikidata", "--undo")
    typed(simulated, "wikidata", "--undo")
    assert linked(simulated, text) == []
    assert house(simulated).names.import_ids() == []


def test_coins_and_firms_of_registers_are_imported_by_the_same_client_code(simulated):
    told = json.loads(typed(simulated, "coingecko", "--limit", "40", "--json"))
    assert told["entities"] == 40
    assert told["left_out"] + told["further"] + told["new"] > 0
    lei = lei_of("A firm of the register")
    row = RegisterEntry("esma_casps", "a", "Whoever SAS", lei, "FR", "AMF", (), (), "", OPENED, None, {})
    house(simulated).registers.take(RegisterSnapshot("esma_casps", OPENED, (row,)))
    told = json.loads(typed(simulated, "gleif", "--json"))
    assert told["entities"] == 1
    assert told["new_names"][0].endswith("Digital Assets")


@pytest.mark.parametrize("source", CLIENTS)
@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"data": 3}', b"<html>", b'[{"name": 3}]'])
def test_an_answer_of_an_unknown_form_is_an_error_or_holds_nothing(source, body):
    try:
        found = answered(source, lambda _: httpx.Response(200, stream=httpx.ByteStream(body)))
    except VigieError:
        return
    assert (source, body, found.names) == ("coingecko", b"[]", [])


def test_a_row_that_cannot_be_kept_is_named_and_the_rest_is_imported(tmp_path, monkeypatch):
    """One odd id refused the whole import."""
    rows = [
        {"id": "zorvex", "symbol": "zvx", "name": "Zorvex"},
        {"id": "\u26a1Odd Id", "symbol": "odd", "name": "Odd <one>"},
        {"id": "x" * 81, "symbol": "long", "name": "Long"},
        {"id": "nameless", "symbol": "no", "name": "!!!"},
        {"id": None, "symbol": "no", "name": "No id"},
        {"id": "brindle", "symbol": "brd", "name": "Brindle Coin"},
    ]

    body = json.dumps(rows).encode()

    def opened(source, home):
        fetcher = Fetcher(
            JumpingClock(OPENED),
            transport=httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(body))),
        )
        return house(tmp_path / "h"), CoinGeckoNameSource(fetcher, "http://list.test")

    monkeypatch.setattr(name_sources, "open_name_source", opened)
    home = placed(tmp_path / "h", with_bars=False)
    told = json.loads(typed(home, "coingecko", "--apply", "--json"))
    assert (told["entities"], told["is_kept"]) == (2, True)
    assert [one.partition(":")[0] for one in told["odd"]] == ["row 2", "row 3", "row 4", "row 5"]
    assert "Odd Id" in told["odd"][0]
    assert linked(home, "Brindle Coin is listed") == ["coin:brindle"]
    said = typed(home, "coingecko", "--limit", "3")
    assert "rows left out, since they cannot be kept: 2" in said
    assert "row 2: the id" in said


def test_an_answer_that_is_too_long_is_refused():
    with pytest.raises(VigieError, match="the answer of list\\.test is longer than"):
        answered("gleif", lambda _: httpx.Response(200, stream=httpx.ByteStream(b" " * 5_000_000)))


def test_hostile_names_are_left_out():
    names = ["Zor\u202evex", "x" * 81, "a|b", "1", "!!!", "  Zor \n vex ", "Zor vex"]
    assert clean_names(names) == ["Zor vex"]


def test_who_is_called_so_already_keeps_the_name_and_a_plain_word_needs_evidence():
    names = [
        ImportedName("org:zorvex", "Zorvex", ("Zorvex", "Kraken"), ("BTC", "ZVX")),
        ImportedName("org:other", "Coinbase", ("Coinbase", "Coinbase Old Name")),
    ]
    found = merge_imported(load_packaged(), names)
    assert found.left_out == (("Kraken", "org:kraken"), ("BTC", "coin:bitcoin"))
    assert found.further == (("org:coinbase", "Coinbase Old Name"),)
    assert [one.entity for one in found.new] == ["org:zorvex"]
    gazetteer = Gazetteer(found.entries)
    assert [one.id for one in link_entities(gazetteer, "A word such as Zorvex")] == []
    assert [one.id for one in link_entities(gazetteer, "The exchange Zorvex opens")] == ["org:zorvex"]
    assert merge_imported(load_packaged(), []).entries == load_packaged()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PRICE", "Price fell on Monday"),
        ("The exchange", "The exchange was hacked, users say"),
        ("10 million", "10 million stolen"),
        ("MARKET MAKERS", "Market makers leave"),
        ("he said", "he said nothing"),
    ],
)
def test_a_name_that_is_a_common_word_in_capitals_or_small_is_not_read_alone(name, text):
    found = merge_imported(load_packaged(), [ImportedName("org:zorvex", name, (name,))])
    assert [one.id for one in link_entities(Gazetteer(found.entries), text) if one.id == "org:zorvex"] == []
    sure = merge_imported(
        load_packaged(), [ImportedName("org:zorvex", "Zorvex Labs", ("Zorvex Labs", "ZorVex"))]
    )
    for said in ("Zorvex Labs is hacked", "ZorVex is hacked"):
        assert [one.id for one in link_entities(Gazetteer(sure.entries), said)] == ["org:zorvex"]
