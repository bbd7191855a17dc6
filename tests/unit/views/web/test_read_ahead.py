"""Pages drawn once when a server begins."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.houses import KEY, house, until
from vigie.domain.errors import UsageError
from vigie.intelligence.news import topic_discovery
from vigie.views.web import read_ahead
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.page import pages


def ahead_of(built, said, languages=("en", "fr")):
    app = create_app(built, AppOptions(KEY, lambda word: False))
    return read_ahead.ReadAhead(app.state.web, languages, said.append)


def test_every_page_is_drawn_in_every_language_and_nothing_is_wrong_with_any(tmp_path):
    said = []
    drawn = ahead_of(house(tmp_path / "home"), said).read()
    assert not said
    assert drawn == [*read_ahead.PAGES] * 2


def test_a_page_is_drawn_though_what_belongs_to_it_needs_an_extra(tmp_path, monkeypatch):
    asked = []

    def refuse(part):
        asked.append(part)
        raise UsageError(
            "discovering_topics_requires_scikit_learn", "discovering topics requires scikit-learn"
        )

    monkeypatch.setattr(topic_discovery, "_sklearn", refuse)
    monkeypatch.setattr(topic_discovery, "LEAST", 0)
    monkeypatch.setattr(read_ahead, "PAGES", ("news",))
    ahead = ahead_of(house(tmp_path / "home"), said := [], ("en",))
    assert ahead.read() == ["news"]
    assert asked
    assert not said


def test_it_says_when_it_is_done_and_waits_for_bars(tmp_path, monkeypatch):
    built = house(tmp_path / "home")
    monkeypatch.setattr(read_ahead, "EVERY_S", 0.01)
    reader, asked = type(built.bar_reader), []

    def none_at_first(self):
        asked.append(len(asked))
        return {} if len(asked) < 4 else {"bitcoin": []}

    monkeypatch.setattr(reader, "instruments", none_at_first)
    monkeypatch.setattr(read_ahead, "PAGES", ("help",))
    said = []
    ahead = ahead_of(built, said)

    def compile_some():
        assert not ahead.is_compiled()
        asked.append(len(asked))

    monkeypatch.setattr(read_ahead, "compile_pages_apart", compile_some)
    ahead.start()
    until(lambda: said)
    assert ahead.is_compiled()
    assert said[0].startswith("2 pages read ahead in ")
    assert len(asked) >= 4, "compiled first, then asked for bars"


def test_a_fault_of_a_page_is_said_and_the_others_are_drawn(tmp_path, monkeypatch):
    ahead = ahead_of(house(tmp_path / "home"), said := [], ("en",))

    def broken(context):
        raise ZeroDivisionError("no such number")

    monkeypatch.setattr(read_ahead, "PAGES", ("markets", "help"))
    monkeypatch.setitem(
        pages(), "markets", pages()["markets"].__class__("markets", "/markets", "M", "", broken)
    )
    assert ahead.read() == ["help"]
    assert said == ["page markets could not be read ahead: ZeroDivisionError: no such number"]


def test_what_shows_an_account_is_drawn_when_it_is_replayed_and_when_it_is_live(tmp_path, monkeypatch):
    ahead = ahead_of(house(tmp_path / "home"), [], ("en", "fr"))
    # What a demonstration has, each time that is looked: nothing yet, its past being replayed, and its account.
    seen = iter([[], [], [True], [True], [False]])
    drawn = []

    class Looking:
        def call(self, name):
            assert name == "trading.accounts"
            return SimpleNamespace(rows=[{"is_replayed": phase} for phase in next(seen)])

    monkeypatch.setattr(read_ahead, "ACCOUNT_EVERY_S", 0.0)
    monkeypatch.setattr(ahead, "_context", lambda path: Looking())
    monkeypatch.setattr(ahead, "_draw", lambda page, language: drawn.append((page.name, language)))
    ahead._follow_account()
    once = [(name, language) for language in ("en", "fr") for name in read_ahead.OF_ACCOUNT]
    assert drawn == once * 2
    assert next(seen, None) is None


@pytest.fixture(autouse=True)
def compiled_rest(monkeypatch):
    """Note when the rest is compiled, in place of a process that does so for minutes."""
    asked = []
    monkeypatch.setattr(read_ahead, "compile_rest_apart", lambda: asked.append("rest"))
    return asked


@pytest.mark.parametrize(("is_simulated", "expected"), [(True, ["account"]), (False, ["rest"])])
def test_only_a_demonstration_waits_for_an_account_and_all_others_compile_the_rest(
    tmp_path, monkeypatch, compiled_rest, is_simulated, expected
):
    followed = compiled_rest
    monkeypatch.setattr(read_ahead, "PAGES", ())
    monkeypatch.setattr(read_ahead, "compile_pages_apart", lambda: None)
    built = replace(house(tmp_path / "home"), is_simulated=is_simulated)
    ahead = ahead_of(built, [])
    monkeypatch.setattr(ahead, "_follow_account", lambda: followed.append("account"))
    ahead._run()
    assert followed == expected


@pytest.mark.parametrize("is_begun", [True, False])
def test_one_that_was_ended_draws_nothing_more(tmp_path, is_begun, monkeypatch):
    monkeypatch.setattr(read_ahead, "compile_pages_apart", lambda: None)
    ahead = ahead_of(house(tmp_path / "home"), said := [])
    ahead.end()
    if is_begun:
        ahead._run()
    else:
        assert ahead.read() == []
    assert said == []


def test_pages_compute_once_compiling_was_tried_though_it_failed(tmp_path, monkeypatch):
    def fail():
        raise OSError("no room for a process")

    monkeypatch.setattr(read_ahead, "compile_pages_apart", fail)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    ahead = ahead_of(house(tmp_path / "home"), [])
    ahead.start()
    assert until(ahead.is_compiled)
