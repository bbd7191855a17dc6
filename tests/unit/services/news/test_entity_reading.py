"""What is read of an entity: no more than is told of it."""

from __future__ import annotations

from types import SimpleNamespace

from tests.houses import house, person
from vigie.data.catalog import BarCatalog
from vigie.services.news.entities import naming
from vigie.services.operation_calls import run_operation
from vigie.services.operations.entities import EntityInput, read_sentiment


def test_how_items_sound_is_told_without_their_texts():
    asked = []
    items = SimpleNamespace(glance=lambda query: asked.append(query) or [])
    clock = SimpleNamespace(market_now=lambda: 1_760_000_000_000)
    read_sentiment(person(), EntityInput(entity="org:sec"), items, clock)
    (query,) = asked
    assert set(query.steps) == {"sentiment", "duplicate"}


def test_names_are_folded_once_however_often_they_are_searched(tmp_path, monkeypatch):
    opened = house(tmp_path / "home", with_bars=False)
    catalog = BarCatalog(opened.facts, opened.bar_reader)
    folded = naming.folded_names_of(catalog, opened.names)
    entries = naming.entries_of(catalog, opened.names)
    assert list(folded) == list(entries)
    monkeypatch.setattr(naming, "names_of", lambda entry: 1 / 0)
    found = run_operation(opened, person(), "entities.find", {"q": "sec"}).found
    assert "org:sec" in {one["entity"] for one in found}
