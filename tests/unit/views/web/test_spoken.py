"""Words of others in sentences of ours bear their language, whatever the page's is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import vigie.adapters
from vigie.views.web.language import texts
from vigie.views.web.pages.news.quote_languages import mark_quotes

MANIFESTS = Path(vigie.adapters.__file__).parent


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("d’autres l’avaient avant («\u00a0The «\u00a0big\u00a0» one\u00a0»)",
         "d’autres l’avaient avant («\u00a0<span lang=\"en\">The «\u00a0big\u00a0» one</span>\u00a0»)"),
        ("for its words (“gagne <b>”)", "for its words (“<span lang=\"fr\">gagne &lt;b&gt;</span>”)"),
        ("rien", "rien"),
        ("<i>", "&lt;i&gt;"),
    ],
)  # fmt: skip
def test_a_quote_bears_its_language(told, said):
    assert str(mark_quotes(told, {"The «\u00a0big\u00a0» one": "en"}, "fr")) == said


def test_what_has_no_known_language_is_marked_with_none():
    assert str(mark_quotes("“x”", {}, "")) == "“x”"


def tables(value):
    """Yield every table of a manifest."""
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from tables(one)


@pytest.mark.parametrize("name", ["licence", "verified"])
def test_what_manifests_say_of_every_source_has_its_french(name):
    said = {
        table[name]
        for path in MANIFESTS.rglob("*.toml")
        for table in tables(tomllib.loads(path.read_text("utf-8")))
        if isinstance(table.get(name), str) and table[name]
    }
    assert said
    assert said - set(texts("fr")) == set()
